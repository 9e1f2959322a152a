"""Triage by keys: forty tickets, what others do meanwhile, undo, learning, hostile texts."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.events import Key
from textual.pilot import Pilot

from sdesk.app import SdeskApp
from sdesk.desk import Desk
from sdesk.model import Source, TicketId
from sdesk.ops import Assign, Open, Receive, Resolve, SavePerson, SetState
from sdesk.rules.suggestion import judge
from sdesk.screens import triage as triage_module
from sdesk.screens.commands import run_line
from sdesk.screens.triage import TriageScreen
from sdesk.store.archive import settle as settle_store
from sdesk.suggesting import Learned
from tests.conftest import Clock, fresh_store
from tests.solved import SOLVED, solve_many
from tests.tui.desk_pilot import at_desk, complaints, frame, rest, settle, told

Make = Callable[..., TicketId]
OpenDesk = Callable[[str], Desk]
LOOKS = Path(__file__).parents[1] / "looks"
TWO = (("Printer jams again", "It eats paper."), ("VPN drops at home", "The tunnel breaks."))


@pytest.fixture(scope="module")
def solved_template(store_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = fresh_store(store_template, tmp_path_factory.mktemp("solved"))
    with Desk.open(path, actor="ana", source=Source.TUI, clock=Clock()) as desk:
        solve_many(desk)
    settle_store(path)
    return path


@pytest.fixture
def store(solved_template: Path, tmp_path: Path) -> Path:
    """A store whose desk has solved printers and tunnels."""
    return fresh_store(solved_template, tmp_path / "desk")


@pytest.fixture(autouse=True)
def _small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of its own, and few tickets that are enough to learn from."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(judge, "FEWEST_TICKETS", SOLVED)
    # The queue below has its own tests: here it needn't follow every write.
    monkeypatch.setattr(SdeskApp, "gather", 30.0)


def looks_as_it_did(said: str, name: str) -> None:
    """The screen is the one of the file; with SDESK_WRITE_LOOKS set, the file is written."""
    file = LOOKS / f"{name}.txt"
    if os.environ.get("SDESK_WRITE_LOOKS"):
        file.write_text(f"{said}\n", encoding="utf-8")
    assert said.splitlines() == file.read_text(encoding="utf-8").splitlines()


def at_triage(app: SdeskApp) -> TriageScreen:
    assert isinstance(app.screen, TriageScreen)
    return app.screen


async def quiet(app: SdeskApp, pilot: Pilot[None]) -> TriageScreen:
    """Wait until it is clear which ticket is at hand."""

    def is_clear() -> bool:
        screen = app.screen
        return isinstance(screen, TriageScreen) and screen.has_looked and not screen.is_opening

    await settle(app, pilot, is_clear)
    await rest(app, pilot)
    return at_triage(app)


async def begin(app: SdeskApp, pilot: Pilot[None]) -> TriageScreen:
    app.desk.suggest(TicketId(1))  # learned before, so that no process is started for it
    await pilot.press("g", "t")
    return await quiet(app, pilot)


async def press(app: SdeskApp, pilot: Pilot[None], *keys: str) -> TriageScreen:
    for key in keys:
        await pilot.press(key)
        await quiet(app, pilot)
    return at_triage(app)


async def test_tickets_take_two_keys_each_when_the_suggestion_is_right(
    desk: Desk, make_ticket: Make
) -> None:
    tickets = [
        make_ticket(TWO[n % 2][0], text=TWO[n % 2][1], requester=1 + n % 3) for n in range(12)
    ]
    pressed = 0
    async with at_desk(desk, (120, 40)) as (app, pilot):
        screen = await begin(app, pilot)
        assert "12 of 12 left · 0 done" in frame(app)
        while screen.round.at is not None and pressed < 36:
            await pilot.press("+", "i")  # without a pause: the second waits for the first
            pressed += 2
            await quiet(app, pilot)
        assert pressed == 24
        rows = desk.read.rows(tickets)
        assert {row.assignee for row in rows} == {"ana"}
        assert {(row.queue, row.path, row.priority) for row in rows[::2]} == {("service-desk", "Hardware / Printer", 4)}  # fmt: skip
        assert {(row.queue, row.path, row.priority) for row in rows[1::2]} == {("network", "Network / VPN", 2)}  # fmt: skip
        assert "Nothing is left to triage." in frame(app)
        assert "36 of 36 suggestions were right" in frame(app)
        assert complaints(app) == []


async def test_a_ticket_stands_with_all_that_decides_it(desk: Desk, make_ticket: Make) -> None:
    make_ticket("Printer jams on my floor", text="It eats paper.", requester=2)
    make_ticket("VPN drops at home", text="The tunnel breaks.", requester=1)
    make_ticket("Printer jams on my floor", text="It eats paper, all of it.", requester=2)
    async with at_desk(desk, (120, 40)) as (app, pilot):
        await begin(app, pilot)
        await press(app, pilot, "J", "J")
        said = frame(app)
        for words in (
            "TRIAGE", "3 of 3 left", "all of it", "☑ 1 category", "Hardware / Printer", "“printer” (6 of 6)",
            "☑ 3 priority  P4 low  (now P3", "= 2 queue     Service desk", "from 12 solved", "PERHAPS THE SAME",
            "5 SD-13", "theirs", "REQUESTER", "Jun Li · ACME Oy", "SIMILAR, SOLVED",
            "service-desk · Hardware / Printer · solved", "Done: Hardware / Printer.", "CLOCKS", "+ as suggested",
        ):  # fmt: skip
            assert words in said, words
        looks_as_it_did(said, "triage-120x40")


async def test_a_small_terminal_shows_each_thing_on_a_line(desk: Desk, make_ticket: Make) -> None:
    make_ticket("Printer jams on my floor", text="It eats paper.", requester=2)
    make_ticket("Printer jams on my floor", text="It eats paper, all of it.", requester=1)
    async with at_desk(desk, (80, 24)) as (app, pilot):
        await begin(app, pilot)
        await press(app, pilot, "J")
        said = frame(app)
        for words in (
            "2 of 2 left", "all of it", "☑ 1 category  Hardware / Printer", "☑ 3 priority", "same?  5 SD-13",
            "solved 6 SD-", "from   Mikko Korhonen ★ VIP · 4 past tickets: SD-", "+ as suggested",
        ):  # fmt: skip
            assert words in said, words
        looks_as_it_did(said, "triage-80x24")
        await press(app, pilot, "tab")
        assert "PERHAPS THE SAME" in frame(app)
        assert "all of it" not in frame(app)
        await press(app, pilot, "ctrl+d")
        assert "SIMILAR, SOLVED" in frame(app)
        await press(app, pilot, "tab")
        assert "category" not in frame(app)


async def test_single_suggestions_are_ticked_and_taken_as_one_batch(
    desk: Desk, make_ticket: Make
) -> None:
    ticket = make_ticket("VPN drops at home", text="The tunnel breaks.")
    async with at_desk(desk, (120, 40)) as (app, pilot):
        await begin(app, pilot)
        await press(app, pilot, "2")
        assert "☐ 2 queue" in frame(app)
        await press(app, pilot, "+")
        now = desk.read.ticket(ticket)
        assert (now.queue, now.path, now.priority) == ("service-desk", "Network / VPN", 2)
        assert "as suggested: category Network / VPN, priority P2 high" in told(app)
        await press(app, pilot, "1")
        assert "is Network / VPN already" in told(app)
        await press(app, pilot, "u")
        now = desk.read.ticket(ticket)
        assert (now.path, now.priority) == ("", 3)
        await press(app, pilot, "4")
        assert "no assignee is suggested" in told(app)


async def test_nothing_ticked_takes_nothing(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket("VPN drops at home", text="The tunnel breaks.")
    before = desk.read.ticket(ticket).last_event
    async with at_desk(desk, (120, 40)) as (app, pilot):
        await begin(app, pilot)
        await press(app, pilot, "1", "2", "3", "+")
        assert "1 to 4 tick them" in told(app)
        await press(app, pilot, "1", "2", "3", "+", "+")
        assert "as suggested already" in told(app)
    assert desk.read.ticket(ticket).last_event > before


async def test_undo_brings_the_ticket_back_and_redo_settles_it_again(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    first, second = make_ticket("One"), make_ticket("Two")
    async with at_desk(desk, (120, 40)) as (app, pilot):
        screen = await begin(app, pilot)
        clock.forward(38)
        await press(app, pilot, "i")
        assert screen.number == second
        assert "1 of 2 left · 1 done · 0:38 a ticket" in frame(app)
        await press(app, pilot, "u")
        assert screen.number == first
        assert desk.read.ticket(first).assignee == ""
        assert "2 of 2 left · 0 done" in frame(app)
        await press(app, pilot, "ctrl+r")
        assert screen.number == second
        assert desk.read.ticket(first).assignee == "ana"
        await press(app, pilot, "i")
        assert "Nothing is left" in frame(app)
        await press(app, pilot, "u")
        assert screen.number == second
        assert "Nothing is left" not in frame(app)


async def test_what_somebody_else_takes_drops_out_and_is_told(
    desk: Desk, make_ticket: Make, open_desk: OpenDesk
) -> None:
    first, second, third = make_ticket("One"), make_ticket("Two"), make_ticket("Three")
    ben = open_desk("ben")
    async with at_desk(desk, (120, 40)) as (app, pilot):
        screen = await begin(app, pilot)
        ben.apply(second, Assign("ben"))
        await settle(app, pilot, lambda: "SD-14: taken by ben" in told(app))
        assert screen.number == first
        assert "2 of 2 left" in frame(app)
        ben.apply(first, Resolve("solved", "It works."))
        await settle(app, pilot, lambda: screen.number == third)
        await settle(app, pilot, lambda: "SD-13: resolved by ben" in told(app))
        await press(app, pilot, "i")
        assert "2 tickets settled by others" in frame(app)


async def test_two_who_take_the_same_ticket_at_once_are_told_who_has_it(
    desk: Desk, make_ticket: Make, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_ticket("One"), make_ticket("Two")
    ben = open_desk("ben")
    async with at_desk(desk, (120, 40)) as (app, pilot):
        screen = await begin(app, pilot)
        write = app.write

        async def late(*values: object, **options: object) -> object:
            ben.apply(first, Assign("ben"))
            return await write(*values, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(app, "write", late)
        await pilot.press("i")
        await settle(app, pilot, lambda: screen.number == second)
        # The news that ben has it may be there before the refusal.
        await settle(app, pilot, lambda: any("ben" in words for words in complaints(app)))
        assert desk.read.ticket(first).assignee == "ben"
        assert screen.round.done == []


async def test_a_new_ticket_joins_at_the_end(
    desk: Desk, make_ticket: Make, open_desk: OpenDesk
) -> None:
    make_ticket("One")
    ben = open_desk("ben")
    async with at_desk(desk, (120, 40)) as (app, pilot):
        screen = await begin(app, pilot)
        new = ben.apply(None, Open("Two", impact=1, urgency=1)).ticket
        await settle(app, pilot, lambda: "1 new ticket came in" in told(app))
        assert screen.number != new
        assert screen.round.left[-1] == new
        await press(app, pilot, "i", "i")
        assert "Nothing is left" in frame(app)
        late = ben.apply(None, Open("Three")).ticket
        await settle(app, pilot, lambda: screen.number == late and not screen.is_behind)
        assert "Three" in frame(app)


async def test_a_burst_of_keys_settles_one_ticket_after_the_other(
    desk: Desk, make_ticket: Make
) -> None:
    tickets = [make_ticket(f"Number {n}") for n in range(3)]
    async with at_desk(desk, (80, 24)) as (app, pilot):
        screen = await begin(app, pilot)
        for _ in tickets:
            app.post_message(Key("i", "i"))  # as over a slow line: all at once
        await settle(app, pilot, lambda: len(screen.round.done) == 3)
        assert {row.assignee for row in desk.read.rows(tickets)} == {"ana"}


async def test_every_way_of_settling_moves_on_and_skipping_does_not(
    desk: Desk, make_ticket: Make
) -> None:
    tickets = [make_ticket(f"Number {n}") for n in range(4)]
    async with at_desk(desk, (120, 40)) as (app, pilot):
        screen = await begin(app, pilot)
        await press(app, pilot, "J", "K", "K")
        assert screen.number == tickets[3]
        assert len(screen.round.left) == 4
        await press(app, pilot, "J")
        desk.apply(tickets[0], SetState("waiting-customer"))
        await settle(app, pilot, lambda: screen.number == tickets[1])
        await pilot.press("d")
        await settle(app, pilot, lambda: app.screen.is_modal)
        await pilot.press("enter", *"done", "enter")
        await settle(app, pilot, lambda: not app.screen.is_modal)
        await settle(app, pilot, lambda: screen.number == tickets[2])
        assert len(screen.round.done) == 2


async def test_what_is_being_written_keeps_its_ticket_at_hand(
    desk: Desk, make_ticket: Make, open_desk: OpenDesk
) -> None:
    first, second = make_ticket("One"), make_ticket("Two")
    async with at_desk(desk, (120, 40)) as (app, pilot):
        screen = await begin(app, pilot)
        await pilot.press("c")
        await settle(app, pilot, lambda: screen.composer() is not None and not screen.is_opening)
        await pilot.press(*"half")
        open_desk("ben").apply(first, Assign("ben"))
        await pilot.pause(0.3)
        assert screen.number == first
        assert screen.composer() is not None
        await pilot.press("escape")
        await settle(app, pilot, lambda: "y" in frame(app))
        await pilot.press("q")
        await settle(app, pilot, lambda: screen.number == second)


async def test_a_fresh_desk_has_a_quick_one_by_one_mode(
    store_template: Path, tmp_path: Path, clock: Clock
) -> None:
    with Desk.open(fresh_store(store_template, tmp_path / "new"), actor="ana", source=Source.TUI, clock=clock) as desk:  # fmt: skip
        for n in range(3):
            desk.apply(None, Open(f"Number {n}", requester=1, text="Please help."))
        async with at_desk(desk, (80, 24)) as (app, pilot):
            await begin(app, pilot)
            assert "too little is known" in frame(app)
            assert "Please help." in frame(app)
            await press(app, pilot, "+")
            assert "nothing is suggested" in told(app)
            await press(app, pilot, "i", "i", "i")
            assert "3 tickets settled" in frame(app)


async def test_while_it_is_learned_the_round_goes_on_and_suggestions_come_by_themselves(
    desk: Desk, make_ticket: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_ticket("Printer jams again", text="It eats paper.")
    monkeypatch.setattr(Learned, "_start", lambda _: True)
    monkeypatch.setattr(triage_module, "LEARNING", 0.05)
    async with at_desk(desk, (120, 40)) as (app, pilot):
        await pilot.press("g", "t")
        await quiet(app, pilot)
        assert "learning from the solved tickets" in frame(app)
        desk.suggest(TicketId(1))
        await settle(app, pilot, lambda: "☑ 1 category" in frame(app))
        assert "from 12 solved" in frame(app)


HOSTILE = (
    "[/red] \x1b]52;c;aGF4\x07\x9b31m [@click=app.quit]x[/] \u202eevil 👩‍👩‍👧 漢字 " + "W" * 300
)


@pytest.mark.parametrize("size", [(120, 40), (40, 12)])
async def test_hostile_texts_are_only_text(
    desk: Desk, make_ticket: Make, size: tuple[int, int]
) -> None:
    desk.apply(None, SavePerson(HOSTILE[:180], "x@y.example", "", HOSTILE[:100]))
    number = 4  # the set-up made three
    for _ in range(2):
        make_ticket(HOSTILE[:280], text=HOSTILE, requester=number)
    make_ticket("Printer jams", text=HOSTILE, requester=number)
    async with at_desk(desk, size) as (app, pilot):
        await begin(app, pilot)
        await press(app, pilot, "J", "tab", "J", "+", "1")
        said = frame(app)
        assert "\x1b" not in said
        assert "\u202e" not in said
        assert "\x9b" not in said
        assert isinstance(app.screen, TriageScreen)


async def test_a_query_of_ones_own_and_a_wrong_one(desk: Desk, make_ticket: Make) -> None:
    make_ticket("One", queue="network")
    make_ticket("Two")
    async with at_desk(desk, (80, 24)) as (app, pilot):
        app.desk.suggest(TicketId(1))
        run_line(app.queue_screen, "triage queue:netwrk")
        await settle(app, pilot, lambda: bool(complaints(app)))
        assert "netwrk" in complaints(app)[0]
        run_line(app.queue_screen, "triage queue:network is:open")
        await quiet(app, pilot)
        assert "1 of 1 left" in frame(app)
        await pilot.press("q")
        await settle(app, pilot, lambda: not isinstance(app.screen, TriageScreen))


async def test_a_listed_ticket_opens_by_its_digit_and_the_one_at_hand_whole(
    desk: Desk, make_ticket: Make
) -> None:
    first = make_ticket("Mail server is down", text="Nobody gets mail")
    second = make_ticket("Mail server is down", text="Nobody here gets mail")
    async with at_desk(desk, (120, 40)) as (app, pilot):
        screen = await begin(app, pilot)
        assert screen.likely_same()[0].id == second
        await pilot.press("5")
        await settle(app, pilot, lambda: not isinstance(app.screen, TriageScreen))
        assert app.screen.number == second  # type: ignore[attr-defined]
        await pilot.press("q")
        await quiet(app, pilot)
        await pilot.press("l")
        await settle(app, pilot, lambda: not isinstance(app.screen, TriageScreen))
        assert app.screen.number == first  # type: ignore[attr-defined]
        await pilot.press("q")
        await press(app, pilot, "9")
        assert "no ticket is listed under 9" in told(app)


async def test_the_likeliest_duplicate_is_the_first_to_merge_into(
    desk: Desk, make_ticket: Make
) -> None:
    make_ticket("Mail signature", requester=1)
    same = make_ticket("Mail server is down", text="Nobody gets mail", requester=2)
    ticket = make_ticket("Mail server is down", text="Nobody here gets mail", requester=1)
    async with at_desk(desk, (120, 40)) as (app, pilot):
        screen = await begin(app, pilot)
        await press(app, pilot, "J", "J")
        assert screen.number == ticket
        await pilot.press("M")
        await settle(app, pilot, lambda: app.screen.is_modal and f"SD-{same} Mail" in frame(app))
        await pilot.press("enter")
        await quiet(app, pilot)
        assert desk.read.ticket(ticket).merged_into == same
        assert screen.number != ticket
        assert len(screen.round.done) == 1
        await press(app, pilot, "u")
        assert screen.number == ticket
        assert desk.read.ticket(ticket).merged_into is None


async def test_a_message_of_the_requester_is_shown_at_once(desk: Desk, make_ticket: Make, open_desk: OpenDesk) -> None:  # fmt: skip
    ticket = make_ticket("One")
    async with at_desk(desk, (80, 24)) as (app, pilot):
        await begin(app, pilot)
        open_desk("ben").apply(ticket, Receive("It is worse now."))
        await settle(app, pilot, lambda: "It is worse now." in frame(app))
