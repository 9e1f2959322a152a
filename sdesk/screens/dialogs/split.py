"""Split a message off: the subject of the new ticket, and whether what follows goes along."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from sdesk.model import Entry
from sdesk.ops import Split
from sdesk.screens.dialogs.form import Form, FormLine
from sdesk.text import clean_line, cut
from sdesk.widgets.option_line import OptionLine


class SplitDialog(Form[Split]):
    """Returns a `Split`, or None. `thread` is the message and all after it."""

    TITLE = "Split off"

    def __init__(self, thread: Sequence[Entry], *, what: str = "") -> None:
        super().__init__()
        self.entry, self.after = thread[0], len(thread) - 1
        self.what = what
        first = clean_line(self.entry.text.strip().partition("\n")[0])
        self.subject = Input(cut(first, 80), placeholder="of the new ticket", select_on_focus=False)
        words = [(False, "only this message")]
        if self.after:
            words.append((True, f"with the {self.after} after it"))
        self.extent = OptionLine(words)

    def heading(self) -> str:
        return f"Split off from {self.what}" if self.what else self.TITLE

    def fields(self) -> Iterable[Widget]:
        author = clean_line(self.entry.author) or "somebody"
        said = cut(clean_line(self.entry.text), 160)
        yield Static(Content(f"{author}: {said}"), classes="hint")
        yield FormLine("subject", self.subject)
        yield FormLine("messages", self.extent)

    def echo(self) -> str:
        return "makes a new ticket of the same requester"

    def result(self) -> Split:
        return Split(self.entry.id, self.subject.value.strip(), bool(self.extent.value))
