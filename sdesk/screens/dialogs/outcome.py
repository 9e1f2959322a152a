"""What one act on many tickets did to each: refused with the reason, changed, unchanged, not reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from textual import work

from sdesk.present import counted
from sdesk.screens.dialogs.reader import Reader
from sdesk.text import clean_line, cut
from sdesk.widgets.thread_lines import Line

if TYPE_CHECKING:
    from sdesk.batching import Outcome
    from sdesk.model import TicketId


class OutcomeReader(Reader):
    """A line for each ticket, the refused ones first."""

    def __init__(self, said: str, outcome: Outcome) -> None:
        super().__init__(f"{said} · {counted(len(outcome.changed), 'ticket')}")
        self.said, self.outcome = said, outcome

    def on_mount(self) -> None:
        self._read()

    @work(thread=True, exclusive=True, group="read")
    def _read(self) -> None:
        app: Any = self.app
        done, desk = self.outcome, app.desk
        every = [*(t for t, _ in done.refused), *done.changed, *done.unchanged, *done.left]
        subjects = {row.id: clean_line(row.subject) for row in desk.read.rows(every)}
        lines = list(lines_of(done, desk.ref, subjects))
        app.call_from_thread(self.show, self.heading, lines)


def lines_of(done: Outcome, ref: Any, subjects: dict[int, str]) -> Iterator[Line]:
    """Four parts, each with its heading, without those that are empty."""
    if done.refused:
        yield ((f"refused {len(done.refused):,}", "heading"),)
        for ticket, error in done.refused:
            yield _row(ticket, ref, subjects, "bad")
            yield ((f"    {clean_line(str(error))}", "muted"),)
    parts: tuple[tuple[str, str, Sequence[TicketId]], ...] = (
        ("changed", "good", done.changed), ("so already", "muted", done.unchanged),
        ("not reached", "warn", done.left),
    )  # fmt: skip
    for title, tone, tickets in parts:
        if tickets:
            yield ((f"{title} {len(tickets):,}", "heading"),)
            for ticket in tickets:
                yield _row(ticket, ref, subjects, tone)


def _row(ticket: TicketId, ref: Any, subjects: dict[int, str], tone: str) -> Line:
    return ((f"  {ref(ticket)}  ", tone), (cut(subjects.get(ticket, ""), 100), "text"))
