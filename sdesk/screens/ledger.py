"""Why a clock stands where it stands: the ledger of its running, paused and closed hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import work
from textual.binding import Binding

from sdesk.errors import SdeskError
from sdesk.model import LIVE, TicketId
from sdesk.present import adding_up, countdown_parts, duration, local
from sdesk.screens.dialogs.reader import Reader
from sdesk.text import clean_line
from sdesk.widgets.cells import fit, wrap
from sdesk.widgets.clock_bar import is_left, left_words
from sdesk.widgets.thread_lines import Line

if TYPE_CHECKING:
    from sdesk.app import SdeskApp
    from sdesk.rules.clock import Clock, Segment
    from sdesk.rules.ladder import Climb

CAUSE = 26
NARROWEST = 20
"""With less room behind them, words go on a line of their own."""
_CAUSES = {
    "waited": "waiting", "received": "the requester wrote", "replied": "answered",
    "called": "answered by telephone", "prioritized": "priority changed", "reverted": "taken back",
}  # fmt: skip
"""Kinds of event as causes; the others say themselves."""
_WORDS = {"ran": "ran", "paused": "paused", "outside": ""}


class LedgerScreen(Reader):
    """The ledger of one target of a ticket, or of all its clocks."""

    BINDINGS = [Binding("equals_sign", "close", show=False, id="ledger.close")]

    def __init__(self, ticket: TicketId, target: str = "") -> None:
        super().__init__()
        self.ticket = ticket
        self.target = target

    def on_mount(self) -> None:
        self._read()

    @work(thread=True, exclusive=True, group="read")
    def _read(self) -> None:
        app: SdeskApp = self.app  # type: ignore[assignment]
        desk = app.desk
        try:
            clocks, climbs = desk.ledger(self.ticket), desk.climbs(self.ticket)
            is_done = desk.read.ticket(self.ticket).category not in LIVE
        except SdeskError as error:
            app.call_from_thread(app.complain, error)
            return
        chosen = [c for c in clocks if c.target == self.target] or list(clocks)
        lines: list[Line] = []
        zone, now = desk.settings.zone, desk.now()
        for latest in chosen:
            for clock in latest.cycles:
                lines += [
                    *([()] if lines else []),
                    *ledger_lines(clock, zone, now, desk.ref(self.ticket), is_done=is_done),
                ]
            lines += ladder_lines(climbs[latest.target], zone)
        if not lines:
            lines = [(("no service level applies to this ticket: no clock runs", "muted"),)]
        lines = [piece for line in lines for piece in folded(line, max(40, app.size.width - 2))]
        app.call_from_thread(self._show, f"The clock of {desk.ref(self.ticket)}", lines)

    def _show(self, heading: str, lines: list[Line]) -> None:
        self.show(heading, lines, at_end=True)


def ledger_lines(
    clock: Clock, zone: str, now: int, ref: str, *, is_done: bool = False
) -> list[Line]:
    """The policy, each segment with its cause, and the sum."""
    title = f'{ref} · {clock.target} · policy "{clean_line(clock.policy)}" P{clock.priority} {duration(clock.budget)}'
    lines: list[Line] = [
        ((title, "heading"), (f" · calendar {clean_line(clock.calendar)}", "muted"))
    ]
    ran = iter(adding_up(segment.seconds for segment in clock.ledger if segment.kind == "ran"))
    for segment in clock.ledger:
        seconds = next(ran) if segment.kind == "ran" else segment.seconds
        lines.append(_segment(segment, seconds, zone))
    lines.append(_sum(clock, zone, now, is_done))
    return lines


def ladder_lines(climb: Climb, zone: str) -> list[Line]:
    """The warnings and escalations given, then those to come with whom they tell and what they do."""
    lines: list[Line] = []
    for done in climb.done:
        told = f"told {', '.join(done.told)}" if done.told else "nobody to tell"
        lines.append(_step(done.at, done.title, "✓", told, "muted", zone))
    for owed in climb.ahead:
        does = f" · {'; '.join(owed.level.do)}" if owed.level.do else ""
        told = f"→ {', '.join(owed.level.tell)}{does}"
        part = "text" if owed.level.is_warning else "warn"
        lines.append(_step(owed.at, owed.level.title, "next", told, part, zone))
    return lines


def _step(at: int, title: str, sign: str, told: str, part: str, zone: str) -> Line:
    return (
        (f"{local(at, zone):%a %d %b %H:%M}  ", "muted"),
        (fit(clean_line(title), CAUSE), part),
        (f"{sign:<5}", "good" if sign == "✓" else "muted"),
        (clean_line(told), "muted"),
    )


def folded(line: Line, width: int) -> list[Line]:
    """The line; where it is too long, its last part goes on below, or (a sum) begins further left."""
    if not line:
        return [line]
    *lead, (text, part) = line
    used, size = sum(cell_len(words) for words, _ in lead), cell_len(text)
    if used + size <= width:
        return [line]
    if size < width and not "".join(words for words, _ in lead).strip():
        return [((" " * (width - size), part), (text, part))]
    indent = used if width - used >= NARROWEST else 4
    first, *others = wrap(text, width - used) if indent == used else ("", *wrap(text, width - 4))
    below: list[Line] = [((" " * indent, part), (other.strip(), part)) for other in others]
    return [(*lead, (first, part)), *below]


def _segment(segment: Segment, seconds: int, zone: str) -> Line:
    when = f"{local(segment.start, zone):%a %d %b %H:%M}  "
    part = {"ran": "good", "paused": "warn"}.get(segment.kind, "muted")
    took = duration(seconds) if segment.kind != "outside" else "–"
    tail = "   so far" if segment.end is None else ""
    if segment.state not in ("", segment.cause):
        tail += f"   {clean_line(segment.state)}"
    return (
        (when, "muted"),
        (fit(_cause(segment), CAUSE), "text" if segment.kind != "outside" else "muted"),
        (f"{_WORDS[segment.kind]:<8}", part),
        (f"{took:>8}", part),
        (tail, "muted"),
    )


def _cause(segment: Segment) -> str:
    cause = clean_line(segment.cause)
    return _CAUSES.get(cause, cause.replace("_", " "))


def _sum(clock: Clock, zone: str, now: int, is_done: bool) -> Line:
    words = f"used {duration(clock.used)} of {duration(clock.budget)}"
    gap = (" " * (18 + CAUSE), "text")
    if clock.stopped_at is not None:
        return (
            gap,
            (
                f"{words} · {clock.verdict} {local(clock.stopped_at, zone):%a %H:%M}",
                "bad" if clock.verdict == "breached" else "good",
            ),
        )
    if is_left(clock, is_done):
        return (gap, (f"{words} · {left_words(clock)}, stopped by the end of the ticket", "warn"))
    if clock.paused:
        return (gap, (f"{words} · ‖ paused, {duration(clock.remaining)} left", "warn"))
    if clock.due_at is None:
        return (gap, (f"{words} · never due: the calendar has no more opening hours", "warn"))
    sign, _ = countdown_parts(clock.due_at, clock.breach_at, now)
    part = {"!!": "bad", "!": "warn"}.get(sign, "good")
    by_hand = ", set by hand" if clock.by_hand else ""
    return (
        gap,
        (
            f"{words} · {sign}{' ' if sign else ''}due {local(clock.due_at, zone):%a %H:%M}{by_hand}",
            part,
        ),
    )
