"""Chat lines inside a ticket: typed one after the other, in the thread of whoever has it open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.dom import DOMNode

from sdesk.errors import SdeskError
from sdesk.ops import Chat
from sdesk.text import clean_line
from sdesk.widgets.chat_field import ChatField

if TYPE_CHECKING:
    from sdesk.app import SdeskApp
    from sdesk.model import TicketId


class Chatting(DOMNode):
    """Mixed into the ticket screen."""

    if TYPE_CHECKING:
        desk_app: SdeskApp
        mount: Any

        def writing_to(self) -> tuple[TicketId, str]: ...
        def show_newest(self) -> None: ...

    def chat_field(self) -> ChatField | None:
        """The open field."""
        return next(iter(self.query(ChatField)), None)

    def chat(self) -> None:
        """Open the field; an open one gets the focus back."""
        if (field := self.chat_field()) is not None:
            field.action_edit()
            return
        self.desk_app.warm_up()
        self.mount(ChatField())

    @on(ChatField.Said)
    def say(self, event: ChatField.Said) -> None:
        event.stop()
        self._say(event.text)

    @work(group="send")
    async def _say(self, text: str) -> None:
        """Send; a line that is refused goes back into the field."""
        ticket, _ = self.writing_to()
        try:
            await self.desk_app.write([ticket], Chat(text))
        except SdeskError as error:
            self.desk_app.complain(error)
            if (field := self.chat_field()) is not None:
                field.give_back(text)
            else:
                self.desk_app.notify(f"Not said: {clean_line(text)}", severity="error", markup=False, timeout=60)  # fmt: skip
        else:
            self.show_newest()

    def leave_chat(self) -> None:
        if (field := self.chat_field()) is not None:
            field.close()
