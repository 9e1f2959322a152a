"""Alarms and their tickets: each alert folded into one ticket in one transaction, by operations.

What an alert means is decided in `rules.alarm`; here that is done. The desk itself acts, never an
agent: what an agent has touched is not resolved over their head.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import text

from sdesk import ops
from sdesk.desk import Desk, now_seconds
from sdesk.errors import Busy, SdeskError, StoreFault
from sdesk.model import PRIORITIES, Channel, Instant, Source, TicketId
from sdesk.rules.alarm import (
    STORM,
    TAG_FLAPPING,
    TAG_STORM,
    Act,
    Alert,
    AlertState,
    Known,
    Memory,
    Plan,
    Standing,
    decide,
    digest,
    is_again,
    story,
    subject,
)
from sdesk.store.apply.conversation import going_on
from sdesk.store.channel_tables import AlarmTable
from sdesk.store.notices import tell
from sdesk.store.roles import check_whole
from sdesk.store.tables import QueueTable, TicketTable

if TYPE_CHECKING:
    from sdesk.door import Door, Work

ACTOR = "sdesk"
"""In whose name it is done: as the timers, nobody's."""
TOGETHER = 20
"""Alerts of one payload that share a transaction."""
CANCELLED = "cancelled"
UNTOUCHED = ("policy_matched", "calendar_matched", "watched", "unwatched", "clocks_recomputed")
"""Events that somebody may cause without working on a ticket."""


class Folded(NamedTuple):
    """What became of one alert."""

    alert: Alert
    act: Act
    ticket: TicketId | None


class Taken(NamedTuple):
    """What became of a payload: what was folded, and what could not be, with the reason."""

    folded: tuple[Folded, ...]
    failed: tuple[tuple[Alert, SdeskError], ...] = ()


class Alarms:
    """The alarms of one store. Safe to call from several threads."""

    def __init__(
        self, place: str | Path, plan: Plan | None = None, *, clock: Callable[[], Instant] = now_seconds
    ) -> None:  # fmt: skip
        self.desk = Desk.open(place, actor=ACTOR, source=Source.ALERT, clock=clock)
        try:
            check_whole(self.desk.read.reader, "Taking alerts")
        except BaseException:
            self.desk.close()
            raise
        self.plan = plan or Plan()

    def take(self, alerts: Sequence[Alert]) -> Taken:
        """Fold each; committed when it returns. Raises `Busy` and `StoreFault`: then what was not
        reached is to be sent again, and what was is known."""
        folded: list[Folded] = []
        failed: list[tuple[Alert, SdeskError]] = []
        for start in range(0, len(alerts), TOGETHER):
            some = alerts[start : start + TOGETHER]
            try:
                folded += self._fold(some)
            except (Busy, StoreFault):
                raise
            except SdeskError:
                # One that is refused must not take the others with it.
                for alert in some:
                    try:
                        folded += self._fold([alert])
                    except (Busy, StoreFault):
                        raise
                    except SdeskError as error:
                        failed.append((alert, error))
        return Taken(tuple(folded), tuple(failed))

    def _fold(self, alerts: Iterable[Alert]) -> list[Folded]:
        with self._door().transaction() as work:
            return [fold(work, alert, self.plan) for alert in alerts]

    def _door(self) -> Door:
        door = self.desk.door()
        # The desk itself is no agent, and needs no leave.
        door.enforce = False
        return door

    def close(self) -> None:
        self.desk.close()


def fold(work: Work, alert: Alert, plan: Plan) -> Folded:
    """What an alert means, done in a transaction that is open."""
    row = work.session.get(AlarmTable, (alert.source, alert.key))
    known = None if row is None else _known(row)
    if row is not None and known is not None and is_again(alert, known, work.tx.at):
        return Folded(alert, Act.NOTHING, TicketId(row.ticket_id) if row.ticket_id else None)
    ticket = _ticket(work, row)
    standing = None if ticket is None else _standing(work, ticket)
    act = decide(alert, known, standing, plan, work.tx.at)
    if act == Act.NOTHING:
        return Folded(alert, act, _number(ticket))
    row = row or AlarmTable(
        source=alert.source, key=alert.key, first_at=work.tx.at, state=AlertState.UP
    )
    number = _ACTS[act](_Case(work, alert, plan, row, ticket))
    _remember(work, row, alert)
    if alert.state == AlertState.UP and ticket is not None and ticket.parent_id is not None:
        _end_storm(work, ticket.parent_id, plan)
    return Folded(alert, act, number)


class _Case(NamedTuple):
    """An alert with all that is known of it."""

    work: Work
    alert: Alert
    plan: Plan
    row: AlarmTable
    ticket: TicketTable | None

    @property
    def memory(self) -> Memory:
        return Memory.from_json(self.row.payload)

    def keep(self, **values: object) -> None:
        """Remember these of the alarm."""
        self.row.payload = self.memory._replace(**values).to_json()  # type: ignore[arg-type]

    @property
    def the_ticket(self) -> TicketTable:
        assert self.ticket is not None
        return self.ticket

    def do(self, *operations: ops.Op) -> TicketId:
        number = TicketId(self.the_ticket.number)
        self.work.carry_out(number, operations, None)
        return number

    def may_note(self) -> bool:
        """Whether another message would be news: not more than one in some hours."""
        return self.work.tx.at - self.memory.noted_at >= self.plan.note_every

    def note(self, words: str) -> ops.Op:
        self.keep(noted_at=self.work.tx.at)
        return ops.AddNote(f"{words}\n\n{story(self.alert, long=False)}", author=self.alert.source)


def _ticket(work: Work, row: AlarmTable | None) -> TicketTable | None:
    """The alarm's ticket, or the one that it was merged into."""
    found = None if row is None or row.ticket_id is None else work.tx.ticket(row.ticket_id)
    return None if found is None else going_on(work.tx, found)


def _number(ticket: TicketTable | None) -> TicketId | None:
    return None if ticket is None else TicketId(ticket.number)


def _known(row: AlarmTable) -> Known:
    return Known(
        row.state, row.count, row.flaps, row.first_at, row.last_at, row.ticket_id,
        Memory.from_json(row.payload),
    )  # fmt: skip


def _standing(work: Work, ticket: TicketTable) -> Standing:
    ended = 0 if ticket.live else ticket.resolved_at or ticket.closed_at or ticket.updated_at
    dismissed = bool(ticket.binned) or ticket.state == CANCELLED
    return Standing(bool(ticket.live), _is_touched(work, ticket), dismissed, ended)


def _is_touched(work: Work, ticket: TicketTable) -> bool:
    """Whether somebody has it, or anybody but the desk itself has done or written anything."""
    if ticket.assignee:
        return True
    work.session.flush()
    kinds = ", ".join(f"'{kind}'" for kind in UNTOUCHED)
    sql = f"""SELECT 1 FROM event WHERE ticket_id = :ticket AND (actor <> :actor OR kind = 'received')
        AND kind NOT IN ({kinds}) LIMIT 1"""
    return (
        work.session.execute(text(sql), {"ticket": ticket.number, "actor": ACTOR}).first()
        is not None
    )


def _remember(work: Work, row: AlarmTable, alert: Alert) -> None:
    kept = Memory.from_json(row.payload)
    kept = kept._replace(
        digest=digest(alert), heard_at=work.tx.at, said_at=alert.at or kept.said_at,
        acked=alert.state == AlertState.ACK or (kept.acked and row.state == AlertState.DOWN),
        host=alert.host or kept.host, service=alert.service or kept.service,
        severity=alert.severity if alert.state != AlertState.UP else kept.severity,
    )  # fmt: skip
    row.payload = kept.to_json()
    row.title, row.last_at = subject(alert), work.tx.at
    work.session.add(row)
    work.session.flush()


# What follows


def _unheard(case: _Case) -> TicketId | None:
    """A recovery of what nobody reported: remembered, in case the report is late."""
    case.row.state = AlertState.UP
    case.keep(recovered_at=case.work.tx.at)
    return None


def _open(case: _Case) -> TicketId | None:
    work, alert, row = case.work, case.alert, case.row
    queue = _queue(work, case.plan.queue_of(alert))
    priority = case.plan.priority_of(alert)
    parent = None if alert.source == STORM else _storm(case, queue, priority)
    serial = case.memory.serial + 1
    op = ops.Open(
        subject(alert), story(alert), queue=queue, priority=priority, channel=Channel.MONITORING,
        tags=(TAG_STORM,) if parent or alert.source == STORM else (), parent=parent,
        fields={k: v for k, v in (("host", alert.host), ("check", alert.service)) if v},
        external_source=alert.source, external_id=_external(work, alert, serial), author=alert.source,
    )  # fmt: skip
    before = row.ticket_id
    number = work.carry_out(None, [op], None)
    assert number is not None
    if before is not None and work.tx.ticket(before) is not None:
        work.carry_out(number, [ops.AddLink("relates", TicketId(before))], None)
    now = work.tx.at
    row.ticket_id, row.state, row.count, row.flaps = number, AlertState.DOWN, 1, 0
    row.first_at = now
    case.keep(
        serial=serial, priority=priority, noted_at=now, recovered_at=None,
        group=case.plan.group_of(alert),
    )  # fmt: skip
    return number


def _queue(work: Work, key: str) -> str:
    """The queue, or the desk's own where there is none of that name: an alarm is not to be lost."""
    return key if key and work.session.get(QueueTable, key) is not None else work.tx.intake


def _external(work: Work, alert: Alert, serial: int) -> str:
    """The ticket's number in the monitor: the key, and which ticket of it this is from the second on."""
    sql = text("SELECT 1 FROM ticket WHERE external_id = :id AND external_source = :source")
    while True:
        name = alert.key if serial == 1 else f"{alert.key} ({serial})"
        values = {"id": name, "source": alert.source}
        if work.session.execute(sql, values).first() is None:
            return name
        serial += 1


def _repeat(case: _Case) -> TicketId | None:
    """Down still: counted, and said now and then; a graver severity raises the priority."""
    case.row.count += 1
    ticket = case.ticket
    if ticket is None or not ticket.live:
        return _number(ticket)
    operations: list[ops.Op] = []
    if case.may_note():
        operations.append(case.note(f"Still down: reported {case.row.count} times."))
    if (graver := _graver(case)) is not None:
        operations.append(graver)
    return case.do(*operations) if operations else TicketId(ticket.number)


def _graver(case: _Case) -> ops.Op | None:
    """A higher priority, where nobody has set another one since."""
    priority, kept = case.plan.priority_of(case.alert), case.memory.priority
    if case.alert.state == AlertState.ACK or not priority < kept:
        return None
    if case.the_ticket.priority != kept:
        return None
    case.keep(priority=priority)
    return ops.SetPriority(priority)


def _down_again(case: _Case) -> TicketId:
    """Down again in a ticket that goes on: whoever has it is told, now and then."""
    case.row.state = AlertState.DOWN
    case.row.count += 1
    case.row.flaps += 1
    case.keep(recovered_at=None)
    operations: list[ops.Op] = [ops.AddTags((TAG_FLAPPING,))]
    told = case.may_note()
    if told:
        operations.append(case.note(f"Down again, for the {_nth(case.row.flaps + 1)} time."))
    number = case.do(*operations)
    if told:
        _tell_assignee(case, f"down again: {subject(case.alert)}")
    return number


def _reopen(case: _Case) -> TicketId:
    """Down again, or still, after the ticket was finished."""
    was_up = case.row.state == AlertState.UP
    case.row.state = AlertState.DOWN
    case.row.count += 1
    case.row.flaps += was_up
    reason = "it went down again" if was_up else "the monitor still reports it"
    operations: list[ops.Op] = [ops.Reopen(reason)]
    if was_up:
        operations.append(ops.AddTags((TAG_FLAPPING,)))
    if case.may_note():
        operations.append(case.note(f"Down {'again' if was_up else 'still'}."))
    case.keep(recovered_at=None)
    number = case.do(*operations)
    _tell_assignee(case, f"{reason}: {subject(case.alert)}")
    return number


def _nth(number: int) -> str:
    ends = {1: "st", 2: "nd", 3: "rd"}
    tail = "th" if 10 <= number % 100 <= 20 else ends.get(number % 10, "th")
    return f"{number}{tail}"


def _is_up(case: _Case) -> None:
    case.row.state = AlertState.UP
    case.keep(recovered_at=case.work.tx.at, acked=False)


def _resolve(case: _Case) -> TicketId:
    """Up, and nobody has touched it: done. How it ended is said at first, then now and then."""
    _is_up(case)
    is_quiet = case.the_ticket.parent_id is not None
    says = not is_quiet and (case.row.flaps == 0 or case.may_note())
    note = [case.note("It recovered.")] if says else []
    return case.do(*note, ops.Resolve("recovered"))


def _recover(case: _Case) -> TicketId:
    """Up, in a ticket that somebody works on: theirs to resolve."""
    _is_up(case)
    number = case.do(case.note("It recovered. The ticket stays open: somebody has worked on it."))
    _tell_assignee(case, f"it recovered: {subject(case.alert)}")
    return number


def _over(case: _Case) -> TicketId | None:
    _is_up(case)
    return _number(case.ticket)


def _acknowledge(case: _Case) -> TicketId:
    if case.memory.acked:
        return TicketId(case.the_ticket.number)
    case.keep(acked=True)
    return case.do(case.note("Acknowledged in the monitor."))


def _tell_assignee(case: _Case, words: str) -> None:
    ticket = case.the_ticket
    if not ticket.assignee:
        return
    events = [e for e in case.work.tx.events if e["ticket_id"] == ticket.number]
    if events:
        tell(case.work.tx, [ticket.assignee], ticket.number, events[-1]["id"], "alarm", words)


_ACTS: dict[Act, Callable[[_Case], TicketId | None]] = {
    Act.OPEN: _open,
    Act.REOPEN: _reopen,
    Act.REPEAT: _repeat,
    Act.DOWN_AGAIN: _down_again,
    Act.RESOLVE: _resolve,
    Act.RECOVER: _recover,
    Act.OVER: _over,
    Act.ACKNOWLEDGE: _acknowledge,
    Act.UNHEARD: _unheard,
}


# Storms


def _storm(case: _Case, queue: str, priority: int) -> TicketId | None:
    """The parent of a new alarm's ticket, where a storm goes on or begins with it."""
    work, plan = case.work, case.plan
    if plan.storm <= 0:
        return None
    group, now = plan.group_of(case.alert), work.tx.at
    row = work.session.get(AlarmTable, (STORM, group))
    parent = _ticket(work, row)
    if (
        row is not None
        and parent is not None
        and parent.live
        and now - row.last_at <= plan.storm_seconds
    ):
        row.count += 1
        row.last_at, row.state = now, AlertState.DOWN
        _raise(work, row, parent, priority)
        return TicketId(parent.number)
    news = list(_news(work, group, now - plan.storm_seconds, plan.storm))
    if len(news) < plan.storm:
        return None
    return _begin_storm(case, group, queue, priority, news)


def _news(work: Work, group: str, since: Instant, most: int) -> Iterator[TicketTable | None]:
    """The tickets of the group's alarms that are new since then, `most` of them at most."""
    has = "instr" if work.reads.reader.dialect == "sqlite" else "strpos"
    named = json.dumps({"group": group}, ensure_ascii=False)[1:-1]
    sql = text(
        f"""SELECT ticket_id FROM alarm WHERE first_at > :since AND count > 0 AND source <> '{STORM}'
        AND {has}(payload, :named) > 0 ORDER BY first_at DESC LIMIT :most"""
    )
    work.session.flush()
    for (number,) in work.session.execute(
        sql, {"since": since, "named": named, "most": most}
    ).all():
        yield work.tx.ticket(number) if number is not None else None


def _begin_storm(
    case: _Case, group: str, queue: str, priority: int, news: Sequence[TicketTable | None]
) -> TicketId | None:
    """One parent for the new alarms; those whose tickets nobody has touched become its children."""
    work, plan = case.work, case.plan
    free = [t for t in news if t is not None and _may_join(work, t)]
    gravest = min([priority, *(t.priority for t in free)])
    where = "" if group == "all" else f" ({group})"
    said = Alert(
        STORM, group, AlertState.DOWN, f"Alert storm: many alarms at once{where}",
        text=f"More than {plan.storm} new alarms within {plan.storm_seconds // 60 or 1} minutes{where}."
        " Each is a child of this ticket; when all have recovered it is resolved, if nobody has touched it.",
        labels={"begun": str(work.tx.at)},
    )  # fmt: skip
    own = plan._replace(
        queue=queue, routes=(), priorities={f"p{n}": n for n in PRIORITIES}, settle=0
    )
    parent = fold(work, said._replace(severity=f"p{gravest}"), own).ticket
    row = work.session.get(AlarmTable, (STORM, group))
    ticket = _ticket(work, row)
    if parent is None or row is None or ticket is None or not ticket.live:
        return None
    for ticket in free:
        work.carry_out(TicketId(ticket.number), [ops.Edit("parent", parent)], None)
    row.count, row.last_at = len(free) + 1, work.tx.at
    work.session.flush()
    return parent


def _may_join(work: Work, ticket: TicketTable) -> bool:
    return bool(ticket.live) and ticket.parent_id is None and not _is_touched(work, ticket)


def _raise(work: Work, row: AlarmTable, parent: TicketTable, priority: int) -> None:
    kept = Memory.from_json(row.payload)
    if priority < kept.priority == parent.priority:
        work.carry_out(TicketId(parent.number), [ops.SetPriority(priority)], None)
        row.payload = kept._replace(priority=priority).to_json()


def _end_storm(work: Work, parent: int, plan: Plan) -> None:
    """When the last child of a storm has recovered, the storm has."""
    found = work.session.execute(
        text(f"SELECT key FROM alarm WHERE ticket_id = :parent AND source = '{STORM}' AND state = 'down'"),
        {"parent": parent},
    ).first()  # fmt: skip
    if found is None:
        return
    # CROSS JOIN: from the alarms that are down, which are few when it matters, to their tickets.
    sql = text(
        f"""SELECT 1 FROM alarm a CROSS JOIN ticket t WHERE t.id = a.ticket_id AND a.state = 'down'
        AND t.parent_id = :parent AND a.source <> '{STORM}' LIMIT 1"""
    )
    if work.session.execute(sql, {"parent": parent}).first() is None:
        title = "Alert storm: all of its alarms have recovered"
        fold(work, Alert(STORM, found[0], AlertState.UP, title), plan)
