"""The list of announcements; cursor and marks are held by an announcement's number."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence

from rich.cells import cell_len
from textual import events
from textual.strip import Strip

from sdesk.announced import Announcement
from sdesk.keys import bindings_for
from sdesk.model import Instant
from sdesk.present import moment
from sdesk.text import clean_line
from sdesk.widgets.cells import fit
from sdesk.widgets.letters import ANNOUNCED
from sdesk.widgets.line_view import LineView, line
from sdesk.widgets.list_keys import ListKeys
from sdesk.widgets.list_state import ListState

KIND, STATE = 7, 9
NOW, COMING, LATE = "now", "to come", "past"


class AnnouncementList(LineView, ListKeys, can_focus=True):
    """Outages before planned work; the past ones by their last change."""

    BINDINGS = bindings_for("list")
    DEFAULT_CSS = "AnnouncementList { height: 1fr; }"

    def __init__(self, clock: Callable[[], Instant], zone: str, ref: Callable[[int], str]) -> None:
        super().__init__()
        self.clock, self.zone, self.ref = clock, zone, ref
        self.state = ListState()
        self.announcements: Mapping[int, Announcement] = {}
        self.empty = ""

    def show(self, announcements: Sequence[Announcement], empty: str) -> None:
        """Show these; the cursor stays on its announcement."""
        self.announcements, self.empty = {one.id: one for one in announcements}, empty
        self.state.marks &= set(self.announcements)
        self.state.replace(array("q", self.announcements), whole=True, keep=True)
        self.repaint()

    def current(self) -> Announcement | None:
        number = self.state.cursor_id
        return self.announcements.get(number) if number is not None else None

    def targets(self) -> tuple[Announcement, ...]:
        """The marked ones, else the one under the cursor."""
        return tuple(self.announcements[int(number)] for number in self.state.targets())

    def repaint(self, lines: Sequence[int] | None = None, *, width: int | None = None) -> None:
        super().repaint(lines, width=width)

    def on_resize(self) -> None:
        super().on_resize()
        self.state.height = max(1, self.size.height)
        self.state.fit()
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        event.prevent_default()
        self.move_to(self.state.top + event.y)

    def draw(self, y: int) -> Strip:
        inks, width, index = self.inks(), self.size.width, self.state.top + y
        if index >= len(self.state.ids):
            words = f"   {self.empty}" if not self.state.ids and y == 1 else ""
            return line([(words, inks["muted"])], width, inks["text"])
        one = self.announcements[self.state.ids[index]]
        here = index == self.state.cursor
        base = inks["cursor"] if here else inks["text"]
        parts = self._parts(one, here, width)
        return line([(text, base if here else inks[ink]) for text, ink in parts], width, base)

    def _parts(self, one: Announcement, here: bool, width: int) -> list[tuple[str, str]]:
        now = self.clock()
        marks = ("▌" if here else " ") + ("✓" if one.id in self.state.marks else " ")
        state = standing(one, now)
        sign, ink = (f"{ANNOUNCED} ", "risk") if state == NOW else ("· ", "muted")
        times = times_of(one, self.zone, now)
        to, when = (12, 17) if width < 110 else (28, 28)
        left = [(marks, "key"), (sign, ink), (fit(one.kind, KIND), "muted"), (" ", "text")]
        right = [
            (f" {fit(told_to(one, self.ref), to)}", "text"),
            (f" {fit(times, when)}", "muted"),
            (f" {fit(state, STATE)}", ink if state == NOW else "muted"),
        ]
        room = max(0, width - sum(cell_len(text) for text, _ in (*left, *right)))
        return [*left, (fit(clean_line(one.title), room), "strong"), *right]


def standing(one: Announcement, now: Instant) -> str:
    """How it is with it: now, to come, past; over or cancelled when somebody has said so."""
    if one.state != "open":
        return clean_line(one.state)
    if one.stands(now):
        return NOW
    return COMING if one.starts_at is not None and one.starts_at > now else LATE


def told_to(one: Announcement, ref: Callable[[int], str]) -> str:
    """everybody · an organization or a site by name · around SD-1042."""
    if one.scope == "tickets":
        return f"around {ref(one.ticket)}" if one.ticket is not None else "nobody"
    return clean_line(one.target) or "everybody"


def times_of(one: Announcement, zone: str, now: Instant) -> str:
    """ "Sat 20:00 – 21:00"; without an end "since 10:20", or "from Sat 20:00"."""
    start, end = moment(one.starts_at, zone, now), moment(one.ends_at, zone, now)
    if not start or not end:
        word = "from" if one.starts_at is not None and one.starts_at > now else "since"
        return f"{word} {start}" if start else f"until {end}" if end else ""
    day, _, clock = end.rpartition(" ")
    return f"{start} – {clock if day and start.startswith(f'{day} ') else end}"
