"""Nothing typed is ever lost, whatever has become of the store."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk.desk import Desk
from sdesk.errors import StoreFault
from sdesk.locations import editing_folder
from sdesk.model import TicketId
from sdesk.screens.drafts import DraftKeeper
from sdesk.screens.ticket import TicketScreen
from sdesk.widgets.composer import Composer
from tests.tui.desk_pilot import at_desk, listed, settle, told
from tests.tui.ticket_pilot import show, until_shown

Make = Callable[..., TicketId]


def test_whatever_is_wrong_with_the_store_is_told_once_and_tried_again() -> None:
    wrong: list[Exception] = [
        FileNotFoundError("gone"),
        FileNotFoundError("gone"),
        StoreFault("Full."),
    ]
    said, done = list[str](), threading.Event()

    def save(text: str) -> None:
        if wrong:
            raise wrong.pop(0)

    keeper = DraftKeeper(
        save, every=0.01, told=lambda words: (said.append(words), words or done.set())
    )
    keeper.put("text")
    assert done.wait(60)
    keeper.close()
    assert said == ["The store can't be written (FileNotFoundError).", "Full.", ""]
    assert not keeper.unsaved


def test_a_keeper_ends_after_one_last_save() -> None:
    saved = list[str]()
    keeper = DraftKeeper(saved.append, every=60)
    keeper.put("half a thought")
    assert keeper.end()
    keeper.put("more")
    assert keeper.end()
    assert saved == ["half a thought"]
    assert keeper._thread is not None
    keeper._thread.join(60)
    assert not keeper._thread.is_alive()


async def test_a_text_that_the_store_does_not_take_stays_open_and_goes_to_a_file(
    desk: Desk, make_ticket: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise StoreFault("The disk is full.")

    first, second = make_ticket(text=""), make_ticket()
    async with at_desk(desk, (100, 30)) as (app, pilot):
        await show(app, pilot, first, (first, second))
        monkeypatch.setattr(Desk, "save_draft", refuse)
        await pilot.press("c", *"dear colleagues")
        await until_shown(app, pilot, "NOT KEPT · The disk is full.")
        await pilot.press("escape", "p")
        await pilot.press("f")
        await settle(
            app, pilot, lambda: any("The text is in" in n.message for n in app._notifications)
        )
        screen = app.screen
        assert isinstance(screen, TicketScreen)
        screen.action_next_ticket()
        screen.action_back()
        assert (app.screen, screen.number) == (screen, first)
        assert screen.query_one(Composer).text == "dear colleagues"
        (kept,) = (p for p in editing_folder().iterdir() if p.read_text() == "dear colleagues")
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        said, is_kept = app.flush_drafts()
        assert is_kept
        assert Path(said[0].rpartition(" ")[2]).read_text() == "dear colleagues"
        assert app.flush_drafts() == (said, True)
        monkeypatch.undo()
        await until_shown(app, pilot, "NOTE · only agents read this")
        keeper = screen.draft.keeper if screen.draft is not None else None
    assert keeper is not None
    assert keeper._stopping.is_set()
    assert [d.text for d in desk.read.drafts()] == ["dear colleagues"]


async def test_a_text_for_many_is_kept_until_it_has_gone_out(desk: Desk, make_ticket: Make) -> None:
    tickets = [make_ticket(text="") for _ in range(2)]
    async with at_desk(desk, (100, 30)) as (app, pilot):
        app.queue_screen.open_query("sort:number")
        await settle(app, pilot, lambda: list(listed(app).state.ids) == tickets)
        await pilot.press("asterisk", "c", *"all of you", "escape")
        await pilot.press("y")
        await settle(app, pilot, lambda: "2 tickets noted" in told(app))
        assert not desk.read.drafts()
