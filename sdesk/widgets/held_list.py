"""The list of held mails."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from sdesk.model import KeptMail
from sdesk.present import moment
from sdesk.text import clean_line
from sdesk.widgets.cells import fit
from sdesk.widgets.item_list import WHEN, ItemList

REJECTED = "rejected"


class HeldList(ItemList[KeptMail]):
    """The oldest first: who waits longest."""

    DEFAULT_CSS = "HeldList { min-height: 3; }"

    def leave_out(self, numbers: Sequence[int]) -> None:
        """Show these no more: they are being decided, and the next key is meant for the next one."""
        gone = set(numbers)
        self.put([mail for mail in self.items.values() if mail.id not in gone], self.empty)
        self.lost(None)

    def parts(self, mail: KeptMail, marks: str, width: int) -> list[tuple[str, str]]:
        sign, ink = ("✗ ", "muted") if mail.outcome == REJECTED else ("? ", "risk")
        when = fit(moment(mail.at, self.zone, self.clock()), WHEN)
        author = fit(clean_line(mail.author) or "(nobody)", max(12, min(34, width // 3)))
        parts = [(marks, "key"), (sign, ink), (f"{when} ", "muted"), (f"{author}  ", "key")]
        room = max(0, width - sum(cell_len(text) for text, _ in parts) - 1)
        return [*parts, (fit(clean_line(mail.subject) or "(no subject)", room), "text")]
