"""Held mail in the desk: seen with its reason, let in, put into a ticket, refused, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from sdesk.app import SdeskApp
from sdesk.desk import Desk
from sdesk.model import Source
from sdesk.prove.mails.desks import Post, mail
from sdesk.screens.held import HeldScreen
from sdesk.screens.queue import QueueScreen
from tests.conftest import Clock
from tests.mail.conftest import mail_store, mail_template, post
from tests.tui.desk_pilot import at_desk, frame, settle, told

__all__ = ["mail_store", "mail_template", "post"]
HOSTILE = "[@click=app.bell]Refund[/] \u202exe.exe [/nope]"


@pytest.fixture
def ann(post: Post, mail_store: Path, clock: Clock) -> Iterator[Desk]:
    """Ann's desk, with two held mails: one that claims to be an agent's, one of Alice that may be forged."""
    post.take(mail(HOSTILE, "Send it \x1b]52;c;AAAA\x07 here", author="Bob <bob@desk.example>"))
    post.take(mail("Re: [SD-1001] VPN", "It is room 12", auth="fail"))
    with Desk.open(mail_store, actor="ann", source=Source.TUI, clock=clock) as desk:
        yield desk


async def at_held_mail(app: SdeskApp, pilot: Pilot[None]) -> None:
    await pilot.press("g", "h")
    await settle(app, pilot, lambda: isinstance(app.screen, HeldScreen) and "2 mails" in frame(app))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_held_mail_shows_why_and_what_letter_for_letter(
    ann: Desk, size: tuple[int, int]
) -> None:
    async with at_desk(ann, size) as (app, pilot):
        await settle(app, pilot, lambda: "? 2 held" in frame(app))
        await at_held_mail(app, pilot)
        await settle(
            app, pilot, lambda: "by mail nobody speaks as an agent" in " ".join(frame(app).split())
        )
        assert "[@click=app.bell]Refund[/] xe.exe [/nope]" in frame(app)
        assert "Send it" in frame(app)
        await pilot.press("j")
        await settle(app, pilot, lambda: "It is room 12" in frame(app))
        assert "dmarc=fail" in frame(app)
        await pilot.press("escape")
        await settle(app, pilot, lambda: isinstance(app.screen, QueueScreen))


async def test_let_in_by_a_key_and_taken_back(ann: Desk) -> None:
    async with at_desk(ann, (120, 40)) as (app, pilot):
        await at_held_mail(app, pilot)
        await pilot.press("+")
        await settle(app, pilot, lambda: "1 mail released" in told(app))
        assert ann.read.mail(1).outcome == "new"
        await settle(app, pilot, lambda: "· 1 mail" in frame(app))
        await pilot.press("u")
        await settle(app, pilot, lambda: ann.read.mail(1).outcome == "hold")
        await settle(app, pilot, lambda: "· 2 mails" in frame(app))


async def test_marked_ones_are_refused_together_and_taken_back(ann: Desk) -> None:
    async with at_desk(ann, (80, 24)) as (app, pilot):
        await at_held_mail(app, pilot)
        await pilot.press("*")
        await settle(app, pilot, lambda: "2 marked" in frame(app))
        await pilot.press("X")
        await settle(app, pilot, lambda: ann.read.count_held() == 0)
        await settle(app, pilot, lambda: "no mail is held" in frame(app))
        await pilot.press("z")
        await settle(app, pilot, lambda: "✗" in frame(app))
        await pilot.press("u")
        await settle(app, pilot, lambda: ann.read.count_held() == 2)


async def test_the_key_after_a_decision_is_meant_for_the_next_mail(ann: Desk) -> None:
    async with at_desk(ann, (80, 24)) as (app, pilot):
        await at_held_mail(app, pilot)
        async with app.writing_lock:  # a slow store: the first is not decided yet
            await pilot.press("X", "plus")
            assert "no mail is held" in frame(app)
        await settle(app, pilot, lambda: "1 mail released" in told(app))
        assert [ann.read.mail(n).outcome for n in (1, 2)] == ["rejected", "new"]


async def test_put_into_the_ticket_that_is_named(ann: Desk) -> None:
    async with at_desk(ann, (120, 40)) as (app, pilot):
        await at_held_mail(app, pilot)
        await pilot.press("j", "M")
        await settle(app, pilot, lambda: "Put 1 mail into" in frame(app))
        await pilot.press(*"1001")
        await settle(app, pilot, lambda: "SD-1001 VPN" in frame(app))
        await pilot.press("enter")
        await settle(app, pilot, lambda: ann.read.mail(2).ticket == 1001)
        assert ann.read.conversation(1001)[-1].text == "It is room 12"


async def test_the_whole_mail_opens_to_be_read(ann: Desk) -> None:
    async with at_desk(ann, (80, 24)) as (app, pilot):
        await at_held_mail(app, pilot)
        await settle(app, pilot, lambda: "Send it" in frame(app))
        await pilot.press("enter")
        await settle(app, pilot, lambda: "Mail 1 · bob@desk.example" in frame(app))
        await pilot.press("q")
        await settle(app, pilot, lambda: isinstance(app.screen, HeldScreen))
