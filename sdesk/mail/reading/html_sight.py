"""What a reader of an HTML mail doesn't get to see: hidden, without size, or white on white."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    Element = Any

_GONE = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|opacity:0(?:\.0+)?(?![.\d])"
    r"|(?:^|;)(?:left|top|text-indent):-\d{4,}"
)
_FLAT = re.compile(r"(?:^|;)(?:max-)?(?:height|width):0(?:px|pt|em|%)?(?:!important)?(?:;|$)")
_FONT = re.compile(r"font-size:(?:0*([\d.]+)|[a-z])")
_WHITE = r"(?:#fff(?:fff)?\b|white\b|rgb\(255,255,255\))"
_COLOR = re.compile(rf"(?:^|;)color:(?:({_WHITE})|[^;]+)")
_GROUND = re.compile(
    rf"background(?:-color|-image)?:(?:({_WHITE})|(transparent|none|inherit|initial)|[^;]+)"
)


class Sight(NamedTuple):
    """How the text of an element is seen; what isn't said comes from above."""

    gone: bool = False
    tiny: bool = False
    white: bool = False
    on_white: bool = True
    depth: int = 0
    lists: int = 0
    """In how many lists it stands."""

    def is_hidden(self, sheets: bool) -> bool:
        """Whether nobody can read it. `sheets`: there are style sheets that may colour the ground."""
        return self.tiny or (self.white and self.on_white and not sheets)


def seen_in(element: Element, above: Sight) -> Sight:
    """The sight of an element that stands in one seen so."""
    depth, lists = above.depth + 1, above.lists + (element.tag in ("ul", "ol"))
    style = re.sub(r"\s", "", (element.get("style") or "")[:2_000].lower())
    flat = _FLAT.search(style) and "overflow:hidden" in style
    if above.gone or element.get("hidden") is not None or _GONE.search(style) or flat:
        return Sight(gone=True, depth=depth, lists=lists)
    tiny, white, on_white = above.tiny, above.white, above.on_white
    if font := _FONT.search(style):
        tiny = font.group(1) is not None and font.group(1).strip("0.") == ""
    if color := _COLOR.search(style):
        white = bool(color.group(1))
    elif given := (element.get("color") or ""):
        white = given.lower() in ("#ffffff", "#fff", "white")
    if ground := _GROUND.search(style):
        on_white = on_white if ground.group(2) else bool(ground.group(1))
    elif given := (element.get("bgcolor") or element.get("background") or ""):
        on_white = given.lower() in ("#ffffff", "#fff", "white")
    return Sight(False, tiny, white, on_white, depth, lists)


def hide(element: Element) -> None:
    """Take the element's own words; its children are looked at for themselves."""
    element.text = None
    for child in element:
        child.tail = " " if child.tail else None
