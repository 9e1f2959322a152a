"""Killed between fetching and flagging, the next fetch leaves one ticket. `python -m
tests.mail.killpoints` does it at every line."""

from __future__ import annotations

from pathlib import Path

from tests.mail.killpoints import NARROW, Place, kills, points_of

EVERY = 37
"""Of the lines of fetching, keeping and settling, one in so many."""


def test_a_kill_between_fetch_and_flag_leaves_one_ticket(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.fetch(place.copy())
    points = points_of(place, NARROW)
    assert len(points) > 250
    assert not list(kills(place, points[::EVERY], NARROW))
