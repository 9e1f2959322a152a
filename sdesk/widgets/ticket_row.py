"""One row of a ticket list as a strip: columns by width, text that fits, signs before colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from sdesk.looks import FIELD, TONES, Wanted
from sdesk.model import Instant, TicketRow
from sdesk.present import countdown_parts, moment, person_or_nobody, state_badge, urgency
from sdesk.text import clean_line
from sdesk.widgets.cells import fit

GUTTER = 3
"""Cells before the first column: cursor bar, mark or unread dot, a space."""
DUE = 11
"""Cells of the due column: a sign, a countdown, a gap."""
_TITLES = {"priority": "P"}
FEWEST = 8
"""Cells of a column that takes what is left, however little that is."""
_TONES = {
    "alert": "breached", "warn": "risk", "good": "done", "info": "key", "strong": "strong", "quiet": "muted",
}  # fmt: skip
"""A view's tone → the ink of the cells that have no tone of their own."""


class Column(NamedTuple):
    """A column and its cells, a gap of one at its right end included."""

    name: str
    start: int
    width: int


class Look(NamedTuple):
    """How one row stands in the list."""

    cursor: bool = False
    marked: bool = False
    writing: str = ""
    """Who else is writing on it."""


class Telling(NamedTuple):
    """What cells are told by: the time, the desk's zone, its names of states."""

    now: Instant
    names: Mapping[str, str]
    zone: str = "UTC"


def columns_for(
    width: int, ref_width: int = 7, wanted: Sequence[Wanted] = ()
) -> tuple[Column, ...]:
    """The columns that fit: the wanted ones, else the usual ones by width; the subject takes what is left."""
    return _placed(_wanted(width, ref_width, wanted) if wanted else _usual(width, ref_width))


def _usual(width: int, ref_width: int) -> list[tuple[str, int]]:
    widths = {"number": ref_width + 1, "priority": 2, "due": DUE, "subject": 0}
    for name, least, narrow, wide in (
        ("state", 48, 11, 15),
        ("assignee", 58, 9, 12),
        ("requester", 72, 12, 20),
    ):
        if width >= least:
            widths[name] = narrow if width < 96 else min(wide, narrow + (width - 96) // 6 + 1)
    widths["subject"] = max(FEWEST, width - GUTTER - sum(widths.values()))
    names = ("number", "priority", "due", "subject", "requester", "assignee", "state")
    return [(name, widths[name]) for name in names if name in widths]


def _wanted(width: int, ref_width: int, wanted: Sequence[Wanted]) -> list[tuple[str, int]]:
    """The last ones go where there is no room; the number and what takes the rest stay."""
    kept = list(wanted)
    while len(kept) > 1 and GUTTER + sum(_least(c, ref_width) for c in kept) > width:
        gone = next((c for c in reversed(kept) if c.width and c.name != "number"), kept[-1])
        kept.remove(gone)
    rests = sum(1 for column in kept if not column.width)
    left = width - GUTTER - sum(_least(c, ref_width) for c in kept if c.width)
    share = max(FEWEST, left // rests) if rests else 0
    return [(c.name, _least(c, ref_width) if c.width else share) for c in kept]


def _least(column: Wanted, ref_width: int) -> int:
    if column.name == "number":
        return max(ref_width, column.width) + 1
    return column.width + 1 if column.width else FEWEST


def _placed(widths: list[tuple[str, int]]) -> tuple[Column, ...]:
    columns, start = [], GUTTER
    for name, cells in widths:
        columns.append(Column(name, start, cells))
        start += cells
    return tuple(columns)


def title(name: str) -> str:
    """What stands over a column."""
    return _TITLES.get(name) or clean_line(name.removeprefix(FIELD)).capitalize()


def heading(columns: tuple[Column, ...], width: int) -> str:
    """The titles over the columns."""
    line = " " * GUTTER + "".join(fit(title(c.name), c.width - 1) + " " for c in columns)
    return fit(line, width)


def due_end(columns: tuple[Column, ...]) -> int:
    """Where the countdown ends, all that a tick of the clock repaints lying before it; 0 without one."""
    return next((c.start + c.width for c in columns if c.name == "due"), 0)


def cell_text(row: TicketRow, column: str, telling: Telling, look: Look) -> str:
    """The plain text of a cell."""
    match column:
        case "number":
            return row.ref
        case "priority":
            return str(row.priority)
        case "due":
            return _due(row, telling.now)
        case "subject":
            return clean_line(row.subject)
        case "requester":
            return ("★ " if row.vip else "") + person_or_nobody(row.requester)
        case "assignee":
            return _assignee(row, look)
        case "state":
            return state_badge(row, telling.names)
        case _:
            return _other(row, column, telling)


def _due(row: TicketRow, now: Instant) -> str:
    sign, left = countdown_parts(row.due_at, row.breach_at, now, paused_remaining=row.remaining)
    # Beyond hours the minutes say nothing: two units only where they fit.
    left = left if len(left) <= DUE - 4 else left.split()[0]
    return f"{sign:<2} {left}" if left else ""


def _other(row: TicketRow, column: str, telling: Telling) -> str:
    match column:
        case "created":
            return moment(row.created_at, telling.zone, telling.now)
        case "updated":
            return moment(row.updated_at, telling.zone, telling.now)
        case "owner":
            return person_or_nobody(row.owner)
        case "tags":
            return clean_line(" ".join(row.tags))
        case "category":
            return clean_line(row.path)
        case "organization" | "queue" | "kind":
            return clean_line(str(getattr(row, column)))
        case _:
            return clean_line(dict(row.fields).get(column.removeprefix(FIELD), ""))


def _assignee(row: TicketRow, look: Look) -> str:
    """Who has it, and who is writing: often the same."""
    if not look.writing:
        return person_or_nobody(row.assignee)
    writer = f"✎ {clean_line(look.writing)}"
    return writer if row.assignee in ("", look.writing) else f"{writer} {clean_line(row.assignee)}"


def cell_part(row: TicketRow, column: str, now: Instant) -> str:
    """The tone of a cell; of cells without one of their own, the one the view gives the row."""
    if column == "priority" and row.priority == 1:
        return "breached"
    if column == "due":
        urgent = urgency(row, now) or "text"
        return "muted" if urgent == "paused" else urgent
    if row.tone:
        return _TONES.get(row.tone, "text")
    if column == "subject" and row.unread:
        return "strong"
    return "text" if column in ("number", "priority", "subject") else "muted"


def render_row(
    row: TicketRow,
    columns: tuple[Column, ...],
    width: int,
    styles: Mapping[str, Style],
    *,
    look: Look,
    telling: Telling,
) -> Strip:
    """The row as a strip; neighbours of one style are one segment, which spares bytes."""
    bar = "▌" if look.cursor else " "
    mark = "✓" if look.marked else "•" if row.unread else " "
    sign = TONES.get(row.tone, " ")
    runs: list[tuple[str, str]] = [("cursor" if look.cursor else "key", f"{bar}{mark}{sign}")]
    for column in columns:
        text = cell_text(row, column.name, telling, look)
        part = "cursor" if look.cursor else cell_part(row, column.name, telling.now)
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
