"""Promises proved at the same time: in what order they are told, which are alone, what is left behind."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from sdesk.prove import running
from sdesk.prove.model import Promise, Proof, Verdict
from sdesk.prove.running import Wish, prove_each

ORDER = ["slow", "quick", "alone", "other", "last"]


class Attempt:
    """One that ends at once; `slow` when the one after it has ended."""

    all: dict[str, Attempt]
    beside: dict[str, set[str]]

    def __init__(self, one: Promise, _: Wish) -> None:
        self.promise, self.is_over, self.ends = one, False, time.monotonic() + 60
        self.reading, self.writing = os.pipe()
        self.beside[one.key] = set(self.all)
        self.all[one.key] = self

    def begin(self) -> None:
        if self.promise.key != "slow":
            os.write(self.writing, b".")

    def hear(self) -> None:
        self.is_over = True

    stop = hear

    def end(self) -> None:
        del self.all[self.promise.key]
        os.close(self.reading)
        if self.promise.key == "quick" and "slow" in self.all:
            os.write(self.all["slow"].writing, b".")
        os.close(self.writing)

    def proof(self) -> Proof:
        return Proof(self.promise.key, 1, "sqlite", "holds", "", 0.0)


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> type[Attempt]:
    def named(key: str) -> Promise:
        return Promise(key, 1, "", lambda _: Verdict(True, ""), alone=key == "alone")

    Attempt.all, Attempt.beside = {}, {}
    monkeypatch.setattr(running, "promise", named)
    monkeypatch.setattr(running, "_Attempt", Attempt)
    return Attempt


def test_verdicts_come_in_the_order_asked_for(attempts: Any) -> None:
    assert [proof.key for proof in prove_each(ORDER, Wish(at_once=2))] == ORDER
    assert attempts.beside["quick"] == {"slow"}


def test_what_measures_a_wait_is_alone(attempts: Any) -> None:
    list(prove_each(ORDER, Wish(at_once=4)))
    assert attempts.beside["alone"] == set()
    assert "alone" not in attempts.beside["other"]


def test_one_who_is_interrupted_ends_what_runs(attempts: Any) -> None:
    proofs = prove_each(["quick", "slow", "other"], Wish(at_once=2))
    assert next(proofs).key == "quick"
    proofs.close()
    assert attempts.all == {}


def test_a_disk_without_room_is_said_and_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "NEEDED", 1 << 60)
    (proof,) = prove_each(["portal"], Wish(folder=str(tmp_path)))
    assert proof.verdict == "skipped"
    assert "choose another --folder" in proof.said
    assert list(tmp_path.iterdir()) == []
