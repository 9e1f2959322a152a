"""A widget made of strips, one a line, that has only those lines repainted whose strip has changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from sdesk.widgets.tones import tones

if TYPE_CHECKING:
    from textual.css.styles import StylesBase


class LineView(Widget):
    """Subclasses implement `draw`, and call `repaint` when something may look different."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Strip | None] = []
        self._inks: dict[str, Style] = {}
        self._inks_of: tuple[Style, str] | None = None
        self._restyled = False
        self._bare: bool | None = None
        """Whether its lines are all there is to it; None: not looked at."""

    def ink(self, name: str) -> Style:
        """A tone of the theme on this widget's own background."""
        return self.inks()[name]

    def inks(self) -> dict[str, Style]:
        """All tones on this widget's own background."""
        if not self._inks:
            base = self.rich_style
            self._inks_of = (base, self.app.theme)
            self._inks = {name: base + style for name, style in tones(self.app).items()}
        return self._inks

    def draw(self, y: int) -> Strip:
        """The line as it should stand, as wide as the widget."""
        raise NotImplementedError

    def repaint(self, lines: Sequence[int] | None = None, *, width: int | None = None) -> None:
        """Draw lines (all of them) again; what looks as before is not sent to the terminal.

        Of a line only the cells between the first and the last changed piece are sent; `width`
        bounds them, where the caller knows that nothing behind changes.
        """
        if self._restyled:
            self._look_at_style()
        size = self.size
        if not size.height or not size.width:
            return
        if len(self._lines) != size.height:
            self._lines = [None] * size.height
        for y in range(size.height) if lines is None else lines:
            if 0 <= y < size.height:
                before, made = self._lines[y], self.draw(y)
                if made != before:
                    self._lines[y] = made
                    start, end = (0, size.width) if before is None else changed(before, made)
                    self.refresh(Region(start, y, min(end, width or end) - start, 1))

    def shift(self, by: int, lines: Sequence[int]) -> bool:
        """Lines stand so many further up (below 0: down); those that come in are drawn, and `lines`.

        False where it can't be told what stands there.
        """
        size = self.size
        if self._restyled or abs(by) >= size.height or len(self._lines) != size.height:
            return False
        bare: list[Strip | None] = [None] * abs(by)
        self._lines = [*self._lines[by:], *bare] if by > 0 else [*bare, *self._lines[:by]]
        for y in lines:
            if 0 <= y < size.height:
                self._lines[y] = None
        self.refresh(Region(0, 0, *size))
        return True

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """As for every widget; but Textual's refresh of the whole, at each change of the focus, sends
        only the lines that look different."""
        if self._restyled and not regions:
            self._look_at_style()
        if regions or layout or recompose or not repaint or None in (self._lines or [None]):
            return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        self.repaint()
        return self

    def forget_lines(self) -> None:
        """What stands on the terminal is no longer known: the size or the colours are others."""
        self._lines = []

    def render_line(self, y: int) -> Strip:
        if self._restyled:
            self._look_at_style()
        if len(self._lines) != self.size.height:
            self._lines = [None] * self.size.height
        if y >= len(self._lines):
            return Strip.blank(self.size.width)
        strip = self._lines[y]
        if strip is None:
            strip = self._lines[y] = self.draw(y)
        return strip

    def render_lines(self, crop: Region) -> list[Strip]:
        """As for every widget; but a line without border, padding and the like stays the strip that it
        was, which remembers what has been made of it."""
        if self._bare is None:
            self._bare = _is_bare(self.styles)
        if not self._bare or crop.width != self.size.width:
            return super().render_lines(crop)
        background, filters = self.background_colors[1], self.get_line_filters()
        strips = []
        for y in crop.line_range:
            strip = self.render_line(y)
            if strip.cell_length != crop.width:
                strip = strip.adjust_cell_length(crop.width, self.rich_style)
            for each in filters:
                strip = strip.apply_filter(each, background)
            strips.append(strip)
        return strips

    def on_resize(self) -> None:
        self.forget_lines()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._restyled = True
        self._bare = None

    def _look_at_style(self) -> None:
        """Textual matches the rules again at each change of the focus: mostly nothing comes of it."""
        self._restyled = False
        if not self._inks or (self.rich_style, self.app.theme) != self._inks_of:
            self._inks = {}
            self.forget_lines()


def _is_bare(styles: StylesBase) -> bool:
    """Whether the style adds nothing to lines but their colours."""
    edges = (*styles.border, *styles.outline)
    return (
        not any(kind for kind, _ in edges)
        and not styles.padding
        and styles.opacity == styles.text_opacity == 1.0
        and not styles.tint.a
        and not (styles.has_rule("hatch") and styles.hatch != "none")
    )


def changed(before: Strip, after: Strip) -> tuple[int, int]:
    """The cells from the first segment that differs to the last one."""
    old, new = list(before), list(after)
    start = 0
    while old and new and old[0] == new[0]:
        start += new.pop(0).cell_length
        old.pop(0)
    end = after.cell_length
    while old and new and old[-1] == new[-1]:
        end -= new.pop().cell_length
        old.pop()
    return (start, end) if start < end else (0, after.cell_length)


def line(parts: Sequence[tuple[str, Style]], width: int, base: Style) -> Strip:
    """A strip of exactly so many cells from (text, style) parts; the rest of the line is blank."""
    segments, used = [], 0
    for text, style in parts:
        if text:
            segments.append(Segment(text, style))
            used += cell_len(text)
    return Strip(segments, used).adjust_cell_length(width, base)
