"""Agents at one desk: who is where, chat, being called by name, files, time, checklists, watching."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import Input

from sdesk import attendance, ops
from sdesk.desk import Desk
from sdesk.model import EntryKind, TicketId
from sdesk.store import presence
from sdesk.widgets.chat_field import ChatField
from sdesk.widgets.composer import Composer
from tests.conftest import Clock
from tests.tui.desk_pilot import at_desk, complaints, frame, listed, settle, told
from tests.tui.ticket_pilot import show, until_shown

Make = Callable[..., TicketId]
OpenDesk = Callable[[str], Desk]
WIDE = (100, 30)


def said(desk: Desk, ticket: TicketId) -> list[tuple[EntryKind, str]]:
    return [(entry.kind, entry.text) for entry in desk.read.conversation(ticket)]


# Who is where


async def test_who_writes_stands_in_the_list_and_who_looks_in_the_head(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    ticket = make_ticket()
    async with at_desk(desk, WIDE) as (app, pilot):
        presence.beat(desk.place, "one", "ben", ticket, presence.WRITING, clock.at)
        presence.beat(desk.place, "two", "lea", ticket, presence.LOOKING, clock.at)
        await until_shown(app, pilot, "✎ ben", "ben is writing · lea looks")
        await pilot.press("g", "s")
        await until_shown(app, pilot, "── today", "✎ ben")
        await pilot.press("q")
        await show(app, pilot, ticket)
        await until_shown(app, pilot, "✎ ben is writing · lea looks")
        presence.leave(desk.place, "one")
        await settle(app, pilot, lambda: "✎ lea looks" in frame(app))
        clock.forward(30)
        app._look_for_company()
        await settle(app, pilot, lambda: "✎" not in frame(app))


async def test_the_others_hear_that_i_look_write_and_leave(
    desk: Desk, open_desk: OpenDesk, make_ticket: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attendance, "STAYING", 0.0)
    ticket, ben = make_ticket(), open_desk("ben")

    def seen() -> list[tuple[str, bool]]:
        return [(who.agent, who.is_writing) for who in ben.read.company()]

    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await settle(app, pilot, lambda: seen() == [("ana", False)])
        await pilot.press("c")
        await settle(app, pilot, lambda: seen() == [("ana", True)])
        await pilot.press("escape", "q", "q")
        await settle(app, pilot, lambda: seen() == [])
        await show(app, pilot, ticket)
        await settle(app, pilot, lambda: seen() == [("ana", False)])
    assert seen() == [], "leaving the desk takes the row away"


# Chat


async def test_chat_lines_are_sent_by_enter_one_after_the_other(
    desk: Desk, open_desk: OpenDesk, make_ticket: Make
) -> None:
    ticket = make_ticket(text="")
    ben = open_desk("ben")
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("C", *"iaq?", "enter", *"two", "enter")
        await settle(app, pilot, lambda: said(desk, ticket) == [(EntryKind.CHAT, "iaq?"), (EntryKind.CHAT, "two")])  # fmt: skip
        await until_shown(app, pilot, "Ana Virtanen CHAT", "iaq?")
        ben.apply(ticket, ops.Chat("I see it"))
        await until_shown(app, pilot, "I see it", "» CHAT")
        await pilot.press("escape")
        await settle(app, pilot, lambda: not app.screen.query(ChatField))


async def test_C_in_the_queue_opens_the_ticket_with_its_chat(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket(text="")
    async with at_desk(desk, WIDE) as (app, pilot):
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 1)
        await pilot.press("C", *"hello", "enter")
        await settle(app, pilot, lambda: said(desk, ticket) == [(EntryKind.CHAT, "hello")])


# Being called


async def test_tab_completes_a_name_after_an_at_sign(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket(text="")
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("c", *"ask @b")
        await until_shown(app, pilot, "@ben", "Ben Okafor · tab takes")
        await pilot.press("tab", *"please, @netw", "tab", ".", "escape", "y")
        note = (EntryKind.NOTE, "ask @ben please, @network .")
        await settle(app, pilot, lambda: note in said(desk, ticket))
    with Desk.open(desk.place, actor="ben", clock=desk.now) as ben:
        assert [notice.kind for notice in ben.read.notices()] == ["mention"]


# Files


async def test_a_text_that_is_put_away_keeps_its_files(
    desk: Desk, make_ticket: Make, tmp_path: Path
) -> None:
    ticket, file = make_ticket(text=""), tmp_path / "vpn.log"
    file.write_text("as it was")
    async with at_desk(desk, WIDE) as (app, pilot):
        screen = await show(app, pilot, ticket)
        await pilot.press("r", "x", "escape", "a")
        await until_shown(app, pilot, "Attach a file to this text")
        app.screen.query_one(Input).value = str(file)
        await pilot.press("enter")
        await until_shown(app, pilot, "with vpn.log", "y send")
        await pilot.press("n", "p")
        await settle(app, pilot, lambda: screen.composer() is None)
        assert desk.read.draft(ticket, "reply.files") is None
        file.unlink()
        await pilot.press("c", "escape")
        await until_shown(app, pilot, "NOTE · only agents read this · with vpn.log")
        await pilot.press("y")
        await settle(app, pilot, lambda: bool(complaints(app)))
        assert "vpn.log" in complaints(app)[0]
        assert desk.read.attachments(ticket) == ()
        file.write_text("as it is now")
        await pilot.press("y")
        await settle(app, pilot, lambda: screen.composer() is None)
        assert [f.name for f in desk.read.attachments(ticket)] == ["vpn.log"]
        assert desk.read.drafts() == ()


async def test_files_go_with_a_reply(desk: Desk, make_ticket: Make, tmp_path: Path) -> None:
    ticket = make_ticket(text="")
    (tmp_path / "vpn.log").write_text("line \x1b]52;c;AAAA\x07one\n")
    (tmp_path / "other.bin").write_bytes(bytes(256))
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("r", *"See the log", "escape", "a")
        await until_shown(app, pilot, "Attach a file to this text")
        app.screen.query_one(Input).value = f"{tmp_path}/vp"
        await pilot.press("tab", "enter")
        await until_shown(app, pilot, "with vpn.log", "y send")
        await pilot.press("a", "tab")
        app.screen.query_one(Input).value = f"{tmp_path}/other.bin"
        await pilot.press("enter")
        await until_shown(app, pilot, "with vpn.log, other.bin")
        await pilot.press("x", "y")
        await settle(app, pilot, lambda: len(desk.read.attachments(ticket)) == 1)
        await until_shown(app, pilot, "attached vpn.log", "FILES")
        await pilot.press("F")
        await until_shown(app, pilot, "Files · SD-1", "text/plain")
        await pilot.press("enter")
        await until_shown(app, pilot, "v view · s save")
        await pilot.press("v")
        await until_shown(app, pilot, "line one")
        assert "\x1b" not in frame(app)


async def test_a_file_goes_to_all_marked_and_their_numbers_are_copied(
    desk: Desk, make_ticket: Make, tmp_path: Path
) -> None:
    tickets = [make_ticket(f"Ticket {n}") for n in range(2)]
    (tmp_path / "list.txt").write_text("who is concerned")
    async with at_desk(desk, WIDE) as (app, pilot):
        await pilot.press("6")
        await settle(app, pilot, lambda: len(listed(app).state.ids) == 2)
        await pilot.press("space", "space", "V")
        assert "one ticket's" in told(app)
        await pilot.press("y")
        assert sorted(told(app).removeprefix("copied: ").split()) == ["SD-1", "SD-2"]
        await pilot.press("F")
        await until_shown(app, pilot, "Attach to 2 tickets")
        app.screen.query_one(Input).value = str(tmp_path / "list.txt")
        await pilot.press("enter")
        await settle(app, pilot, lambda: "2 tickets got list.txt" in told(app))
        await pilot.press("u")
        await settle(app, pilot, lambda: not any(map(desk.read.attachments, tickets)))


async def test_a_file_is_saved_into_a_folder_and_overwrites_nothing(
    desk: Desk, make_ticket: Make, tmp_path: Path
) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.Attach("core.bin", bytes(64)))
    (tmp_path / "core.bin").write_text("mine")
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("F", "enter")
        await until_shown(app, pilot, "s save")
        await pilot.press("s")
        await until_shown(app, pilot, "Save core.bin into")
        app.screen.query_one(Input).value = str(tmp_path)
        await pilot.press("enter")
        await settle(app, pilot, lambda: "core-1.bin" in told(app))
    assert (tmp_path / "core-1.bin").read_bytes() == bytes(64)
    assert (tmp_path / "core.bin").read_text() == "mine"


async def test_a_file_that_is_not_there_is_told_and_the_text_stays(
    desk: Desk, make_ticket: Make
) -> None:
    ticket = make_ticket()
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("r", *"Hi", "escape", "a", *"/nowhere/x", "enter")
        await settle(app, pilot, lambda: complaints(app) == ["There is no file /nowhere/x."])
        assert app.screen.query_one(Composer).text == "Hi"


# Time


async def test_the_stopwatch_runs_in_the_status_line_and_is_recorded(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    ticket = make_ticket()
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("b")
        await until_shown(app, pilot, "◷ 0m SD-1")
        clock.forward(11 * 60 + 5)
        app._tick()
        await until_shown(app, pilot, "◷ 11m SD-1")
        await pilot.press("b")
        await until_shown(app, pilot, "Time spent on SD-1", "12m")
        await pilot.press(*"on the phone", "enter")
        await settle(app, pilot, lambda: [(w.seconds, w.note) for w in desk.read.worked(ticket)] == [(720, "on the phone")])  # fmt: skip
        await until_shown(app, pilot, "TIME SPENT", "12m · ana")
        await settle(app, pilot, lambda: "◷" not in frame(app))
        await pilot.press(":", *"time 1h30m at her desk", "enter")
        await until_shown(app, pilot, "1h 42m · ana")


async def test_the_stopwatch_goes_on_to_the_next_ticket(
    desk: Desk, make_ticket: Make, clock: Clock
) -> None:
    one, two = make_ticket("One"), make_ticket("Two")
    desk.start_stopwatch(one)
    clock.forward(90)
    async with at_desk(desk, WIDE) as (app, pilot):
        await until_shown(app, pilot, "◷ 1m SD-1")
        await show(app, pilot, two)
        await pilot.press("b")
        await until_shown(app, pilot, "Time spent on SD-1")
        await pilot.press("enter")
        await until_shown(app, pilot, "◷ 0m SD-2")
        assert [w.seconds for w in desk.read.worked(one)] == [120]


# Checklist, watching


async def test_a_checklist_is_made_and_ticked_in_one_batch(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("V", *"order a laptop", "enter", *"badge", "enter", "enter")
        await until_shown(app, pilot, "☐  badge", "space tick")
        await pilot.press("k", "space", "enter")
        await until_shown(app, pilot, "CHECKLIST ☑ 1/2", "☑ order a laptop")
        await pilot.press("V", "j", "space", "k", "x", "enter")
        await until_shown(app, pilot, "CHECKLIST ☑ 1/1", "☑ badge")
        await pilot.press("u")
        await until_shown(app, pilot, "CHECKLIST ☑ 1/2")


async def test_W_watches_and_unwatches(desk: Desk, open_desk: OpenDesk, make_ticket: Make) -> None:
    ticket = make_ticket()
    ben = open_desk("ben")
    async with at_desk(desk, WIDE) as (app, pilot):
        await show(app, pilot, ticket)
        await pilot.press("W")
        await until_shown(app, pilot, "WATCHED BY", "ana")
        ben.apply(ticket, ops.Reply("Try again."))
        await settle(
            app, pilot, lambda: [n.kind for n in desk.read.notices(seen=True)] == ["watch"]
        )
        await pilot.press("W")
        await settle(app, pilot, lambda: desk.read.watchers(ticket) == ())
