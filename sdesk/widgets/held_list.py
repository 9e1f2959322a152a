"""The list of held mails; cursor and marks are held by a mail's number."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence

from rich.cells import cell_len
from textual import events
from textual.strip import Strip

from sdesk.keys import bindings_for
from sdesk.model import Instant, KeptMail
from sdesk.present import moment
from sdesk.text import clean_line
from sdesk.widgets.cells import fit
from sdesk.widgets.line_view import LineView, line
from sdesk.widgets.list_keys import ListKeys
from sdesk.widgets.list_state import ListState

WHEN = 12
REJECTED = "rejected"


class HeldList(LineView, ListKeys, can_focus=True):
    """The oldest first: who waits longest."""

    BINDINGS = bindings_for("list")
    DEFAULT_CSS = "HeldList { height: 1fr; min-height: 3; }"

    def __init__(self, clock: Callable[[], Instant], zone: str) -> None:
        super().__init__()
        self.clock, self.zone = clock, zone
        self.state = ListState()
        self.mails: Mapping[int, KeptMail] = {}
        self.empty = ""

    def show(self, mails: Sequence[KeptMail], empty: str) -> None:
        """Show these; the cursor stays on its mail."""
        self.mails, self.empty = {mail.id: mail for mail in mails}, empty
        self.state.marks &= set(self.mails)
        self.state.replace(array("q", self.mails), whole=True, keep=True)
        self.repaint()

    def leave_out(self, numbers: Sequence[int]) -> None:
        """Show these no more: they are being decided, and the next key is meant for the next one."""
        gone = set(numbers)
        self.show([mail for mail in self.mails.values() if mail.id not in gone], self.empty)

    def current(self) -> KeptMail | None:
        number = self.state.cursor_id
        return self.mails.get(number) if number is not None else None

    def targets(self) -> tuple[int, ...]:
        """The marked mails, else the one under the cursor."""
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
        mail = self.mails[self.state.ids[index]]
        here = index == self.state.cursor
        base = inks["cursor"] if here else inks["text"]
        parts = self._parts(mail, here, width)
        return line([(text, base if here else inks[ink]) for text, ink in parts], width, base)

    def _parts(self, mail: KeptMail, here: bool, width: int) -> list[tuple[str, str]]:
        marks = ("▌" if here else " ") + ("✓" if mail.id in self.state.marks else " ")
        sign, ink = ("✗ ", "muted") if mail.outcome == REJECTED else ("? ", "risk")
        when = fit(moment(mail.at, self.zone, self.clock()), WHEN)
        author = fit(clean_line(mail.author) or "(nobody)", max(12, min(34, width // 3)))
        parts = [(marks, "key"), (sign, ink), (f"{when} ", "muted"), (f"{author}  ", "key")]
        room = max(0, width - sum(cell_len(text) for text, _ in parts) - 1)
        return [*parts, (fit(clean_line(mail.subject) or "(no subject)", room), "text")]
