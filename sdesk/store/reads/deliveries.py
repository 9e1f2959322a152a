"""What is on its way to pagers, phones, chats and webhooks, and what came of it. Asked for by few."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sdesk.model import Instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdesk.store.reads.base import Base

WAITING, SENT, FAILED, DROPPED = "waiting", "sent", "failed", "dropped"
STATES = (WAITING, SENT, FAILED, DROPPED)
MARK = "told."
"""Settings that say up to which event a target has been told begin so; its name follows."""
TAKEN_BACK = "taken back"
"""The answer of what was dropped because an undo has taken its notice away."""


class Delivery(NamedTuple):
    """One message to one target."""

    id: int
    target: str
    event: int
    ticket: int | None
    agent: str
    """Whom it is for; empty for all who work a queue, and for a webhook."""
    queue: str
    kind: str
    title: str
    body: str
    at: Instant
    send_after: Instant
    state: str = WAITING
    tries: int = 0
    next_at: Instant | None = None
    sent_at: Instant | None = None
    answer: str = ""


class Told(NamedTuple):
    """A notice somebody has, with what decides whether it goes out."""

    event: int
    agent: str
    kind: str
    text: str
    show_at: Instant
    ticket: int | None
    subject: str
    priority: int
    queue: str


class Standing(NamedTuple):
    """How the notice behind a delivery stands now."""

    there: bool
    seen: bool


COLUMNS = (
    "id, target, event_id, ticket_id, agent, queue, kind, title, body, at, send_after, state, tries,"
    " next_at, sent_at, answer"
)
_TOLD = """SELECT n.event_id, n.agent, n.kind, n.body, n.show_at, n.ticket_id,
        coalesce(t.subject, ''), coalesce(t.priority, 0), coalesce(t.queue, '')
    FROM notice n LEFT JOIN ticket t ON t.id = n.ticket_id"""


def deliveries(
    read: Base, *, target: str = "", state: str = "", limit: int = 200
) -> tuple[Delivery, ...]:
    """The newest first."""
    sql = f"""SELECT {COLUMNS} FROM delivery WHERE (:target = '' OR target = :target)
        AND (:state = '' OR state = :state) ORDER BY id DESC LIMIT {int(limit)}"""
    return tuple(Delivery(*row) for row in read.reader.all(sql, {"target": target, "state": state}))


def count_by_state(read: Base) -> dict[tuple[str, str], int]:
    """(target, state) → how many."""
    rows = read.reader.all("SELECT target, state, count(*) FROM delivery GROUP BY target, state")
    return {(target, state): int(count) for target, state, count in rows}


def oldest_due(read: Base, now: Instant) -> Instant | None:
    """Since when the longest overdue has waited."""
    sql = "SELECT min(next_at) FROM delivery WHERE state = 'waiting' AND next_at <= :now"
    row = read.reader.one(sql, {"now": now})
    return row[0] if row else None


def has_old(read: Base, before: Instant) -> bool:
    """Whether something that is done with has stood in the log since before then."""
    sql = "SELECT 1 FROM delivery WHERE state IN ('sent', 'dropped') AND at < :before LIMIT 1"
    return read.reader.one(sql, {"before": before}) is not None


def has_due(read: Base, target: str, now: Instant) -> bool:
    """Whether something is to be sent to the target that nobody is sending."""
    sql = """SELECT 1 FROM delivery WHERE state = 'waiting' AND next_at <= :now AND target = :target
        AND (held_until IS NULL OR held_until <= :now) LIMIT 1"""
    return read.reader.one(sql, {"now": now, "target": target}) is not None


def untold(
    read: Base, target: str, agent: str, kinds: Sequence[str], *, after: int, since: Instant,
    priority: int,
) -> list[Told]:  # fmt: skip
    """The agent's new notices of later events that no delivery to the target is of, or none that
    stands: one that was dropped because its notice was taken back goes out when that is back."""
    named = ", ".join(f":kind{number}" for number in range(len(kinds))) or "NULL"
    sql = f"""{_TOLD} WHERE n.agent = :agent AND n.seen_at IS NULL AND n.show_at >= :since
        AND n.event_id > :after AND n.kind IN ({named})
        AND (n.ticket_id IS NULL OR t.priority <= :priority) AND NOT EXISTS (
            SELECT 1 FROM delivery d WHERE d.target = :target AND d.event_id = n.event_id
                AND NOT (d.state = 'dropped' AND d.answer = '{TAKEN_BACK}'))
        ORDER BY n.event_id DESC, n.id LIMIT 500"""
    values: dict[str, object] = {
        "agent": agent, "after": after, "since": since, "target": target, "priority": priority,
        **{f"kind{number}": kind for number, kind in enumerate(kinds)},
    }  # fmt: skip
    return [Told(*row) for row in reversed(read.reader.all(sql, values))]


def told_of_events(read: Base, first: int, last: int) -> list[Told]:
    """Everybody's notices of the events from `first` to `last`."""
    sql = f"{_TOLD} WHERE n.event_id BETWEEN :first AND :last ORDER BY n.event_id, n.agent, n.id"
    return [Told(*row) for row in read.reader.all(sql, {"first": first, "last": last})]


def standing(read: Base, event: int, agent: str) -> Standing:
    """Of an agent's notice of the event; of anybody's, where no agent is named."""
    sql = """SELECT count(*), count(seen_at) FROM notice WHERE event_id = :event
        AND (:agent = '' OR agent = :agent)"""
    row = read.reader.one(sql, {"event": event, "agent": agent}) or (0, 0)
    return Standing(row[0] > 0, row[0] > 0 and row[0] == row[1])


def marks(read: Base) -> dict[str, tuple[int, int]]:
    """Target → the event from which on it is told, and the one up to which that was seen to."""
    found: dict[str, tuple[int, int]] = {}
    for name, value in read.reader.all(
        f"SELECT name, value FROM setting WHERE name LIKE '{MARK}%'"
    ):
        first, _, last = str(value).partition(" ")
        found[str(name).removeprefix(MARK)] = int(first), int(last or first)
    return found
