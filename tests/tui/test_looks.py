"""Every screen as text, at 80×24 and at 120×40, compared with tests/looks.

`make looks` writes the files again; look at what changed in them before it is committed.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.pilot import Pilot

from sdesk import ops
from sdesk.app import SdeskApp
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.screens.dialogs.bottom import BottomDialog
from tests.tui.desk_pilot import at_desk, frame, rest, settle
from tests.tui.sample_desk import Settable, furnish

FOLDER = Path(__file__).parents[1] / "looks"
WRITE = bool(os.environ.get("SDESK_WRITE_LOOKS"))
SIZES = ((80, 24), (120, 40))


@dataclass(frozen=True, slots=True)
class Scene:
    """A screen: which keys lead to it from the queue, and the words by which it is known."""

    name: str
    keys: tuple[str, ...]
    words: tuple[str, ...]
    in_ticket: bool = False
    """Whether the keys are pressed in the ticket."""


SCENES = (
    Scene("queue", (), ("VPN drops", "response")),
    Scene("queue-filtered", ("slash", *"printer", "enter"), ("1/1", "changed", "SD-5 Printer")),
    Scene("queue-marked", ("space", "space", "space"), ("3 marked", "SD-5 Printer")),
    Scene("queue-without-preview", ("z",), ("VPN drops",)),
    Scene("queue-preview-right", ("z", "z"), ("SD-8  incident",)),
    Scene("queue-empty", ("slash", *"zebra", "enter"), ("no ticket fits this query",)),
    Scene("ticket", (), ("NOTE",), in_ticket=True),
    Scene("ticket-composer", ("r", *"We are on it"), ("We are on it",), in_ticket=True),
    Scene("ticket-review", ("escape",), ("y send",)),
    Scene("assign", ("a",), ("Ben Okafor",)),
    Scene("priority", ("p",), ("critical",)),
    Scene("wait", ("w",), ("Wait",)),
    Scene("resolve", ("d",), ("Resolve",)),
    Scene("columns", ("Z",), ("what is left",)),
    Scene("go-menu", ("g",), ("d das",)),
    Scene("palette", ("ctrl+p",), ("Command",)),
    Scene("help", ("question_mark",), ("Help",)),
    Scene("theme", ("colon", *"theme", "enter"), ("high contrast",)),
    Scene("ledger", ("equals_sign",), ("The clock of",), in_ticket=True),
    Scene("history", ("H",), ("took it",), in_ticket=True),
    Scene("sla-board", ("g", "s"), ("VPN drops",)),
    Scene("dashboard", ("g", "d"), ("promises by queue", "Network")),
    Scene("calendar", ("g", "c"), ("office", "2025")),
    Scene("notices", ("g", "n"), ("Notices",)),
    Scene("tour", ("colon", *"tour", "enter"), ("1/15",)),
)


async def home(app: SdeskApp, pilot: Pilot[None]) -> None:
    """Back to the queue, as it was at first."""
    while isinstance(app.screen, BottomDialog):
        await pilot.press("escape")
        await pilot.pause()
    queue = app.queue_screen
    if queue.bottom.menu is not None:
        await pilot.press("escape")
    app.flush_drafts()
    app.action_go_queue()
    await settle(app, pilot, lambda: app.screen is queue)
    queue.listed.clear_marks()
    queue.preview = ""
    queue.place_preview()
    queue.forget_looks()
    queue.action_view(6)
    queue.bottom.hush()
    # The preview has followed as well.
    await settle(app, pilot, lambda: "SD-8 Screen" in frame(app))


async def stand(
    app: SdeskApp, pilot: Pilot[None], words: tuple[str, ...], name: str, size: tuple[int, int],
    *, patient: bool = True,
) -> str:  # fmt: skip
    """The screen, when it shows the words and no longer changes. On a busy machine a last layout may
    still be to come: a `patient` one waits until it looks as in its file."""
    await settle(app, pilot, lambda: all(word in frame(app) for word in words))
    await rest(app, pilot)
    file = file_of(name, size)
    if patient and not WRITE and file.exists():
        wanted = file.read_text(encoding="utf-8")
        with suppress(AssertionError):
            await settle(app, pilot, lambda: looks(app) == wanted)
    return looks(app)


def looks(app: SdeskApp) -> str:
    return "\n".join(line.rstrip() for line in frame(app).splitlines()).rstrip() + "\n"


def file_of(name: str, size: tuple[int, int]) -> Path:
    return FOLDER / f"{name}-{size[0]}x{size[1]}.txt"


def compare(name: str, size: tuple[int, int], found: str) -> list[str]:
    """What differs from the file, as lines; writes it when asked to."""
    file = file_of(name, size)
    if WRITE:
        FOLDER.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8")
        return []
    wanted = file.read_text(encoding="utf-8") if file.exists() else ""
    return list(
        difflib.unified_diff(
            wanted.splitlines(), found.splitlines(), f"tests/looks/{file.name}", "now", lineterm=""
        )
    )


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_every_screen_looks_as_it_did(
    desk: Desk, open_desk: Callable[[str], Desk], clock: Settable, size: tuple[int, int]
) -> None:
    ticket = furnish(desk, clock)
    differing: list[str] = []
    async with at_desk(desk, size) as (app, pilot):
        for scene in SCENES:
            if scene.name != "ticket-review":
                await home(app, pilot)
            if scene.in_ticket:
                app.open_ticket(ticket)
                await settle(app, pilot, lambda: "NOTE" in frame(app))
            await pilot.press(*scene.keys)
            try:
                # Where one screen looks different, none is waited for any more.
                found = await stand(
                    app, pilot, scene.words, scene.name, size, patient=not differing
                )
                differing += compare(scene.name, size, found)
            except AssertionError as error:
                differing += [f"--- {scene.name}", str(error)]
        app.end_tour()
        await home(app, pilot)
        differing += await held_reply(app, pilot, open_desk("ben"), ticket, size)
        await home(app, pilot)
        differing += await announced(app, pilot, desk, size)
    assert not differing, "\n".join(["make looks writes these files again", *differing])


async def held_reply(
    app: SdeskApp, pilot: Pilot[None], other: Desk, ticket: TicketId, size: tuple[int, int]
) -> list[str]:
    """A reply that is held because the thread moved on."""
    app.open_ticket(ticket)
    await settle(app, pilot, lambda: "NOTE" in frame(app))
    await pilot.press("r", *" and more")
    other.apply(ticket, ops.Reply("The provider has just called: it is their router."))
    await pilot.press("escape", "y")
    name = "ticket-held-reply"
    return compare(name, size, await stand(app, pilot, ("HELD",), name, size))


async def announced(
    app: SdeskApp, pilot: Pilot[None], desk: Desk, size: tuple[int, int]
) -> list[str]:
    """An outage and planned work, in the head and in their list."""
    now = desk.now()
    night = ops.Announce("planned", "Mail moves to the new servers", "No mail.", starts_at=now + 30_000, ends_at=now + 33_600)  # fmt: skip
    desk.apply(None, night)
    desk.apply(None, ops.Announce("outage", "VPN", "Down since ten."))
    await pilot.press("g", "a")
    name, words = "announcements", ("2 announcements", "⚠ VPN +1", "Mail moves")
    return compare(name, size, await stand(app, pilot, words, name, size))
