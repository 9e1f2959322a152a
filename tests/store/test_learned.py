"""The file that keeps what was learned: whose it is, damaged, old, missing, and who learns it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk import suggesting
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.rules.suggestion import judge
from sdesk.suggesting import Learned, cache_file, learn_once
from tests.solved import SOLVED, solve, solve_many


@pytest.fixture(autouse=True)
def _small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of its own, and few tickets that are enough."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(judge, "FEWEST_TICKETS", SOLVED)
    monkeypatch.setattr(suggesting, "RENEW_AFTER", 3)


@pytest.fixture
def solved(desk: Desk) -> Desk:
    return solve_many(desk)


@pytest.fixture
def file(solved: Desk, make_ticket: Callable[..., TicketId]) -> Path:
    solved.suggest(make_ticket())
    return cache_file(solved.place)


def test_what_was_learned_is_kept_for_this_user_alone(solved, file):
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    again = Learned(solved.place, solved.read)
    model, learning = again.model(wait=False)
    assert model is not None
    assert (model.learned, learning) == (SOLVED, False)


def test_a_damaged_file_is_learned_again(solved, file):
    whole = file.read_bytes()
    for harmed in (whole[:-20], b"", whole.replace(b"vpn", b"vpm"), b"\xff\x00" * 99):
        file.write_bytes(harmed)
        model, _ = Learned(solved.place, solved.read).model(wait=True)
        assert model is not None
        assert model.learned == SOLVED
        assert file.read_bytes() == whole


def test_tickets_solved_since_are_learned(solved, file):
    learned = Learned(solved.place, solved.read)
    for number in range(2):
        solve(solved, number)
    assert learned.model(wait=True)[0].learned == SOLVED
    solve(solved, 2)
    assert learned.model(wait=True)[0].learned == SOLVED + 3


def test_where_nothing_can_be_kept_it_is_learned_all_the_same(
    solved, make_ticket, monkeypatch, tmp_path
):
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert solved.suggest(make_ticket("VPN drops")).suggestions.queue is not None


def test_a_screen_gets_what_is_known_and_another_process_learns(solved, make_ticket):
    ticket = make_ticket("VPN drops")
    first = solved.suggest(ticket, wait=False)
    assert first.learning
    assert list(first.suggestions) == []
    assert solved._learned._child.wait(300) == 0
    later = solved.suggest(ticket, wait=False)
    assert not later.learning
    assert later.suggestions.learned == SOLVED


def test_two_processes_do_not_learn_at_once(solved):
    import fcntl

    lock = cache_file(solved.place).with_suffix(".lock")
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        learn_once(Learned(solved.place, solved.read), solved.place)
        assert not cache_file(solved.place).exists()
    learn_once(Learned(solved.place, solved.read), solved.place)
    assert cache_file(solved.place).exists()
