"""Random frames as Textual writes them, and a terminal to hold the driver's pictures against Textual's.

`pyte` draws both. Two terminals show the same when every cell has the same character, colours and
attributes; of a blank only the background counts, and lines through it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyte
from rich.cells import cell_len, set_cell_size

from sdesk.terminal.display import Display

WORDS = (
    "printer", "VPN", "of", "the", "a", "SD-1042", "0", "−6h", "drops…", "Łódź", "Þór", "Бондарь",
    "Γιώργος", "Phạm", "▌", "•", "★", "‖", "───────", "░▒▓█", "日本語", "한국", "ａ", "漢", "e\u0301t\u0323e\u0323\u0301",
    "a\u0308", "漢\u0301", "😀", "🖨", "✅",
)  # fmt: skip
COLOURS = ("", "31", "32", "90", "97", "38;5;74", "38;5;244", "38;2;216;222;233", "38;2;95;215;215")
GROUNDS = ("", "", "41", "100", "48;5;236", "48;2;20;24;31", "48;2;45;74;99")
ATTRIBUTES = ("", "", "", "1", "3", "4", "7", "9", "1;3", "1;7", "4;9", "2", "53")
_PRIVATE = re.compile(r"\x1b\[[<>=?][0-9;]*[a-zA-Z$]+|\x1b[P\]_^X].*?(?:\x1b\\|\x07)", re.S)


class Screen(pyte.Screen):
    """`pyte`, but for what it gets wrong: cells never drawn don't move and keep their colour, half a wide character stays."""

    def draw(self, data: str) -> None:
        for char in data:
            line, x = self.buffer[self.cursor.y], self.cursor.x
            if not cell_len(char):
                at = x - 2 if line[x - 1].data == "" else x - 1
                line[at] = line[at]._replace(data=line[at].data + char)
                continue
            if 0 < x < self.columns and line[x].data == "":
                line[x - 1] = line[x - 1]._replace(data=" ")
            super().draw(char)
            x = self.cursor.x
            if x < self.columns and line[x].data == "":
                line[x] = line[x]._replace(data=" ")

    def insert_lines(self, count: int | None = None) -> None:
        self._draw_all()
        super().insert_lines(count)

    def delete_lines(self, count: int | None = None) -> None:
        self._draw_all()
        super().delete_lines(count)

    def erase_in_display(self, how: int = 0, *args: Any, **options: Any) -> None:
        self._draw_all()
        super().erase_in_display(how, *args, **options)

    def _draw_all(self) -> None:
        for y in range(self.lines):
            line = self.buffer[y]
            for x in range(self.columns):
                line[x] = line[x]
            self.buffer[y] = line


class Terminal:
    """What a terminal shows that got these sequences."""

    def __init__(self, width: int, height: int) -> None:
        self.screen = Screen(width, height)
        self.screen.reset_mode(7, private=True)  # no wrapping, as Textual asks for
        self._stream = pyte.Stream(self.screen)

    def feed(self, text: str) -> None:
        self._stream.feed(_PRIVATE.sub("", text))

    def resize(self, width: int, height: int) -> None:
        self.screen.resize(height, width)

    def cells(self) -> list[list[tuple[Any, ...]]]:
        screen = self.screen
        return [[_seen(screen.buffer[y][x]) for x in range(screen.columns)] for y in range(screen.lines)]  # fmt: skip

    @property
    def cursor(self) -> tuple[int, int]:
        return min(self.screen.cursor.x, self.screen.columns - 1), self.screen.cursor.y


def _seen(cell: Any) -> tuple[Any, ...]:
    lines = (cell.underscore, cell.strikethrough, cell.reverse, cell.blink)
    if cell.data == " " and not any(lines):
        return " ", cell.bg
    return (cell.data, cell.fg, cell.bg, cell.bold, cell.italics, *lines)


@dataclass
class Painter:
    """Draws frames as Textual's compositor writes them."""

    chance: random.Random
    width: int
    height: int

    def __post_init__(self) -> None:
        self.rows = [self.row() for _ in range(self.height)]

    def style(self) -> str:
        parts = (self.chance.choice(kind) for kind in (ATTRIBUTES, COLOURS, GROUNDS))
        return ";".join(part for part in parts if part)

    def text(self, cells: int) -> str:
        """Words and gaps, of that many cells."""
        parts: list[str] = []
        while cell_len("".join(parts)) < cells:
            parts += [self.chance.choice(WORDS), " " * self.chance.choice((1, 1, 2, 5, 20))]
        return set_cell_size("".join(parts), cells)

    def strip(self, cells: int) -> str:
        """A piece of a line, in up to five styles, each of which ends by a reset."""
        parts = []
        while cells > 0:
            part = min(cells, self.chance.choice((2, 5, 9, 30, 80)))
            text = " " * part if self.chance.random() < 0.2 else self.text(part)
            style = self.style()
            parts.append(f"\x1b[{style}m{text}\x1b[0m" if style else text)
            cells -= part
        return "".join(parts)

    def row(self) -> str:
        return self.strip(self.width)

    def whole(self) -> str:
        """A layout: every line."""
        return "\n".join(f"\x1b[{y};1H{row}" for y, row in enumerate(self.rows, 1))

    def some(self) -> str:
        """A few lines anew."""
        for y in self.chance.sample(range(self.height), self.chance.randint(1, 3)):
            self.rows[y] = self.row()
        return self.whole()

    def piece(self) -> str:
        """Spans within lines, as a widget's region."""
        x = self.chance.randrange(self.width)
        cells = self.chance.randint(1, self.width - x)
        top = self.chance.randrange(self.height)
        rows = range(top, min(self.height, top + self.chance.randint(1, 5)))
        return "\n".join(f"\x1b[{y + 1};{x + 1}H{self.strip(cells)}" for y in rows)

    def scrolled(self) -> str:
        """A block of lines up or down by a few, with what comes in."""
        top = self.chance.randint(0, self.height // 2)
        bottom = self.chance.randint(top + 1, self.height)
        block = self.rows[top:bottom]
        by = self.chance.randint(1, min(4, len(block)))
        fresh = [self.row() for _ in range(by)]
        block = block[by:] + fresh if self.chance.random() < 0.5 else fresh + block[:-by]
        self.rows[top:bottom] = block
        return self.whole()

    def frame(self) -> str:
        """Any of these, and where the cursor is put."""
        kinds = (self.some, self.piece, self.piece, self.scrolled, self.scrolled)
        drawn = self.chance.choice(kinds)()
        x, y = self.chance.randint(1, self.width), self.chance.randint(1, self.height)
        return f"{drawn}\x1b[{y};{x}H"


def compare(frames: int, seed: int, *, coloured: bool = True) -> Iterator[str]:
    """Draw so many frames both ways; yields a sentence for each that differs."""
    chance = random.Random(seed)
    painter = Painter(chance, chance.choice((40, 80, 81)), chance.choice((12, 24)))
    plain = Terminal(painter.width, painter.height)
    ours = Terminal(painter.width, painter.height)
    display = Display(painter.width, painter.height, erases_coloured=coloured)
    for number in range(frames):
        change = chance.random()
        drawn = painter.frame()
        if number == 0:
            drawn = painter.whole()
        elif change < 0.01:
            painter = Painter(chance, chance.choice((30, 80, 120)), chance.choice((10, 24, 40)))
            plain.resize(painter.width, painter.height)
            ours.resize(painter.width, painter.height)
            display.resize(painter.width, painter.height)
            drawn = painter.whole()
        elif change < 0.02:
            ours.feed("\x1b[2J\x1b[HGarbage of another program")
            display.lose()
            drawn = painter.whole()
        plain.feed(drawn)
        display.take(drawn)
        if chance.random() < 0.3:
            continue  # the line is busy: the next difference is from what was sent last
        ours.feed(display.send())
        if ours.cells() != plain.cells() or ours.cursor != plain.cursor:
            yield f"seed {seed}, frame {number}: {_first_difference(plain, ours)}"
            return


def _first_difference(plain: Terminal, ours: Terminal) -> str:
    for y, (wanted, shown) in enumerate(zip(plain.cells(), ours.cells(), strict=True)):
        for x, (a, b) in enumerate(zip(wanted, shown, strict=True)):
            if a != b:
                return f"row {y}, column {x}: {a} wanted, {b} shown"
    return f"cursor {plain.cursor} wanted, {ours.cursor} shown"
