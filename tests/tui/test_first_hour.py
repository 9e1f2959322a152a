"""The tour, and what empty views say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.remembered import Remembered
from sdesk.screens.tour import STEPS, TourStrip
from sdesk.screens.wording import EMPTY, key_for, keyed
from sdesk.setup_defaults import VIEWS
from tests.each import each
from tests.tui.desk_pilot import at_desk, frame, settle

Make = Callable[..., TicketId]
KEYS = (
    ("j",), ("g", "u"), ("i",), ("u",), ("enter",), ("equals_sign",), ("escape", "q"), ("slash", *"ticket", "enter"),
    ("backslash",), ("space", "space"), ("p", "2"), ("u",), ("g", "s"), ("q",), ("question_mark", "escape"),
)  # fmt: skip
"""What is pressed at each step."""


async def test_the_tour_goes_on_with_what_one_does_and_is_offered_once(
    desk: Desk, make_ticket: Make, tmp_path: Path
) -> None:
    for number in range(4):
        make_ticket(f"Ticket {number}")
    remembered = Remembered(tmp_path / "state.json")
    async with at_desk(desk, size=(120, 30), remembered=remembered, tour=True) as (app, pilot):
        assert len(KEYS) == len(STEPS)
        for number, keys in enumerate(KEYS):
            await settle(app, pilot, lambda: app._step == number)  # noqa: B023
            await settle(app, pilot, lambda: f"{number + 1}/{len(STEPS)}" in frame(app))  # noqa: B023
            await pilot.press(*keys)
        await settle(app, pilot, lambda: "The tour is over" in frame(app))
        await pilot.press("escape", "q")
        await settle(app, pilot, lambda: not app.on_tour and not app.screen.query(TourStrip))
        await pilot.press("colon", *"tour", "enter")
        await settle(app, pilot, lambda: "move to another" in frame(app))
    assert remembered.get("tour") == "done"
    async with at_desk(desk, remembered=remembered, tour=True) as (app, pilot):
        assert not app.on_tour


async def test_other_keys_work_and_q_in_the_queue_ends_the_tour(
    desk: Desk, make_ticket: Make
) -> None:
    ticket = make_ticket()
    async with at_desk(desk, tour=True) as (app, pilot):
        await pilot.press("2", "i")
        await settle(app, pilot, lambda: desk.read.ticket(ticket).assignee == "ana")
        assert app._step == 0
        assert f"1/{len(STEPS)}" in frame(app)
        await pilot.press("q")
        await settle(app, pilot, lambda: f"1/{len(STEPS)}" not in frame(app))
        assert app.remembered.get("tour") == "done"


def test_every_default_view_says_what_to_do_when_it_is_empty() -> None:
    assert {name.casefold() for name, _ in VIEWS} <= set(EMPTY)


@each("words", [*EMPTY.values(), *(step.words for step in STEPS)])
def test_sentences_name_commands_that_exist(words: str) -> None:
    assert "{" not in keyed(words, {})


def test_sentences_have_the_users_own_keys() -> None:
    assert key_for("go.unassigned", {}) == "g u"
    assert key_for("go.back", {}) == "q"
    assert keyed("{ticket.take} takes", {"ticket.take": "f2"}) == "f2 takes"


async def test_an_empty_view_says_what_to_do_next(desk: Desk) -> None:
    async with at_desk(desk) as (app, pilot):
        await settle(app, pilot, lambda: "nothing is yours: g u shows" in frame(app))
        await pilot.press("slash", *"vpn", "enter")
        await settle(app, pilot, lambda: "no ticket fits this query" in frame(app))
