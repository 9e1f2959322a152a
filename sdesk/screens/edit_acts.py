"""Editing by key: one field with what it may hold, or the whole ticket as text in `$EDITOR`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual import work

from sdesk.text import cut

if TYPE_CHECKING:
    from sdesk.app import SdeskApp
    from sdesk.model import EventId, Ticket, TicketId
    from sdesk.ops import Op

FIELD = "field."


class EditActs:
    """Mixed into `DeskScreen`."""

    if TYPE_CHECKING:
        app: Any

        @property
        def desk_app(self) -> SdeskApp: ...
        def targets(self) -> tuple[TicketId, ...]: ...
        def based_on(self) -> EventId | None: ...
        def apply_ops(
            self, *ops: Any, said: str = "", tickets: Sequence[TicketId] | None = None
        ) -> None: ...
        def _named(self, tickets: Sequence[TicketId] | None = None) -> str: ...
        async def _answer(self, dialog: Callable[[], Any]) -> Any: ...

    @work(exclusive=True, group="dialog")
    async def action_edit(self) -> None:
        """Pick a field, then its value; several tickets get the same one."""
        from sdesk.screens import field_choices as fields
        from sdesk.screens.dialogs.pick import Pick

        tickets, desk = self.targets(), self.desk_app.desk
        ticket = desk.read.ticket(tickets[0]) if len(tickets) == 1 else None
        offered = fields.fields(desk, ticket)
        name = await self._answer(
            lambda: Pick(f"Edit · {self._named()}", offered, other=fields.new_field)
        )
        if name is not None and (op := await self._value(name, ticket, tickets)) is not None:
            self.apply_ops(op, said=f"{name.removeprefix(FIELD)} set", tickets=tickets)

    async def _value(
        self, name: str, ticket: Ticket | None, tickets: Sequence[TicketId]
    ) -> Op | None:
        """The operation for a field, asked for with what is known; None when closed."""
        from sdesk.screens import field_choices as fields
        from sdesk.screens.dialogs.pick import Pick
        from sdesk.screens.dialogs.prompt import Prompt

        desk, label = self.desk_app.desk, name.removeprefix(FIELD)
        title = f"{label.capitalize()} · {self._named(tickets)}"
        now = fields.value_of(ticket, name) if ticket is not None else ""
        known = fields.values(desk, name)
        if known is not None:
            return await self.app.push_screen_wait(  # type: ignore[no-any-return]
                Pick(title, known, other=fields.free(name))
            )
        text = await self.app.push_screen_wait(
            Prompt(title, now, validate=lambda text: fields.operation(name, text))
        )
        return None if text is None or text == now else fields.operation(name, text)

    @work(exclusive=True, group="dialog")
    async def action_edit_whole(self) -> None:
        """The fields as text in the editor; what came back is shown as differences before it is kept."""
        from sdesk.rules.ticket_form import form_of

        tickets = self.targets()
        if len(tickets) != 1:
            self.desk_app.tell("one ticket at a time: e sets a field of all marked ones" if tickets else "there is no ticket here")  # fmt: skip
            return
        self.desk_app.warm_up()
        ticket = self.desk_app.desk.read.ticket(tickets[0])
        text = begun = form_of(ticket)
        while (edited := self._edited(text)) is not None:
            text = edited
            if text.strip() == begun.strip():
                self.desk_app.tell("nothing was changed")
                return
            if await self._keep_form(ticket, text):
                return

    def _edited(self, text: str) -> str | None:
        """The text as the editor left it; None where it could not be started."""
        from sdesk.errors import SdeskError
        from sdesk.screens.editor import edit

        try:
            return edit(text, self.app, suffix=".toml")
        except SdeskError as error:
            self.desk_app.complain(error)
            return None

    async def _keep_form(self, ticket: Ticket, text: str) -> bool:
        """Ask with the differences, or with what is wrong and its lines; False: edit it again."""
        from sdesk.errors import SdeskError
        from sdesk.rules.ticket_form import changes_in, differences
        from sdesk.screens.dialogs.ask import Ask

        answers = {"e": "edit again", "q": "leave it all as it was"}
        try:
            ops = changes_in(text, ticket)
        except SdeskError as error:
            return (await self.app.push_screen_wait(Ask(str(error), answers, numbered(text)))) != "e"  # type: ignore[no-any-return]  # fmt: skip
        if not ops:
            self.desk_app.tell("nothing was changed")
            return True
        lines = [
            f"{name}: {cut(before, 60) or '—'} → {cut(after, 60) or '—'}"
            for name, before, after in differences(text, ticket)
        ]
        answer = await self.app.push_screen_wait(
            Ask(f"Change {ticket.ref}", {"y": "keep it", **answers}, lines)
        )
        if answer == "y":
            app = self.desk_app
            done = await app.act([ticket.id], *ops, based_on=ticket.last_event, said="edited")
            # What the desk refused stands in the editor again.
            return done is not None
        return answer != "e"  # type: ignore[no-any-return]


def numbered(text: str, most: int = 10) -> list[str]:
    """The text with its line numbers, as much as fits above a question."""
    return [f"{n:>3}  {cut(line, 90)}" for n, line in enumerate(text.splitlines(), 1)][: most + 6]
