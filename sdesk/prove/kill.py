"""P2: four writers, one of them killed at a random moment, again and again; all that they said is kept is kept."""

from __future__ import annotations

import os
import random
import signal
import time
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.prove import desks, forking, sound
from sdesk.prove.model import ENGINES, Bench, Figures, Promise, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

KILLS, WRITERS, TICKETS = 200, 4, 60
SHORTEST, LONGEST = 0.02, 0.3
"""Seconds between one kill and the next."""


def write(desk: Desk, ticket: TicketId, token: str) -> None:
    """One act of three parts in one transaction: a note, a field and an assignee, or none of them."""
    desk.apply(ticket, ops.AddNote(f"note {token}"), ops.SetField("last", token), ops.Assign("ben"))


def run(bench: Bench, act: Callable[[Desk, TicketId, str], None] = write) -> Verdict:
    desks.make(bench.store, TICKETS).close()
    forking.warm()
    crowd = _Crowd(bench, act)
    kills = bench.count(KILLS)
    begun = time.monotonic()
    try:
        _kill(bench, crowd, kills)
    finally:
        crowd.stop()
    found = _look(bench, crowd)
    text = (
        f"{kills} kills in {time.monotonic() - begun:.0f} s, {found.told:,} acts acknowledged:"
        f" {found.lost} lost, {found.doubled} doubled, {found.half} half done, "
        + (f"store damaged: {found.broken}" if found.broken else "store sound")
    )
    figures: Figures = {
        "kills": kills, "acknowledged": found.told, "lost": found.lost, "doubled": found.doubled,
        "half": found.half, "corrupt": int(bool(found.broken)),
    }  # fmt: skip
    holds = not (found.lost or found.doubled or found.half or found.broken) and found.told > 0
    return Verdict(holds, text, figures)


class _Crowd:
    """The writers, each a child that writes until it is killed and notes what was committed."""

    def __init__(self, bench: Bench, act: Callable[[Desk, TicketId, str], None]) -> None:
        self._bench, self._act = bench, act
        self._lives = count(1)
        self.notes = bench.room("acknowledged")
        self._running = [self._start(n) for n in range(WRITERS)]

    def _start(self, who: int) -> int:
        life = next(self._lives)
        return forking.fork(lambda: self._write(who, life))

    def _write(self, who: int, life: int) -> None:
        chance = random.Random(life)
        handle = os.open(self.notes / str(life), os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        with Desk.open(self._bench.store, actor=desks.AGENTS[who]) as desk:
            for number in count(1):
                token = f"{life}-{number}"
                self._act(desk, TicketId(chance.randint(1, TICKETS)), token)
                os.write(handle, f"{token}\n".encode())

    def kill(self, who: int) -> None:
        """Kill one and put another in its place. Raises `AssertionError` where it had ended by itself."""
        os.kill(self._running[who], signal.SIGKILL)
        ended = forking.wait(self._running[who])
        self._running[who] = self._start(who)
        assert ended == -signal.SIGKILL, f"a writer ended by itself, with {ended}"

    def stop(self) -> None:
        for child in self._running:
            os.kill(child, signal.SIGKILL)
            forking.wait(child)

    def told_bytes(self) -> int:
        return sum(path.stat().st_size for path in self.notes.iterdir())

    def told(self) -> set[str]:
        """What was acknowledged: a line counts once it has come to its end."""
        said = [path.read_text() for path in self.notes.iterdir()]
        return {line for text in said for line in text.split("\n")[:-1] if line}


def _kill(bench: Bench, crowd: _Crowd, kills: int) -> None:
    chance, told = bench.chance(), 0
    for number in range(kills):
        time.sleep(chance.uniform(SHORTEST, LONGEST))
        told = _until_somebody_has_written(crowd, told)
        crowd.kill(chance.randrange(WRITERS))
        if number % 10 == 0:
            bench.tell(f"{number} of {kills} kills")
    _until_each_has_written(crowd)


def _until_somebody_has_written(crowd: _Crowd, before: int, seconds: float = 1.0) -> int:
    """Give a slow host a moment: killing those who have not begun to write shows little."""
    late = time.monotonic() + seconds
    while (told := crowd.told_bytes()) <= before and time.monotonic() < late:
        time.sleep(0.01)
    return told


def _until_each_has_written(crowd: _Crowd, seconds: float = 30.0) -> None:
    """Let the last ones come to write: a store that nobody can write to any more must show."""
    late, before = time.monotonic() + seconds, len(crowd.told())
    while len(crowd.told()) < before + WRITERS:
        assert time.monotonic() < late, "after the kills nobody came to write any more"
        time.sleep(0.02)


class _Found(NamedTuple):
    """What stands in the store, against what was acknowledged."""

    told: int
    lost: int
    doubled: int
    half: int
    broken: str


def _look(bench: Bench, crowd: _Crowd) -> _Found:
    told = crowd.told()
    with Desk.open(bench.store, actor="ana") as desk:
        rows = desk.read.reader.all("SELECT body FROM entry WHERE body LIKE 'note %'")
        fields = desk.read.reader.all("SELECT payload FROM event WHERE kind = 'field_set'")
    notes = [str(row[0]).removeprefix("note ").strip() for row in rows]
    set_by = [word for row in fields for word in _tokens(str(row[0]))]
    return _Found(
        told=len(told),
        lost=len(told - set(notes)),
        doubled=len(notes) - len(set(notes)) + len(set_by) - len(set(set_by)),
        half=len(set(notes) ^ set(set_by)),
        broken=sound.wrong(bench.store),
    )


def _tokens(payload: str) -> list[str]:
    """What the field was set to: the value after, of a change that the event records."""
    import json

    changes = json.loads(payload).get("changes", {})
    return [str(after) for name, (_, after) in changes.items() if name.startswith("field.")]


PROMISE = Promise(
    "kill",
    2,
    "Two hundred writers of four at work are killed at random moments: no store damaged, nothing lost"
    " that was acknowledged.",
    run,
    ENGINES,
)
