"""The list of the SLA board: lanes with their clocks; only the lines in sight are drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip
from textual.timer import Timer

from sdesk.keys import bindings_for
from sdesk.messages import TicketOpened
from sdesk.model import Instant, TicketId, TicketRow
from sdesk.present import next_change, person_or_nobody
from sdesk.text import clean_line
from sdesk.widgets.board_lanes import LANES, BoardRow, Key, LaneHead, board_lines
from sdesk.widgets.cells import fit
from sdesk.widgets.clock_bar import bar, clock_sign, share_of, tone_of
from sdesk.widgets.line_view import LineView, line
from sdesk.widgets.list_keys import CursorMoved, MarksChanged
from sdesk.widgets.seen import Seen

_PARTS = (
    "text",
    "cursor",
    "lane",
    "lane-breached",
    "muted",
    "mark",
    "breached",
    "risk",
    "paused",
    "met",
    "running",
)
WIDE = 100
"""Columns from which a bar stands in each row."""
ROOMY = 115
"""Columns from which the next step has its name: below, the subject needs the room more."""
NEXT, NEXT_SHORT = 24, 11
"""Cells for the next warning or escalation."""
_LANE_PARTS = {"breached": "lane-breached"}


class BoardList(Seen, LineView, can_focus=True):
    """Cursor and marks are held by ticket and target, so that no refresh moves them."""

    BINDINGS = bindings_for("list")
    COMPONENT_CLASSES = {f"board--{part}" for part in _PARTS}
    DEFAULT_CSS = """
    BoardList {
        height: 1fr;
        & > .board--text { color: $foreground; }
        & > .board--cursor { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
        & > .board--lane { color: $accent; text-style: bold; }
        & > .board--lane-breached { color: $error; text-style: bold; }
        & > .board--muted { color: $text-muted; }
        & > .board--mark { color: $accent; text-style: bold; }
        & > .board--breached { color: $error; text-style: bold; }
        & > .board--risk { color: $warning; text-style: bold; }
        & > .board--paused { color: $text-muted; }
        & > .board--met { color: $success; }
        & > .board--running { color: $foreground; }
    }
    """

    def __init__(
        self, clock: Callable[[], Instant], zone: str, on_tick: Callable[[], None]
    ) -> None:
        super().__init__()
        self.clock = clock
        self.zone = zone
        self.on_tick = on_tick
        self.rows: tuple[BoardRow, ...] = ()
        self.content: list[LaneHead | BoardRow] = []
        self.marks: set[int] = set()
        self.writing: Mapping[int, str] = {}
        """Tickets that somebody else is writing on, and who."""
        self._anchor: Key | None = None
        self.cursor = 0
        self.top = 0
        self._styles: dict[str, Style] = {}
        self._timer: Timer | None = None

    def show(self, rows: Sequence[BoardRow]) -> None:
        """Show these clocks; the cursor stays on its clock, or else on its line."""
        held = self.current_row()
        self.rows = tuple(rows)
        self._arrange()
        if held is not None and self._index_of(held.key) is None:
            self.lost(partial(self._show_again, held))

    def _show_again(self, row: BoardRow) -> None:
        self.rows = (*self.rows, row)
        self._arrange()
        if (index := self._index_of(row.key)) is not None:
            self.move_to(index)

    def _arrange(self) -> None:
        held = row.key if (row := self.current_row()) is not None else None
        self.content = board_lines(self.rows, self.clock(), self.zone)
        at = self._index_of(held) if held is not None else None
        self._place(self.cursor if at is None else at)
        self.repaint()
        self._await_change()

    def _index_of(self, key: Key) -> int | None:
        return next(
            (
                i
                for i, row in enumerate(self.content)
                if isinstance(row, BoardRow) and row.key == key
            ),
            None,
        )

    def current_row(self) -> BoardRow | None:
        """The clock under the cursor."""
        row = self.content[self.cursor] if self.cursor < len(self.content) else None
        return row if isinstance(row, BoardRow) else None

    def targets(self) -> tuple[TicketId, ...]:
        """The marked tickets, those of the board in its order first, else the one under the cursor."""
        if self.marks:
            found = (row.ticket.id for row in self.content if isinstance(row, BoardRow))
            here = dict.fromkeys(number for number in found if number in self.marks)
            return (*here, *(TicketId(n) for n in sorted(self.marks.difference(here))))
        row = self.current_row()
        return (row.ticket.id,) if row is not None else ()

    # Moving

    def _place(self, index: int, *, way: int = 1) -> None:
        """Put the cursor there, or on the next clock that way; its line comes into sight."""
        last = len(self.content) - 1
        index = max(0, min(index, last))
        while 0 <= index <= last and isinstance(self.content[index], LaneHead):
            index += way
        if index < 0 or index > last:
            index = min(1, max(0, last)) if way < 0 else max(0, last)
        self.cursor = index
        tall = max(1, self.size.height)
        # A lane's heading comes into sight with its first row.
        upper = index - 1 if index and isinstance(self.content[index - 1], LaneHead) else index
        if upper < self.top:
            self.top = upper if index < tall else max(0, upper - tall // 2)
        elif index >= self.top + tall:
            self.top = index - tall // 2
        self.top = max(0, min(self.top, len(self.content) - tall))

    def move_to(self, index: int, *, way: int = 1) -> None:
        """Put the cursor on a line and repaint what that changes."""
        before, top = self.cursor, self.top
        self._place(index, way=way)
        if (self.cursor, self.top) != (before, top):
            self.repaint(None if self.top != top else (before - top, self.cursor - top))
            row = self.current_row()
            self.post_message(CursorMoved(row.ticket.id if row else None))
            self._await_change()

    def action_cursor_down(self) -> None:
        self.move_to(self.cursor + 1)

    def action_cursor_up(self) -> None:
        self.move_to(self.cursor - 1, way=-1)

    def action_page_down(self) -> None:
        self.move_to(self.cursor + max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        self.move_to(self.cursor - max(1, self.size.height - 1), way=-1)

    def action_cursor_first(self) -> None:
        self.move_to(0)

    def action_cursor_last(self) -> None:
        self.move_to(len(self.content) - 1, way=-1)

    def move_lane(self, by: int) -> None:
        """To the first clock of the next lane, or of this one and then the one before."""
        heads = [i for i, row in enumerate(self.content) if isinstance(row, LaneHead)]
        there = [i for i in heads if (i > self.cursor if by > 0 else i < self.cursor - 1)]
        if there:
            self.move_to((there[0] if by > 0 else there[-1]) + 1)

    def action_mark(self) -> None:
        row = self.current_row()
        if row is not None:
            self.marks ^= {row.ticket.id}
            self._anchor = row.key
            self.move_to(self.cursor + 1)
            self._marked()

    def action_mark_range(self) -> None:
        """Mark from the last mark (without one, from the cursor) to the cursor."""
        row = self.current_row()
        if row is None:
            return
        start = self._index_of(self._anchor) if self._anchor is not None else None
        low, high = sorted((self.cursor if start is None else start, self.cursor))
        between = self.content[low : high + 1]
        self._anchor = row.key
        self.mark_also({r.ticket.id for r in between if isinstance(r, BoardRow)})

    def mark_also(self, tickets: set[int], *, gone: bool = False) -> None:
        """Mark these as well, or (`gone`) no longer; only what stands on the board."""
        here = {row.ticket.id for row in self.rows}
        self.marks = self.marks - tickets if gone else self.marks | (tickets & here)
        self._marked()

    def action_mark_all(self) -> None:
        everything: set[int] = {row.ticket.id for row in self.rows}
        self.marks = set() if self.marks == everything else everything
        self._marked()

    def clear_marks(self) -> bool:
        """Take all marks away; False when there were none."""
        had = bool(self.marks)
        self.marks = set()
        self._marked()
        return had

    def _marked(self) -> None:
        self.repaint()
        self.post_message(MarksChanged(len(self.marks)))

    def open_current(self) -> None:
        """Ask for the ticket under the cursor, with the board's tickets for J and K."""
        if (row := self.current_row()) is not None:
            among = dict.fromkeys(r.ticket.id for r in self.content if isinstance(r, BoardRow))
            self.post_message(TicketOpened(row.ticket.id, tuple(among)))

    # Painting

    def on_resize(self) -> None:
        super().on_resize()
        self._place(self.cursor)
        self.repaint()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}

    def draw(self, y: int) -> Strip:
        if not self._styles:
            self._styles = {
                part: self.get_component_rich_style(f"board--{part}") for part in _PARTS
            }
        styles, width, index = self._styles, self.size.width, self.top + y
        if index >= len(self.content):
            words = "   no clock is running" if not self.content and y == 1 else ""
            return line([(words, styles["muted"])], width, styles["text"])
        row = self.content[index]
        if isinstance(row, LaneHead):
            name = LANES[row.lane]
            part = styles[_LANE_PARTS.get(name, "lane")]
            head = f" ── {name} {row.count} "
            return line([(head + "─" * max(0, width - cell_len(head) - 1), part)], width, part)
        return self._draw_row(row, index == self.cursor, width)

    def _draw_row(self, row: BoardRow, here: bool, width: int) -> Strip:
        now, styles = self.clock(), self._styles
        ticket, clock = row.ticket, row.clock
        sign, text = clock_sign(clock, now)
        tone = tone_of(sign)
        marks = ("▌" if here else " ") + ("✓" if ticket.id in self.marks else " ")
        wide, roomy = width >= WIDE, width >= ROOMY
        share = share_of(clock, row.calendar, now)
        parts = [
            (marks, "mark"),
            (f" {ticket.ref:<8} ", "text"),
            (f"{ticket.priority} ", "text"),
            (f"{sign:<2} {fit(text, 8)} ", tone),
            (bar(share, 12) + " " if wide else "", tone),
            (f"{min(999, int(share * 100)):>3}% ", "muted"),
            (fit(clock.target, 11), "muted"),
        ]
        tail = [
            (f" {fit(self._next(row, now, wide=roomy), NEXT if roomy else NEXT_SHORT)}", "muted"),
            (f" {fit(self._who(ticket), 10 if wide else 8)}", "muted"),
        ]
        used = sum(cell_len(piece) for piece, _ in (*parts, *tail))
        parts += [(fit(clean_line(ticket.subject), max(0, width - used)), "text"), *tail]
        base = styles["cursor"]
        made = [(piece, base if here else styles[part]) for piece, part in parts]
        return line(made, width, base if here else styles["text"])

    def _who(self, ticket: TicketRow) -> str:
        """Who is writing on it; else who has it."""
        writer = self.writing.get(ticket.id, "")
        return clean_line(f"✎ {writer}" if writer else person_or_nobody(ticket.assignee))

    def _next(self, row: BoardRow, now: Instant, *, wide: bool) -> str:
        if row.step is None:
            return ""
        return row.step.words(self.zone, now) if wide else row.step.short(self.zone, now)

    # Time

    def _await_change(self) -> None:
        """Wake when a countdown in sight may change, the big one of the first clock too; never sooner."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        now = self.clock()
        # Row 0 is the first lane's heading, row 1 the clock of the big countdown.
        shown = [*self.content[1:2], *self.content[self.top : self.top + max(1, self.size.height)]]
        running = [
            row.clock
            for row in shown
            if isinstance(row, BoardRow) and not row.clock.paused and row.clock.stopped_at is None
        ]
        changes = [
            at
            for c in running
            if (at := next_change(c.due_at, now, breach_at=c.breach_at)) is not None
        ]
        if changes:
            self._timer = self.set_timer(max(0.2, min(changes) - now), self._tick)

    def _tick(self) -> None:
        self._arrange()
        self.on_tick()
