"""Alerts in: a storm that opens two thousand tickets, its recovery, and what a known alert costs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from time import perf_counter

from bench import stores
from bench.figures import Figure
from sdesk.alarms import Alarms
from sdesk.alerts.payload import read

STORM = 2_000


def measure(tickets: int) -> Iterator[Figure]:  # noqa: ARG001 - its size is its own
    path = stores.copy(stores.store(250), "alerts.db")
    alarms = Alarms(path)
    down, up = payload("firing"), payload("resolved")
    yield Figure(f"{STORM:,} alerts read from one payload", timed(lambda: read(down)), "s", most=2)
    yield Figure("… folded: tickets under one parent", taken(alarms, down), "s", most=60)
    yield Figure("… again: nothing new", taken(alarms, down), "s", most=10)
    yield Figure("… recovered, all and the parent resolved", taken(alarms, up), "s", most=60)
    still = alarms.desk.read.count("alarm:down")
    yield Figure("… of them still down", still, "", most=0)
    alarms.close()
    stores.remove(path)


def payload(status: str) -> bytes:
    """As Alertmanager sends it."""
    alerts = [
        {
            "status": status, "labels": {"alertname": "Ping", "instance": f"10.{n // 250}.0.{n % 250}", "severity": "warning"},
            "annotations": {"summary": f"host {n} is away"}, "startsAt": "2026-11-22T09:00:00Z",
        }
        for n in range(STORM)
    ]  # fmt: skip
    return json.dumps({"version": "4", "receiver": "desk", "alerts": alerts}).encode()


def taken(alarms: Alarms, sent: bytes) -> float:
    return timed(lambda: alarms.take(read(sent)))


def timed(act: Callable[[], object]) -> float:
    begun = perf_counter()
    act()
    return perf_counter() - begun
