"""Done: a resolution code, and the words the requester reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.widget import Widget
from textual.widgets import Input

from sdesk.ops import Resolve
from sdesk.screens.dialogs.form import Form, FormLine
from sdesk.widgets.option_line import OptionLine

CODES = (
    ("solved", "solved"),
    ("workaround", "workaround"),
    ("not-reproducible", "not reproducible"),
    ("duplicate", "duplicate"),
    ("no-answer", "no answer"),
    ("withdrawn", "withdrawn"),
)


class ResolveDialog(Form[Resolve]):
    """Returns a `Resolve`, or None. `what` names the tickets in the title."""

    TITLE = "Done"

    def __init__(self, *, what: str = "", codes: Sequence[tuple[object, str]] = CODES) -> None:
        super().__init__()
        self.what = what
        self.code = OptionLine(codes)
        self.text = Input(
            placeholder="what the requester reads; may be empty", select_on_focus=False
        )

    def heading(self) -> str:
        return f"Done · {self.what}" if self.what else "Done"

    def fields(self) -> Iterable[Widget]:
        yield FormLine("code", self.code)
        yield FormLine("text", self.text)

    def echo(self) -> str:
        return f"resolves it as {self.code.options[self.code.chosen][1]}"

    def result(self) -> Resolve:
        return Resolve(str(self.code.value), self.text.value.strip())
