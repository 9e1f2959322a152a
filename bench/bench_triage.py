"""Triage: how long until the next ticket's page stands, and how many keys a ticket takes."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator

from bench import stores
from bench.bench_start import SDESK
from bench.figures import Figure, percentile
from bench.meter import Terminal

MOST = 100_000
ROUND = 15
_AT = re.compile(r"SD-\d+")


def measure(tickets: int) -> Iterator[Figure]:
    """The suggestions are taken as they are (`+`, then `i`), which moves on to the next ticket; `J`
    only looks at it."""
    tickets = min(tickets, MOST)
    store = stores.copy(stores.store(tickets), "triage.db")
    with Terminal(
        [*SDESK, "--store", str(store)], columns=120, rows=40, env={"SSH_CONNECTION": ""}
    ) as desk:
        desk.wait("SD-", 60)
        desk.settle(2.0)
        desk.send("g", "t")
        desk.settle(3.0)
        looks = [until_next(desk, "J") for _ in range(ROUND)]
        takes = [until_next(desk, "+", "i") for _ in range(ROUND)]
    stores.remove(store)
    keys = [keys for keys, _ in takes]
    where = f"triage at {tickets:,}"
    yield Figure(
        f"{where}: next ticket's page, p50", statistics.median(ms for _, ms in looks), "ms"
    )
    yield Figure(f"{where}: next ticket's page, p95", percentile((ms for _, ms in looks), 0.95), "ms")  # fmt: skip
    yield Figure(f"{where}: keys a ticket as suggested", statistics.median(keys), "", most=3)
    yield Figure(f"{where}: from the last of them to the next page", statistics.median(ms for _, ms in takes), "ms")  # fmt: skip


def until_next(desk: Terminal, *keys: str) -> tuple[int, float]:
    """Press the keys until another ticket stands there: how many, and milliseconds since the last."""
    before = at_hand(desk)
    for pressed, key in enumerate(keys, 1):
        desk.settle(0.3)
        begun = time.perf_counter()
        desk.send(key)
        end = begun + (5 if pressed == len(keys) else 0.5)
        while time.perf_counter() < end:
            desk.pump(0.05)
            if at_hand(desk) != before:
                spent = (desk.last_byte_at - begun) * 1e3
                return pressed, spent
    return len(keys) + 1, 5_000.0


def at_hand(desk: Terminal) -> str:
    """The number in the ticket's head, below the bar."""
    found = _AT.search("\n".join(desk.text.splitlines()[:4]))
    return found[0] if found else ""
