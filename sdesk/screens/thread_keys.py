"""Moving in a ticket's thread, and how its panel stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import work
from textual.dom import DOMNode
from textual.reactive import var

from sdesk.widgets.timeline import Timeline

if TYPE_CHECKING:
    from textual import events

    from sdesk.app import SdeskApp
    from sdesk.model import TicketId

BESIDE = 100
"""From this width the panel stands beside the thread, below that under it."""
PLACES = ("shown", "large", "off")


class ThreadKeys(DOMNode):
    """Mixed into the ticket screen."""

    panel: var[str] = var("shown", init=False)
    """How the panel stands: shown, large, off."""

    if TYPE_CHECKING:
        app: Any
        query_one: Any
        number: TicketId

        @property
        def desk_app(self) -> SdeskApp: ...

    @property
    def timeline(self) -> Timeline:
        found: Timeline = self.query_one(Timeline)
        return found

    def watch_panel(self) -> None:
        for place in PLACES:
            self.set_class(self.panel == place, f"-panel-{place}")

    def on_resize(self, event: events.Resize) -> None:
        self.make_room(event.size.width)

    def make_room(self, width: int) -> None:
        """The panel stands beside the thread, or below it."""
        self.set_class(width < BESIDE, "-narrow")

    def action_fold(self) -> None:
        """Fold the events between the messages, or show them."""
        self.timeline.toggle_events()

    def action_quotes(self) -> None:
        """Show what the messages quote and how they are signed, or fold it."""
        self.timeline.toggle_quotes()

    def action_panel(self) -> None:
        """The panel: shown, large, off."""
        self.panel = PLACES[(PLACES.index(self.panel) + 1) % len(PLACES)]

    def action_cursor_down(self) -> None:
        self.timeline.scroll_lines(1)

    def action_cursor_up(self) -> None:
        self.timeline.scroll_lines(-1)

    def action_page_down(self) -> None:
        self.timeline.scroll_pages(1)

    def action_page_up(self) -> None:
        self.timeline.scroll_pages(-1)

    def action_cursor_first(self) -> None:
        self.timeline.go(0)

    def action_cursor_last(self) -> None:
        timeline = self.timeline
        timeline.go(timeline.last_top())

    def action_go_first(self) -> None:
        self.timeline.go(0)

    def action_previous_section(self) -> None:
        """To the message before the one at the upper edge."""
        self.timeline.go_message(-1)

    @work(exclusive=True, group="dialog")
    async def action_split(self) -> None:
        """Make a new ticket of the message under the cursor, and say its number."""
        from sdesk.screens.dialogs.split import SplitDialog

        app, ticket = self.desk_app, self.number
        message = self.timeline.message()
        if message is None:
            app.tell("there is no message to split off")
            return
        app.warm_up()
        thread = app.desk.read.conversation(ticket)
        rest = [entry for entry in thread if entry.id >= message.id]
        if op := await self.app.push_screen_wait(SplitDialog(rest, what=app.desk.ref(ticket))):
            done = await app.act([ticket], op, said="split")
            if done is not None:
                made = next(e.details["to"] for e in done.events if e.kind == "split")
                app.tell(f"{app.desk.ref(made)} made of it · u undoes")

    def action_next_section(self) -> None:
        """To the next message."""
        self.timeline.go_message(1)
