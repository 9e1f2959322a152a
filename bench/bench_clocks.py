"""A calendar is edited while 100,000 tickets are open: how long until every clock is right again."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from bench import stores
from bench.figures import Figure
from sdesk import ops
from sdesk.desk import Desk, system_user
from sdesk.loading import LoadedEvent, LoadedTicket
from sdesk.setup_defaults import default_setup

OPEN = 100_000
BATCH = 5_000
OFFICE = "Helsinki office"


def measure(_: int) -> Iterator[Figure]:
    path = stores.KEPT / f"open-{OPEN}.db"
    if not path.exists():
        make(path)
    edited = stores.copy(path, "open-edited.db")
    with Desk.open(edited) as desk:
        spec = desk.read.calendars()[OFFICE]
        shorter = {**spec["hours"], "fri": [["08:00", "12:00"], ["13:00", "15:00"]]}
        desk.apply(None, ops.SaveCalendar(OFFICE, {**spec, "hours": shorter}))
        begun = perf_counter()
        changed = desk.recompute_clocks()
        took = perf_counter() - begun
    stores.remove(edited)
    yield Figure(f"clocks of {OPEN:,} open tickets after an edit of their calendar ({changed:,} moved)", took, "s", most=60)  # fmt: skip


def make(path: Path) -> None:
    """A desk with nothing but open tickets of the last five working weeks, each with a small story."""
    me, now, draw = system_user(), int(time.time()), random.Random(stores.SEED)
    setup = default_setup(
        name="Bench", prefix="SD", zone="Europe/Helsinki", country="FI", admin_login=me,
        admin_name="Bench", year=2026,
    )  # fmt: skip
    with Desk.create(path, setup=setup, actor=me) as desk:
        people = [ops.SavePerson(f"Person {n}", f"p{n}@bench.example") for n in range(500)]
        loader = desk.loader()
        numbers = loader.people(people)
        for _ in range(OPEN // BATCH):
            loader.add([ticket(draw, now, draw.choice(numbers), me) for _ in range(BATCH)])


def ticket(draw: random.Random, now: int, person: int, me: str) -> LoadedTicket:
    opened = now - draw.randrange(35 * 86_400)
    later = sorted(opened + draw.randrange(now - opened + 1) for _ in range(4))
    priority = draw.choice((2, 3, 3, 3, 4))
    facts = {"state": "new", "category": "new", "priority": priority, "queue": "service-desk", "requester_id": person, "kind": "incident", "subject": "Bench"}  # fmt: skip
    waits = {"state": ["open", "waiting-customer"], "category": ["open", "waiting"]}
    wakes = {name: [pair[1], pair[0]] for name, pair in waits.items()}
    events = [
        LoadedEvent(opened, "opened", details=dict(facts)),
        LoadedEvent(later[0], "assigned", me, {"assignee": ["", me], "state": ["new", "open"], "category": ["new", "open"]}),
        LoadedEvent(later[1], "prioritized", me, {"priority": [priority, 3]}),
        LoadedEvent(later[2], "waited", me, waits),
        LoadedEvent(later[3], "state_changed", me, wakes),
    ]  # fmt: skip
    columns = {
        **facts, "state": "open", "category": "open", "live": 1, "priority": 3, "assignee": me,
        "impact": 2, "urgency": 2, "owner": me, "channel": "phone", "created_at": opened,
        "updated_at": later[3],
    }  # fmt: skip
    return LoadedTicket(columns, events)
