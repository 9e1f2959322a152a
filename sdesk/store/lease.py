"""Who keeps time: one row with a heartbeat; the process that holds it runs the timers.

On the plain drivers: a desk that only looks beats without paying for SQLModel. The lease spares
processes each other's work; that nothing is done twice is seen to where each thing is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sdesk.store.brief import written

if TYPE_CHECKING:
    from pathlib import Path

    from sdesk.model import Instant
    from sdesk.store.reader import Reader

NAME = "timers"
BELIEVED = 20
"""Seconds without a beat after which the holder is taken for dead."""
AHEAD = 5
"""Seconds by which a beat may lie in the future: a clock that was set back must not keep a dead
holder alive, nor may two hosts' clocks part by more."""


class Keeper(StrEnum):
    """What sort of process keeps time."""

    WORKER = "worker"
    """Made for it; an open desk gives way to it."""
    ONCE = "once"
    """One run, from cron."""
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Held:
    """The lease as it stands."""

    holder: str
    """Who, where and which process: ben@host:1234:9f3a."""
    kind: str
    since: Instant
    beat_at: Instant

    @property
    def words(self) -> str:
        """As people read it."""
        who, _, rest = self.holder.partition(":")
        kinds = {Keeper.WORKER: "sdesk worker", Keeper.ONCE: "sdesk worker --once"}
        kind = kinds.get(Keeper(self.kind), "an open desk")
        return f"{kind} of {who}, process {rest.partition(':')[0]}"

    def is_alive(self, now: Instant) -> bool:
        return -AHEAD <= now - self.beat_at <= BELIEVED

    def yields(self, holder: str, kind: str, now: Instant) -> bool:
        """Whether that process may write itself in: to beat, or to take over."""
        gives_way = self.kind == Keeper.DESK and kind == Keeper.WORKER
        return self.holder == holder or gives_way or not self.is_alive(now)


_LOOK = "SELECT holder, kind, since, beat_at FROM lease WHERE name = :name"
# The same conditions as in `Held.yields`: between a look and this, somebody else may have come.
_TAKE = f"""INSERT INTO lease (name, holder, kind, since, beat_at)
    VALUES (:name, :holder, :kind, :now, :now)
    ON CONFLICT (name) DO UPDATE SET
        since = CASE WHEN lease.holder = excluded.holder THEN lease.since ELSE excluded.since END,
        holder = excluded.holder, kind = excluded.kind, beat_at = excluded.beat_at
    WHERE lease.holder = excluded.holder
        OR (lease.kind = '{Keeper.DESK}' AND excluded.kind = '{Keeper.WORKER}')
        OR excluded.beat_at - lease.beat_at > {BELIEVED}
        OR lease.beat_at - excluded.beat_at > {AHEAD}"""
_DROP = "DELETE FROM lease WHERE name = :name AND holder = :holder"


def held(reader: Reader) -> Held | None:
    """The lease; None when nobody holds it."""
    row = reader.one(_LOOK, {"name": NAME})
    return Held(*row) if row else None


def take(place: str | Path, holder: str, kind: str, now: Instant) -> Held:
    """Take the lease or beat, where that is possible; who holds it afterwards. Raises `Busy`, `StoreFault`."""
    with written(place) as run:
        run(_TAKE, {"name": NAME, "holder": holder, "kind": str(kind), "now": now})
        row = run(_LOOK, {"name": NAME}).fetchone()
    return Held(*row)


def drop(place: str | Path, holder: str) -> None:
    """Let go, so that the next need not wait for the last beat to grow old."""
    with written(place) as run:
        run(_DROP, {"name": NAME, "holder": holder})
