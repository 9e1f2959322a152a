"""Colours and attributes of cells by number, and the shortest sequence from one to the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

ATTRIBUTES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 21, 51, 52, 53)
"""The SGR codes that switch something on; an attribute set is a mask of 1 << code."""
ENDS = {
    22: (1, 2), 23: (3,), 24: (4, 21), 25: (5, 6), 27: (7,), 28: (8,), 29: (9,), 54: (51, 52), 55: (53,),
}  # fmt: skip
"""What switches it off again; some codes end two."""
_MASKS = {end: sum(1 << code for code in codes) for end, codes in ENDS.items()}
_SHOWN_ON_BLANKS = sum(1 << code for code in (4, 5, 6, 7, 9, 21, 51, 52, 53))
MOST_KEPT = 20_000
_CUBE = (0, 95, 135, 175, 215, 255)
PLAIN = 0
"""The number of the style that a reset leaves."""


class Style(NamedTuple):
    """How a cell looks. Colours are SGR parameters as Textual writes them; empty is the terminal's own."""

    attributes: int = 0
    foreground: str = ""
    background: str = ""


class Styles:
    """Every style seen so far. A desk has some dozens."""

    def __init__(self) -> None:
        self.known = [Style()]
        self.blanks = [PLAIN]
        """Style → what of it a blank cell shows: its background, unless lines or blinking show as well."""
        self._numbers = {Style(): PLAIN}
        self._after: dict[tuple[int, str], int] = {}
        self._changes: dict[tuple[int | None, int], str] = {}

    def number(self, style: Style) -> int:
        found = self._numbers.get(style)
        if found is not None:
            return found
        number = self._numbers[style] = len(self.known)
        self.known.append(style)
        self.blanks.append(number)
        if not style.attributes & _SHOWN_ON_BLANKS:
            self.blanks[number] = self.number(Style(background=style.background))
        return number

    def after(self, style: int, parameters: str) -> int:
        """The style that `ESC [ parameters m` leads to. Unknown parameters change nothing."""
        found = self._after.get((style, parameters))
        if found is None:
            found = self.number(_applied(self.known[style], parameters))
            self._after[style, parameters] = found
        return found

    def change(self, old: int | None, new: int) -> str:
        """The shortest sequence that makes the terminal's style `new`; `old` None is anything."""
        if old == new:
            return ""
        found = self._changes.get((old, new))
        if found is None:
            if len(self._changes) > MOST_KEPT:
                self._changes.clear()
            found = self._changes[old, new] = self._shortest(old, new)
        return found

    def _shortest(self, old: int | None, new: int) -> str:
        wanted = self.known[new]
        whole = ";".join(["", *_attribute_codes(wanted.attributes), *_colours(wanted)])
        if old is not None:
            step = ";".join(_steps(self.known[old], wanted))
            whole = min(step, whole, key=len)
        return f"\x1b[{whole}m"

    def is_even(self, style: int) -> bool:
        """Whether a blank of it is nothing but background, as erasing leaves it."""
        return not self.known[style].attributes


def _attribute_codes(mask: int) -> list[str]:
    return [str(code) for code in ATTRIBUTES if mask >> code & 1]


def _colours(style: Style) -> list[str]:
    return [colour for colour in (style.foreground, style.background) if colour]


def _steps(old: Style, new: Style) -> list[str]:
    codes: list[str] = []
    kept = old.attributes
    for end, mask in _MASKS.items() if kept & ~new.attributes else ():
        if kept & mask & ~new.attributes:
            codes.append(str(end))
            kept &= ~mask
    codes += _attribute_codes(new.attributes & ~kept)
    if old.foreground != new.foreground:
        codes.append(new.foreground or "39")
    if old.background != new.background:
        codes.append(new.background or "49")
    return codes


def _applied(style: Style, parameters: str) -> Style:
    attributes, foreground, background = style
    codes = iter(parameters.split(";"))
    for text in codes:
        code = int(text or 0)
        if code == 0:
            attributes, foreground, background = 0, "", ""
        elif code in ATTRIBUTES:
            attributes |= 1 << code
        elif code in ENDS:
            attributes &= ~_MASKS[code]
        elif 30 <= code <= 37 or 90 <= code <= 97:
            foreground = str(code)
        elif 40 <= code <= 47 or 100 <= code <= 107:
            background = str(code)
        elif code == 38:
            foreground = _long_colour("38", codes) or foreground
        elif code == 48:
            background = _long_colour("48", codes) or background
        elif code == 39:
            foreground = ""
        elif code == 49:
            background = ""
    return Style(attributes, foreground, background)


def _long_colour(name: str, codes: Iterator[str]) -> str:
    """The rest of `38;5;n` or `38;2;r;g;b`; empty when it isn't one."""
    kind = next(codes, "")
    found = [next(codes, "") for _ in range({"5": 1, "2": 3}.get(kind, 0))]
    numbers = [int(text) for text in found if text and int(text) < 256]
    if not found or len(numbers) < len(found):
        return ""
    if kind == "2" and (index := _index(*numbers)) is not None:
        kind, numbers = "5", [index]
    return ";".join([name, kind, *map(str, numbers)])


def _index(red: int, green: int, blue: int) -> int | None:
    """The number of exactly this colour among the 256 that a terminal has, eight bytes shorter.

    Not of the first ones, which themes like to change.
    """
    if red == green == blue and (red - 8) % 10 == 0 and 8 <= red <= 238:
        return 232 + (red - 8) // 10
    if all(part in _CUBE for part in (red, green, blue)):
        index = 16 + 36 * _CUBE.index(red) + 6 * _CUBE.index(green) + _CUBE.index(blue)
        return index if index > 21 else None
    return None
