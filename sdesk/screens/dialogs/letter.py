"""The mail that a text would leave as: what the requester gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk.screens.dialogs.reader import Reader
from sdesk.widgets.post_lines import preview_lines

if TYPE_CHECKING:
    from sdesk.posted import Composed


class LetterPreview(Reader):
    """From, to, subject, text and signature."""

    def __init__(self, found: Composed) -> None:
        super().__init__("The mail")
        self.found = found

    def on_mount(self) -> None:
        app: Any = self.app
        settings = app.desk.read.settings()
        name = settings.get("mail_name") or settings.get("name", "")
        self.show(self.heading, preview_lines(self.found, name))
