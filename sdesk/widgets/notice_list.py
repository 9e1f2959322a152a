"""The list of notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich.cells import cell_len

from sdesk.model import Instant, Notice
from sdesk.present import moment
from sdesk.text import clean_line
from sdesk.widgets.cells import fit
from sdesk.widgets.item_list import WHEN, ItemList

_SIGNS = {
    "warning": ("! ", "risk"), "trouble": ("! ", "risk"), "escalation": ("!!", "breached"),
}  # fmt: skip


class NoticeList(ItemList[Notice]):
    """The newest first."""

    def __init__(self, clock: Callable[[], Instant], zone: str, ref: Callable[[int], str]) -> None:
        super().__init__(clock, zone)
        self.ref = ref
        self.subjects: Mapping[int, str] = {}
        self.empty = "nothing new"

    def show(self, notices: Sequence[Notice], subjects: Mapping[int, str], empty: str) -> None:
        """Show these; the cursor stays on its notice. `subjects` by ticket."""
        self.subjects = subjects
        self.put(notices, empty)

    def parts(self, notice: Notice, marks: str, width: int) -> list[tuple[str, str]]:
        sign, ink = _SIGNS.get(notice.kind, ("· ", "muted"))
        new = "•" if notice.seen_at is None else " "
        when = fit(moment(notice.at, self.zone, self.clock()), WHEN)
        ref = self.ref(notice.ticket) if notice.ticket is not None else ""
        parts = [
            (marks, "key"), (f"{new} ", "key"), (f"{when} ", "muted"),
            (f"{sign} ", ink), (f"{ref:<8} ", "key"),
        ]  # fmt: skip
        room = max(0, width - sum(cell_len(text) for text, _ in parts) - 1)
        said = clean_line(notice.text)
        subject = clean_line(self.subjects.get(notice.ticket or 0, ""))
        if subject and cell_len(said) + 8 < room:
            # As much of the subject as there is room for: the text goes first.
            parts.append((said, "text"))
            parts.append((fit(f" · {subject}", room - cell_len(said)), "muted"))
        else:
            parts.append((fit(said, room), "text"))
        return parts
