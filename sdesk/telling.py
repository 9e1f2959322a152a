"""What is on its way out to people and programs, in the store: planned once, leased, sent, told of.

A delivery is known by its target and its event, so that planning twice plans once. Whoever sends
holds a lease on it; when a process dies in between, another sends it once that has run out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sdesk.model import Instant, Role
from sdesk.store.reads.deliveries import (
    COLUMNS,
    DROPPED,
    FAILED,
    MARK,
    SENT,
    TAKEN_BACK,
    WAITING,
    Delivery,
)
from sdesk.text import clean_line, cut

if TYPE_CHECKING:
    from sqlmodel import Session

    from sdesk.desk import Desk

HELD = 120
"""Seconds for which a process that sends is believed to be alive."""
TROUBLE = "trouble"
"""The kind of the notice that tells admins."""
KEPT = 90 * 86_400
"""Seconds for which what is done with stays in the log."""
_PUT = """INSERT INTO delivery
        (target, event_id, ticket_id, agent, queue, kind, title, body, at, send_after, state, next_at)
    VALUES (:target, :event, :ticket, :agent, :queue, :kind, :title, :body, :at, :send_after,
        'waiting', :next_at)
    ON CONFLICT (target, event_id) WHERE event_id IS NOT NULL DO UPDATE SET state = 'waiting', answer = '', tries = 0,
        send_after = excluded.send_after, next_at = excluded.next_at
    WHERE delivery.state = 'dropped' AND delivery.answer = '""" + TAKEN_BACK + "'"  # fmt: skip
_MARK = """INSERT INTO setting (name, value) VALUES (:name, :value)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value"""
_FREE = "state = 'waiting' AND target = :target AND (held_until IS NULL OR held_until <= :now)"


class Planned(NamedTuple):
    """A message that is to go to a target."""

    event: int
    ticket: int | None
    agent: str
    queue: str
    kind: str
    title: str
    body: str
    send_after: Instant
    next_at: Instant
    """When it is sent: later, where messages are gathered."""


def plan(desk: Desk, target: str, found: Sequence[Planned], mark: tuple[int, int]) -> None:
    """Put messages on their way, and remember up to which event that was seen to."""
    from sqlalchemy import text

    with desk.door().writer.write() as session:
        put = text(_PUT)
        for one in found:
            session.execute(put, {**one._asdict(), "target": target, "at": desk.now()})
        session.execute(text(_MARK), {"name": f"{MARK}{target}", "value": f"{mark[0]} {mark[1]}"})


def claim(
    desk: Desk, target: str, holder: str, *, limit: int, in_order: bool = False
) -> tuple[Delivery, ...]:
    """What is to be sent now, held by this process from then on: all that is gathered, or in the
    order of each ticket's events one at a time."""
    from sqlalchemy import text

    values: dict[str, Any] = {"target": target, "now": desk.now(), "limit": limit}
    if in_order:
        which = f"""{_FREE} AND next_at <= :now AND NOT EXISTS (SELECT 1 FROM delivery e
            WHERE e.target = :target AND e.state = 'waiting' AND e.ticket_id = delivery.ticket_id
                AND e.id < delivery.id)"""
    else:
        # What has been tried waits for its own time; the rest leaves with the first that is due.
        which = f"""{_FREE} AND (next_at <= :now OR (tries = 0 AND send_after <= :now))
            AND EXISTS (SELECT 1 FROM delivery e WHERE e.target = :target
                AND e.state = 'waiting' AND e.next_at <= :now)"""
    with desk.door().writer.write() as session:
        sql = f"SELECT {COLUMNS} FROM delivery WHERE {which} ORDER BY id LIMIT :limit"
        rows = session.execute(text(sql), values).all()
        found = tuple(Delivery(*row) for row in rows)
        _hold(session, found, holder, desk.now() + HELD)
    return found


def _hold(session: Session, found: Iterable[Delivery], holder: str, until: Instant) -> None:
    from sqlalchemy import text

    for one in found:
        session.execute(
            text("UPDATE delivery SET holder = :holder, held_until = :until WHERE id = :id"),
            {"holder": holder, "until": until, "id": one.id},
        )


class Ending(NamedTuple):
    """What came of a delivery."""

    id: int
    state: str
    """`waiting` for one that is to be tried again."""
    answer: str
    next_at: Instant | None = None
    tried: bool = True


def sent(one: Delivery, answer: str) -> Ending:
    return Ending(one.id, SENT, answer)


def dropped(one: Delivery, answer: str) -> Ending:
    return Ending(one.id, DROPPED, answer, tried=False)


def again(one: Delivery, answer: str, at: Instant) -> Ending:
    return Ending(one.id, WAITING, answer, at)


def failed(one: Delivery, answer: str) -> Ending:
    return Ending(one.id, FAILED, answer)


def settle(desk: Desk, holder: str, endings: Iterable[Ending]) -> int:
    """Keep what came of them, of those this process still holds; how many. What has left keeps its
    text no longer."""
    from sqlalchemy import text

    sql = text(
        """UPDATE delivery SET state = :state, answer = :answer, tries = tries + :tried,
            next_at = :next_at, holder = '', held_until = NULL,
            sent_at = CASE WHEN :state = 'sent' THEN :now ELSE sent_at END,
            body = CASE WHEN :state IN ('sent', 'dropped') THEN '' ELSE body END
        WHERE id = :id AND holder = :holder AND state = 'waiting'"""
    )
    now, count = desk.now(), 0
    with desk.door().writer.write() as session:
        for one in endings:
            values = {**one._asdict(), "tried": int(one.tried), "now": now, "holder": holder}
            values["answer"] = cut(clean_line(one.answer), 200)
            count += int(getattr(session.execute(sql, values), "rowcount", 0))
    return count


def tell_admins(desk: Desk, target: str, said: str, ticket: int | None) -> bool:
    """Tell the admins that a target can't be told; not again while one of them has not seen it."""
    from sqlalchemy import text

    from sdesk.store.notices import active, tell

    with desk.door().transaction() as work:
        body = f"{target}: {said}"
        sql = text("SELECT 1 FROM notice WHERE kind = :kind AND seen_at IS NULL AND substr(body, 1, :size) = :begin LIMIT 1")  # fmt: skip
        begin = f"{target}: "
        values = {"kind": TROUBLE, "size": len(begin), "begin": begin}
        if work.session.execute(sql, values).first() is not None:
            return False
        admins = [login for login, role in active(work.tx).items() if role == Role.ADMIN]
        event = work.tx.record("delivery_failed", details={"target": target, "reason": said})
        tell(work.tx, admins, ticket, event, TROUBLE, body)
    return True


def take_up(desk: Desk, numbers: Sequence[int]) -> int:
    """Send again what has failed or was dropped; how many of these that were. The text of what was
    dropped is gone, so it stays."""
    return _change(
        desk,
        numbers,
        "state = 'waiting', tries = 0, next_at = :now, answer = ''",
        "state = 'failed'",
    )


def let_go(desk: Desk, numbers: Sequence[int]) -> int:
    """Send these no more; how many were still to be sent, or had failed."""
    words = "state = 'dropped', answer = 'dropped by hand', body = '', next_at = NULL, holder = ''"
    return _change(desk, numbers, words, "state IN ('waiting', 'failed')")


def _change(desk: Desk, numbers: Sequence[int], words: str, which: str) -> int:
    from sqlalchemy import text

    sql = text(f"UPDATE delivery SET {words} WHERE id = :id AND {which}")
    count = 0
    with desk.door().writer.write() as session:
        for number in numbers:
            done = session.execute(sql, {"id": number, "now": desk.now()})
            count += int(getattr(done, "rowcount", 0))
    return count


def forget(desk: Desk) -> None:
    """Drop what was done with long ago from the log."""
    from sqlalchemy import text

    with desk.door().writer.write() as session:
        session.execute(
            text("DELETE FROM delivery WHERE state IN ('sent', 'dropped') AND at < :before"),
            {"before": desk.now() - KEPT},
        )
