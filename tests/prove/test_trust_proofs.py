"""The proofs about history, erasing and backups in short: each holds, and says no where it should."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sdesk.prove import audit, backup, erase
from sdesk.prove.model import POSTGRESQL, Bench, Verdict
from sdesk.prove.tampering import COLUMNS, Trail
from sdesk.store import chained
from sdesk.store.chained import Fault


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Bench]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def make(scale: float) -> Bench:
        (tmp_path / "desk").mkdir()
        return Bench(tmp_path, str(tmp_path / "desk" / "sdesk.db"), scale=scale)

    return make


def holds(verdict: Verdict) -> dict[str, Any]:
    assert verdict.holds, verdict.said
    return verdict.figures


def test_tampering_with_the_history_is_found(bench: Callable[..., Bench]) -> None:
    figures = holds(audit.run(bench(0.06)))
    assert figures["tamperings"] == 60
    assert figures["missed"] == figures["false_alarms"] == 0
    assert figures["rewritten"] > 0


def test_a_verifier_that_overlooks_something_is_seen(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    note = chained._Walk._note

    def blind(walk: Any, broken: Any) -> None:
        if broken.fault is not Fault.ERASED:
            note(walk, broken)

    monkeypatch.setattr(chained._Walk, "_note", blind)
    verdict = audit.run(bench(0.06))
    assert not verdict.holds
    assert verdict.said.endswith("missed: erased unsaid")


def test_a_whole_new_chain_is_found_by_the_anchor_only(bench: Callable[..., Bench]) -> None:
    from sdesk.prove import desks
    from sdesk.prove.tampering import rewritten

    given = bench(1)
    desks.make(given.store, 3).close()
    trail = Trail(given.store)
    anchor = chained.head(trail.reader)
    assert anchor is not None
    attack = rewritten([dict(row) for row in trail.rows], given.chance())
    trail.put(attack)
    assert trail.verify(anchor).broken[0].fault in (Fault.REWRITTEN, Fault.TRUNCATED)
    trail.close()
    assert set(COLUMNS) == set(trail.rows[0])


@pytest.mark.postgres
def test_tampering_on_postgresql_is_found(postgres: str, tmp_path: Path) -> None:
    holds(audit.run(Bench(tmp_path, postgres, POSTGRESQL, scale=0.012)))


def test_nothing_is_left_of_who_is_erased(bench: Callable[..., Bench]) -> None:
    assert holds(erase.run(bench(1)))["left"] == 0


def test_words_left_in_free_pages_are_found(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdesk.privacy.erasing.purge", lambda _: None)
    verdict = erase.run(bench(1))
    assert not verdict.holds
    assert "sdesk.db" in verdict.said


def test_backups_under_load_are_whole(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "WRITERS", 1)
    figures = holds(backup.run(bench(0.1)))
    assert (figures["backups"], figures["recognised"]) == (1, 1)


def test_a_backup_that_is_a_plain_copy_is_told_apart(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without what stands in the log it lacks what was there when it began."""
    from sdesk.prove import desks
    from sdesk.store import backup as store

    def plain(source: Any, part: Path) -> Any:
        shutil.copyfile(source, part)
        return store.look_through(part)

    monkeypatch.setattr(store, "copy", plain)
    monkeypatch.setattr(backup, "WRITERS", 0)
    given = bench(1)
    with desks.make(given.store, backup.TICKETS) as desk:
        assert backup.checked(given, desk, 0).wrong
