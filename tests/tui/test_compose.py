"""Writing replies and notes: review, drafts, what happens when the thread moves on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.app import App

from sdesk.desk import Desk
from sdesk.errors import Busy, Usage
from sdesk.model import EntryKind, TicketId
from sdesk.ops import AddNote, Edit, Receive
from sdesk.screens.drafts import DraftKeeper, offer_drafts
from sdesk.screens.editor import edit
from sdesk.screens.ticket import TicketScreen
from sdesk.widgets.composer import Composer
from tests.tui.desk_pilot import at_desk, frame, settle, told
from tests.tui.ticket_pilot import show, until_shown

Make = Callable[..., TicketId]
OpenDesk = Callable[[str], Desk]
WIDE = (100, 30)


def said(desk: Desk, ticket: TicketId) -> list[tuple[EntryKind, str]]:
    return [(entry.kind, entry.text) for entry in desk.read.conversation(ticket)]


async def test_a_reply_is_sent_from_the_review_and_not_before(
    desk: Desk, make_ticket: Make
) -> None:
    ticket = make_ticket(text="")
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("r", *"Hello", "enter", *"Mikko", "escape")
        await until_shown(app, pilot, "REPLY to Mikko Korhonen", "y send")
        assert said(desk, ticket) == []
        await pilot.press("enter")
        assert said(desk, ticket) == []
        await pilot.press("y")
        await settle(app, pilot, lambda: said(desk, ticket) == [(EntryKind.REPLY, "Hello\nMikko")])
        await settle(app, pilot, lambda: not app.screen.query(Composer))
        await until_shown(app, pilot, "Ana Virtanen REPLY")
        assert desk.read.drafts() == ()


async def test_act_keys_are_text_while_text_is_typed(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("c", *"iaspqQ:?/", "escape", "y")
        await settle(app, pilot, lambda: (EntryKind.NOTE, "iaspqQ:?/") in said(desk, ticket))
        assert desk.read.ticket(ticket).assignee == ""


async def test_a_reply_becomes_a_note_in_the_review(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket(text="")
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("r", *"not for him", "escape")
        await until_shown(app, pilot, "make it a note")
        await pilot.press("n")
        await until_shown(app, pilot, "NOTE · only agents read this", "make it a reply")
        await pilot.press("y")
        await settle(app, pilot, lambda: said(desk, ticket) == [(EntryKind.NOTE, "not for him")])


async def test_e_goes_back_into_the_text(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket(text="")
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("c", *"one", "escape", "e", *" two", "escape", "y")
        await settle(app, pilot, lambda: said(desk, ticket) == [(EntryKind.NOTE, "one two")])


async def test_discarding_leaves_neither_entry_nor_draft(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket(text="", requester=None)
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("r", *"rubbish")
        await until_shown(app, pilot, "REPLY · the ticket has no requester to read it")
        await settle(app, pilot, lambda: bool(desk.read.drafts()))
        await pilot.press("escape", "q")
        await settle(app, pilot, lambda: not app.screen.query(Composer))
        assert desk.read.drafts() == ()
        assert said(desk, ticket) == []


async def test_a_draft_is_kept_while_typing(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("r", *"Hello M")
        await settle(app, pilot, lambda: [d.text for d in desk.read.drafts()] == ["Hello M"])
        await pilot.press(*"ik")
        app.flush_drafts()
        draft = desk.read.draft(ticket, "reply")
        assert draft is not None
        assert draft.text == "Hello Mik"


async def test_a_postponed_text_is_offered_and_goes_on(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket(text="")
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("r", *"Hello", "escape", "p")
        await settle(app, pilot, lambda: not app.screen.query(Composer))
        await pilot.press("q")
        await settle(app, pilot, lambda: not isinstance(app.screen, TicketScreen))
        await show(app, pilot, ticket)
        await settle(
            app, pilot, lambda: "draft of 11:40, a reply of 5 characters: r goes on" in told(app)
        )
        await pilot.press("r")
        await until_shown(app, pilot, "Hello")
        await pilot.press(*" you", "escape", "y")
        await settle(app, pilot, lambda: said(desk, ticket) == [(EntryKind.REPLY, "Hello you")])


async def test_a_text_left_by_a_killed_desk_is_offered_at_the_next_start(
    desk: Desk, make_ticket: Make
) -> None:
    ticket = make_ticket()
    desk.save_draft(ticket, "reply", "I was just wri")
    async with at_desk(desk, WIDE) as (app, pilot):
        offer_drafts(app)  # a headless desk doesn't do it by itself
        await until_shown(app, pilot, "1 draft kept", "SD-1 reply", "I was just wri")
        await pilot.press("enter")
        await until_shown(app, pilot, "REPLY to Mikko", "I was just wri")
        assert isinstance(app.screen, TicketScreen)


async def test_leaving_the_ticket_keeps_what_was_typed(desk: Desk, make_ticket: Make) -> None:
    one, two = make_ticket("One"), make_ticket("Two")
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, one, (one, two))
        await pilot.press("r", *"half a", "escape", "J")
        await until_shown(app, pilot, "SD-2", "Two")
        draft = desk.read.draft(one, "reply")
        assert draft is not None
        assert draft.text == "half a"
        assert not app.screen.query(Composer)


async def test_a_reply_is_held_when_the_thread_moved_on_and_sent_the_second_time(
    desk: Desk, open_desk: OpenDesk, make_ticket: Make
) -> None:
    ticket = make_ticket(text="")
    ben = open_desk("ben")
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("r", *"Hello", "escape")
        ben.apply(ticket, Receive("Never mind, it works again.", None))
        await pilot.press("y")
        await until_shown(app, pilot, "HELD", "Never mind, it works again.")
        assert (EntryKind.REPLY, "Hello") not in said(desk, ticket)
        await pilot.press("y")
        await settle(app, pilot, lambda: (EntryKind.REPLY, "Hello") in said(desk, ticket))


async def test_a_colleagues_note_holds_nothing_up(
    desk: Desk, open_desk: OpenDesk, make_ticket: Make
) -> None:
    ticket = make_ticket(text="")
    ben = open_desk("ben")
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("r", *"Hello", "escape")
        ben.apply(ticket, AddNote("by the way"))
        await pilot.press("y")
        await settle(app, pilot, lambda: (EntryKind.REPLY, "Hello") in said(desk, ticket))


async def test_a_live_refresh_keeps_the_text_being_typed(
    desk: Desk, open_desk: OpenDesk, make_ticket: Make
) -> None:
    ticket = make_ticket()
    ben = open_desk("ben")
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("r", *"Hello")
        ben.apply(ticket, AddNote("something else"))
        await until_shown(app, pilot, "something else", "Hello")
        await pilot.press("!")
        assert app.screen.query_one(Composer).text == "Hello!"


async def test_an_empty_text_is_not_sent(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket(text="")
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("r", "escape", "y")
        await settle(app, pilot, lambda: any("no text" in n.message for n in app._notifications))
        assert app.screen.query(Composer)
        assert said(desk, ticket) == []


async def test_pasted_text_is_cleaned(desk: Desk, make_ticket: Make) -> None:
    from textual.events import Paste

    ticket = make_ticket(text="")
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("r")
        await settle(app, pilot, lambda: bool(app.screen.query(Composer)))
        app.screen.query_one(Composer).area.post_message(Paste("a\x1b]52;c;AAAA\x07b\x9b31mc"))
        await settle(app, pilot, lambda: app.screen.query_one(Composer).text == "abc")
        assert "\x1b" not in frame(app)


# The keeper of drafts, and the editor, without a screen.


def test_the_keeper_saves_the_newest_text_in_its_own_thread() -> None:
    saved: list[tuple[str, str]] = []
    done = threading.Event()

    def save(text: str) -> None:
        saved.append((threading.current_thread().name, text))
        if text == "Hel":
            done.set()

    keeper = DraftKeeper(save, every=0.01)
    for text in ("H", "He", "Hel"):
        keeper.put(text)
    assert done.wait(60)
    keeper.close()
    assert saved[-1] == ("draft", "Hel")


def test_the_keeper_tries_again_while_the_store_is_busy() -> None:
    tries: list[str] = []
    done = threading.Event()

    def save(text: str) -> None:
        tries.append(text)
        if len(tries) < 3:
            raise Busy("Somebody else writes.")
        done.set()

    keeper = DraftKeeper(save, every=0.01)
    keeper.put("text")
    assert done.wait(60)
    keeper.close()
    assert tries[:3] == ["text"] * 3


def test_a_flush_saves_at_once_and_only_what_is_unsaved() -> None:
    saved: list[str] = []
    keeper = DraftKeeper(saved.append, every=60)
    keeper.put("one")
    keeper.flush()
    keeper.flush()
    assert saved == ["one"]
    keeper.close()
    keeper.flush()
    assert saved == ["one"]


class Suspended(App[object]):
    """An app that has no terminal to give away."""

    @contextmanager
    def suspend(self) -> Iterator[None]:
        yield


def editor_script(folder: Path, body: str) -> str:
    script = folder / "editor"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    return str(script)


def test_the_editor_gets_a_file_that_only_we_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    body = f'stat -c "%a" "$1" "$(dirname "$1")" > {log}; echo "$1" >> {log}; printf "more\\033[31m" >> "$1"'
    monkeypatch.setenv("VISUAL", editor_script(tmp_path, body))
    assert edit("text ", Suspended()) == "text more"
    file_mode, folder_mode, name = log.read_text().split()
    assert (file_mode, folder_mode) == ("600", "700")
    assert not Path(name).exists()


def test_an_editor_that_fails_or_is_missing_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", editor_script(tmp_path, "exit 3"))
    with pytest.raises(Usage, match="status 3"):
        edit("text", Suspended())
    monkeypatch.setenv("VISUAL", "/nowhere/editor")
    with pytest.raises(Usage, match="can't be started"):
        edit("text", Suspended())


async def test_an_update_goes_to_the_tickets_below_unless_k_keeps_it_here(
    desk: Desk, make_ticket: Make
) -> None:
    parent, child = make_ticket(text=""), make_ticket(text="")
    desk.apply(child, Edit("parent", parent))
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, parent)
        await pilot.press("r", *"fixed", "escape")
        await until_shown(app, pilot, "and the requesters of 1 ticket below", "only here")
        await pilot.press("k")
        await until_shown(app, pilot, "+1 below")
        await pilot.press("k")
        await until_shown(app, pilot, "only here")
        await pilot.press("y")
        await settle(app, pilot, lambda: said(desk, child) == [(EntryKind.REPLY, "fixed")])
        assert said(desk, parent) == [(EntryKind.REPLY, "fixed")]
