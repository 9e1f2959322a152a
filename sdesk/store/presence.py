"""Who has which ticket open: a row a running desk, believed as long as it beats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.model import Present, TicketId
from sdesk.store.brief import written

if TYPE_CHECKING:
    from pathlib import Path

    from sdesk.model import Instant
    from sdesk.store.reader import Reader

BELIEVED = 28
"""Seconds without a beat after which a desk is taken for dead: with the look every few seconds,
nobody is shown for longer than 30 after a crash."""
AHEAD = 5
"""Seconds by which a beat may lie in the future, where two hosts' clocks differ."""
FORGOTTEN = 3_600
LOOKING, WRITING = "looking", "writing"

_BEAT = """INSERT INTO presence (session, agent, ticket_id, doing, since, beat_at)
    VALUES (:session, :agent, :ticket, :doing, :now, :now)
    ON CONFLICT (session) DO UPDATE SET
        since = CASE WHEN presence.ticket_id = excluded.ticket_id
            AND presence.doing = excluded.doing THEN presence.since ELSE excluded.since END,
        agent = excluded.agent, ticket_id = excluded.ticket_id, doing = excluded.doing,
        beat_at = excluded.beat_at"""
_SWEEP = "DELETE FROM presence WHERE beat_at < :old"
_LEAVE = "DELETE FROM presence WHERE session = :session"
_OTHERS = """SELECT ticket_id, agent, max(CASE WHEN doing = 'writing' THEN 1 ELSE 0 END)
    FROM presence WHERE agent <> :me AND beat_at >= :oldest AND beat_at <= :newest
    GROUP BY ticket_id, agent ORDER BY 1, 3 DESC, 2"""


def beat(
    place: str | Path, session: str, agent: str, ticket: int, doing: str, now: Instant
) -> None:
    """The session is at this ticket, still or from now on. Raises `Busy`, `StoreFault`."""
    values = {"session": session, "agent": agent, "ticket": ticket, "doing": doing, "now": now}
    with written(place) as run:
        run(_BEAT, values)
        run(_SWEEP, {"old": now - FORGOTTEN})


def leave(place: str | Path, session: str) -> None:
    """The session has no ticket open any more."""
    with written(place) as run:
        run(_LEAVE, {"session": session})


def others(reader: Reader, me: str, now: Instant) -> tuple[Present, ...]:
    """Who else is where, by ticket, those who write first. A desk a row: there are few."""
    values = {"me": me, "oldest": now - BELIEVED, "newest": now + AHEAD}
    rows = reader.all(_OTHERS, values)
    return tuple(Present(TicketId(row[0]), row[1], bool(row[2])) for row in rows)
