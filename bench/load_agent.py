"""One agent at work, as a process: reads a queue, opens a ticket, takes it, notes, replies, resolves it.

Every act that the desk has acknowledged is kept, so that each can be looked for in the store afterwards.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Busy, Refused, SdeskError, Stale
from sdesk.model import Change, Source, TicketId
from sdesk.screens.reading import read_page

T = TypeVar("T")
PAGE = 50
LISTS = (
    "queue:{} is:unassigned state:open",
    "queue:{} state:open sort:due",
    "is:unassigned state:new,open",
)
WORDS = ("vpn", "printer", "laptop", "password", "mail", "print*")
WRITES = ("take", "note", "reply", "resolve", "open")


@dataclass
class Told:
    """What one agent has seen."""

    login: str
    spent: dict[str, list[float]] = field(default_factory=dict)
    """Act → milliseconds of each, from when it was due."""
    acknowledged: list[tuple[int, int, str, str]] = field(default_factory=list)
    """(first event, ticket, kind of act, the text by which a message is known again)."""
    refused: int = 0
    """Somebody else came first, and the agent was told."""
    errors: list[str] = field(default_factory=list)


class Agent:
    def __init__(self, desk: Desk, queues: list[str], rate: float, until: float) -> None:
        self._desk, self._queues, self._until = desk, queues, until
        self._chance = random.Random(desk.actor)
        self._every = 1 / rate if rate else 0.0
        self._due = time.perf_counter()
        self._count = 0
        self.told = Told(desk.actor)

    def work(self) -> None:
        while self._time_is_left():
            ticket = self._choose()
            if ticket is None:
                self._open()
            else:
                self._work_on(ticket)

    def _time_is_left(self) -> bool:
        return time.perf_counter() < self._until

    def _choose(self) -> TicketId | None:
        if self._chance.random() < 0.1:
            query = self._chance.choice(WORDS)
            rows = self._timed("search", lambda: self._desk.read.page(query, limit=PAGE))
        else:
            query = self._chance.choice(LISTS).format(self._chance.choice(self._queues))
            rows = self._timed("queue", lambda: self._desk.read.page(query, limit=PAGE))
        return self._chance.choice(rows).id if rows else None

    def _work_on(self, ticket: TicketId) -> None:
        self._timed("read", lambda: read_page(self._desk, ticket))
        taken = self._write("take", ticket, lambda _: ops.Take())
        self._write("note", ticket, ops.AddNote)
        if not taken:
            return
        self._write("reply", ticket, ops.Reply)
        self._write("resolve", ticket, lambda text: ops.Resolve("solved", text))
        self._open()

    def _open(self) -> None:
        """For each ticket that is done comes a new one."""
        queue = self._chance.choice(self._queues)
        self._write("open", None, lambda text: ops.Open("VPN drops again", text, queue=queue))

    def _write(
        self, kind: str, ticket: TicketId | None, of: Callable[[str], ops.Op]
    ) -> Change | None:
        self._count += 1
        text = f"{self.told.login} act {self._count}"
        change = self._timed(kind, lambda: self._desk.apply(ticket, of(text)))
        if change is not None and change.events:
            first = change.events[0]
            self.told.acknowledged.append((int(first.id), int(change.ticket or 0), kind, text))
        return change

    def _timed(self, kind: str, act: Callable[[], T]) -> T | None:
        begun = self._wait()
        try:
            return act()
        except (Refused, Stale):
            self.told.refused += 1
        except Busy as error:
            self.told.errors.append(f"{kind}: busy: {error}")
        except SdeskError as error:
            self.told.errors.append(f"{kind}: {error}")
        finally:
            spent = (time.perf_counter() - begun) * 1e3
            self.told.spent.setdefault(kind, []).append(round(spent, 2))
        return None

    def _wait(self) -> float:
        """Until the next act is due; with a rate, what was late counts from when it was due."""
        now = time.perf_counter()
        if not self._every:
            return now
        self._due += self._every * self._chance.uniform(0.5, 1.5)
        if self._due > now:
            time.sleep(self._due - now)
        return self._due


def start(
    place: str | Path, login: str | None, queues: list[str], rate: float, begin: float, until: float, to: Path
) -> int:  # fmt: skip
    """The number of a process that works from `begin` to `until` and leaves what it saw in a file."""
    if child := os.fork():
        return child
    status = 1
    try:
        with Desk.open(place, actor=login, source=Source.TUI) as desk:
            desk.door()
            desk.read.page("state:open", limit=1)
            time.sleep(max(0.0, begin - time.perf_counter()))
            agent = Agent(desk, queues, rate, until)
            agent.work()
            to.write_text(json.dumps(asdict(agent.told)), encoding="utf-8")
        status = 0
    finally:
        os._exit(status)
