"""What the reader is told: warnings and escalations, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.strip import Strip

from sdesk.keys import bindings_for
from sdesk.present import counted
from sdesk.screens.desk_screen import DeskScreen
from sdesk.screens.news import read_away
from sdesk.widgets.cells import fit
from sdesk.widgets.letters import Letters
from sdesk.widgets.line_view import line
from sdesk.widgets.list_keys import CursorMoved, MarksChanged
from sdesk.widgets.notice_list import NoticeList

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import Notice, TicketId, TicketRow

    Told = tuple[Sequence[Notice], Mapping[TicketId, str]]
    """Notices, and the subjects of their tickets."""

MOST = 500
MINUTE = 60.0


class NoticesHead(Letters):
    """What is shown, and how many are new."""

    DEFAULT_CSS = "NoticesHead { height: 1; background: $panel; }"
    title = " Notices"

    def show(self, title: str) -> None:
        self.title = title
        self.repaint()

    def draw(self, y: int) -> Strip:
        width, right = self.size.width, f"{self.letters()} "
        title = fit(f" {self.title}", max(0, width - cell_len(right)))
        return line([(title, self.ink("key")), (right, self.ink("risk"))], width, self.rich_style)


class NoticesScreen(DeskScreen):
    """New notices, or with `old` also those that have been seen."""

    NAME = "notices"
    BINDINGS = bindings_for("notices")
    AUTO_FOCUS = "NoticeList"

    def __init__(self) -> None:
        super().__init__()
        self.old = False

    def compose(self) -> ComposeResult:
        desk = self.desk_app.desk
        self.head = NoticesHead()
        self.listed = NoticeList(desk.now, desk.settings.zone, desk.ref)
        yield self.head
        yield self.listed
        yield self.status_line()

    def on_mount(self) -> None:
        # Quiet hours end without anybody writing.
        self.set_interval(MINUTE, self.reload)
        self.reload()

    def targets(self) -> tuple[TicketId, ...]:
        return ()

    def current(self) -> TicketRow | None:
        return None

    # Showing

    def reload(self) -> None:
        """Read the notices again; cursor and marks stay."""
        read_away(self, self._read, self._show)

    def _read(self, desk: Desk) -> Told:
        found = desk.read.notices(limit=MOST, seen=self.old)
        tickets = {notice.ticket for notice in found if notice.ticket is not None}
        return found, {row.id: row.subject for row in desk.read.rows(list(tickets))}

    def _show(self, told: Told) -> None:
        if not self.is_attached:
            return
        found, subjects = told
        what = counted(len(found), "notice")
        self.head.show(f"Notices · {what}, seen ones too" if self.old else f"Notices · {what} new")
        empty = (
            "nobody has told you anything yet" if self.old else "nothing new · z shows seen ones"
        )
        self.listed.show(found, {int(key): text for key, text in subjects.items()}, empty)

    @on(CursorMoved)
    def keep_quiet(self, event: CursorMoved) -> None:
        event.stop()

    @on(MarksChanged)
    def show_marks(self, event: MarksChanged) -> None:
        event.stop()
        self.bottom.show_count(f"{event.count:,} marked" if event.count else "")

    # Acting

    def action_open(self) -> None:
        """The ticket; what was told of it has then been seen."""
        notice = self.listed.current()
        if notice is None or notice.ticket is None:
            return
        notices = self.listed.items.values()
        self._see(n.id for n in notices if n.ticket == notice.ticket)
        among = dict.fromkeys(n.ticket for n in notices if n.ticket is not None)
        self.desk_app.open_ticket(notice.ticket, tuple(among))

    def action_seen(self) -> None:
        self._see(self.listed.targets())

    def action_all_seen(self) -> None:
        self._see(self.listed.items)

    def _see(self, numbers: Iterable[int]) -> None:
        notices = self.listed.items
        new = [n for n in numbers if n in notices and notices[n].seen_at is None]
        if new:
            self.listed.clear_marks()
            self.desk_app.see_notices(new)

    def action_old(self) -> None:
        self.old = not self.old
        self.reload()

    def action_back(self) -> None:
        if not self.listed.clear_marks():
            self.desk_app.pop_screen()

    def action_go_first(self) -> None:
        self.listed.move_to(0)
