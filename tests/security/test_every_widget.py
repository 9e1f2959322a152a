"""Every widget of the desk with every hostile string in it, through the real app: none raises, none lets a
control character out, none reads markup. A widget that no scene shows fails.

`SDESK_EVERY_STRING=1` shows each string in each place; without it each place shows some.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import shlex
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rich.cells import cell_len
from textual.screen import Screen
from textual.widget import Widget

import sdesk.screens
import sdesk.screens.dialogs
import sdesk.widgets
from sdesk import ops
from sdesk.app import SdeskApp
from sdesk.batching import Outcome
from sdesk.desk import Desk
from sdesk.errors import Refused
from sdesk.looks import usual
from sdesk.model import CheckItem, TicketId
from sdesk.posted import Composed
from sdesk.screens.announcements import AnnouncementReader
from sdesk.screens.compose import ComposeScreen
from sdesk.screens.dialogs.announce import AnnounceForm, EndForm, ReviseForm
from sdesk.screens.dialogs.ask import Ask
from sdesk.screens.dialogs.bottom import BottomDialog
from sdesk.screens.dialogs.checklist import ChecklistDialog
from sdesk.screens.dialogs.columns import ColumnsDialog
from sdesk.screens.dialogs.confirm import Confirm
from sdesk.screens.dialogs.due import DueDialog
from sdesk.screens.dialogs.letter import LetterPreview
from sdesk.screens.dialogs.macro import PickWithPreview, Questions
from sdesk.screens.dialogs.outcome import OutcomeReader
from sdesk.screens.dialogs.path import PathDialog
from sdesk.screens.dialogs.pick import Choice, Pick
from sdesk.screens.dialogs.prompt import Prompt
from sdesk.screens.dialogs.resolve import ResolveDialog
from sdesk.screens.dialogs.theme import ThemePick
from sdesk.screens.dialogs.wait import WaitDialog
from sdesk.screens.filing import TextReader
from sdesk.screens.held import MailReader
from sdesk.screens.piping import PipeReader
from sdesk.widgets.ticket_list import TicketList
from tests.e2e.hostile import HOSTILE
from tests.security.poison import poisoned
from tests.security.strict import refused
from tests.tui.desk_pilot import DeskPilot, at_desk, is_at_rest, settle
from tests.tui.sample_desk import Settable, furnish

STRINGS = tuple(text[:3_000] for text in HOSTILE)
ROUNDS = len(STRINGS) if os.environ.get("SDESK_EVERY_STRING") else 1
BASES = {
    "LineView", "ItemList", "Letters", "Lines", "ListKeys", "CalendarLines", "BottomDialog", "Form", "TellingForm", "Reader",
    "DashboardKeys", "DeskScreen", "QueueLooks", "QueueViews", "Seen", "TextBox",
}  # fmt: skip
"""Classes that nothing is made of directly."""


def classes() -> set[type[Widget]]:
    """Every widget class of the desk, screens and dialogs among them."""
    found: set[type[Widget]] = set()
    for package in (sdesk.widgets, sdesk.screens, sdesk.screens.dialogs):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for each in vars(importlib.import_module(module.name)).values():
                if (
                    isinstance(each, type)
                    and issubclass(each, Widget)
                    and each.__module__ == module.name
                ):
                    found.add(each)
    return {each for each in found if each.__name__ not in BASES}


def test_all_are_found() -> None:
    assert len(classes()) > 50, sorted(each.__name__ for each in classes())


class Watch:
    """Which widgets have been seen, and what any of them let out."""

    def __init__(self, app: SdeskApp, pilot: DeskPilot) -> None:
        self.app, self.pilot = app, pilot
        self.seen: set[type] = set()
        self.leaks: list[object] = []

    async def stand(self) -> None:
        """Wait until the screen is what it will be."""
        await settle(self.app, self.pilot, lambda: is_at_rest(self.app))
        await self.pilot.pause(0)

    async def look(self, scene: str) -> None:
        """What the driver would be given for the whole screen as it is now."""
        await self.stand()
        assert self.app._exception is None, (scene, self.app._exception)
        screen = self.app.screen
        update = screen._compositor.render_update(full=True)
        given = update.render_segments(self.app.console)  # type: ignore[union-attr]
        if wrong := refused(given):
            self.leaks.append((scene, wrong))
        if "\x1b]8;" in given:
            self.leaks.append((scene, "a link"))
        for line in screen._compositor.render_strips()[: self.app.size.height]:
            width = sum(cell_len(strip.text) for strip in line)
            if width > self.app.size.width:
                self.leaks.append((scene, "too wide", width))
        stack = [each for shown in self.app.screen_stack for each in shown.walk_children()]
        self.seen |= {type(each) for each in (*self.app.screen_stack, *stack)}

    async def keys(self, scene: str, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.look(scene)

    async def back(self) -> None:
        """To the queue."""
        while isinstance(self.app.screen, BottomDialog):
            self.app.screen.dismiss(None)
            await self.pilot.pause()
        self.app.action_go_queue()
        await self.pilot.pause()
        while not isinstance(self.app.focused, TicketList) or self.app.queue_screen.bottom.menu:
            await self.pilot.press("escape")


def furnished(desk: Desk, clock: Settable) -> TicketId:
    """Enough of everything that each list is longer than a screen shows of it."""
    ticket = furnish(desk, clock)
    now = clock.at
    for number in range(30):
        desk.apply(
            None, ops.Open(f"More {number}", "text", requester=1 + number % 3, tags=(f"t{number}",))
        )
    for number in range(24):
        desk.apply(
            ticket, ops.AddNote(f"note {number}") if number % 2 else ops.Reply(f"reply {number}")
        )
    desk.apply(ticket, ops.AddCheck("look at the gateway"), ops.SetField("room", "3F"))
    desk.apply(None, ops.Announce("outage", "VPN", "Down since ten."))
    desk.apply(
        None,
        ops.Announce("planned", "Mail", "No mail.", starts_at=now + 9_000, ends_at=now + 9_900),
    )
    return ticket


SCENES: tuple[tuple[str, bool, tuple[str, ...]], ...] = (
    ("queue", False, ("z",)),
    ("query", False, ("slash", "t")),
    ("command line", False, ("colon", "a")),
    ("go menu", False, ("g",)),
    ("new", False, ("o", "m")),
    ("escalate", False, ("exclamation_mark",)),
    ("help", False, ("question_mark",)),
    ("ticket", True, ()),
    ("composer", True, ("home", "r", "x", "escape")),
    ("ledger", True, ("equals_sign",)),
    ("history", True, ("H",)),
    ("split", True, ("home", "S")),
    ("chat", True, ("C", "x")),
    ("triage", False, ("g", "t")),
    ("board", False, ("g", "s")),
    ("dashboard", False, ("g", "d")),
    ("calendar", False, ("g", "c")),
    ("notices", False, ("g", "n")),
    ("held", False, ("g", "h")),
    ("announcements", False, ("g", "a")),
)


def dialogs(text: Callable[[int], str], desk: Desk) -> Iterator[Screen[Any]]:
    """Dialogs that are given text, with hostile text."""
    many = [Choice(number, text(number), text(number + 1)) for number in range(len(STRINGS))]
    yield Pick(text(1), many)
    yield PickWithPreview(text(2), many, lambda choice: text(choice.value))
    yield Prompt(text(3), text(4), text(5), hint=text(6))
    yield Ask(text(7), {"y": text(8)}, tuple(text(9 + n) for n in range(12)))
    yield Confirm(text(10), text(11))
    yield PathDialog(text(12), text(13), hint=text(14))
    yield ColumnsDialog((usual("subject"),), STRINGS)
    yield Questions(text(15), {f"q{number}": text(number) for number in range(8)})
    yield ResolveDialog(what=text(16), codes=tuple((n, text(n)) for n in range(9)))
    yield WaitDialog("Europe/Helsinki", desk.now(), what=text(17))
    yield DueDialog("Europe/Helsinki", desk.now(), ("response", text(18)), what=text(19))
    lines = [((line, "text"),) for line in STRINGS]
    yield AnnouncementReader(text(20), lines)
    yield MailReader(text(21), lines)
    yield TextReader(text(22), "\n".join(STRINGS))
    yield PipeReader(f"printf %s {shlex.quote(text(23).replace(chr(0), ''))}", "text", ())
    yield ChecklistDialog(text(24), [CheckItem(n, text(n), False) for n in range(20)])
    yield ThemePick(
        [Choice(name, text(n)) for n, name in enumerate(("sdesk", "sdesk-light"))], "sdesk"
    )
    yield ComposeScreen("note", ())
    yield LetterPreview(
        Composed(text(25), text(26), (text(27),), (text(28),), text(29), text(30), "en", text(31))
    )
    refusals = tuple((TicketId(n + 1), Refused(text(n))) for n in range(8))
    yield OutcomeReader(text(32), Outcome(1, (TicketId(9),), (TicketId(10),), refusals))
    one = desk.announcements()[0]
    yield AnnounceForm(desk)
    yield ReviseForm(desk, one)
    yield EndForm(desk, (one,))


async def _places(watch: Watch, ticket: TicketId) -> None:
    for name, in_ticket, keys in SCENES:
        await watch.back()
        if in_ticket:
            watch.app.open_ticket(ticket)
            await watch.stand()
        await watch.keys(name, *keys)


async def _dialogs(watch: Watch, made: Iterable[Screen[Any]]) -> None:
    await watch.back()
    for dialog in made:
        await watch.app.push_screen(dialog)
        await watch.look(type(dialog).__name__)
        if isinstance(dialog, AnnouncementReader):  # every string, page by page
            for _ in range(len(STRINGS) // 12):
                await watch.keys("page", "pagedown")
        await watch.app.pop_screen()


async def test_no_widget_raises_or_lets_a_control_character_out(
    desk: Desk, clock: Settable
) -> None:
    ticket = furnished(desk, clock)
    reads = poisoned(desk, STRINGS)
    async with at_desk(desk, (80, 24)) as (app, pilot):
        watch = Watch(app, pilot)
        for reads.round in range(ROUNDS):
            await _places(watch, ticket)
            await _dialogs(
                watch, dialogs(lambda n: STRINGS[(n + reads.round) % len(STRINGS)], desk)
            )
        await watch.back()
        app.start_tour()
        await watch.look("tour")
    assert not watch.leaks
    assert len(reads.given) > 0.8 * len(set(STRINGS))
    missing = sorted(each.__name__ for each in classes() - watch.seen)
    assert not missing, f"no scene shows {missing}"
