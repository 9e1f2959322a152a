"""What the desk shows of mail that goes out: to whom a reply goes, what became of it, what can be done."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.posted import Posted
from sdesk.screens.dialogs.letter import LetterPreview
from sdesk.sending import Sending
from sdesk.widgets.composer import Composer
from sdesk.widgets.post_lines import in_title, status, trouble_lines
from tests.conftest import Clock
from tests.each import each
from tests.tui.desk_pilot import at_desk, frame, settle
from tests.tui.ticket_pilot import show, until_shown

Make = Callable[..., TicketId]


@pytest.fixture
def mailing(desk: Desk, make_ticket: Make) -> Desk:
    """A desk that writes mail, with one ticket."""
    desk.apply(
        None, ops.SaveSetting("mail_address", "desk@acme.example"),
        ops.SaveSetting("mail_signature", "Acme IT"), ops.SaveSetting("undo_seconds", "0"),
    )  # fmt: skip
    make_ticket("VPN drops", text="It drops.")
    return desk


def fails(desk: Desk, clock: Clock, answer: str = "550 5.1.1 no such user") -> None:
    """The letter that waits can't be delivered."""
    sending = Sending(desk.place, clock=clock)
    letter = sending.lease()
    assert letter is not None
    sending.fail(letter, answer)
    sending.close()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_composer_says_to_whom_a_reply_goes_and_shows_the_mail(
    mailing: Desk, size: tuple[int, int]
) -> None:
    async with at_desk(mailing, size) as (app, pilot):
        await show(app, pilot, TicketId(1))
        await pilot.press("r", *"Restart it.")
        await until_shown(app, pilot, "by mail to mikko@acme.example")
        await pilot.press("escape")
        await until_shown(app, pilot, "m see the mail")
        await pilot.press("m")
        await settle(app, pilot, lambda: isinstance(app.screen, LetterPreview))
        await until_shown(
            app, pilot, "Acme IT <desk@acme.example>", "Subject  [SD-1] VPN drops", "Restart it.", "Acme IT",
        )  # fmt: skip
        await pilot.press("q")
        await settle(app, pilot, lambda: not isinstance(app.screen, LetterPreview))
        await until_shown(app, pilot, "y send")
        await pilot.press("y")
        await settle(app, pilot, lambda: not app.screen.query(Composer))
        await until_shown(app, pilot, "REPLY · waiting to leave")


async def test_where_nobody_can_be_written_to_the_composer_says_so(mailing: Desk) -> None:
    mailing.apply(None, ops.SavePerson("Mikko Korhonen", "", id=1))
    async with at_desk(mailing) as (app, pilot):
        await show(app, pilot, TicketId(1))
        await pilot.press("r")
        await until_shown(app, pilot, "no mail goes out: there is no address")
        await pilot.press("escape", "q")
        await settle(app, pilot, lambda: not app.screen.query(Composer))


async def test_a_desk_without_an_address_speaks_of_no_mail(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    async with at_desk(desk) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("r", "x", "escape")
        await until_shown(app, pilot, "y send")
        assert "mail" not in frame(app).splitlines()[-2]
        await pilot.press("q")
        await settle(app, pilot, lambda: not app.screen.query(Composer))


async def test_a_mail_that_did_not_arrive_is_seen_and_sent_again(
    mailing: Desk, clock: Clock
) -> None:
    mailing.apply(TicketId(1), ops.Reply("Restart it."))
    fails(mailing, clock)
    async with at_desk(mailing, (120, 40)) as (app, pilot):
        await show(app, pilot, TicketId(1))
        await until_shown(
            app, pilot, "REPLY · not delivered", "✗ reply not delivered: mikko@", "550 5.1.1 no such user",
            ":resend  or  :dropmail", "could not send the mail to mikko@acme.example",
        )  # fmt: skip
        await pilot.press(":", *"resend", "enter")
        await settle(app, pilot, lambda: mailing.read.letter(1).state == "waiting")
        await until_shown(
            app, pilot, "REPLY · waiting to leave", "sent the mail to mikko@acme.example again"
        )
        await settle(app, pilot, lambda: "not delivered" not in frame(app))


def letter(**values: object) -> Posted:
    known = {
        "id": 1, "ticket": 1, "entry": 5, "kind": "reply", "sender": "d@x", "to": ("a@x",), "cc": (),
        "subject": "s", "body": "b", "message_id": "<a@b>", "refs": (), "language": "en", "at": 0,
        "send_after": 0, "state": "sent", "tries": 1, "next_at": None, "sent_at": 1, "answer": "",
    }  # fmt: skip
    return Posted(**{**known, **values})  # type: ignore[arg-type]


@each(
    ("values", "said"),
    [
        ({}, "sent"), ({"state": "waiting"}, "waiting to leave"), ({"state": "dropped"}, "given up"),
        ({"state": "waiting", "answer": "451 later", "next_at": 60}, "put off"), ({"state": "failed"}, "not delivered"),
        ({"state": "bounced"}, "came back"),
    ],
)  # fmt: skip
def test_each_state_of_a_mail_has_its_word(values: dict[str, object], said: str) -> None:
    word, part = status(letter(**values))
    assert word == said
    assert (part == "trouble") == letter(**values).is_troubled
    assert bool(trouble_lines([letter(**values)], 30)) == letter(**values).is_troubled


def test_a_servers_words_are_cleaned_before_they_are_shown() -> None:
    hostile = letter(state="failed", answer="550 \x1b]52;c;eA==\x07[/nope] " + "x" * 500)
    lines = trouble_lines([hostile], 40)
    assert all(text.isprintable() for line in lines for text, _ in line)
    assert len(lines) <= 5
    assert in_title(None).startswith("no mail")
