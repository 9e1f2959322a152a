"""What a person sees behind a pseudo-terminal, and what was sent that the desk never sends.

Understands the words of the desk's own driver and no others: colours, places, erasing, scrolling,
modes, a title. Whatever else comes is kept as strange.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable

from sdesk.prove.strict import is_harmful

_TOKEN = re.compile(
    r"\x1b\[(?P<mark>[<>=?]?)(?P<numbers>[0-9;:]*)(?P<between>[ -/]*)(?P<end>[@-~])"
    r"|\x1b\](?P<told>[^\x07\x1b\x9c]*)(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[P_^X][^\x1b]*\x1b\\"
    r"|\x1b[ -/]*[0-~]"
    r"|(?P<plain>[ -~]+)"
    r"|[^\x1b]",
    re.S,
)
_BEGUN = re.compile(
    r"\x1b(?:\[[<>=?]?[0-9;:]*[ -/]*|\][^\x07\x1b\x9c]*\x1b?|[P_^X][^\x1b]*\x1b?|[ -/]*)?\Z"
)
_TITLE = re.compile(r"[012];(?P<text>.*)|[0-9]+;default|22;[a-z-]+", re.S)
_MODES = re.compile(r"[hl]|\$p|u")
BLANK = " "


class Screen:
    """Rows of cells, and a cursor."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.cells = [[BLANK] * columns for _ in range(rows)]
        self.x = self.y = 0
        self.top, self.bottom = 0, rows - 1
        self.strange: list[str] = []
        """What no desk sends, in its order: sequences and control characters."""
        self._text = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    @property
    def text(self) -> str:
        return "\n".join("".join(row).rstrip() for row in self.cells)

    def feed(self, chunk: bytes) -> None:
        text = self._rest + self._text.decode(chunk)
        self._rest = ""
        # A sequence that has not come to its end yet is taken together with what follows.
        if (begun := _BEGUN.search(text)) is not None:
            text, self._rest = text[: begun.start()], text[begun.start() :]
        at = 0
        for found in _TOKEN.finditer(text):
            if found.start() > at:
                self.strange.append(text[at : found.start()])
            at = found.end()
            self._take(found)
        if at < len(text):
            self.strange.append(text[at:])

    def _take(self, found: re.Match[str]) -> None:
        if found["plain"] is not None:
            self._write(found["plain"])
        elif found["end"] is not None:
            self._control(found)
        elif found["told"] is not None:
            title = _TITLE.fullmatch(found["told"])
            if title is None or any(map(is_harmful, found["told"])):
                self.strange.append(found[0])
        elif found[0].startswith("\x1b"):
            self.strange.append(found[0])
        else:
            self._put(found[0])

    def _write(self, text: str) -> None:
        """Plain letters, each in one cell; those beyond the edge are not drawn."""
        shown = text[: self.columns - self.x]
        self.cells[self.y][self.x : self.x + len(shown)] = shown
        self.x = min(self.columns, self.x + len(text))

    def _put(self, char: str) -> None:
        if char == "\r":
            self.x = 0
        elif char == "\n":
            self._down()
        elif char == "\b":
            self.x = max(0, self.x - 1)
        elif char == "\x07":
            return
        elif is_harmful(char) or char < " ":
            self.strange.append(char)
        else:
            self._draw(char)

    def _draw(self, char: str) -> None:
        if unicodedata.combining(char) or char in "\u200c\u200d\ufe0e\ufe0f":
            return
        wide = unicodedata.east_asian_width(char) in "WF"
        if self.x < self.columns:
            self.cells[self.y][self.x] = char
            if wide and self.x + 1 < self.columns:
                self.cells[self.y][self.x + 1] = ""
        self.x = min(self.columns, self.x + 1 + wide)

    def _down(self) -> None:
        if self.y == self.bottom:
            self._scroll(1)
        else:
            self.y = min(self.rows - 1, self.y + 1)

    def _scroll(self, by: int, top: int | None = None) -> None:
        """Move what is between `top` and the bottom margin up (below nothing: down)."""
        first = self.top if top is None else top
        for _ in range(min(abs(by), self.bottom - first + 1)):
            blank = [BLANK] * self.columns
            if by > 0:
                del self.cells[first]
                self.cells.insert(self.bottom, blank)
            else:
                del self.cells[self.bottom]
                self.cells.insert(first, blank)

    def _control(self, found: re.Match[str]) -> None:
        mark, end = found["mark"], found["between"] + found["end"]
        if mark or found["between"]:
            if not (mark and _MODES.fullmatch(end)):
                self.strange.append(found[0])
            elif mark == "?" and end in "hl" and "1049" in found["numbers"]:
                self.cells = [[BLANK] * self.columns for _ in range(self.rows)]
            return
        numbers = [int(n) if n.isdigit() else 0 for n in found["numbers"].split(";")]
        act = _ACTS.get(end)
        if act is None:
            self.strange.append(found[0])
        else:
            act(self, numbers)

    def _move(self, x: int, y: int) -> None:
        self.x, self.y = min(max(0, x), self.columns - 1), min(max(0, y), self.rows - 1)

    def _place(self, numbers: list[int]) -> None:
        self._move((numbers[1] if len(numbers) > 1 else 1) - 1, max(1, numbers[0]) - 1)

    def _erase(self, numbers: list[int]) -> None:
        """To the end of the screen, from its beginning, or all of it."""
        self._erase_line(numbers)
        rows = {0: range(self.y + 1, self.rows), 1: range(self.y)}.get(numbers[0], range(self.rows))
        for y in rows:
            self.cells[y] = [BLANK] * self.columns

    def _erase_line(self, numbers: list[int]) -> None:
        spans = {0: range(self.x, self.columns), 1: range(min(self.x + 1, self.columns))}
        for x in spans.get(numbers[0], range(self.columns)):
            self.cells[self.y][x] = BLANK

    def _blank(self, numbers: list[int]) -> None:
        for x in range(self.x, min(self.columns, self.x + max(1, numbers[0]))):
            self.cells[self.y][x] = BLANK

    def _shift(self, by: int) -> None:
        """Move the rest of the line to the right, or over what stands at the cursor."""
        row = self.cells[self.y]
        if by > 0:
            row[self.x : self.x] = [BLANK] * by
        else:
            del row[self.x : self.x - by]
        self.cells[self.y] = (row + [BLANK] * self.columns)[: self.columns]

    def _repeat(self, numbers: list[int]) -> None:
        """The character before, so many times more."""
        if 0 < self.x <= self.columns:
            before = self.cells[self.y][self.x - 1]
            for _ in range(min(max(1, numbers[0]), self.columns)):
                self._draw(before or BLANK)

    def _colour(self, numbers: list[int]) -> None:
        """Colours are not looked at."""

    def _margins(self, numbers: list[int]) -> None:
        self.top = max(1, numbers[0]) - 1
        self.bottom = (numbers[1] if len(numbers) > 1 and numbers[1] else self.rows) - 1
        self._move(0, 0)


_ACTS: dict[str, Callable[[Screen, list[int]], None]] = {
    "A": lambda s, n: s._move(s.x, s.y - max(1, n[0])),
    "B": lambda s, n: s._move(s.x, s.y + max(1, n[0])),
    "C": lambda s, n: s._move(s.x + max(1, n[0]), s.y),
    "D": lambda s, n: s._move(s.x - max(1, n[0]), s.y),
    "G": lambda s, n: s._move(n[0] - 1, s.y),
    "d": lambda s, n: s._move(s.x, n[0] - 1),
    "H": Screen._place,
    "J": Screen._erase,
    "K": Screen._erase_line,
    "X": Screen._blank,
    "L": lambda s, n: s._scroll(-max(1, n[0]), s.y),
    "M": lambda s, n: s._scroll(max(1, n[0]), s.y),
    "S": lambda s, n: s._scroll(max(1, n[0])),
    "T": lambda s, n: s._scroll(-max(1, n[0])),
    "P": lambda s, n: s._shift(-max(1, n[0])),
    "@": lambda s, n: s._shift(max(1, n[0])),
    "b": Screen._repeat,
    "r": Screen._margins,
    "m": Screen._colour,
}
