"""Macros from the keys: pick one, answer what it asks, see its text before it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from textual import work

from sdesk.screens.moving_on import LastAct, MovingOn

if TYPE_CHECKING:
    from sdesk.model import Macro, TicketId
    from sdesk.ops import Op

KEPT = "macros"
"""Under which name the last used ones are remembered."""
MOST = 30


class Filling(NamedTuple):
    """A text for the composer of a ticket, and what is to be done with it when it is sent."""

    ticket: TicketId
    kind: str
    text: str
    ops: tuple[Op, ...]
    name: str
    origin: Any
    """The screen from which it came."""


class MacroActs(MovingOn):
    """Mixed into `DeskScreen`."""

    @work(exclusive=True, group="dialog")
    async def action_macro(self) -> None:
        from sdesk.macros import values_of
        from sdesk.rules.wording import expand
        from sdesk.screens.dialogs.macro import macro_picker

        app, tickets = self.desk_app, self.targets()
        if not tickets:
            app.tell("there is no ticket here")
            return
        macros = app.desk.read.macros()
        if not macros:
            app.tell("there is no macro yet: sdesk macros add NAME makes one")
            return
        app.warm_up()
        values = values_of(app.desk, app.desk.read.ticket(tickets[0]))
        title = f"Macro · {app.desk.ref(tickets[0])}" if len(tickets) == 1 else f"Macro · {len(tickets):,} tickets"  # fmt: skip
        macro = await self.app.push_screen_wait(
            macro_picker(title, macros, self.last_macros(), lambda m: expand(m.text, values))
        )
        if macro is not None:
            await self.use_macro(macro, tickets)

    def last_macros(self) -> list[str]:
        """The names of those used, the last one first."""
        return self.desk_app.remembered.get(KEPT).splitlines()

    async def use_macro(
        self, macro: Macro, tickets: Sequence[TicketId], asked: Mapping[str, str] | None = None
    ) -> None:
        """Ask what it wants to know, once for all tickets; then write, show or do it."""
        from sdesk.rules.macro import questions
        from sdesk.screens.dialogs.macro import Questions

        wanted = questions(macro)
        if wanted and not asked:
            asked = await self.app.push_screen_wait(Questions(f"Macro {macro.name}", wanted))
            if asked is None:
                return
        answers, app = dict(asked or {}), self.desk_app
        names = [macro.name, *(name for name in self.last_macros() if name != macro.name)]
        app.remembered.keep(KEPT, "\n".join(names[:MOST]))
        app.last_act = LastAct(macro.name, tuple(tickets), macro=macro, asked=answers)
        speaks = bool(macro.text.strip()) and not macro.note and not macro.send
        if len(tickets) == 1:
            self._use_on_one(macro, tickets[0], answers, speaks=speaks)
        else:
            self._use_on_many(macro, tuple(tickets), answers, speaks=speaks)

    def _use_on_one(
        self, macro: Macro, ticket: TicketId, asked: Mapping[str, str], *, speaks: bool
    ) -> None:
        from sdesk.errors import SdeskError
        from sdesk.macros import operations_for, values_of
        from sdesk.rules.wording import expand

        app = self.desk_app
        try:
            ops = operations_for(app.desk, macro, asked, text=not speaks)(ticket)
        except SdeskError as error:
            app.complain(error)
            return
        if speaks:
            values = {**values_of(app.desk, app.desk.read.ticket(ticket)), **asked}
            text = expand(macro.text, values)
            app.filling = Filling(ticket, "reply", text, ops, macro.name, self)
            self.write_filled(ticket)
            return
        based_on = self.based_on()
        back = self.move_on(ticket, is_last=True)
        app.start([ticket], *ops, based_on=based_on, said=macro.name, otherwise=back)

    def write_filled(self, ticket: TicketId) -> None:
        """Open the composer of the ticket; it takes the text that waits for it."""
        listed: Any = getattr(self, "listed", None)
        state = getattr(listed, "state", None)
        self.desk_app.open_ticket(ticket, state.ids if state is not None else (), compose="reply")

    def _use_on_many(
        self, macro: Macro, tickets: tuple[TicketId, ...], asked: Mapping[str, str], *, speaks: bool
    ) -> None:
        """One batch, each ticket with its own values; a text that nobody has seen is shown first."""
        from sdesk.macros import operations_for, values_of
        from sdesk.rules.wording import expand
        from sdesk.screens.bulk import BulkAct

        desk = self.desk_app.desk
        lines: list[str] = []
        if macro.text.strip():
            values = {**values_of(desk, desk.read.ticket(tickets[0])), **asked}
            lines = [f"{desk.ref(tickets[0])} gets:", *expand(macro.text, values).splitlines()[:6]]
        words = f"macro {macro.name}" + (f" ({', '.join(macro.acts)})" if macro.acts else "")
        act = BulkAct(
            tickets, operations_for(desk, macro, asked), words, f"done: {macro.name}", tuple(lines)
        )
        self.desk_app.start_many(act, always_ask=speaks)
