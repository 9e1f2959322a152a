"""Set by hand when a clock is due, or let the policy decide again; and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.widget import Widget
from textual.widgets import Input

from sdesk.errors import Invalid
from sdesk.model import Instant
from sdesk.ops import SetDue
from sdesk.present import duration, moment
from sdesk.rules.when import EXAMPLES, parse_until
from sdesk.screens.dialogs.form import Form, FormLine
from sdesk.widgets.option_line import OptionLine

BY_POLICY = ("policy", "auto")
"""Words for: let the policy decide."""


class DueDialog(Form[SetDue]):
    """Returns a `SetDue`, or None. `targets` are the clocks that run; `zone` is the desk's."""

    def __init__(
        self, zone: str, now: Instant, targets: Sequence[str], *, target: str = "", what: str = ""
    ) -> None:
        super().__init__()
        self.zone, self.now, self.what = zone, now, what
        self.line = OptionLine([(name, name) for name in targets], target)
        self.until = Input(
            placeholder="tomorrow 12:00 · fri · 2d · policy: as the policy has it",
            select_on_focus=False,
        )
        self.reason = Input(placeholder="why; required for a time", select_on_focus=False)

    def heading(self) -> str:
        return f"Due · {self.what}" if self.what else "Due"

    def fields(self) -> Iterable[Widget]:
        yield FormLine("clock", self.line)
        yield FormLine("due", self.until)
        yield FormLine("reason", self.reason)

    def _instant(self) -> Instant | None:
        text = self.until.value.strip()
        return None if text in BY_POLICY else parse_until(text, now=self.now, zone=self.zone)

    def echo(self) -> str:
        if not self.until.value.strip():
            return f"{EXAMPLES}, or policy"
        if (at := self._instant()) is None:
            return "the policy decides again"
        return f"due {moment(at, self.zone, self.now)}, in {duration(at - self.now)}; no pause moves it"

    def result(self) -> SetDue:
        at = self._instant()
        reason = self.reason.value.strip()
        if at is not None and not reason:
            raise Invalid("Why? A due date set by hand has a reason.")
        return SetDue(str(self.line.value), at, reason)
