"""The widgets of triage: the bar above, the panel of what decides, and the summary at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.strip import Strip

from sdesk.model import Instant
from sdesk.screens.triage_reading import Sight, offers
from sdesk.widgets.clock_bar import bar
from sdesk.widgets.line_view import LineView, line
from sdesk.widgets.triage_lines import Choice, Line, Paper, panel_lines

_TONES = {
    "heading": "accent", "number": "accent", "bad": "breached", "running": "text", "paused": "muted",
    "met": "good",
}  # fmt: skip
"""Parts of a line → tones, where they are called otherwise."""
DETAILED = 10
"""Lines from which each thing has a section."""
GAUGE = 12


class Lines(LineView):
    """Lines of (text, part) pairs, as many as there is room for."""

    def content(self) -> Sequence[Line]:
        raise NotImplementedError

    def draw(self, y: int) -> Strip:
        lines = self.content()
        parts = lines[y] if y < len(lines) else ()
        inks = self.inks()
        made = [(text, inks[_TONES.get(part, part)]) for text, part in ((" ", "text"), *parts)]
        return line(made, self.size.width, inks["text"])


class TriageBar(Lines, can_focus=False):
    """How many are left, how many are done, and the pace."""

    DEFAULT_CSS = "TriageBar { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self.words, self.share = "", 0.0

    def show(self, words: str, share: float) -> None:
        self.words, self.share = words, share
        self.repaint()

    def content(self) -> Sequence[Line]:
        gauge = f" {bar(self.share, GAUGE)} " if self.size.width >= 60 else " "
        return [(("TRIAGE", "strong"), (gauge, "good"), (self.words, "text"))]


class TriagePanel(Lines, can_focus=False):
    """Suggestions with their ticks, and what else decides."""

    def __init__(self, clock: Callable[[], Instant], zone: str) -> None:
        super().__init__()
        self.clock, self.zone = clock, zone
        self.sight: Sight | None = None
        self.choice = Choice()
        self.top = 0
        self._made: tuple[tuple[int, int], list[Line]] | None = None

    def show(self, sight: Sight | None, ticked: frozenset[str]) -> None:
        if sight is None or self.sight is None or sight.page.ticket.id != self.sight.page.ticket.id:
            self.top = 0
        self.sight = sight
        self.choice = Choice(offers(sight) if sight is not None else {}, ticked)
        self._made = None
        self.repaint()

    def content(self) -> Sequence[Line]:
        if self.sight is None:
            return ()
        size = (self.size.width, self.size.height)
        if self._made is None or self._made[0] != size:
            paper = Paper(size[0] - 2, self.clock(), self.zone, size[1] < DETAILED)
            self._made = size, panel_lines(self.sight, self.choice, paper)
        return self._made[1][self.top :]

    def scroll_lines(self, by: int) -> None:
        """Move so many lines down, or up."""
        self.content()
        last = max(0, len(self._made[1]) - self.size.height) if self._made is not None else 0
        self.top = max(0, min(self.top + by, last))
        self.repaint()

    def scroll_pages(self, by: int) -> None:
        self.scroll_lines(by * max(1, self.size.height - 1))

    def on_resize(self) -> None:
        super().on_resize()
        self.scroll_lines(0)


class TriageSummary(Lines, can_focus=False):
    """What stands when nothing is left."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: Sequence[Line] = ()

    def show(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.repaint()

    def content(self) -> Sequence[Line]:
        return self.lines
