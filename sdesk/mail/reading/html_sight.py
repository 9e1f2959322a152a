"""What a reader of an HTML mail doesn't get to see: hidden, without size, or in the colour of its ground."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    Element = Any

_GONE = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|mso-hide:all|opacity:(?=[.0])0*(?:\.0\d*)?(?![.\d])"
    r"|(?:^|;)(?:left|right|top|bottom|text-indent):-(?:\d{4,}|[5-9]\d\d)"
    r"|clip:rect\((?:[01](?:px)?,?){4}\)|clip-path:inset\((?:50|100)%|transform:scale[3dxy]{0,2}\(0[,)]"
)
_FLAT = re.compile(r"(?:^|;)(?:max-)?(?:height|width):0(?:px|pt|em|%)?(?:!important)?(?:;|$)")
_FONT = re.compile(r"(?:^|;)font(?:-size)?:(?:0*([\d.]+)(px|pt)?|[a-z])")
_COLOR = re.compile(r"(?:^|;)color:([^;]{1,60})")
_GROUND = re.compile(r"(?:^|;)background(-color|-image)?:([^;]{1,2000})")
_AS_ABOVE = ("transparent", "none", "inherit", "initial", "unset")
_COMMENT = re.compile(r"/\*[^*]{0,500}\*/")
_NAMED = {"white": (255, 255, 255), "black": (0, 0, 0)}
_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})(?![0-9a-f])")
_RGB = re.compile(r"rgba?\((\d{1,3}),(\d{1,3}),(\d{1,3})(?:,([\d.]{1,8})%?)?\)")
_CLEAR = re.compile(r"transparent|hsla?\([^)]{1,40},0(?:\.0*)?\)")
ALIKE = 12
"""Of 255: two colours that differ by less in each of their parts are one to the eye."""
TINY = 2
"""Pixels, or points, of letters that are dots."""
_RULE = re.compile(r"([^{}]{1,500})\{([^{}]{0,2000})\}")
_SELECTOR = re.compile(r"[a-z][a-z0-9]{0,10}|(?:[a-z][a-z0-9]{0,10})?[.#][\w-]{1,60}", re.ASCII)
_SHEET = 50_000
"""Characters of a style sheet that are read."""

Color = tuple[int, int, int]
WHITE: Color = (255, 255, 255)


class Sight(NamedTuple):
    """How the text of an element is seen; what isn't said comes from above."""

    gone: bool = False
    tiny: bool = False
    ink: Color | None = None
    """The colour of its letters; None where it isn't known, as of those that nobody coloured."""
    clear: bool = False
    """Its letters have no colour at all."""
    ground: Color | None = WHITE
    """What stands behind them; None for a picture, and for what isn't known."""
    depth: int = 0
    lists: int = 0
    """In how many lists it stands."""

    def is_hidden(self, sheets: bool) -> bool:
        """Whether nobody can read it. `sheets`: there are style sheets that may colour the ground."""
        if self.tiny or self.clear:
            return True
        if self.ink is None or self.ground is None or sheets:
            return False
        return all(abs(a - b) < ALIKE for a, b in zip(self.ink, self.ground, strict=True))


def seen_in(element: Element, above: Sight, sheet: Mapping[str, str]) -> Sight:
    """The sight of an element that stands in one seen so; `sheet` as `hiding_rules` gives it."""
    depth, lists = above.depth + 1, above.lists + (element.tag in ("ul", "ol"))
    style = _style_of(element, sheet)
    flat = _FLAT.search(style) and "overflow:hidden" in style
    shut = element.get("hidden") is not None or (element.tag == "dialog" and element.get("open") is None)  # fmt: skip
    if above.gone or shut or _GONE.search(style) or flat:
        return Sight(gone=True, depth=depth, lists=lists)
    tiny, ink, clear, ground = above.tiny, above.ink, above.clear, above.ground
    if font := _FONT.search(style):
        tiny = _is_tiny(font.group(1), font.group(2))
    if given := _said(_COLOR, style) or (element.get("color") or "").lower():
        ink, clear = _color(given), _is_clear(given)
    if found := _GROUND.search(style):
        if not found.group(2).startswith(_AS_ABOVE):
            ground = None if found.group(1) == "-image" else _color(found.group(2))
    elif given := (element.get("bgcolor") or element.get("background") or "").lower():
        ground = _color(given)
    return Sight(False, tiny, ink, clear, ground, depth, lists)


def _style_of(element: Element, sheet: Mapping[str, str]) -> str:
    """What hides in a sheet, then what the element says itself; without spaces and comments."""
    style = re.sub(r"\s", "", (element.get("style") or "")[:2_000].lower())
    if "/*" in style:
        style = _COMMENT.sub("", style)
    if not sheet or "display:" in style:
        return style
    tag = str(element.tag)
    marks = [f".{name}" for name in (element.get("class") or "")[:500].lower().split()]
    marks.append(f"#{(element.get('id') or '').lower()}")
    names = [tag, *marks, *(tag + mark for mark in marks)]
    return ";".join([*(sheet[name] for name in names if name in sheet), style])


def _said(pattern: re.Pattern[str], style: str) -> str:
    found = pattern.search(style)
    return found.group(1) if found else ""


def _is_tiny(size: str | None, unit: str | None) -> bool:
    if size is None or size.count(".") > 1 or size == ".":
        return False
    value = float(size)
    return value == 0 or (unit is not None and value <= TINY)


def _color(text: str) -> Color | None:
    """The colour that begins a value; None for one that isn't known here."""
    word = text.strip()
    if "url(" in word:
        return None  # a picture lies on it
    for name, color in _NAMED.items():
        if word.startswith(name):
            return color
    if found := _HEX.match(word):
        digits = found.group()[1:]
        wide = digits if len(digits) > 4 else "".join(digit * 2 for digit in digits)
        return int(wide[:2], 16), int(wide[2:4], 16), int(wide[4:6], 16)
    if parts := _RGB.match(re.sub(r"\s", "", word)):
        return int(parts[1]), int(parts[2]), int(parts[3])
    return None


def _is_clear(text: str) -> bool:
    """Whether a colour is none at all."""
    word = re.sub(r"\s", "", text)
    if _CLEAR.match(word):
        return True
    if found := _HEX.match(word):
        digits = found.group()[1:]
        return not {4: digits[3:], 8: digits[6:]}.get(len(digits), "f").strip("0")
    parts = _RGB.match(word)
    return bool(parts and parts[4] and not parts[4].strip("0."))


def hiding_rules(sheets: list[str]) -> dict[str, str]:
    """Class, id or tag → what of the style sheets may hide it. Only plain selectors, and nothing
    that holds for some screens only: what is hidden there is meant for others."""
    found: dict[str, str] = {}
    for sheet in sheets:
        text = _outermost(_COMMENT.sub("", sheet[:_SHEET].lower()))
        for selectors, declared in _RULE.findall(text):
            said = re.sub(r"\s", "", declared)
            if not (_GONE.search(said) or _FONT.search(said) or _FLAT.search(said)):
                continue
            for one in selectors.split(",")[:50]:
                if _SELECTOR.fullmatch(name := one.strip()):
                    found[name] = f"{found.get(name, '')};{_plain(said)}"
    return found


def _plain(said: str) -> str:
    """Of what a rule says, what hides by itself; colours depend on too much else."""
    kept = [one for one in said.split(";") if not one.startswith(("color", "background"))]
    return ";".join(kept)


def _outermost(sheet: str) -> str:
    """A sheet without the blocks that have blocks within, as @media has."""
    kept: list[str] = []
    depth = start = 0
    nested = False
    for at, char in enumerate(sheet):
        if char == "{":
            depth += 1
            nested = nested or depth > 1
        elif char == "}" and depth:
            depth -= 1
            if depth == 0:
                kept += [] if nested else [sheet[start : at + 1]]
                start, nested = at + 1, False
    return "".join(kept)


def hide(element: Element) -> None:
    """Take the element's own words; its children are looked at for themselves."""
    element.text = None
    for child in element:
        child.tail = " " if child.tail else None
