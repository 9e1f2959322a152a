"""What is done with a list means the text as it stands, however late the list follows it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any

from sdesk.desk import Desk
from sdesk.errors import NotFound
from sdesk.model import Person, TicketId
from sdesk.screens.dialogs.ask import Ask
from sdesk.screens.dialogs.open import NewTicket
from sdesk.screens.dialogs.pick import Choice, Pick
from sdesk.widgets.following import Following
from tests.tui.desk_pilot import at_desk, keystroke, settle
from tests.tui.ticket_pilot import until_shown

Make = Callable[..., TicketId]
NAMES = ("ana", "ben", "bente", "chi")


class Late:
    """A source that answers when it is let."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.fault = False

    def source(self) -> Callable[[str], Any]:
        async def find(typed: str) -> Sequence[Choice]:
            if typed:
                await self.gate.wait()
            if self.fault:
                raise NotFound("The directory is away.")
            return [Choice(name, name) for name in NAMES if name.startswith(typed)]

        return find


def test_an_act_waits_for_the_text_as_it_stood() -> None:
    typed, asked, done = ["b"], list[str](), list[str]()
    line = Following(lambda: typed[0], asked.append)
    line.follow()
    line.stands("b")
    typed[0] = "be"
    line.then(lambda: done.append("enter"))
    assert (asked, done, line.is_waiting) == (["b", "be"], [], True)
    line.stands("be")
    assert (done, line.is_waiting) == (["enter"], False)
    line.then(lambda: done.append("down"))
    assert done == ["enter", "down"]


def test_what_an_act_changes_holds_up_the_next_one() -> None:
    typed, asked, done = ["b"], list[str](), list[str]()
    line = Following(lambda: typed[0], asked.append)
    line.then(lambda: typed.__setitem__(0, ""))
    line.then(lambda: done.append("enter"))
    line.stands("b")
    assert (asked, done) == (["b", ""], [])
    line.stands("")
    assert done == ["enter"]


def test_a_fault_ends_the_waiting_and_the_next_act_asks_again() -> None:
    asked, done = list[str](), list[str]()
    line = Following(lambda: "b", asked.append)
    line.then(lambda: done.append("enter"))
    line.failed("a")
    assert line.is_waiting
    line.failed("b")
    assert not line.is_waiting
    line.then(lambda: done.append("again"))
    line.stands("b")
    assert (asked, done) == (["b", "b"], ["again"])


async def test_enter_takes_what_fits_the_text_and_keys_behind_it_change_nothing(
    desk: Desk, make_ticket: Make
) -> None:
    ticket, answers = make_ticket(), list[Any]()
    async with at_desk(desk) as (app, pilot):
        late = Late()
        await pilot.press("6")
        app.push_screen(Pick("Whom", late.source()), answers.append)
        await until_shown(app, pilot, "bente", "chi")
        await pilot.press(*"ben", "enter")
        for key in "p1":
            app.post_message(keystroke(key))
        await settle(app, pilot, lambda: len(app.typed_ahead) == 2)
        assert not answers
        late.gate.set()
        await settle(app, pilot, lambda: desk.read.ticket(ticket).priority == 1)
        assert answers == ["ben"]


async def test_the_cursor_and_the_marks_wait_for_the_list_too(desk: Desk) -> None:
    answers = list[Any]()
    async with at_desk(desk) as (app, pilot):
        late = Late()
        app.push_screen(Pick("Whom", late.source()), answers.append)
        await until_shown(app, pilot, "bente", "chi")
        await pilot.press("b", "down")
        late.gate.set()
        await pilot.press("enter")
        await settle(app, pilot, lambda: answers == ["bente"])
        late.gate.clear()
        app.push_screen(Pick("Whom", late.source(), multi=True), answers.append)
        await until_shown(app, pilot, "bente", "chi")
        await pilot.press("c", "space")
        late.gate.set()
        await pilot.press("enter")
        await settle(app, pilot, lambda: answers[1:] == [("chi",)])


async def test_escape_closes_while_it_waits_and_so_does_a_fault_end_it(desk: Desk) -> None:
    answers = list[Any]()
    async with at_desk(desk) as (app, pilot):
        late = Late()
        app.push_screen(Pick("Whom", late.source()), answers.append)
        await until_shown(app, pilot, "bente")
        await pilot.press("b", "enter", "escape")
        await settle(app, pilot, lambda: answers == [None])
        late.fault = True
        late.gate.set()
        app.push_screen(Pick("Whom", late.source()), answers.append)
        await until_shown(app, pilot, "The directory is away.")
        dialog = app.screen
        assert isinstance(dialog, Pick)
        await pilot.press("b", "enter")
        await settle(app, pilot, lambda: not dialog.following.is_waiting)
        assert len(answers) == 1
        late.fault = False
        await pilot.press("enter")
        await settle(app, pilot, lambda: answers == [None, "ben"])


async def test_the_caller_is_the_one_whose_name_was_typed(desk: Desk, monkeypatch: Any) -> None:
    gate, people = threading.Event(), desk.read.people

    def late(typed: str, **named: Any) -> tuple[Person, ...]:
        assert gate.wait(60)
        return people(typed, **named)

    monkeypatch.setattr(type(desk.read), "people", lambda _, typed, **named: late(typed, **named))
    async with at_desk(desk, (100, 34)) as (app, pilot):
        await pilot.press("o")
        await settle(app, pilot, lambda: isinstance(app.screen, NewTicket))
        for key in [*"kor", "enter", *"Mouse"]:
            app.post_message(keystroke(key))
        await settle(app, pilot, lambda: len(app.typed_ahead) == 5)
        gate.set()
        form = app.screen
        assert isinstance(form, NewTicket)
        await settle(app, pilot, lambda: form.subject.value == "Mouse")
        assert form.caller is not None
        assert form.caller.name == "Mikko Korhonen"


async def test_a_key_from_before_a_question_stood_answers_nothing(desk: Desk) -> None:
    answers = list[str | None]()
    async with at_desk(desk) as (app, pilot):
        early = keystroke("y")
        app.push_screen(Ask("Send it to 400 people?", {"y": "send"}), answers.append)
        await settle(app, pilot, lambda: bool(getattr(app.screen, "is_seen", False)))
        app.post_message(early)
        await until_shown(app, pilot, "pressed before this was asked")
        assert not answers
        await settle(app, pilot, lambda: keystroke("y").time > early.time + 0.5)
        await pilot.press("y")
        await settle(app, pilot, lambda: answers == ["y"])
