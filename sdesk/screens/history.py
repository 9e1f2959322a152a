"""The history of a ticket: every event with who, when, from where, and before → after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from textual import work

from sdesk.errors import SdeskError
from sdesk.model import Event, TicketId
from sdesk.present import event_sentence, local
from sdesk.screens.dialogs.reader import Reader
from sdesk.text import clean_line, cut
from sdesk.widgets.cells import wrap
from sdesk.widgets.thread_lines import Line

if TYPE_CHECKING:
    from sdesk.app import SdeskApp

MOST = 1_000
_TIMES = {
    "state_until",
    "due_at",
    "breach_at",
    "resolved_at",
    "closed_at",
    "first_answered_at",
    "updated_at",
    "created_at",
}


class HistoryScreen(Reader):
    """Shows the newest thousand events, the last one in sight."""

    def __init__(self, ticket: TicketId) -> None:
        super().__init__()
        self.ticket = ticket

    def on_mount(self) -> None:
        self._read()

    @work(thread=True, exclusive=True, group="read")
    def _read(self) -> None:
        app: SdeskApp = self.app  # type: ignore[assignment]
        desk = app.desk
        try:
            events = desk.read.history(self.ticket, limit=MOST)
        except SdeskError as error:
            app.call_from_thread(app.complain, error)
            return
        names = {state.key: state.name for state in desk.read.states()}
        names |= {queue.key: queue.name for queue in desk.read.queues()}
        lines = history_lines(events, desk.settings.zone, names, max(30, app.size.width - 4))
        app.call_from_thread(
            self._show, f"History of {desk.ref(self.ticket)} · {len(events):,} events", lines
        )

    def _show(self, heading: str, lines: list[Line]) -> None:
        self.show(heading, lines, at_end=True)


def history_lines(
    events: tuple[Event, ...], zone: str, names: Mapping[str, str], width: int
) -> list[Line]:
    """Each event: when, the sentence, where it came from, and below it every field's before → after."""
    lines: list[Line] = []
    day = ""
    for event in events:
        there = local(event.at, zone)
        if (today := f"{there:%a %d %b %Y}") != day:
            day = today
            lines.append(((day, "heading"),))
        tail = f"  {clean_line(event.source)}" + (" ← caused" if event.cause else "")
        told = wrap(event_sentence(event, zone=zone, names=names), max(20, width - 26))
        for number, text in enumerate(told):
            when = f"{there:%H:%M:%S}  " if not number else " " * 10
            end = tail if number == len(told) - 1 else ""
            lines.append(((when, "muted"), (text, "text"), (end, "muted")))
        for name, (before, after) in event.changes.items():
            shown = (
                f"{clean_line(name)}: {_value(name, before, zone)} → {_value(name, after, zone)}"
            )
            lines += [
                ((" " * 12, "text"), (text, "muted"))
                for text in wrap(shown, max(20, width - 14), 4)
            ]
    return lines or [(("nothing has happened yet", "muted"),)]


def _value(name: str, value: Any, zone: str) -> str:
    """A stored value as people read it; a dash for nothing."""
    if value is None or value == "" or value == []:
        return "—"
    if name in _TIMES and isinstance(value, int):
        return f"{local(value, zone):%Y-%m-%d %H:%M}"
    if isinstance(value, list | tuple):
        return ", ".join(clean_line(str(item)) for item in value)
    return cut(clean_line(str(value)), 200)
