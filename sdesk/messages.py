"""The messages that screens and widgets share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdesk.model import TicketId


class StoreChanged(Message):
    """Somebody, perhaps this desk, has written: read again what is shown.

    Waiting ones collapse into one. A screen that is not in sight gets it too, and may put its
    reading off until it resumes.
    """

    bubble = False

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, StoreChanged)


class CompanyChanged(Message):
    """Somebody else has come to a ticket, left it, or begun or ended to write."""

    bubble = False

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, CompanyChanged)


class DraftFault(Message):
    """What is being typed can't be kept, and why; with no words: it is kept again."""

    bubble = False

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words


class TicketOpened(Message):
    """A row was chosen: show the ticket whole. `among` are the numbers of the list, for J and K."""

    def __init__(self, ticket: TicketId, among: Sequence[int] = ()) -> None:
        super().__init__()
        self.ticket = ticket
        self.among = among


class CommandGiven(Message):
    """A line was typed on the command line (without its colon)."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self.line = line


class KeyChosen(Message):
    """A choice of a key menu was made; `action` is a Textual action of the screen."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action
