"""Large files are read by a process of its own, with the same result."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk.desk import Desk
from sdesk.errors import Invalid, StoreFault
from sdesk.transfer import ahead, reading
from tests.transfer.conftest import Bring
from tests.transfer.test_eventlog import HEADER, STORY, row
from tests.transfer.test_import import MAPS, TABLE


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every import is read ahead; the processes that were started."""
    started: list[int] = []
    popen = ahead.subprocess.Popen

    def counted(*words: object, **more: object) -> object:
        child = popen(*words, **more)  # type: ignore[call-overload]
        started.append(child.pid)
        return child

    monkeypatch.setattr(ahead, "is_worth_it", lambda _: True)
    monkeypatch.setattr("sdesk.transfer.importer.is_worth_it", lambda _: True)
    monkeypatch.setattr(ahead.subprocess, "Popen", counted)
    return started


def test_a_reading_process_brings_the_same_tickets(
    always: list[int], bring: Bring, desk: Desk
) -> None:
    report = bring(TABLE + "A-3,bad,,,quantum,,,,,,,,\n", maps=MAPS)
    assert (report.added, report.rejected) == (2, 1)
    assert report.problems[0].line == 4
    log = bring(
        HEADER + STORY + row("INC9", "Quantum", "1/3/2016 12:00"), "servicenow-eventlog", zone="UTC"
    )
    assert (log.added, log.rejected) == (1, 1)
    assert len(desk.read.history(desk.read.ids("state:closed channel:phone")[0])) == 11
    assert len(always) == 2


def test_what_stops_the_reading_stops_the_import(
    always: list[int], bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = reading.Reading.__init__

    def too_many(self: reading.Reading, *words: object, **more: object) -> None:
        original(self, *words, **{**more, "rows": reading.MOST_ROWS_IN_MEMORY + 1})  # type: ignore[arg-type]

    monkeypatch.setattr(reading.Reading, "__init__", too_many)
    mixed = (
        HEADER
        + row("INC1", "New", "29/2/2016 12:00")
        + row("INC2", "New", "29/2/2016 12:00")
        + row("INC1", "Active", "29/2/2016 12:00")
    )
    with pytest.raises(Invalid, match="not sorted by ticket"):
        bring(mixed, "servicenow-eventlog")
    assert always


def test_a_reading_process_that_dies_is_told(
    always: list[int], bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "_START", "raise SystemExit(9)")
    with pytest.raises(StoreFault, match="ended too early"):
        bring(TABLE, maps=MAPS)
    assert always


def test_only_large_files_on_disk_are_worth_a_process(
    write: Callable[..., Path], bring: Bring
) -> None:
    report = bring(write(TABLE), maps=MAPS)
    assert report.rows < ahead.WORTH
    assert pickle.loads(pickle.dumps(report)).added == 2
