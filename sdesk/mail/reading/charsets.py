"""Bytes to letters, as real mail names its charsets: missing, wrong, old, or meant to do harm.

Only the charsets of this table decode anything. Python knows more under the same kind of name
(unicode_escape, rot13, zlib, idna …), and UTF-7 can spell a tag without a single "<".
"""

from __future__ import annotations

import re

_SAFE = {
    "utf-8": "utf-8-sig", "utf8": "utf-8-sig", "utf-16": "utf-16", "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be", "utf-32": "utf-32", "ucs-2": "utf-16",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "cp950": "cp950",
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "cp936": "gb18030",
    "x-gbk": "gb18030", "euc-cn": "gb18030", "hz-gb-2312": "hz", "hz": "hz",
    "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "cp932": "cp932",
    "ms932": "cp932", "windows-31j": "cp932", "shift-jisx0213": "shift_jisx0213",
    "euc-jp": "euc_jp", "x-euc-jp": "euc_jp", "iso-2022-jp": "iso2022_jp_ext",
    "iso-2022-jp-1": "iso2022_jp_ext", "iso-2022-jp-2": "iso2022_jp_2",
    "iso-2022-jp-3": "iso2022_jp_3", "iso-2022-jp-ms": "iso2022_jp_ext", "cp50220": "iso2022_jp_ext",
    "euc-kr": "cp949", "ks-c-5601-1987": "cp949", "ks-c-5601": "cp949", "cp949": "cp949",
    "windows-949": "cp949", "uhc": "cp949", "iso-2022-kr": "iso2022_kr", "johab": "johab",
    "koi8-r": "koi8_r", "koi8-u": "koi8_u", "koi8-t": "koi8_t", "koi8": "koi8_r",
    "macintosh": "mac_roman", "x-mac-roman": "mac_roman", "macroman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic", "tis-620": "cp874", "windows-874": "cp874",
    "iso-8859-11": "cp874", "iso-8859-9": "cp1254", "latin5": "cp1254", "hp-roman8": "hp_roman8",
    "ptcp154": "ptcp154", "viscii": "cp1258",
}  # fmt: skip
_SAFE |= {f"iso-8859-{n}": f"iso8859_{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)}
_SAFE |= {f"windows-125{n}": f"cp125{n}" for n in range(9)}
_SAFE |= {f"cp125{n}": f"cp125{n}" for n in range(9)}
_PAGES = (437, 720, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869, 874)
_SAFE |= {f"cp{n}": f"cp{n}" for n in _PAGES}
_LATIN = {
    "", "us-ascii", "ascii", "ansi-x3.4-1968", "646", "iso-8859-1", "latin1", "latin-1", "l1",
    "windows-1252", "cp1252", "x-unknown", "unknown-8bit", "unknown", "8bit", "binary", "default",
}  # fmt: skip
"""Said by programs that don't know what they send: UTF-8 where it is that, else windows-1252."""
_NAMES = (
    (re.compile(r"^(?:x-|cs)(?=(?:iso|cp|win|utf|big))"), ""),
    (re.compile(r"^iso-?_?8859-?_?(\d+)(?:-[ie]|:\d{4})?$"), r"iso-8859-\1"),
    (re.compile(r"^(?:win(?:dows)?|cp|ms|x-cp|microsoft-cp)-?(12\d\d)$"), r"windows-\1"),
    (re.compile(r"^(?:cp|ibm|dos|x-ibm)-?0*(\d{3})$"), r"cp\1"),
    (re.compile(r"^utf-?(8|16|32)-?(le|be)?$"), r"utf-\1\2"),
)


def codec(label: str) -> str | None:
    """The codec that a label means: '' for text of one kind or another of Latin; None when refused."""
    name = label.strip(" \t\"'").lower().split("*")[0].replace("_", "-")[:40]
    for pattern, instead in _NAMES:
        name = pattern.sub(instead, name)
    if name in _LATIN or name == "windows-1252":
        return ""
    return _SAFE.get(name)


def decode(data: bytes, label: str = "") -> tuple[str, bool]:
    """The letters, and whether the label was one to go by."""
    name = codec(label)
    if not name:
        return _guessed(data), name is not None
    if name == "utf-8-sig":
        return _guessed(data), True
    if name.startswith("utf-16") and len(data) > 1 and b"\0" not in data:
        return _guessed(data), False
    if name == "utf-16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        # Without a mark the zeros of plain letters say which half comes first.
        name = "utf-16-be" if data[0::2].count(0) > data[1::2].count(0) else "utf-16-le"
    try:
        text = data.decode(name, errors="replace")
    except (UnicodeError, LookupError):
        return _guessed(data), False
    if "\ufffd" in text:
        return _mislabelled(data, text), True
    return text, True


def _guessed(data: bytes) -> str:
    """UTF-8 where it is that, with the odd wrong byte marked; else windows-1252."""
    if data.isascii():
        return data.decode("ascii")
    text = data.decode("utf-8-sig", errors="replace")
    wrong = text.count("\ufffd")
    if wrong and wrong * 2 > sum(char > "\x7f" for char in text):
        return data.decode("cp1252", errors="replace")
    return text


def _mislabelled(data: bytes, text: str) -> str:
    """Text that its own charset can't say may be UTF-8 all the same."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return text
