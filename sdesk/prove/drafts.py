"""P16: the line drops, or the program is killed, while an agent types; what was typed is in the store.

The real program in a pseudo-terminal, keys typed into it. A hang-up must lose nothing that stood on
the screen; a kill at most what was typed in the two seconds before.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.prove import desks, forking, ptys
from sdesk.prove.children import environment
from sdesk.prove.model import Bench, Figures, Promise, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

EACH, AT_ONCE = 100, 4
HUNG_UP = 129
LOST_SECONDS = 2.0
WORDS = (
    "Please restart the router in the hall, wait for the green light, then tell me what it says. "
)
_FOOT = "esc review"
"""Begins the line below the composer."""
_PAUSE, _AT_A_TIME = 0.2, 3
"""Seconds between two strokes, and letters of each: fifteen letters a second are a quick typist's."""


def run(bench: Bench) -> Verdict:
    ptys.warm()
    each = bench.count(EACH)
    turns = [("hang up", n) for n in range(each)] + [("kill", n) for n in range(each)]
    workers = [
        forking.fork(lambda n=n: _work(bench, n, turns[n::AT_ONCE]))  # type: ignore[misc]
        for n in range(AT_ONCE)
    ]
    bench.tell(f"{each} hang-ups and {each} kills while typing")
    ended = [forking.wait(worker) for worker in workers]
    assert not any(ended), f"a process of the proof ended with {ended}"
    found = [row for n in range(AT_ONCE) for row in _notes(bench, n)]
    wrong = [row.wrong for row in found if row.wrong]
    ages = [row.lost_seconds for row in found if row.how == "kill"]
    text = (
        f"{each} hang-ups: {_count(found, 'hang up')} drafts lost or cut; {each} kills:"
        f" {_count(found, 'kill')} lost more than {LOST_SECONDS:.0f} s of typing,"
        f" at most {max(ages, default=0):.1f} s"
    )
    figures: Figures = {
        "hang_ups": each, "kills": each, "wrong": len(wrong),
        "most_lost_seconds": round(max(ages, default=0.0), 2),
    }  # fmt: skip
    return Verdict(not wrong, text + "".join(f"; {said}" for said in wrong[:3]), figures)


class _Row(NamedTuple):
    """One draft that was broken off."""

    how: str
    wrong: str
    lost_seconds: float


def _count(rows: list[_Row], how: str) -> int:
    return sum(row.how == how and bool(row.wrong) for row in rows)


def _notes(bench: Bench, number: int) -> list[_Row]:
    text = (bench.folder / f"drafts-{number}").read_text()
    return [_Row(*json.loads(line)) for line in text.splitlines()]


def _work(bench: Bench, number: int, turns: list[tuple[str, int]]) -> None:
    """One after another on a store of its own, what was found noted line by line."""
    room = bench.room(f"typing-{number}")
    store = room / "desk.db"
    desks.make(store, 4).close()
    env = environment(room, SDESK_STORE=str(store), LANG="C.UTF-8")
    with (bench.folder / f"drafts-{number}").open("w") as notes:
        for how, turn in turns:
            chance = random.Random(f"{bench.seed}-{how}-{turn}")
            try:
                row = _broken_off(store, env, how, chance)
            except ptys.GoneSilent as error:
                row = _Row(how, str(error)[:200], 0.0)
            print(json.dumps(row), file=notes)


def _broken_off(store: Path, env: Mapping[str, str], how: str, chance: random.Random) -> _Row:
    """Type until a moment that chance draws, break it off, and look at what is left."""
    text = WORDS[chance.randrange(20) :]
    with ptys.Terminal(ptys.desk(), env) as terminal:
        _begin_a_reply(terminal)
        typed = _type(
            terminal, text, chance.uniform(0.1, 2.8) if how == "kill" else chance.uniform(0.05, 0.5)
        )
        if how == "kill":
            terminal.kill()
        else:
            terminal.hang_up()
        at, status = time.monotonic(), terminal.ended()
    draft = _left(store)
    wrong = _ended_badly(how, status) or _holds_lock(store)
    seen = [moment for length, moment in typed if length > len(draft)]
    lost = max(0.0, at - min(seen)) if seen else 0.0
    if not wrong and not text.startswith(draft):
        wrong = f"the draft is not what was typed: {draft!r}"
    if not wrong and how == "hang up" and seen:
        wrong = f"{typed[-1][0]} letters stood there, {len(draft)} are left"
    if not wrong and lost > LOST_SECONDS:
        wrong = f"{lost:.1f} s of typing are lost"
    return _Row(how, wrong, lost)  # fmt: skip


def _begin_a_reply(terminal: ptys.Terminal) -> None:
    terminal.wait("SD-1")
    terminal.send("enter")
    terminal.wait("REQUESTER")
    terminal.send("r")
    terminal.wait("REPLY to")


def _type(terminal: ptys.Terminal, text: str, seconds: float) -> list[tuple[int, float]]:
    """Type at a person's pace for so long: how many letters stood on the screen, and since when."""
    begun, typed, shown = time.monotonic(), 0, list[tuple[int, float]]()
    while typed < len(text) and (time.monotonic() - begun < seconds or not shown):
        terminal.send(text[typed : typed + _AT_A_TIME])
        typed = min(len(text), typed + _AT_A_TIME)
        _watch(terminal, _PAUSE)
        length = _shown(terminal, text[:typed])
        if length > (shown[-1][0] if shown else 0):
            shown.append((length, time.monotonic()))
    return shown


def _watch(terminal: ptys.Terminal, seconds: float) -> None:
    """See what the screen shows, for so long."""
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0 and terminal.pump(left) >= 0:
        pass


def _shown(terminal: ptys.Terminal, typed: str) -> int:
    """How much of the text stands in the composer, the line breaks of its text area set aside."""
    _, _, below = terminal.text.partition("REPLY to")
    written = "".join(below.partition("\n")[2].partition(_FOOT)[0].split())
    letters = "".join(typed.split())
    count = next(n for n in range(len(letters), -1, -1) if written.startswith(letters[:n]))
    places = [at for at, char in enumerate(typed, 1) if not char.isspace()]
    return places[count - 1] if count else 0


def _left(store: Path) -> str:
    """The draft that is in the store; dropped, so that the next run begins without one."""
    with Desk.open(store) as desk:
        drafts = desk.read.drafts()
        for draft in drafts:
            desk.drop_draft(TicketId(draft.ticket or 0), draft.kind)
    return drafts[0].text.rstrip() if drafts else ""


def _ended_badly(how: str, status: int | None) -> str:
    if status is None:
        return "it lives on without a terminal"
    return "" if status == (HUNG_UP if how == "hang up" else -9) else f"it ended with {status}"


def _holds_lock(store: Path) -> str:
    """Whether somebody still holds the lock, though the only desk has ended."""
    path = store.with_name(store.name + ".lock")
    if not path.exists():
        return ""
    handle = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return "the lock is still held"
    finally:
        os.close(handle)
    return ""


PROMISE = Promise(
    "drafts",
    16,
    "A hundred hang-ups and a hundred kills while an agent types: no draft lost, and of a kill at most"
    " two seconds of typing.",
    run,
)
