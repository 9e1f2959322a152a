"""The small questions at the bottom: driven by keys, answered by values."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from sdesk.errors import Invalid
from sdesk.ops import Resolve, Wait
from sdesk.screens.dialogs.confirm import Confirm
from sdesk.screens.dialogs.pick import Choice, Pick
from sdesk.screens.dialogs.prompt import Prompt
from sdesk.screens.dialogs.resolve import ResolveDialog
from sdesk.screens.dialogs.wait import WaitDialog
from sdesk.widgets.choice_list import ChoiceList
from sdesk.widgets.fuzzy import match
from tests.each import each

PEOPLE = [
    Choice("ana", "Ana Anttila", "network, service-desk"),
    Choice("ben", "Ben Bergström", "service-desk"),
    Choice("chi", "Chidi Okafor", "workplace"),
]


class Asked(App[None]):
    """Asks one question and keeps the answers."""

    def __init__(self, question: Callable[[], Screen[Any]]) -> None:
        super().__init__()
        self.question = question
        self.answers: list[Any] = []

    def on_mount(self) -> None:
        self.push_screen(self.question(), self.answers.append)


async def settle(pilot: Pilot[None], is_so: Callable[[], bool]) -> None:
    for _ in range(200):
        await pilot.pause()
        if is_so():
            return
    raise AssertionError("the condition never came true")


async def answer(question: Callable[[], Screen[Any]], *keys: str) -> Any:
    app = Asked(question)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot, lambda: app.screen.is_modal)
        await pilot.press(*keys)
        await settle(pilot, lambda: bool(app.answers))
    return app.answers[0]


async def test_typing_narrows_and_enter_takes_the_best_choice() -> None:
    assert await answer(lambda: Pick("Assign", PEOPLE), "b", "e", "r", "enter") == "ben"


async def test_arrows_move_the_cursor() -> None:
    assert await answer(lambda: Pick("Assign", PEOPLE), "down", "down", "up", "enter") == "ben"


async def test_escape_returns_none() -> None:
    assert await answer(lambda: Pick("Assign", PEOPLE), "escape") is None


async def test_the_help_of_a_choice_is_searched_after_its_label() -> None:
    assert await answer(lambda: Pick("Assign", PEOPLE), *"work", "enter") == "chi"


async def test_several_are_marked_with_space() -> None:
    picked = await answer(
        lambda: Pick("Tags", PEOPLE, multi=True), "space", "down", "down", "space", "enter"
    )
    assert set(picked) == {"ana", "chi"}


async def test_unmarking_everything_returns_nothing_marked() -> None:
    picked = await answer(
        lambda: Pick("Tags", PEOPLE, multi=True, marked=("ana",)), "space", "enter"
    )
    assert picked == ()


async def test_what_is_typed_can_be_a_choice_of_its_own() -> None:
    picked = await answer(
        lambda: Pick("Tags", PEOPLE, other=lambda text: Choice(text, f"new tag {text}")),
        *"zzz",
        "enter",
    )
    assert picked == "zzz"


async def test_choices_can_come_from_a_function_of_the_text() -> None:
    def source(prefix: str) -> list[Choice]:
        return [choice for choice in PEOPLE if prefix in choice.value]

    app = Asked(lambda: Pick("Caller", source))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(
            pilot, lambda: app.screen.is_modal and len(app.screen.query_one(ChoiceList).rows) == 3
        )
        await pilot.press("c", "h")
        await settle(pilot, lambda: len(app.screen.query_one(ChoiceList).rows) == 1)
        await pilot.press("enter")
        await settle(pilot, lambda: app.answers == ["chi"])


async def test_a_prompt_stays_open_until_its_text_is_right() -> None:
    def check(text: str) -> None:
        if text != "42":
            raise Invalid(f"'{text}' is not the number.")

    assert (
        await answer(lambda: Prompt("Number", "4", validate=check), "enter", "2", "enter") == "42"
    )


async def test_enter_alone_never_confirms() -> None:
    app = Asked(lambda: Confirm("discard"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot, lambda: app.screen.is_modal)
        await pilot.press("enter", "d", "enter")
        await pilot.pause()
        assert not app.answers
        await pilot.press(*"iscard", "enter")
        await settle(pilot, lambda: app.answers == [True])


HOSTILE = Path(__file__).parents[3] / "shared/cases/hostile/strings.json"
STRANGE = [
    "[/red] printer",
    "[@click=app.quit]x[/]",
    "\x1b]52;c;AAAA\x07x",
    "漢字" * 40,
    "a" * 5000,
    "",
    "e\u0301" * 30,
]
if HOSTILE.exists():
    STRANGE += [case["s"] for case in json.loads(HOSTILE.read_text())]


async def test_strange_text_is_shown_and_never_read_as_markup() -> None:
    app = Asked(lambda: Pick("[/x]", [Choice(i, s, s, s) for i, s in enumerate(STRANGE)], text="a"))
    async with app.run_test(size=(40, 24)) as pilot:
        await settle(pilot, lambda: app.screen.is_modal)
        for _ in STRANGE:
            await pilot.press("down")
            shown = app.screen._compositor.render_strips()
            assert all(
                strip.cell_length == 40
                for line in shown
                for strip in [line]
                if hasattr(strip, "cell_length")
            )
        await pilot.press("escape")
        app.push_screen(Prompt("[/x]", STRANGE[2]), app.answers.append)
        await pilot.pause()
        await pilot.press("escape")


@each(
    ("query", "better", "worse"),
    [
        ("pr", "printer", "open road"),
        ("nd", "network desk", "nearly odd"),
        ("mull", "Müller", "ample mule mill"),
    ],
)
def test_a_whole_piece_or_initials_beat_scattered_letters(
    query: str, better: str, worse: str
) -> None:
    good, bad = match(query, better), match(query, worse)
    assert good is not None
    assert bad is None or good[0] > bad[0]


def test_repeated_letters_cost_no_time() -> None:
    assert match("ababababababab", "aabb" * 100) is not None
    assert match("ababababababac", "aabb" * 100) is None


NOW = 1_793_781_000  # Wednesday 2026-11-04 10:30 in Helsinki


async def test_wait_for_the_customer_needs_no_time() -> None:
    op = await answer(
        lambda: WaitDialog("Europe/Helsinki", NOW), "enter", "enter", *"call", "enter"
    )
    assert op == Wait("waiting-customer", None, "call")


async def test_wait_until_a_time_says_what_was_understood() -> None:
    app = Asked(lambda: WaitDialog("Europe/Helsinki", NOW))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot, lambda: app.screen.is_modal)
        await pilot.press("s", "enter", *"tomorrow 9:00")
        await settle(
            pilot, lambda: "Thu 09:00" in str(app.screen.query_one("#echo", Static).content)
        )
        await pilot.press("enter", "enter")
        await settle(pilot, lambda: bool(app.answers))
    assert app.answers == [Wait("waiting-supplier", NOW + 22 * 3600 + 1800, "")]


async def test_a_wait_until_nonsense_stays_open_and_says_why() -> None:
    app = Asked(lambda: WaitDialog("Europe/Helsinki", NOW))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot, lambda: app.screen.is_modal)
        await pilot.press("enter", *"soon", "enter", "enter")
        await settle(pilot, lambda: app.screen.query_one("#echo").has_class("-wrong"))
        assert not app.answers


async def test_done_takes_a_code_by_its_first_letter_and_a_text() -> None:
    assert await answer(ResolveDialog, "w", "enter", *"restart", "enter") == Resolve(
        "workaround", "restart"
    )
