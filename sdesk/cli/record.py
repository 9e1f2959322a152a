"""One ticket whole, as text for people and as JSON for programs."""

from __future__ import annotations

import json
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from sdesk.cli.columns import utc
from sdesk.cli.output import cleaned, screen_width, styled
from sdesk.cli.session import names
from sdesk.files import file_size
from sdesk.model import LEVEL_NAMES, EntryKind, as_dict
from sdesk.present import (
    countdown,
    counted,
    duration,
    event_sentence,
    moment,
    person_or_nobody,
    priority_badge,
)
from sdesk.text import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sdesk.desk import Desk
    from sdesk.model import ClockRow, Entry, Event, Instant, Ticket, TicketId

MOMENTS = (
    "created_at",
    "updated_at",
    "first_answered_at",
    "resolved_at",
    "closed_at",
    "state_until",
)
MARKS = {EntryKind.NOTE: "NOTE, agents only", EntryKind.CALL: "call", EntryKind.CHAT: "chat, agents only"}  # fmt: skip


def write_text(desk: Desk, number: TicketId, *, history: bool) -> None:
    ticket = desk.read.ticket(number)
    now, zone = desk.now(), desk.settings.zone
    print(styled(f"{clean_line(ticket.ref)}  {clean_line(ticket.subject)}", "title"))
    for name, value in _facts(desk, ticket, now, zone):
        if value:
            _write_fact(name, value)
    for name, value in _work(desk, number):
        _write_fact(name, value)
    for clock in desk.read.clocks(number):
        _write_fact(clock.target, _clock(clock, now, zone))
    for entry in desk.read.conversation(number):
        _write_entry(entry, now, zone)
    if history:
        print()
        known = names(desk)
        for event in desk.read.history(number):
            said = clean_line(event_sentence(event, zone=zone, names=known))
            print(f"{moment(event.at, zone, now):>12}  {said}")


def _write_fact(name: str, value: str) -> None:
    print(f"  {styled(f'{clean_line(name):<12}', 'dim')} {clean_line(value)}")


def _facts(desk: Desk, ticket: Ticket, now: Instant, zone: str) -> Iterator[tuple[str, str]]:
    states = {state.key: state.name for state in desk.read.states()}
    until = f" until {moment(ticket.state_until, zone, now)}" if ticket.state_until else ""
    reason = f": {ticket.wait_reason}" if ticket.wait_reason else ""
    weighed = f"impact {LEVEL_NAMES.get(ticket.impact)}, urgency {LEVEL_NAMES.get(ticket.urgency)}"
    yield "kind", ticket.kind
    yield "state", f"{states.get(ticket.state, ticket.state)}{until}{reason}"
    yield "priority", f"{priority_badge(ticket.priority, long=True)} ({weighed})"
    yield "queue", ticket.queue
    yield "assignee", person_or_nobody(ticket.assignee)
    yield "owner", person_or_nobody(ticket.owner)
    yield "requester", _requester(ticket)
    yield "category", ticket.path
    yield "service", ticket.service
    yield "channel", ticket.channel
    yield "opened", moment(ticket.created_at, zone, now)
    yield "answered", moment(ticket.first_answered_at, zone, now)
    yield (
        "resolved",
        " ".join(filter(None, (moment(ticket.resolved_at, zone, now), ticket.resolution_code))),
    )
    yield "closed", moment(ticket.closed_at, zone, now)
    yield "reopened", f"{ticket.reopen_count}×" if ticket.reopen_count else ""
    yield "tags", " ".join(ticket.tags)
    yield "restricted", "yes" if ticket.restricted else ""
    yield "parent", desk.ref(ticket.parent) if ticket.parent else ""
    yield "external", " ".join(filter(None, (ticket.external_source, ticket.external_id)))
    for kind, other in ticket.links:
        yield kind.replace("-", " "), desk.ref(other)
    yield from ticket.fields.items()


def _work(desk: Desk, number: TicketId) -> Iterator[tuple[str, str]]:
    """What hangs on it: files, time spent, the checklist, watchers."""
    read = desk.read
    for file in read.attachments(number):
        yield "file", f"{file.id}  {file.name} ({file_size(file.size)})"
    if spent := sum(one.seconds for one in read.worked(number)):
        yield "time spent", duration(spent)
    for item in read.checklist(number):
        yield "checklist", f"{'☑' if item.is_done else '☐'} {item.text}"
    for alarm in read.alarms_of(number):
        flaps = f", {counted(alarm.flaps, 'flap')}" if alarm.flaps else ""
        what = " on ".join(filter(None, (alarm.service, alarm.host))) or alarm.title
        yield (
            "alarm",
            f"{alarm.state} ×{alarm.times}{flaps} · {what} · last {moment(alarm.last_at, read.zone, read.now())} · {alarm.source}",
        )
    if watchers := read.watchers(number):
        yield "watched by", ", ".join(watchers)


def _requester(ticket: Ticket) -> str:
    if (person := ticket.requester) is None:
        return ""
    parts = (
        person.name + (" ★ VIP" if person.vip else ""),
        person.organization,
        person.email,
        person.phone,
    )
    return " · ".join(filter(None, parts))


def _clock(clock: ClockRow, now: Instant, zone: str) -> str:
    """ "!  08:32 · due 10:30 · 3h 50m of 4h used"."""
    used = f"{duration(clock.used)} of {duration(clock.budget)} used"
    policy = clean_line(clock.policy)
    if clock.stopped_at is not None:
        return f"{clock.verdict} {moment(clock.stopped_at, zone, now)} · {used} · {policy}"
    if clock.paused:
        left = countdown(None, None, now, paused_remaining=clock.budget - clock.used)
        return f"{left} left, paused · {used} · {policy}"
    left = countdown(clock.due_at, clock.breach_at, now)
    return f"{left} · due {moment(clock.due_at, zone, now)} · {policy}"


def _write_entry(entry: Entry, now: Instant, zone: str) -> None:
    mark = f" · {MARKS[entry.kind]}" if entry.kind in MARKS else ""
    head = clean_line(f"{entry.author} · {moment(entry.at, zone, now)}{mark}")
    print("\n" + styled(head, "warn" if entry.kind == EntryKind.NOTE else "title"))
    width = min(100, screen_width()) - 2
    for line in clean(entry.text).splitlines():
        sys.stdout.write(clean(_wrapped(line.expandtabs(4), width)))


def _wrapped(line: str, width: int) -> str:
    pieces = textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]
    return "".join(f"  {piece}".rstrip() + "\n" for piece in pieces)


# JSON


def write_json(desk: Desk, tickets: Sequence[TicketId], *, lines: bool) -> None:
    """Tickets with conversation, clocks and history: a list, or one a line."""
    records = (_record(desk, ticket) for ticket in tickets)
    if lines:
        for record in records:
            print(json.dumps(record))
        return
    print(json.dumps(list(records), indent=2))


def _record(desk: Desk, number: TicketId) -> dict[str, Any]:
    ticket = desk.read.ticket(number)
    values = {"number": ticket.ref, **_plain(as_dict(ticket), MOMENTS)}
    values["links"] = [[kind, desk.ref(other)] for kind, other in ticket.links]
    values["parent"] = desk.ref(ticket.parent) if ticket.parent else None
    read = desk.read
    values["files"] = [_plain(as_dict(file), ("at",)) for file in read.attachments(number)]
    values["seconds_spent"] = sum(one.seconds for one in read.worked(number))
    values["checklist"] = [as_dict(item) for item in read.checklist(number)]
    values["watchers"] = list(read.watchers(number))
    values["alarms"] = [_plain(as_dict(a), ("first_at", "last_at")) for a in read.alarms_of(number)]
    values["clocks"] = [
        _plain(as_dict(clock), ("started_at", "stopped_at", "due_at", "breach_at"))
        for clock in desk.read.clocks(number)
    ]
    values["conversation"] = [
        _plain(as_dict(entry), ("at",)) for entry in desk.read.conversation(number)
    ]
    values["history"] = [_event(event, desk.settings.zone) for event in desk.read.history(number)]
    cleaned_values: dict[str, Any] = cleaned(values)
    return cleaned_values


def _event(event: Event, zone: str) -> dict[str, Any]:
    values = _plain(as_dict(event), ("at",))
    return {**values, "sentence": event_sentence(event, zone=zone)}


def _plain(values: dict[str, Any], moments: Sequence[str]) -> dict[str, Any]:
    """The values for a program: instants as ISO text, without our own bookkeeping."""
    values = {
        name: value for name, value in values.items() if name not in ("ticket", "ref", "version")
    }
    return {name: utc(value) if name in moments else value for name, value in values.items()}
