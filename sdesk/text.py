"""Text from outside, made harmless and comparable: the cleaner and the fold. Standard library only.

`clean` stands at intake (the appliers call it), and again where text meets a terminal. What it lets
through holds no control character but newline and tab, no escape sequence and no invisible
character that could hide or reorder what an agent reads. `fold` is the one idea of "the same word":
the search index, the stored fold columns and the filter language's Python face all use it.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Whole escape sequences, so that their parameters don't stay behind as litter. The string kinds
# (OSC, DCS, SOS, PM, APC) only when they end: an open one must not eat the text that follows it.
_STRING = r"(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x1b\x07\x9c]{0,4096}(?:\x07|\x9c|\x1b\\)"
_CSI = r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,16}[@-~]"
_SHORT = r"\x1b[ -/]{0,4}[0-Z\\^-~]?"
_NEWLINES = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_TMUX = re.compile(r"\x1bPtmux;(?:\x1b\x1b|[^\x1b]){0,4096}\x1b\\")
_ESCAPES = re.compile(f"{_STRING}|{_CSI}|{_SHORT}")
_UNSAFE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"
    "\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u0300-\u036f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u20d0-\u20ff\u3164\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_MARKS = re.compile(
    "([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_INVISIBLE_IN_LISTS = re.compile("[\u200c\u200d\ufe00-\ufe0f]")
_SPACE = re.compile(r"\s+")


def clean(text: str) -> str:
    """The text without control characters (but newline and tab), escape sequences and hidden characters.

    Lone surrogates become U+FFFD; more than four combining marks on one letter are dropped.
    """
    if not _SUSPECT.search(text):
        return text
    text = _NEWLINES.sub("\n", text)
    text = _TMUX.sub("", text)
    text = _ESCAPES.sub("", text)
    text = _UNSAFE.sub("", text)
    text = _SURROGATES.sub("\ufffd", text)
    return _MARKS.sub(r"\1", text)


def without_secrets(text: str) -> str:
    """The text without any secret that was given out; none was where their module isn't loaded."""
    loaded = sys.modules.get("sdesk.credentials")
    found: str = loaded.redacted(text) if loaded is not None else text
    return found


def trace(error: BaseException) -> str:
    """Where a bug came from, for the log: the way through the code, and nothing of what variables held."""
    import traceback  # here: only a bug pays for it

    return clean(without_secrets("".join(traceback.format_exception(error))))


def clean_line(text: str) -> str:
    """`clean`, on one line: white space becomes single spaces, joiners and variation selectors go.

    For subjects, names, tags and every cell of a list, where a character of doubtful width would
    shift the columns.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip(" ")
    return _SPACE.sub(" ", _INVISIBLE_IN_LISTS.sub("", clean(text))).strip()


def _is_ideograph(char: str) -> bool:
    code = ord(char)
    return (
        0x3040 <= code <= 0x30FF
        or 0x3400 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x3FFFF
    )


class _Folded(dict[int, str | None]):
    """Character → what folded text has of it, found once: letters and digits stay, ideographs
    stand alone, accents vanish, the rest parts words."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        kept: str | None = char if char.isalnum() else " "
        if unicodedata.combining(char):
            kept = None
        elif _is_ideograph(char):
            kept = f" {char} "
        self[code] = kept
        return kept


_FOLDED = _Folded()
_ASCII = {i: (chr(i).lower() if chr(i).isalnum() else " ") for i in range(128)}


def fold(text: str) -> str:
    """The words of a text, comparable: lower case, without accents, single spaces between them.

    "Straße – ÜNIT_7" is "strasse unit 7". Ideographs are words of one character each, so that a
    phrase finds them in running text. The result has letters, digits and single spaces only.
    """
    if text.isascii():
        return " ".join(text.translate(_ASCII).split())
    plain = unicodedata.normalize("NFKD", text.casefold())
    # Casefolding a compatibility form can leave capitals behind ("ſ", "℻"): once more settles it.
    plain = unicodedata.normalize("NFKD", plain.casefold())
    return " ".join(plain.translate(_FOLDED).split())


_CALLED = re.compile(r"(?<![\w@./+-])@(\w[\w.-]{0,60})")


def called(text: str) -> tuple[str, ...]:
    """The names that a text calls by `@`, as written and each once; addresses call nobody."""
    return tuple(dict.fromkeys(name.rstrip(".-") for name in _CALLED.findall(text)))


def cut(text: str, most: int) -> str:
    """The text, or its beginning with an ellipsis where it is longer than so many characters."""
    return text if len(text) <= most else text[: max(0, most - 1)].rstrip() + "…"


def without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text without these parts of it, which stand in order; no blank lines around it."""
    kept, at = [], 0
    for start, end in spans:
        kept.append(text[at:start])
        at = end
    return "".join([*kept, text[at:]]).strip()
