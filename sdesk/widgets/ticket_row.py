"""One row of a ticket list as a strip: columns by width, text that fits, signs before colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from sdesk.model import Instant, TicketRow
from sdesk.present import countdown_parts, person_or_nobody, state_badge, urgency
from sdesk.text import clean_line
from sdesk.widgets.cells import fit

GUTTER = 3
"""Cells before the first column: cursor bar, mark or unread dot, a space."""
DUE = 11
"""Cells of the due column: a sign, a countdown, a gap."""
_TITLES = {
    "number": "Number", "priority": "P", "due": "Due", "subject": "Subject",
    "requester": "Requester", "assignee": "Assignee", "state": "State",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column and its cells, a gap of one at its right end included."""

    name: str
    start: int
    width: int


@dataclass(frozen=True, slots=True)
class Look:
    """How one row stands in the list."""

    cursor: bool = False
    marked: bool = False
    writing: str = ""
    """Who else is writing on it."""


def columns_for(width: int, ref_width: int = 7) -> tuple[Column, ...]:
    """The columns that fit, shrunk or left out by width; the subject takes what is left."""
    widths = {"number": ref_width + 1, "priority": 2, "due": DUE, "subject": 0}
    for name, least, narrow, wide in (
        ("state", 48, 11, 15),
        ("assignee", 58, 9, 12),
        ("requester", 72, 12, 20),
    ):
        if width >= least:
            widths[name] = narrow if width < 96 else min(wide, narrow + (width - 96) // 6 + 1)
    widths["subject"] = max(8, width - GUTTER - sum(widths.values()))
    columns, start = [], GUTTER
    for name in ("number", "priority", "due", "subject", "requester", "assignee", "state"):
        if name in widths:
            columns.append(Column(name, start, widths[name]))
            start += widths[name]
    return tuple(columns)


def heading(columns: tuple[Column, ...], width: int) -> str:
    """The titles over the columns."""
    line = " " * GUTTER + "".join(fit(_TITLES[c.name], c.width - 1) + " " for c in columns)
    return fit(line, width)


def due_end(columns: tuple[Column, ...]) -> int:
    """Where the countdown ends: all that a tick of the clock repaints lies before it."""
    due = next(c for c in columns if c.name == "due")
    return due.start + due.width


def cell_text(
    row: TicketRow, column: str, now: Instant, look: Look, names: Mapping[str, str]
) -> str:
    """The plain text of a cell."""
    match column:
        case "number":
            return row.ref
        case "priority":
            return str(row.priority)
        case "due":
            sign, left = countdown_parts(
                row.due_at, row.breach_at, now, paused_remaining=row.remaining
            )
            # Beyond hours the minutes say nothing: two units only where they fit.
            left = left if len(left) <= DUE - 4 else left.split()[0]
            return f"{sign:<2} {left}" if left else ""
        case "subject":
            return clean_line(row.subject)
        case "requester":
            return ("★ " if row.vip else "") + person_or_nobody(row.requester)
        case "assignee":
            return _assignee(row, look)
        case _:
            return state_badge(row, names)


def _assignee(row: TicketRow, look: Look) -> str:
    """Who has it, and who is writing: often the same."""
    if not look.writing:
        return person_or_nobody(row.assignee)
    writer = f"✎ {clean_line(look.writing)}"
    return writer if row.assignee in ("", look.writing) else f"{writer} {clean_line(row.assignee)}"


def cell_part(row: TicketRow, column: str, now: Instant) -> str:
    """The tone of a cell."""
    match column:
        case "priority":
            return "breached" if row.priority == 1 else "text"
        case "due":
            urgent = urgency(row, now) or "text"
            return "muted" if urgent == "paused" else urgent
        case "subject":
            return "strong" if row.unread else "text"
        case "number":
            return "text"
        case _:
            return "muted"


def render_row(
    row: TicketRow,
    columns: tuple[Column, ...],
    width: int,
    styles: Mapping[str, Style],
    *,
    look: Look,
    now: Instant,
    names: Mapping[str, str],
) -> Strip:
    """The row as a strip; neighbours of one style are one segment, which spares bytes."""
    bar = "▌" if look.cursor else " "
    sign = "✓" if look.marked else "•" if row.unread else " "
    runs: list[tuple[str, str]] = [("cursor" if look.cursor else "key", f"{bar}{sign} ")]
    for column in columns:
        text = cell_text(row, column.name, now, look, names)
        part = "cursor" if look.cursor else cell_part(row, column.name, now)
        runs.append((part, fit(text, column.width - 1) + " "))
    return Strip(_joined(runs, styles), None).adjust_cell_length(
        width, styles["cursor" if look.cursor else "text"]
    )


def _joined(runs: list[tuple[str, str]], styles: Mapping[str, Style]) -> list[Segment]:
    segments: list[Segment] = []
    for part, text in runs:
        style = styles[part]
        if segments and segments[-1].style == style:
            segments[-1] = Segment(segments[-1].text + text, style)
        else:
            segments.append(Segment(text, style))
    return segments
