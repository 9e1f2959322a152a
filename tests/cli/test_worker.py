"""`sdesk worker`: time kept from a shell, from cron, and who does it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk, system_user
from sdesk.model import TicketId
from sdesk.store import lease
from sdesk.store.lease import Keeper
from tests.cli.conftest import Sdesk

HOUR = 3_600


def waits_too_long(store: Path) -> TicketId:
    """A ticket whose wait was over an hour ago."""
    now = int(time.time())
    with Desk.open(store, clock=lambda: now - 2 * HOUR) as desk:
        ticket = desk.apply(None, ops.Open("The part is ordered")).ticket
        assert ticket is not None
        desk.apply(ticket, ops.Wait("waiting-supplier", now - HOUR, "the part"))
    return ticket


def holds(store: Path, kind: Keeper) -> None:
    lease.take(store, "mia@elsewhere:4711:a", kind, int(time.time()))


def test_once_does_all_that_is_due_a_line_an_act(sdesk: Sdesk, store: Path) -> None:
    ticket = waits_too_long(store)
    said = sdesk("worker", "--once")
    assert said.status == 0
    assert said.out.count(f" SD-{ticket} sdesk ended the wait (the part)\n") == 1
    again = sdesk("worker", "--once")
    assert (again.status, again.out) == (0, "")


@pytest.mark.parametrize("kind", [Keeper.WORKER, Keeper.DESK])
def test_once_leaves_it_to_whoever_keeps_time(sdesk: Sdesk, store: Path, kind: Keeper) -> None:
    waits_too_long(store)
    holds(store, kind)
    said = sdesk("worker", "--once")
    assert (said.status, said.out) == (0, "")
    assert "of mia@elsewhere, process 4711, keeps time." in said.err


def test_once_lets_go_of_the_lease_and_says_what_failed(
    sdesk: Sdesk, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = waits_too_long(store)

    def fails(*_: object) -> bool:
        raise KeyError("a bug")

    monkeypatch.setattr("sdesk.timers.Timers._end_wait", fails)
    said = sdesk("worker", "--once")
    assert said.status == 1
    assert f"SD-{ticket}: wait failed: KeyError" in said.err
    assert "Nobody keeps time." in sdesk("worker", "--status").out


def test_the_status_says_who_since_when_and_what_is_next(sdesk: Sdesk, store: Path) -> None:
    nobody = sdesk("worker", "--status")
    assert nobody.status == 1
    assert nobody.lines == ["Nobody keeps time.", "Nothing will come due."]
    waits_too_long(store)
    holds(store, Keeper.DESK)
    said = sdesk("worker", "--status")
    assert said.status == 0
    assert said.lines[0].startswith(
        "an open desk of mia@elsewhere, process 4711, keeps time since "
    )
    assert said.lines[1].startswith("Due since ")


def test_when_resolved_tickets_close_is_set_and_checked(sdesk: Sdesk, store: Path) -> None:
    assert "no answer for 72h" in sdesk("worker", "--close-after", "72h").err
    assert "so already" in sdesk("worker", "--close-after", "72h").err
    assert "until somebody closes them" in sdesk("worker", "--close-after", "off").err
    wrong = sdesk("worker", "--close-after", "soon")
    assert wrong.status != 0
    assert "'soon'" in wrong.err
    assert "5bd" in wrong.err


def test_the_doctor_says_who_keeps_time(sdesk: Sdesk, store: Path) -> None:
    assert "Nobody keeps time" in sdesk("doctor", "--quick").out
    holds(store, Keeper.WORKER)
    assert "sdesk worker of mia@elsewhere" in sdesk("doctor", "--quick").out
    waits_too_long(store)
    assert "should have happened" in sdesk("doctor", "--quick").out


def test_a_worker_in_the_foreground_ends_in_order(store: Path) -> None:
    ticket = waits_too_long(store)
    argv = [sys.executable, "-m", "sdesk", "worker", "--store", str(store)]
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        assert "This process keeps time." in process.stderr.readline()
        assert f"SD-{ticket}" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0
    with Desk.open(store) as desk:
        assert lease.held(desk.read.reader) is None
        assert desk.actor == system_user()
