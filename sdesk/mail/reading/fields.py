"""The headers of a mail or a part: lines to fields, encoded words to letters, parameters to values.

Every function takes anything and is linear in it.
"""

from __future__ import annotations

import binascii
import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from sdesk.mail.reading import limits
from sdesk.mail.reading.charsets import decode
from sdesk.mail.reading.limits import Budget
from sdesk.text import clean_line

_NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_FIRST = {
    b"return-path",
    b"received",
    b"delivered-to",
    b"x-original-to",
    b"envelope-to",
    b"message-id",
}
"""Headers that a mail's own program never writes into its text."""
_WORD = re.compile(r"=\?([^?\s=]{1,60})\?([bBqQ])\?")
_FOLDING = re.compile(r"[\r\n\t ]+")
LONGEST = 8_000
"""Characters of one value that are looked at, where a header isn't a list of people."""


class Fields(NamedTuple):
    """Headers in order, as (lower-cased name, raw value), and where the body begins."""

    items: tuple[tuple[str, bytes], ...]
    body: int

    def all(self, name: str) -> list[bytes]:
        """The raw values of all headers of this name."""
        return [value for found, value in self.items if found == name]

    def first(self, name: str) -> bytes:
        """The raw value of the first header of this name; b'' without one."""
        return next((value for found, value in self.items if found == name), b"")


def split(raw: bytes, start: int, end: int, budget: Budget) -> Fields:
    """The fields that stand at `start`; a line that is none of a header's ends them."""
    found: list[tuple[str, list[bytes]]] = []
    at, last = start, min(end, start + limits.HEADERS)
    while at < last and len(found) < limits.FIELDS:
        stop = raw.find(b"\n", at, end)
        stop = end if stop < 0 else stop + 1
        line = raw[at : min(stop, last)]
        if not line.strip(b"\r\n"):
            return _made(found, stop)
        match = _NAME.match(line)
        if line[:1] in b" \t" and found:
            found[-1][1].append(line)
        elif match:
            found.append((match.group(1).decode("ascii").lower(), [line[match.end() :]]))
        elif not _is_litter(line) and (found or not _begins(raw[stop : stop + 100])):
            return _made(found, at)
        at = stop
    if at < end:
        budget.damage(f"It has more headers than {limits.FIELDS:,} or {limits.HEADERS // 1000} kB.")
        return _made(found, _body_after(raw, at, end))
    return _made(found, end)


def _is_litter(line: bytes) -> bool:
    """Whether a line among headers is nothing, as the first line of a mailbox file is."""
    return line.startswith((b"From ", b">From "))


def _begins(after: bytes) -> bool:
    """Whether headers begin there: then the line before is a remark of some program."""
    match = _NAME.match(after)
    return match is not None and match.group(1).lower() in _FIRST


def _body_after(raw: bytes, at: int, end: int) -> int:
    ends = [raw.find(gap, at, end) + len(gap) for gap in (b"\n\n", b"\n\r\n")]
    return min((one for one in ends if one > at), default=end)


def _made(found: list[tuple[str, list[bytes]]], body: int) -> Fields:
    return Fields(tuple((name, b"".join(lines)) for name, lines in found), body)


def unfolded(value: bytes, most: int = LONGEST) -> str:
    """The value on one line, as letters; encoded words stay as they are."""
    text, _ = decode(value[: most * 4])
    return _FOLDING.sub(" ", text.replace("\0", "")).strip()[:most]


def plain(value: bytes, most: int = LONGEST) -> str:
    """The value for people: unfolded, its encoded words read, cleaned, on one line."""
    return clean_line(words(unfolded(value, most)))


def words(text: str) -> str:
    """The text with its encoded words read. Neighbours in one charset are joined as bytes first:
    programs cut letters in two between them."""
    pieces: list[str] = []
    held, charset, at = b"", "", 0
    while match := _WORD.search(text, at):
        end = text.find("?=", match.end())
        if end < 0:
            break
        between = text[at : match.start()]
        if held and (between.strip() or match.group(1).lower() != charset):
            pieces.append(decode(held, charset)[0])
            held = b""
        if between.strip() or (between and not charset):
            pieces.append(between)
        charset = match.group(1).lower()
        held += _word(match.group(2), text[match.end() : end])
        at = end + 2
    pieces.append(decode(held, charset)[0])
    return "".join(pieces) + text[at:]


def _word(kind: str, text: str) -> bytes:
    data = text.encode("utf-8", errors="replace")
    if kind in "qQ":
        return binascii.a2b_qp(data, header=True)
    return unbase64(data)[0]


_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
)


def unbase64(data: bytes) -> tuple[bytes, bool]:
    """The bytes, as many as are there, and whether nothing was wrong with them."""
    letters = data.translate(None, _NOT_BASE64)
    sound = len(letters) == len(data) or len(letters) == len(data.translate(None, b" \t\r\n"))
    made: list[bytes] = []
    runs = [run for run in letters.split(b"=", 400)[:400] if run]
    for run in runs:
        rest = len(run) % 4
        run = run[:-1] if rest == 1 else run
        made.append(binascii.a2b_base64(run + b"=" * (-len(run) % 4)))
        sound = sound and rest != 1
    return b"".join(made), sound and (len(letters) % 4 == 0 or len(runs) > 1)


class Typed(NamedTuple):
    """A Content-Type or Content-Disposition: its word and its parameters."""

    word: str
    params: dict[str, str]


_PARAM = re.compile(r';?\s*([^\s=;"]{1,60})\s*=\s*(?:"((?:[^"\\]|\\.){0,4000})"?|([^;]{0,4000}))')


def typed(value: bytes) -> Typed:
    """The word before the first semicolon, lower-cased, and the parameters, RFC 2231 included."""
    text = unfolded(value)
    word, _, rest = text.partition(";")
    found: dict[str, str] = {}
    at = 0
    while rest and (match := _PARAM.search(rest, at)):
        name = match.group(1).lower()
        quoted, bare = match.group(2), match.group(3)
        given = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else (bare or "").strip()
        found.setdefault(name, given)
        semi = rest.find(";", match.end())
        at = semi if semi >= 0 else len(rest)
    return Typed(word.strip().lower(), _joined(found))


def _joined(params: dict[str, str]) -> dict[str, str]:
    """`name*0*`, `name*1` … as one `name`, and `name*` decoded; the extended form wins."""
    made = {name: value for name, value in params.items() if "*" not in name}
    runs: dict[str, list[tuple[int, bool, str]]] = {}
    for name, value in params.items():
        base, star, rest = name.partition("*")
        if not star:
            continue
        coded = not rest or rest.endswith("*")
        number = rest.rstrip("*")
        if not number or (number.isascii() and number.isdigit() and len(number) < 4):
            runs.setdefault(base, []).append((int(number or 0), coded, value))
    for base, run in runs.items():
        made[base] = _extended(sorted(run))
    return made


def _extended(run: list[tuple[int, bool, str]]) -> str:
    charset, data = "", b""
    for index, (_, coded, value) in enumerate(run):
        if coded:
            if index == 0 and value.count("'") >= 2:
                charset, _, value = value.split("'", 2)
            data += unquote_to_bytes(value)
        else:
            data += value.encode("utf-8", errors="replace")
    return decode(data, charset)[0]
