"""Many agents at work on one store: `python -m bench load [--engine sqlite|postgresql] [--agents 32] [--minutes 5]`.

Each agent is a process with a login and a desk of its own. Without `--rate` nobody thinks: every act
follows the one before it. Afterwards everything that was acknowledged is looked for in the store, and
its history, pages and files are checked. The floor is what the same engine does in the same folder
with single rows, one commit after the other, made to last.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator

from bench import stores
from bench.figures import HEADS, Figure, line, number, percentile, row
from bench.load_agent import WRITES, Told, start
from bench.load_places import Place, on_postgresql, on_sqlite
from sdesk import ops
from sdesk.desk import Desk, system_user
from sdesk.errors import SdeskError
from sdesk.store.backup import check
from sdesk.store.reader import open_reader

PLACES = {"sqlite": on_sqlite, "postgresql": on_postgresql}


def main(words: list[str]) -> int:
    options = _options(words)
    stores.KEPT.mkdir(exist_ok=True)
    print(f"{options.agents} agents on {options.tickets:,} tickets, {options.minutes:g} minutes, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n")  # fmt: skip
    print(line(HEADS))
    missed = 0
    for engine in options.engine or PLACES:
        with PLACES[engine](options.tickets) as place:
            for figure in measure(place, options.agents, options.minutes * 60, options.rate):
                missed += figure.verdict == "MISSED"
                print(row(figure), flush=True)
    print(f"\n{missed} targets missed." if missed else "\nEvery target is met.")
    return 1 if missed else 0


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench load", description=__doc__)
    parser.add_argument(
        "--engine", choices=[*PLACES], action="append", help="else one after the other"
    )
    parser.add_argument("--agents", type=int, default=32)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=0.0, help="acts a second, of all agents together; else all they can")  # fmt: skip
    return parser.parse_args(words)


def measure(place: Place, agents: int, seconds: float, rate: float) -> Iterator[Figure]:
    before = set_up(place, agents)
    floor = place.commits()
    told, took, failed = run(place, agents, seconds, rate)
    yield from pace(place, told, took, floor)
    yield from truth(place, told, before, failed)


def set_up(place: Place, agents: int) -> int:
    """Make the agents; the newest event before they begin."""
    with Desk.open(place.address, actor=system_user()) as desk:
        queues = tuple(queue.key for queue in desk.read.queues())
        for n in range(agents):
            desk.apply(None, ops.SaveAgent(_login(n), f"Load {n}", "agent", queues=queues))
            place.let_in(_login(n))
        return int(desk.read.last_event())


def _login(n: int) -> str:
    return f"load{n:02}"


def run(place: Place, agents: int, seconds: float, rate: float) -> tuple[list[Told], float, int]:
    """What every agent has seen, how long it took, and how many of them ended in an error."""
    with Desk.open(place.address, actor=system_user()) as desk:
        queues = [queue.key for queue in desk.read.queues()]
    folder = stores.KEPT / "load"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    _preload()
    begin = time.perf_counter() + 1 + agents * 0.15
    files = [folder / f"{n}.json" for n in range(agents)]
    children = [
        start(place.of(_login(n)), place.actor(_login(n)), queues, rate / agents, begin, begin + seconds, to)
        for n, to in enumerate(files)
    ]  # fmt: skip
    failed = sum(os.waitpid(child, 0)[1] != 0 for child in children)
    took = time.perf_counter() - begin
    told = [Told(**json.loads(file.read_text(encoding="utf-8"))) for file in files if file.exists()]
    return told, took, failed


def _preload() -> None:
    """What every process would load by itself, once for all of them."""
    from sqlalchemy.orm import configure_mappers

    import sdesk.door  # noqa: F401

    configure_mappers()
    gc.collect()
    gc.freeze()


def pace(place: Place, told: list[Told], took: float, floor: float) -> Iterator[Figure]:
    spent: dict[str, list[float]] = {}
    for one in told:
        for kind, times in one.spent.items():
            spent.setdefault(kind, []).extend(times)
    writes = sum(len(one.acknowledged) for one in told)
    name = place.engine
    yield Figure(f"{name}: acts", sum(map(len, spent.values())) / took, "/s")
    yield Figure(f"{name}: writes, against bare commits", writes / took, "/s", floor=floor)
    for kind in sorted(spent, key=lambda kind: (kind in WRITES, kind)):
        print(_line(kind, spent[kind]))
    waits = [max(spent[kind]) for kind in WRITES if kind in spent]
    yield Figure(f"{name}: worst wait of a write", max(waits, default=0.0), "ms")


def _line(kind: str, times: list[float]) -> str:
    found = [number(percentile(times, share)) for share in (0.5, 0.95, 0.99)]
    return (
        f"  {kind:<8} {len(times):>8,} × │ p50 {found[0]:>7} │ p95 {found[1]:>7} │ p99 {found[2]:>7}"
        f" │ worst {number(max(times)):>7} ms"
    )


def truth(place: Place, told: list[Told], before: int, failed: int) -> Iterator[Figure]:
    """Whether the store holds what it has acknowledged, and is whole."""
    name = place.engine
    errors = Counter(error[:100] for one in told for error in one.errors)
    for error, count in errors.most_common(5):
        print(f"  {count} × {error}", file=sys.stderr)
    yield Figure(f"{name}: errors", errors.total() + failed, "", most=0)
    yield Figure(f"{name}: told that somebody came first", sum(one.refused for one in told), "")
    yield Figure(f"{name}: acknowledged acts", sum(len(one.acknowledged) for one in told), "")
    yield Figure(f"{name}: of these lost", lost(place, told, before), "", most=0)
    reader = open_reader(place.address)
    try:
        events = check(reader).events
        broken = 0
    except SdeskError as error:
        print(f"  {error}", file=sys.stderr)
        events, broken = 0, 1
    finally:
        reader.close()
    yield Figure(f"{name}: events in the chain, checked", events, "")
    yield Figure(f"{name}: faults in chain, pages, files", broken, "", most=0)


def lost(place: Place, told: list[Told], before: int) -> int:
    """Acts that an agent was told are done, and of which the store knows nothing."""
    reader = open_reader(place.address)
    try:
        sql = "SELECT id, ticket_id, actor FROM event WHERE id > :before"
        events = {(row[0], row[1], row[2]) for row in reader.stream(sql, {"before": before})}
        sql = "SELECT body, agent FROM entry WHERE agent LIKE 'load%'"
        said = {(row[0], row[1]) for row in reader.stream(sql)}
    finally:
        reader.close()
    gone = 0
    for one in told:
        for event, ticket, kind, text in one.acknowledged:
            is_there = (event, ticket, one.login) in events
            gone += not (is_there and (kind == "take" or (text, one.login) in said))
    return gone


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
