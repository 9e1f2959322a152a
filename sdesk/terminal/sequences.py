"""What Textual says to a terminal, and nothing else: frames become cells, single requests pass whole.

A request (a mode, the title, the clipboard) passes only when it is all that one write holds. Textual
and the desk write theirs so; text from a ticket only ever comes inside a frame, and of a frame
nothing but characters, colours and places is understood. The rest is dropped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sdesk.terminal.cells import Cells
from sdesk.terminal.clean import HARMFUL
from sdesk.terminal.styles import PLAIN

if TYPE_CHECKING:
    from sdesk.terminal.styles import Styles

SYNC_BEGINS, SYNC_ENDS = "\x1b[?2026h", "\x1b[?2026l"
ENTERS, LEAVES = "\x1b[?1049h", "\x1b[?1049l"
_TEXT = r"[^\x00-\x1f\x7f-\x9f]"
_SHOWN = f"[^;{HARMFUL.pattern[1:-1]}]"
"""A character of a title or a notification: it hides nothing, and no parameter begins with it."""
_REQUEST = re.compile(
    r"(?P<bell>\x07)"
    r"|\x1b\[\?(?P<mode>7|25|100[0234567]|1015|1016|1049|2004|2026|2031|2048)[hl]"
    r"|\x1b\[\?(?P<question>2026|2048)\$p"
    r"|\x1b\[(?P<keyboard>>[0-9]{1,2}|<)u"
    rf"|\x1b\](?P<title>[012]);{_SHOWN}{{0,300}}(?:\x07|\x1b\\)"
    r"|\x1b\](?P<clipboard>52);c;[A-Za-z0-9+/=]*(?:\x07|\x1b\\)"
    r"|\x1b\](?P<pointer>22);[a-z-]{1,30}(?:\x07|\x1b\\)"
    # A notification: a letter first and no further parameters, so that it can be nothing else.
    rf"|\x1b\](?P<call>9;(?![0-9])|777;notify;{_SHOWN}{{0,150}};){_SHOWN}{{0,300}}\x07"
)
_FRAME = re.compile(
    # A segment as Textual writes it: style, text, reset. Then its parts alone.
    rf"\x1b\[([0-9;]{{1,99}})m({_TEXT}+)\x1b\[0m"
    rf"|({_TEXT}+)"
    r"|\x1b\[([0-9]{1,4});([0-9]{1,4})H"
    r"|\x1b\[([0-9;]{0,99})m"
    r"|(\n)"
    # Known by their shape only, and dropped with all that belongs to them.
    r"|\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]P_^X][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
)
_PLACED = re.compile(r"\x1b\[([0-9]{1,4});([0-9]{1,4})H")
_PIECE = re.compile(rf"(?:\x1b\[[0-9;]{{1,99}}m{_TEXT}+\x1b\[0m|{_TEXT})+\n?")
MOST_KNOWN = 150
"""Pieces of lines remembered: those of some pages."""
_SEGMENT, _RUN, _PLACE, _STYLE, _LINE = 2, 3, 5, 6, 7


def request(text: str) -> str:
    """What kind of request this is, or "" for none: then it is a frame."""
    found = _REQUEST.fullmatch(text)
    return (found.lastgroup or "") if found else ""


class Painter:
    """Draws frames into cells, and remembers the pieces of lines that come again."""

    def __init__(self, cells: Cells, styles: Styles) -> None:
        self._cells, self._styles = cells, styles
        self._known: dict[str, _Drawn | None] = {}

    def paint(self, text: str) -> None:
        """Draw a frame: what stands before its first place, then place by place what stands there."""
        cells = self._cells
        pieces = _PLACED.split(text)
        if pieces[0]:
            paint(pieces[0], cells, self._styles)
        for at in range(1, len(pieces), 3):
            cells.move(int(pieces[at + 1]) - 1, int(pieces[at]) - 1)
            piece = pieces[at + 2]
            if piece and not self._lay(piece):
                paint(piece, cells, self._styles)

    def _lay(self, piece: str) -> bool:
        """Draw it as it was drawn before; whether that can be."""
        if piece not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[piece] = _drawn(piece, self._styles)
        drawn = self._known[piece]
        if drawn is None or not self._cells.lay(drawn.chars, drawn.styles, sure=drawn.sure):
            return False
        if piece.endswith("\n"):
            self._cells.move(0, self._cells.y + 1)
        return True


class _Drawn(NamedTuple):
    """A piece of a line as cells."""

    chars: list[str]
    styles: list[int]
    sure: bool


def _drawn(piece: str, styles: Styles) -> _Drawn | None:
    """The cells of a piece that is text, in styles that are each ended by a reset, and perhaps a line feed."""
    if _PIECE.fullmatch(piece) is None:
        return None
    row = Cells(2 * len(piece), 1)
    paint(piece.removesuffix("\n"), row, styles)
    return _Drawn(row.chars[0][: row.x], row.styles[0][: row.x], 0 not in row.unsure)


def paint(text: str, cells: Cells, styles: Styles) -> None:
    """Draw a frame into the cells."""
    style, blanks = PLAIN, styles.blanks
    after, put = styles.after, cells.put
    for found in _FRAME.finditer(text):
        kind = found.lastindex
        if kind == _SEGMENT:
            style = after(style, found[1])
            put(_harmless(found[2]), style, blanks[style])
            style = PLAIN
        elif kind == _RUN:
            put(_harmless(found[3]), style, blanks[style])
        elif kind == _PLACE:
            cells.move(int(found[5]) - 1, int(found[4]) - 1)
        elif kind == _STYLE:
            style = after(style, found[6])
        elif kind == _LINE:
            cells.move(0, cells.y + 1)


def harmless(text: str) -> str:
    """What Textual writes, as it may be passed on whole: a request, or what is known of a frame."""
    if request(text):
        return text
    return "".join(_known(found) for found in _FRAME.finditer(text))


def _known(found: re.Match[str]) -> str:
    kind = found.lastindex
    if kind == _SEGMENT:
        return f"\x1b[{found[1]}m{_harmless(found[2])}\x1b[0m"
    if kind == _RUN:
        return _harmless(found[3])
    return found[0] if kind else ""


def _harmless(run: str) -> str:
    return run if run.isascii() else HARMFUL.sub("", run)
