"""The list of notices; cursor and marks are held by a notice's number."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence

from rich.cells import cell_len
from textual import events
from textual.strip import Strip

from sdesk.keys import bindings_for
from sdesk.model import Instant, Notice
from sdesk.present import moment
from sdesk.text import clean_line
from sdesk.widgets.cells import fit
from sdesk.widgets.line_view import LineView, line
from sdesk.widgets.list_keys import ListKeys
from sdesk.widgets.list_state import ListState

WHEN = 12
_SIGNS = {
    "warning": ("! ", "risk"), "trouble": ("! ", "risk"), "escalation": ("!!", "breached"),
}  # fmt: skip


class NoticeList(LineView, ListKeys, can_focus=True):
    """The newest first."""

    BINDINGS = bindings_for("list")
    DEFAULT_CSS = "NoticeList { height: 1fr; }"

    def __init__(self, clock: Callable[[], Instant], zone: str, ref: Callable[[int], str]) -> None:
        super().__init__()
        self.clock, self.zone, self.ref = clock, zone, ref
        self.state = ListState()
        self.notices: Mapping[int, Notice] = {}
        self.subjects: Mapping[int, str] = {}
        self.empty = "nothing new"

    def show(self, notices: Sequence[Notice], subjects: Mapping[int, str], empty: str) -> None:
        """Show these; the cursor stays on its notice. `subjects` by ticket."""
        self.notices = {notice.id: notice for notice in notices}
        self.subjects, self.empty = subjects, empty
        self.state.marks &= set(self.notices)
        self.state.replace(array("q", self.notices), whole=True, keep=True)
        self.repaint()

    def current(self) -> Notice | None:
        number = self.state.cursor_id
        return self.notices.get(number) if number is not None else None

    def targets(self) -> tuple[int, ...]:
        """The marked notices, else the one under the cursor."""
        return tuple(int(number) for number in self.state.targets())

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
        notice = self.notices[self.state.ids[index]]
        here = index == self.state.cursor
        parts = self._parts(notice, here, width)
        base = inks["cursor"] if here else inks["text"]
        return line([(text, base if here else inks[ink]) for text, ink in parts], width, base)

    def _parts(self, notice: Notice, here: bool, width: int) -> list[tuple[str, str]]:
        marks = ("▌" if here else " ") + ("✓" if notice.id in self.state.marks else " ")
        sign, ink = _SIGNS.get(notice.kind, ("· ", "muted"))
        new = "•" if notice.seen_at is None else " "
        when = fit(moment(notice.at, self.zone, self.clock()), WHEN)
        ref = self.ref(notice.ticket) if notice.ticket is not None else ""
        parts = [
            (marks, "key"), (f"{new} ", "key"), (f"{when} ", "muted"),
            (f"{sign} ", ink), (f"{ref:<8} ", "key"),
        ]  # fmt: skip
        room = max(0, width - sum(cell_len(text) for text, _ in parts) - 1)
        said = clean_line(notice.text)
        subject = clean_line(self.subjects.get(notice.ticket or 0, ""))
        if subject and cell_len(said) + 8 < room:
            # As much of the subject as there is room for: the text goes first.
            parts.append((said, "text"))
            parts.append((fit(f" · {subject}", room - cell_len(said)), "muted"))
        else:
            parts.append((fit(said, room), "text"))
        return parts
