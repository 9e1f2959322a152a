"""`|`: the ticket, or the marks, to a command of the agent's own, as text or as JSON.

The command line is the agent's; nothing of a ticket ever stands on it. Tickets go to its standard
input alone, and what it writes is shown like any other text from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual import work

from sdesk.present import counted

if TYPE_CHECKING:
    from sdesk.app import SdeskApp
    from sdesk.model import TicketId

KEPT = "pipes"
"""Under which name the last commands are remembered."""
MOST = 20


class PipeActs:
    """Mixed into `DeskScreen`."""

    if TYPE_CHECKING:
        app: Any

        @property
        def desk_app(self) -> SdeskApp: ...
        def targets(self) -> tuple[TicketId, ...]: ...

    @work(exclusive=True, group="dialog")
    async def action_pipe(self) -> None:
        """Ask for the command, those used before at hand."""
        from sdesk.screens.dialogs.pick import Choice, Pick

        app, tickets = self.desk_app, self.targets()
        if not tickets:
            app.tell("there is no ticket here")
            return
        before = app.remembered.get(KEPT).splitlines()

        def choices(typed: str) -> list[Choice]:
            fresh = [typed.strip()] if typed.strip() and typed.strip() not in before else []
            fitting = [line for line in before if typed.strip() in line]
            return [
                Choice((line, form), line, f"gets {form}")
                for line in (*fresh, *fitting) for form in ("text", "JSON")
            ]  # fmt: skip

        what = app.desk.ref(tickets[0]) if len(tickets) == 1 else counted(len(tickets), "ticket")
        dialog = Pick(f"Pipe {what} to", choices)
        dialog.EMPTY = "type a command that reads it, such as less, or mail -s help ben"
        chosen = await self.app.push_screen_wait(dialog)
        if chosen is not None:
            command, form = chosen
            self.pipe(command, form, tickets)

    def pipe(self, command: str, form: str, tickets: Sequence[TicketId]) -> None:
        """Run the command on the tickets, and show what it writes."""
        from sdesk.screens.piping import PipeReader

        app = self.desk_app
        before = [line for line in app.remembered.get(KEPT).splitlines() if line != command]
        app.remembered.keep(KEPT, "\n".join([command, *before][:MOST]))
        self.app.push_screen(PipeReader(command, form, tickets))
