"""What queue, ticket and SLA board share: the acts, the `g` menu, the command line, the status line.

A screen says which tickets an act concerns (`targets`) and how to read again (`reload`); every act
key then means the same on all of them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from textual import work
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from sdesk.keys import on_screen
from sdesk.messages import CommandGiven, CompanyChanged, KeyChosen
from sdesk.screens.edit_acts import EditActs
from sdesk.screens.macro_acts import MacroActs
from sdesk.screens.news import News
from sdesk.screens.pipe_acts import PipeActs
from sdesk.screens.service_acts import ServiceActs
from sdesk.screens.thread_acts import ThreadActs
from sdesk.screens.work_acts import WorkActs
from sdesk.terminal.compositor import NearCompositor
from sdesk.widgets.key_menu import KeyMenu
from sdesk.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from sdesk.app import SdeskApp
    from sdesk.model import EventId, TicketId, TicketRow

_WHILE_TYPING = {"back", "help"}
"""Actions that a key still does while text is being typed: only those whose keys type nothing."""


class DeskScreen(
    News, MacroActs, EditActs, PipeActs, ThreadActs, WorkActs, ServiceActs, Screen[None]
):
    """A screen of the desk. Subclasses set `NAME`, and implement `targets`, `current` and `reload`."""

    NAME = "queue"
    """Its name in the table of commands."""
    HOLDS_KEYS = True
    """Whether keys wait until what it opens with has been read: they mean what it then shows."""
    _is_open = False
    _command_line: Widget | None = None

    bottom: StatusLine
    # Textual's own repaints the whole screen when the focus goes from the list to a line and back.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._compositor = NearCompositor()

    @property
    def desk_app(self) -> SdeskApp:
        """The app, with its type."""
        app: Any = self.app
        return app  # type: ignore[no-any-return]

    def targets(self) -> tuple[TicketId, ...]:
        """The tickets an act concerns: the marked ones, else the one under the cursor."""
        raise NotImplementedError

    def current(self) -> TicketRow | None:
        """The ticket under the cursor, as a row."""
        raise NotImplementedError

    def reload(self) -> None:
        """Read again what is shown, in a worker."""
        raise NotImplementedError

    def based_on(self) -> EventId | None:
        """The event the shown values stand on, where the screen shows one ticket whole."""
        return None

    @property
    def is_opening(self) -> bool:
        """What it opens with is still being read. One that can't be read holds nothing up."""
        if self.HOLDS_KEYS and not self._is_open:
            self._is_open = self.is_mounted and not self.works_at("read")
            return not self._is_open
        return False

    def give_up(self, late: bool) -> bool | None:
        """Esc while keys wait for what it opens with: it stands as far as it has come, and Esc is for it.
        None where what keys wait for is to be waited for; `late` when they have waited for long."""
        if self._is_open or not self.HOLDS_KEYS:
            return None
        self._is_open = True
        return False

    def works_at(self, group: str) -> bool:
        """Whether a worker of this screen is at that."""
        mine = (w for w in self.app.workers if w.node is self and w.group == group)
        return any(not worker.is_finished for worker in mine)

    def status_line(self) -> StatusLine:
        """The bottom line for `compose`."""
        self.bottom = StatusLine(on_screen(self.NAME))
        return self.bottom

    def on_company_changed(self, event: CompanyChanged) -> None:
        """Others have come or gone; screens that show it say so."""

    def on_screen_resume(self) -> None:
        self.desk_app.tell_leaving()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No command key while text is typed: Esc leaves the line first."""
        if is_typing(self.focused):
            return action in _WHILE_TYPING or not hasattr(DeskScreen, f"action_{action}")
        return True

    def action_go(self) -> None:
        """Show where `g` can go."""
        menu = KeyMenu.behind("go.menu", self.desk_app.keymap)
        self.bottom.open_menu(menu)

    async def on_key_chosen(self, event: KeyChosen) -> None:
        event.stop()
        await self.run_action(event.action)

    def action_go_queue(self) -> None:
        self.desk_app.action_go_queue()

    def action_go_sla(self) -> None:
        self.desk_app.action_go_sla()

    def action_go_triage(self) -> None:
        self.desk_app.open_triage()

    def action_go_dashboard(self) -> None:
        self.desk_app.action_go_dashboard()

    def action_go_notices(self) -> None:
        self.desk_app.action_go_notices()

    def action_go_held(self) -> None:
        self.desk_app.action_go_held()

    def action_go_announcements(self) -> None:
        self.desk_app.action_go_announcements()

    def action_go_mine(self) -> None:
        self._in_queue("go_mine")

    def action_go_unassigned(self) -> None:
        self._in_queue("go_unassigned")

    def action_go_recent(self) -> None:
        self._in_queue("go_recent")

    def _in_queue(self, action: str) -> None:
        """Do it on the queue screen, which knows how."""
        self.desk_app.action_go_queue()
        self.desk_app.queue_screen.call_later(self.desk_app.queue_screen.run_action, action)

    def action_go_calendar(self) -> None:
        self.desk_app.open_calendar()

    @work(exclusive=True, group="dialog")
    async def action_theme(self) -> None:
        """Pick another theme, each worn while the cursor is on it."""
        from sdesk.screens.dialogs.pick import Choice
        from sdesk.screens.dialogs.theme import ThemePick  # here: none of it is needed at first
        from sdesk.themes import WORDS, theme_for

        app = self.desk_app
        own = [Choice(name, name, said) for name, said in WORDS.items()]
        others = sorted(n for n in app.available_themes if not n.startswith("sdesk-"))
        default = theme_for(app.ability, "", frugal=app.frugal, no_color=app.no_color)
        name = await app.push_screen_wait(
            ThemePick([*own, *(Choice(n, n) for n in others)], default)
        )
        if name is not None and (said := app.choose_theme(name)):
            app.tell(said)

    @property
    def is_commanding(self) -> bool:
        return self._command_line is not None and self._command_line.is_attached

    async def action_command_line(self) -> None:
        """Open the command line at the bottom."""
        # Here: none of it is needed for the first paint.
        from sdesk.screens.commands import completions
        from sdesk.widgets.command_line import CommandLine

        app = self.desk_app
        line = CommandLine(partial(completions, self), app.command_history, self.focused)
        self._command_line = line
        # The next letter may be there already: it is for the line.
        await self.mount(line)
        self.set_focus(line.input, scroll_visible=False)

    def on_command_given(self, event: CommandGiven) -> None:
        from sdesk.screens.commands import run_line  # here: not needed for the first paint

        event.stop()
        run_line(self, event.line)


def is_typing(focused: Widget | None) -> bool:
    """Whether a letter would be typed into what has the focus."""
    return focused is not None and focused.check_consume_key("a", "a")
