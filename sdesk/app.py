"""The desk on the screen: where one gets to, the watch on the store, and the way out."""

from __future__ import annotations

import asyncio
import gc
import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from rich.text import Text
from textual import work
from textual.app import App
from textual.events import Event, Key, Paste
from textual.filter import Monochrome, NoColor

from sdesk.errors import SdeskError
from sdesk.keys import bindings_for, check_keymap, effective, textual_keymap
from sdesk.messages import StoreChanged, TicketOpened
from sdesk.remembered import Remembered
from sdesk.screens.appearance import Appearance
from sdesk.screens.bulk import BulkWrites
from sdesk.screens.company import Company
from sdesk.screens.desk_screen import is_typing
from sdesk.screens.noticing import Noticing
from sdesk.screens.outgoing import Outgoing
from sdesk.screens.stopwatch import Timing
from sdesk.screens.tour import Touring
from sdesk.terminal import ability
from sdesk.terminal.bound import do_bound
from sdesk.terminal.clean import TermSafeFilter
from sdesk.terminal.typeahead import TypeAhead
from sdesk.text import trace
from sdesk.themes import THEMES
from sdesk.writes import Writes

if TYPE_CHECKING:
    from textual.await_complete import AwaitComplete
    from textual.driver import Driver
    from textual.filter import LineFilter
    from textual.screen import Screen

    from sdesk.config import Config
    from sdesk.desk import Desk
    from sdesk.model import TicketId
    from sdesk.rules.calendar_days import Draft
    from sdesk.screens.queue import QueueScreen

POLL = 0.1
"""Seconds between two looks at whether somebody has written; a look takes 2 µs."""
FIRST_TICK = 2.0
"""Seconds after the first paint before this desk offers itself to keep time."""


class SdeskApp(
    TypeAhead,
    Appearance,
    Touring,
    Noticing,
    Company,
    Timing,
    BulkWrites,
    Outgoing,
    Writes,
    App[None],
):
    """The desk. Screens reach it as `self.desk_app`."""

    TITLE = "sdesk"
    # The default screen's own CSS_PATH is not loaded by Textual: it stands here.
    CSS_PATH = ["sdesk.tcss", "screens/queue.tcss"]
    BINDINGS = bindings_for("app")
    ENABLE_COMMAND_PALETTE = False
    NOTIFICATION_TIMEOUT = 8

    def __init__(
        self,
        desk: Desk,
        *,
        config: Config | None = None,
        log_file: Path | None = None,
        remembered: Remembered | None = None,
        tour: bool = False,
        driver_class: type[Driver] | None = None,
    ) -> None:
        self.keymap = effective(config.keys_preset, config.keys) if config else {}
        check_keymap(self.keymap, config.key_lines if config else None)
        super().__init__(driver_class=driver_class)
        self.desk = desk
        self.config = config
        self.ability = ability.detect()
        self.log_file = log_file
        self.remembered = remembered or Remembered()
        self.tour_wanted = tour
        self.animation_level = "none"
        self.exit_code: int | None = None
        self.command_history: list[str] = []
        self.calendar_drafts: dict[str, Draft] = {}
        """Calendar → edits that are not saved."""
        self.clocks_left = 0
        """Tickets whose clocks are still to be computed after an edit."""
        self.writing_lock = asyncio.Lock()
        self._watch: Any = None
        self._trouble = ""
        """Why the watch could not look when it last tried."""
        self._behind: WeakSet[Screen[Any]] = WeakSet()
        """Screens that have been covered while the store changed."""
        self._ending = threading.Event()
        self._time_keeper = threading.Thread(
            target=self._keep_time, daemon=True, name="sdesk-timers"
        )
        self._filter = TermSafeFilter()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.first_theme()

    def get_line_filters(self) -> Sequence[LineFilter]:
        # With NO_COLOR the theme has no colours, unless one with colours was asked for. Textual's own filter
        # would make black on black of the terminal's default colours.
        kept = [
            one for one in super().get_line_filters() if not isinstance(one, Monochrome | NoColor)
        ]
        return [*kept, self._filter, *self.ascii_filters()]

    def get_default_screen(self) -> Screen[Any]:
        from sdesk.screens.queue import QueueScreen  # here: the screens import this module's words

        return QueueScreen()

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        # Textual repaints the whole upper screen whenever one below it changes, though nothing shows
        # through: a queue that counts down under a ticket would cost 5 kB a tick.
        return super()._background_screens if self.screen.is_modal else []

    def on_mount(self) -> None:
        if self.keymap:
            self.set_keymap(textual_keymap(self.keymap))
        self._answer_signals()
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        """After the first paint: start watching, and spare later keys the collector's pauses."""
        self._look()
        self.set_interval(POLL, self._look)
        self.watch_notices()
        self._warn_of_copy()
        if self.tour_wanted:
            self.offer_tour()
        self.watch_company()
        if not self.is_headless:
            gc.collect()
            gc.freeze()
            gc.enable()
            gc.set_threshold(100_000, 50, 1_000)
            self._offer_drafts()
            if self.config is None or self.config.worker_in_desk:
                self._time_keeper.start()

    def _warn_of_copy(self) -> None:
        """Say so where the store is a copy made by hand."""
        if (found := self.desk.copied) is not None:
            from sdesk.audit import copied_by_hand  # here: hardly ever

            self.notify(copied_by_hand(self.desk, found), severity="warning", markup=False, timeout=30)  # fmt: skip

    def _offer_drafts(self) -> None:
        from sdesk.screens.drafts import offer_drafts  # here: it isn't needed for the first paint

        offer_drafts(self)

    def _keep_time(self) -> None:
        """Run the desk's timers where no `sdesk worker` does: in a thread of its own and on a desk of
        its own, so that neither a stalled terminal nor an agent's write holds them up."""
        if self._ending.wait(FIRST_TICK):
            return
        from sdesk.worker import Keeper, keep_all  # here: no key waits for it

        login, clock = self.desk.actor, self.desk.now
        try:
            keep_all(self.desk.places(), Keeper.DESK, self._ending, clock=clock, login=login)
        except SdeskError:
            return  # the store is gone, which the screens tell
        except Exception as error:  # the agent's own work goes on; another desk takes over
            if self.log_file is not None:
                _log(error, self.log_file)

    def end_timers(self) -> None:
        """Have the timers stop and let go of the lease; not for longer than a moment."""
        self._ending.set()
        if self._time_keeper.is_alive():
            self._time_keeper.join(1.0)

    def _look(self) -> None:
        """Ask whether somebody has written. A store that is gone, or another one by now, is told once."""
        try:
            if self._watch is None:
                self._watch = self.desk.watch()
            changed = self._watch.changed()
        except SdeskError as error:
            if str(error) != self._trouble:
                self.notify(str(error), severity="error", markup=False, timeout=60)
            self._trouble = str(error)
            return
        self._trouble = ""
        if self._watch.stirred:
            self.company_may_have_changed()
        if changed:
            self.announce_change()

    def announce_change(self) -> None:
        """Tell every screen that the store holds something else than what it has read: one that is
        covered when it is in sight again."""
        in_sight = True
        for screen in reversed(self.screen_stack):
            if in_sight:
                screen.post_message(StoreChanged())
            else:
                self._behind.add(screen)
            in_sight = in_sight and screen.is_modal
        self.notices_may_have_changed()

    def pop_screen(self) -> AwaitComplete:
        """As for every app; what comes into sight reads what it has missed."""
        popped = super().pop_screen()
        for screen in [each for each in self._behind if each is self.screen]:
            self._behind.discard(screen)
            home = self.queue_screen
            if screen is home:
                home.awaited = home.query_text  # no key is for the rows that stand there still
                home.reload()
            else:
                screen.post_message(StoreChanged())
        return popped

    # Places

    @property
    def opens_on(self) -> str:
        """The view that the settings name; empty for none."""
        wanted = self.config.view if self.config is not None else ""
        return self.remembered.get("view") if wanted == "last" else wanted

    @property
    def queue_screen(self) -> QueueScreen:
        """The home screen, which is always there."""
        home: Any = self.screen_stack[0]
        return home  # type: ignore[no-any-return]

    def on_ticket_opened(self, event: TicketOpened) -> None:
        self.open_ticket(event.ticket, event.among)

    def open_ticket(
        self, ticket: TicketId, among: Sequence[int] = (), *, compose: str = ""
    ) -> None:
        """Show a ticket; `among` are the numbers of its list, for J and K; `compose` opens a composer in it."""
        from sdesk.screens.ticket import TicketScreen  # here: it isn't needed for the first paint

        self.push_screen(TicketScreen(ticket, among, compose=compose))

    def open_history(self, ticket: TicketId) -> None:
        from sdesk.screens.history import HistoryScreen  # here: not needed for the first paint

        self.push_screen(HistoryScreen(ticket))

    def open_ledger(self, ticket: TicketId) -> None:
        from sdesk.screens.ledger import LedgerScreen  # here: not needed for the first paint

        self.push_screen(LedgerScreen(ticket))

    def action_go_queue(self) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def action_go_sla(self) -> None:
        from sdesk.screens.sla import SlaScreen  # here: it isn't needed for the first paint

        if not isinstance(self.screen, SlaScreen):
            self.action_go_queue()
            self.push_screen(SlaScreen())

    def open_triage(self, query: str = "") -> None:
        """The tickets that a query finds (none: the unassigned ones) one after the other."""
        from sdesk.screens.triage import TriageScreen  # here: not needed for the first paint

        if query or not isinstance(self.screen, TriageScreen):
            self.action_go_queue()
            self.push_screen(TriageScreen(query))

    def action_go_dashboard(self) -> None:
        from sdesk.screens.dashboard import DashboardScreen  # here: not needed for the first paint

        if not isinstance(self.screen, DashboardScreen):
            self.action_go_queue()
            self.push_screen(DashboardScreen())

    def action_go_notices(self) -> None:
        from sdesk.screens.notices import NoticesScreen  # here: not needed for the first paint

        if not isinstance(self.screen, NoticesScreen):
            self.push_screen(NoticesScreen())

    def action_go_held(self) -> None:
        from sdesk.screens.held import HeldScreen  # here: not needed for the first paint

        if not isinstance(self.screen, HeldScreen):
            self.push_screen(HeldScreen())

    def action_go_announcements(self) -> None:
        from sdesk.screens.announcements import AnnouncementsScreen  # here: as the others

        if not isinstance(self.screen, AnnouncementsScreen):
            self.push_screen(AnnouncementsScreen())

    def open_calendar(self, name: str = "") -> None:
        from sdesk.screens.calendar import CalendarScreen  # here: not needed for the first paint

        if isinstance(self.screen, CalendarScreen):
            self.pop_screen()
        self.push_screen(CalendarScreen(name))

    def action_help(self) -> None:
        """Every command with the user's keys; the chosen one is done on the screen below."""
        from sdesk.screens.help import HelpScreen  # here: it isn't needed for the first paint

        self._run_chosen(HelpScreen())

    def action_command_palette(self) -> None:
        """Find a command by a few letters of it."""
        from sdesk.palette import palette_for  # here: it isn't needed for the first paint

        self._run_chosen(palette_for(self.screen, self.keymap))

    @work(exclusive=True, group="dialog")
    async def _run_chosen(self, dialog: Any) -> None:
        below = self.screen
        action = await self.push_screen_wait(dialog)
        if not action:
            return
        # As for a key: whoever is nearest to the focus and knows the action does it.
        name = f"action_{action.partition('(')[0]}"
        nodes = (below.focused or below).ancestors_with_self
        doer = next((node for node in nodes if hasattr(node, name)), None)
        if doer is not None:
            await self.run_action(action, doer)

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Never: it would start a browser on the host, not where the person sits."""

    def action_redraw(self) -> None:
        """Textual only knows what it has drawn, not what stands on the terminal."""
        getattr(self._driver, "repaint", self.refresh)()

    # Leaving

    def action_quit_desk(self) -> None:
        if self.calendar_drafts:
            self._ask_to_leave()
        else:
            self.leave(0)

    @work(exclusive=True, group="dialog")
    async def _ask_to_leave(self) -> None:
        from sdesk.screens.dialogs.ask import Ask  # here: not needed for the first paint

        question = "Changes of calendars are not saved: leave sdesk without them?"
        if await self.push_screen_wait(Ask(question, {"y": "leave"})) == "y":
            self.leave(0)

    async def action_quit(self) -> None:
        self.leave(0)

    @work(group="leave", exclusive=True)
    async def leave(self, code: int) -> None:
        """Save drafts, wait for the write that is under way, and end with that status. A text that can
        be kept nowhere is not left by a key; a signal ends the desk nevertheless."""
        told, kept = self.flush_drafts()
        if not kept and not code:
            self.notify(f"Not left: {told[-1]}", severity="error", markup=False)
            return
        self.remembered.keep("view", self.queue_screen.open_one.name)
        self.workers.cancel_group(self, "recompute")
        async with self.writing_lock:
            self.exit_code = code
            if self.clocks_left:
                told.append(
                    f"{self.clocks_left:,} tickets' clocks are not computed yet: sdesk sla recompute"
                )
            self.exit(return_code=code, message=Text("\n".join(told)) if told else None)

    def flush_drafts(self) -> tuple[list[str], bool]:
        """Have every open composer save what is being typed, at once: where texts are that the store
        did not take, in words, and whether all are kept somewhere."""
        told, kept = [], True
        for screen in self.screen_stack:
            try:
                flush = getattr(screen, "flush_drafts", None)
                if flush is not None and (path := flush()) is not None:
                    told.append(f"The store can't be written: what you typed is in {path}")
            except SdeskError as error:
                told.append(str(error))
                kept = False
        return told, kept

    def _answer_signals(self) -> None:
        """A dropped connection ends the process without `on_unmount`: save drafts and leave in order."""
        if self.is_headless:
            return
        loop = asyncio.get_running_loop()
        for number, code in ((signal.SIGHUP, 129), (signal.SIGTERM, 143)):
            loop.add_signal_handler(number, self.leave, code)

    def on_unmount(self) -> None:
        self.end_attendance()
        if self._watch is not None:
            self._watch.close()

    def _handle_exception(self, error: Exception) -> None:
        """The top presenter: a bug ends the desk, after the drafts are saved and the trace is in the log."""
        try:
            self._exit_renderables += [Text(words) for words in self.flush_drafts()[0]]
        except Exception as second:  # the first fault is what must be told
            error.add_note(f"And saving the drafts failed: {second!r}")
        if self.log_file is not None:
            self._log_bug(error, self.log_file)
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        # Textual's own trace would print what the variables hold: text of tickets, perhaps a secret.
        if self.log_file is None:
            super()._fatal_error()
        else:
            self.bell()
            self._close_messages_no_wait()

    def _log_bug(self, error: Exception, log_file: Path) -> None:
        _log(error, log_file)
        self._exit_renderables.append(
            f"sdesk has met a bug and must end. Your drafts are saved; the trace is in {log_file}."
        )

    async def run_action(self, action: Any, *places: Any, **named: Any) -> bool:
        """As for every app; the tour sees what is done, and a refusal is told."""
        try:
            done = await super().run_action(action, *places, **named)
        except SdeskError as error:  # the store's server is away, say
            self.complain(error)
            return True
        if self.on_tour:
            self.saw(f"action:{str(action).rpartition('.')[2].partition('(')[0]}")
        return done

    def press_key(self, key: str) -> None:
        """As if the key had come from the terminal."""
        event = Key(key, key if len(key) == 1 else None)
        # A key that a screen has sent stops bubbling at that screen, before its bindings are asked.
        event.set_sender(self)
        self.post_message(event)

    async def on_event(self, event: Event) -> None:
        """Keys from the terminal are answered one after the other."""
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            await self.take_key(event)
        else:
            await super().on_event(event)

    async def hand_on(self, event: Key | Paste) -> None:
        """Esc followed quickly by a letter arrives as alt+letter: in command mode it is both."""
        if isinstance(event, Key) and event.key.startswith("alt+") and not is_typing(self.focused):
            letter = event.key.removeprefix("alt+")
            self.typed_ahead.appendleft(Key(letter, letter if len(letter) == 1 else None))
            event = Key("escape", None)
        if isinstance(event, Key) and event.key == "escape" and self._stops():
            return
        if not (isinstance(event, Key) and await do_bound(self, event)):
            await super().on_event(event)

    def _stops(self) -> bool:
        """Esc, typed into no line and no dialog, ends an act on many tickets that is under way."""
        return not self.screen.is_modal and not is_typing(self.focused) and self.stop_many()


def _log(error: Exception, log_file: Path) -> None:
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("a", encoding="utf-8", errors="replace") as log:
        log.write(trace(error) + "\n")


def run(
    desk: Desk,
    *,
    config: Config | None = None,
    log_file: Path | None = None,
    remembered: Remembered | None = None,
    tour: bool = False,
) -> int:
    """Open the desk on this terminal; returns the exit status. Raises `Usage` for a keymap that clashes."""
    from sdesk.terminal import driver  # here: tests run without a terminal

    gc.disable()  # 18 ms of collections while starting; `_settle` turns them on again
    is_plain = config is not None and config.driver == "plain"
    written = driver.SafeDriver if is_plain else driver.DifferenceDriver
    app = SdeskApp(
        desk,
        config=config,
        log_file=log_file,
        remembered=remembered,
        tour=tour,
        driver_class=written,
    )
    try:
        app.run(mouse=app.takes_mouse)
    finally:
        app.end_timers()
    if app.exit_code is not None:
        return app.exit_code
    return app.return_code or 0
