"""Wait: for the customer, for a supplier or until a time, with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.widget import Widget
from textual.widgets import Input

from sdesk.errors import Invalid
from sdesk.model import Instant, State, StateCategory
from sdesk.ops import Wait
from sdesk.present import duration, moment
from sdesk.rules.when import EXAMPLES, parse_until
from sdesk.screens.dialogs.form import Form, FormLine
from sdesk.widgets.option_line import OptionLine

SHIPPED = (
    ("waiting-customer", "customer"),
    ("waiting-supplier", "supplier"),
    ("scheduled", "scheduled"),
)
"""The waiting states that `sdesk init` makes."""
NEEDS_TIME = "scheduled"


def waiting_options(states: Sequence[State]) -> list[tuple[object, str]]:
    """The desk's own states of category waiting, each by its shortest name."""
    own = [s for s in states if s.category == StateCategory.WAITING]
    return [(s.key, s.name.casefold().removeprefix("waiting for ")) for s in own] or list(SHIPPED)


class WaitDialog(Form[Wait]):
    """Returns a `Wait`, or None. `zone` is the desk's time zone, `now` the time the words count from."""

    TITLE = "Wait"

    def __init__(
        self,
        zone: str,
        now: Instant,
        *,
        states: Sequence[State] = (),
        value: str = "",
        what: str = "",
    ) -> None:
        super().__init__()
        self.zone = zone
        self.now = now
        self.what = what
        self.line = OptionLine(waiting_options(states), value or "waiting-customer")
        self.until = Input(
            placeholder="open end, or 2d · tomorrow 9:00 · fri", select_on_focus=False
        )
        self.reason = Input(placeholder="what for", select_on_focus=False)

    def heading(self) -> str:
        return f"Wait · {self.what}" if self.what else "Wait"

    def fields(self) -> Iterable[Widget]:
        yield FormLine("for", self.line)
        yield FormLine("until", self.until)
        yield FormLine("reason", self.reason)

    def _instant(self) -> Instant | None:
        text = self.until.value.strip()
        return parse_until(text, now=self.now, zone=self.zone) if text else None

    def echo(self) -> str:
        at = self._instant()
        if at is None:
            return (
                "until somebody answers"
                if self.line.value != NEEDS_TIME
                else f"until when? {EXAMPLES}"
            )
        return f"until {moment(at, self.zone, self.now)}, in {duration(at - self.now)}"

    def result(self) -> Wait:
        at = self._instant()
        if at is None and self.line.value == NEEDS_TIME:
            raise Invalid("Scheduled needs a time.", f"For example {EXAMPLES}.")
        return Wait(str(self.line.value), at, self.reason.value.strip())
