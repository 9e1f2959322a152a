"""The desk on the screen: screens, the one lock for writes, the watch on the store, the way out."""

from __future__ import annotations

import asyncio
import gc
import signal
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import App

from sdesk.errors import SdeskError
from sdesk.keys import bindings_for, check_keymap, textual_keymap
from sdesk.messages import StoreChanged, TicketOpened
from sdesk.present import counted
from sdesk.terminal import ability
from sdesk.terminal.clean import TermSafeFilter
from sdesk.terminal.clipboard import copy
from sdesk.themes import THEMES, theme_for
from sdesk.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.filter import LineFilter
    from textual.screen import Screen

    from sdesk.desk import Desk
    from sdesk.model import Change, EventId, TicketId
    from sdesk.ops import Op

POLL = 0.15
"""Seconds between two looks at whether somebody else has written; a look takes 2 µs."""


class SdeskApp(App[None]):
    """The desk. Screens reach it as `self.app`: `desk`, `write`, `act`, `start`, `tell`, `complain`."""

    TITLE = "sdesk"
    CSS_PATH = "sdesk.tcss"
    BINDINGS = bindings_for("app")
    ENABLE_COMMAND_PALETTE = False
    NOTIFICATION_TIMEOUT = 8

    def __init__(
        self,
        desk: Desk,
        *,
        config: Any = None,
        log_file: Path | None = None,
        driver_class: type[Driver] | None = None,
    ) -> None:
        super().__init__(driver_class=driver_class)
        self.desk = desk
        self.config = config
        self.ability = ability.detect()
        self.keymap: dict[str, str] = dict(getattr(config, "keys", None) or {})
        self.log_file = log_file
        self.animation_level = "none"
        self.exit_code: int | None = None
        self._writing = asyncio.Lock()
        self._watch: Any = None
        self._filter = TermSafeFilter()
        check_keymap(self.keymap)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_for(self.ability, str(getattr(config, "theme", "") or ""))

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), self._filter]

    def get_default_screen(self) -> Screen[Any]:
        from sdesk.screens.queue import QueueScreen  # here: the screens import this module's names

        return QueueScreen()

    def on_mount(self) -> None:
        if self.keymap:
            self.set_keymap(textual_keymap(self.keymap))
        self._answer_signals()
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        """After the first paint: start watching, and spare later keys the collector's pauses."""
        self._watch = self.desk.watch()
        self.set_interval(POLL, self._look)
        if not self.is_headless:
            gc.collect()
            gc.freeze()
            gc.enable()
            gc.set_threshold(100_000, 50, 1_000)

    def _look(self) -> None:
        if self._watch is not None and self._watch.changed():
            self.announce_change()

    def announce_change(self) -> None:
        """Tell every screen that the store holds something else than what it has read."""
        for screen in self.screen_stack:
            screen.post_message(StoreChanged())

    # Writing: one at a time, in the order of the keys, away from the screen.

    async def write(
        self, tickets: Sequence[TicketId] | None, *ops: Op, based_on: EventId | None = None
    ) -> Change | Any:
        """Apply to one ticket, to several as one batch, or (None) to none; raises what the desk raises.

        Several tickets give an `Outcome`, otherwise a `Change`.
        """
        async with self._writing:
            if tickets is not None and len(tickets) > 1:
                done: Any = await asyncio.to_thread(self.desk.apply_many, tickets, *ops)
            else:
                one = tickets[0] if tickets else None
                done = await asyncio.to_thread(self.desk.apply, one, *ops, based_on=based_on)
        self.announce_change()
        return done

    async def act(
        self,
        tickets: Sequence[TicketId] | None,
        *ops: Op,
        based_on: EventId | None = None,
        said: str = "",
    ) -> Change | Any | None:
        """`write`, and tell the result; a refusal is shown and gives None. `said` names the act: "taken"."""
        try:
            done = await self.write(tickets, *ops, based_on=based_on)
        except SdeskError as error:
            self.complain(error)
            return None
        self._tell_done(done, said)
        return done

    @work(group="write", exit_on_error=True)
    async def start(
        self,
        tickets: Sequence[TicketId] | None,
        *ops: Op,
        based_on: EventId | None = None,
        said: str = "",
        then: Callable[[Any], None] | None = None,
    ) -> None:
        """`act` from a key, without waiting for it; `then` gets the result of one that went well."""
        done = await self.act(tickets, *ops, based_on=based_on, said=said)
        if done is not None and then is not None:
            then(done)

    @work(group="write", exit_on_error=True)
    async def take_back(self, *, redo: bool = False) -> None:
        """Undo my last batch, or do it again."""
        try:
            async with self._writing:
                done = await asyncio.to_thread(self.desk.redo if redo else self.desk.undo)
        except SdeskError as error:
            self.complain(error)
            return
        self.announce_change()
        again = "u undoes again" if redo else "ctrl+r does it again"
        self.tell(f"{done.sentence} · {again}")

    def _tell_done(self, done: Any, said: str) -> None:
        refused = getattr(done, "refused", ())
        if refused:
            self.complain(refused[0][1], more=len(refused) - 1)
        changed = getattr(done, "changed", None)
        if changed is None:
            where = self.desk.ref(done.ticket) if done.ticket is not None else ""
            words = f"{where} {said or 'changed'}".strip() if done else f"{where} needed no change"
        else:
            words = f"{counted(len(changed), 'ticket')} {said or 'changed'}"
        self.tell(f"{words} · u undoes" if done or changed else words)

    # Telling

    def tell(self, words: str) -> None:
        """Say something on the status line of the screen, or in a toast where there is none."""
        line = next(iter(self.screen.query(StatusLine)), None)
        if line is None:
            self.notify(words, markup=False, timeout=4)
        else:
            line.tell(words)

    def complain(self, error: SdeskError, *, more: int = 0) -> None:
        """Show a refusal: its sentence, its hint, and how many more there were."""
        words = f"{error} (and {more} more)" if more else str(error)
        self.notify(words, severity="error", markup=False)

    def copy_text(self, text: str) -> None:
        """Copy, and show what was copied."""
        try:
            way = copy(text, self._send)
        except ValueError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.tell(f"copied: {text}" + (" (tmux)" if way == "tmux" else ""))

    def _send(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)

    # Places

    def on_ticket_opened(self, event: TicketOpened) -> None:
        self.open_ticket(event.ticket, event.among)

    def open_ticket(self, ticket: TicketId, among: Sequence[int] = ()) -> None:
        """Show a ticket; `among` are the numbers of the list it comes from, for J and K."""
        from sdesk.screens.ticket import TicketScreen  # here: it isn't needed for the first paint

        self.push_screen(TicketScreen(ticket, among))

    def action_go_queue(self) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def action_go_sla(self) -> None:
        from sdesk.screens.sla import SlaScreen  # here: it isn't needed for the first paint

        if not isinstance(self.screen, SlaScreen):
            self.action_go_queue()
            self.push_screen(SlaScreen())

    def action_help(self) -> None:
        from sdesk.screens.help import HelpScreen  # here: it isn't needed for the first paint

        self.push_screen(HelpScreen())

    # Leaving

    def action_quit_desk(self) -> None:
        self.leave(0)

    async def action_quit(self) -> None:
        self.leave(0)

    @work(group="leave", exclusive=True)
    async def leave(self, code: int) -> None:
        """Save drafts, wait for the write that is under way, and end with that status."""
        self.flush_drafts()
        async with self._writing:
            self.exit_code = code
            self.exit(return_code=code)

    def flush_drafts(self) -> None:
        """Have every open composer save what is being typed, at once."""
        for screen in self.screen_stack:
            flush = getattr(screen, "flush_drafts", None)
            if flush is not None:
                flush()

    def _answer_signals(self) -> None:
        """A dropped connection ends the process without `on_unmount`: save drafts and leave in order."""
        if self.is_headless:
            return
        loop = asyncio.get_running_loop()
        for number, code in ((signal.SIGHUP, 129), (signal.SIGTERM, 143)):
            loop.add_signal_handler(number, self.leave, code)

    def on_unmount(self) -> None:
        if self._watch is not None:
            self._watch.close()

    def _handle_exception(self, error: Exception) -> None:
        """The top presenter: a bug ends the desk, after the drafts are saved and the trace is in the log."""
        try:
            self.flush_drafts()
        except Exception as second:  # the first fault is what must be told
            error.add_note(f"And saving the drafts failed: {second!r}")
        if self.log_file is not None:
            self._log_bug(error)
        super()._handle_exception(error)

    def _log_bug(self, error: Exception) -> None:
        assert self.log_file is not None
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("a", encoding="utf-8") as log:
            log.write("".join(traceback.format_exception(error)) + "\n")
        self._exit_renderables.append(
            f"sdesk has met a bug and must end. Your drafts are saved; the trace is in {self.log_file}."
        )

    async def on_event(self, event: Any) -> None:
        """Esc followed quickly by a letter arrives as alt+letter: in command mode it is both."""
        from textual.events import Key

        if isinstance(event, Key) and not event.is_forwarded and self._is_escaped_letter(event):
            for key in ("escape", event.key.removeprefix("alt+")):
                await super().on_event(Key(key, key if len(key) == 1 else None))
            return
        await super().on_event(event)

    def _is_escaped_letter(self, event: Any) -> bool:
        return bool(event.key.startswith("alt+") and not isinstance(self.focused, _typing_widgets()))


def _typing_widgets() -> tuple[type, ...]:
    from textual.widgets import Input, TextArea

    return (Input, TextArea)


def run(desk: Desk, *, config: Any = None, log_file: Path | None = None) -> int:
    """Open the desk on this terminal; returns the exit status."""
    from sdesk.terminal.driver import SafeDriver

    gc.disable()  # 18 ms of collections while starting; `_settle` turns it on again
    app = SdeskApp(desk, config=config, log_file=log_file, driver_class=SafeDriver)
    app.run(mouse=app.ability.mouse)
    if app.exit_code is not None:
        return app.exit_code
    return app.return_code or 0
