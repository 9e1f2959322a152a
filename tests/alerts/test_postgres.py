"""The same on PostgreSQL: folding, storms, and two at once."""

from __future__ import annotations

import threading

import pytest

from sdesk.alarms import Alarms
from sdesk.desk import Desk
from sdesk.rules.alarm import Plan
from tests.alerts.samples import alert
from tests.conftest import Clock, setup_operations


@pytest.mark.postgres
def test_alarms_fold_on_postgresql(postgres: str, clock: Clock) -> None:
    Desk.create(postgres, setup=setup_operations(), actor="ana", clock=clock).close()
    plan = Plan(storm=3)
    both = [Alarms(postgres, plan, clock=clock) for _ in range(2)]
    many = [alert(key=f"{n}") for n in range(6)]
    threads = [threading.Thread(target=one.take, args=(many,)) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Desk.open(postgres, actor="ana", clock=clock) as desk:
        assert desk.read.count("") == 7
        assert desk.read.count("is:child alarm:down") == 6
        clock.forward(60)
        both[0].take([alert("up", key=f"{n}") for n in range(6)])
        assert desk.read.count("state:open") == 0
        assert desk.read.count("alarm:up") == 7
    for one in both:
        one.close()
