"""The preview: what the ticket under the cursor is about, without opening it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from sdesk.model import LIVE, EntryKind, Instant
from sdesk.present import (
    age,
    company_words,
    countdown,
    duration,
    moment,
    person_or_nobody,
    priority_badge,
    state_badge,
)
from sdesk.text import clean, clean_line, without
from sdesk.widgets.cells import cut_cells, fit, wrap
from sdesk.widgets.clock_bar import is_left, left_words
from sdesk.widgets.line_view import LineView, line

if TYPE_CHECKING:
    from sdesk.model import ClockRow, Entry, Present
    from sdesk.screens.queue_reading import Glance

Parts = list[tuple[str, str]]
"""(tone, text) of one line."""
_KINDS = {
    EntryKind.NOTE: "NOTE ",
    EntryKind.CALL: "CALL ",
    EntryKind.CHAT: "CHAT ",
    EntryKind.REPLY: "→ ",
}
LOOK_AT = 4_000
"""Characters of an entry that are looked at."""


class Preview(LineView):
    """A pane at the right or the bottom of the list."""

    DEFAULT_CSS = """
    Preview {
    }
    """

    def __init__(self, clock: Callable[[], Instant], zone: str) -> None:
        super().__init__()
        self.clock = clock
        self.zone = zone
        self.glance: Glance | None = None
        self.company: Mapping[int, Sequence[Present]] = {}
        self.tall = False
        """Whether it stands at the right with room for the whole head."""
        self._text: list[Parts] = []
        self._made_for: tuple[object, ...] = ()

    def show(self, glance: Glance | None) -> None:
        """Another ticket, or None for an empty list."""
        self.glance = glance
        self._made_for = ()
        self.repaint()

    def show_company(self, company: Mapping[int, Sequence[Present]]) -> None:
        """Who else is where; only what is shown of the ticket in sight is drawn again."""
        self.company = company
        self._made_for = ()
        self.repaint()

    def here(self) -> str:
        """Who else has the ticket in sight open."""
        return company_words(self.company.get(self.glance.row.id, ())) if self.glance else ""

    def draw(self, y: int) -> Strip:
        width = self.size.width
        if self._has_bar():
            if y == 0:
                bar = Style(bgcolor=self.ink("muted").color)
                return Strip([Segment(" " * width, bar)], width)
            y -= 1
        made_for = (width, self.size.height, self.tall, id(self.glance))
        if made_for != self._made_for:
            self._text, self._made_for = self._lay_out(width), made_for
        parts = self._text[y] if y < len(self._text) else []
        return line([(text, self.ink(name)) for name, text in parts], width, self.rich_style)

    def _has_bar(self) -> bool:
        """Whether the first line is a bar of colour, where the style draws no rule over a low pane."""
        return not self.tall and not self.styles.border_top[0]

    def _lay_out(self, width: int) -> list[Parts]:
        if self.glance is None:
            return [[("muted", fit(" nothing to preview", width))]]
        if self.tall:
            return [[("text", " "), *parts] for parts in _column(self.glance, width - 2, self)][
                : self.size.height
            ]
        return _strip(self.glance, width, self.size.height - self._has_bar(), self)


def _strip(glance: Glance, width: int, height: int, pane: Preview) -> list[Parts]:
    """A few lines across the bottom: head and clocks, then the newest entry."""
    row, now = glance.row, pane.clock()
    clocks = _clocks_that_fit(glance, now, pane.zone, width - 34)
    here = f"✎ {pane.here()}  " if pane.here() else ""
    left = width - cell_len(clocks) - cell_len(row.ref) - cell_len(here) - 3
    worst = _worst(glance.clocks, now)
    head: Parts = [
        ("key", f" {row.ref} "),
        ("strong", fit(clean_line(row.subject), left) + " "),
        ("warn", here),
        (worst, clocks),
    ]
    lines = [head]
    if not glance.entries:
        return [*lines, [("muted", " nothing has been written yet")]]
    entry = glance.entries[-1]
    author = f" {_who(entry)} {moment(entry.at, pane.zone, now)}  "
    text = " ".join(_new(entry).split())
    body = wrap(text, width - 2, height)
    first = cut_cells(text, max(0, width - cell_len(author) - 1))
    if len(first) < len(text) and " " in first:
        first = first.rpartition(" ")[0]
    body = wrap(text[len(first) :].lstrip(), width - 2, height - 2)
    lines.append([("warn" if entry.kind == EntryKind.NOTE else "muted", author), ("text", first)])
    return lines + [[("text", f" {part}")] for part in body[: height - 2]]


def _clocks_that_fit(glance: Glance, now: Instant, zone: str, room: int) -> str:
    """All clocks in words; where they don't fit, the one that is due first, or ended last."""
    clocks, is_done = glance.clocks, glance.row.category not in LIVE
    if not clocks:
        return ""
    words = [text for text, _ in clock_words(clocks, now, zone, is_done=is_done)]
    line = f"{' · '.join(words)}  = why "
    if cell_len(line) <= room:
        return line
    running = [c for c in clocks if c.stopped_at is None and c.due_at is not None]
    first = min(running, key=lambda c: c.due_at or 0) if running else clocks[-1]
    return cut_cells(
        "".join(t for t, _ in clock_words((first,), now, zone, is_done=is_done)) + "  = why ", room
    )


def _column(glance: Glance, width: int, pane: Preview) -> list[Parts]:
    """A column at the right: the head line by line, then the entries, the newest first."""
    row, ticket, now = glance.row, glance.ticket, pane.clock()
    lines: list[Parts] = [
        [("key", row.ref), ("muted", f"  {row.kind} · {priority_badge(row.priority, long=True)}")]
    ]
    lines += [[("strong", part)] for part in wrap(clean_line(row.subject), width, 3)]
    lines.append([])
    lines += _field("state", state_badge(row), width)
    if ticket.wait_reason or ticket.state_until:
        until = f"until {moment(ticket.state_until, pane.zone, now)} " if ticket.state_until else ""
        lines += _field("", until + clean_line(ticket.wait_reason), width)
    lines += _field("queue", clean_line(row.queue), width)
    lines += _field("assignee", person_or_nobody(row.assignee), width)
    who = person_or_nobody(row.requester) + (" ★ VIP" if row.vip else "")
    organization = clean_line(row.organization)
    lines += _field("requester", f"{who} · {organization}" if organization else who, width)
    lines += _field(
        "opened",
        f"{moment(row.created_at, pane.zone, now)} · {age(row.created_at, now)} ago",
        width,
    )
    if pane.here():
        lines += _field("here", pane.here(), width)
    if row.tags:
        lines += _field("tags", " ".join(clean_line(tag) for tag in row.tags), width)
    for text, part in clock_words(glance.clocks, now, pane.zone, is_done=row.category not in LIVE):
        lines.append([("muted", "  "), (part, cut_cells(text, width - 2))])
    for entry in reversed(glance.entries):
        lines += [[], [("warn" if entry.kind == EntryKind.NOTE else "key", cut_cells(_who(entry), width - 14)),
                       ("muted", f"  {moment(entry.at, pane.zone, now)}")]]  # fmt: skip
        lines += [[("text", part)] for part in wrap(_new(entry), width, 30)]
    return lines


def _field(name: str, value: str, width: int) -> list[Parts]:
    return [[("muted", fit(name, 10)), ("text", cut_cells(value, width - 10))]]


def _new(entry: Entry) -> str:
    """What an entry says by itself, as much of it as is looked at."""
    return clean(without(entry.text, entry.folds)[:LOOK_AT])


def _who(entry: Entry) -> str:
    return _KINDS.get(entry.kind, "") + person_or_nobody(entry.author)


def _worst(clocks: tuple[ClockRow, ...], now: Instant) -> str:
    if any(_late(clock, now) for clock in clocks):
        return "breached"
    return "muted"


def _late(clock: ClockRow, now: Instant) -> bool:
    return clock.stopped_at is None and clock.breach_at is not None and clock.breach_at < now


def clock_words(
    clocks: tuple[ClockRow, ...], now: Instant, zone: str, *, is_done: bool = False
) -> list[tuple[str, str]]:
    """Each clock in a few words, with its tone: "resolve due 10:30 (−12m)"."""
    words = []
    for clock in clocks:
        name = {"resolution": "resolve"}.get(clock.target, clock.target)
        if clock.stopped_at is not None:
            verdict = "met" if clock.verdict == "met" else "late"
            words.append((f"{name} {verdict} {moment(clock.stopped_at, zone, now)}", "muted"))
        elif is_left(clock, is_done):
            words.append((left_words(clock), "muted"))
        elif clock.paused:
            words.append((f"{name} ‖ {duration(clock.budget - clock.used)} left", "muted"))
        elif clock.due_at is not None:
            left = " ".join(countdown(clock.due_at, clock.breach_at, now).split())
            part = "breached" if _late(clock, now) else "muted"
            words.append((f"{name} due {moment(clock.due_at, zone, now)} ({left})", part))
    return words
