"""What stands beside the thread: clocks with bars, the requester, other tickets, tags, fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip
from textual.timer import Timer

from sdesk.files import file_size
from sdesk.model import LIVE, Alarm, Instant, Ticket, TicketRow
from sdesk.present import age, counted, duration, next_change, state_badge
from sdesk.rules.clock import Clock
from sdesk.screens.reading import TicketPage, ago
from sdesk.text import clean_line
from sdesk.widgets.cells import cut_cells, fit, wrap
from sdesk.widgets.clock_bar import bar, clock_sign, clock_words, is_left, share_of, tone_of
from sdesk.widgets.line_view import LineView, line
from sdesk.widgets.post_lines import answer_lines, planned_lines, trouble_lines

_PARTS = ("text", "heading", "muted", "breached", "risk", "paused", "met", "running", "tag")
Line = tuple[tuple[str, str], ...]
TWO_COLUMNS = 76
"""From this width the sections stand in two columns."""


class Properties(LineView, can_focus=False):
    """One column of sections, or two where it is wide and low. Countdowns repaint only their lines."""

    COMPONENT_CLASSES = {f"side--{part}" for part in _PARTS}
    DEFAULT_CSS = """
    Properties {
        & > .side--text { color: $foreground; }
        & > .side--heading { color: $accent; text-style: bold; }
        & > .side--muted { color: $text-muted; }
        & > .side--breached { color: $error; text-style: bold; }
        & > .side--risk { color: $warning; text-style: bold; }
        & > .side--paused { color: $text-muted; }
        & > .side--met { color: $success; }
        & > .side--running { color: $foreground; }
        & > .side--tag { color: $secondary; }
    }
    """

    def __init__(self, clock: Callable[[], Instant], zone: str) -> None:
        super().__init__()
        self.clock = clock
        self.zone = zone
        self.page: TicketPage | None = None
        self.top = 0
        self._timer: Timer | None = None
        self._styles: dict[str, Style] = {}

    def show(self, page: TicketPage | None) -> None:
        """Show what was read; None: nothing."""
        if page is None or self.page is None or page.ticket.id != self.page.ticket.id:
            self.top = 0
        self.page = page
        self.repaint()
        self._await_change()

    def scroll_lines(self, by: int) -> None:
        """Move so many lines down, or up."""
        last = max(0, len(self._content()) - self.size.height)
        self.top = max(0, min(self.top + by, last))
        self.repaint()

    # Content

    def _content(self) -> list[Line]:
        page, width = self.page, self.size.width
        if page is None or width < 10:
            return []
        now = self.clock()
        if width < TWO_COLUMNS:
            return [
                *clock_lines(page, now, self.zone, width - 2),
                (),
                *detail_lines(page, now, self.zone, width - 2),
            ]
        left = (width - 4) // 2
        return _side_by_side(
            clock_lines(page, now, self.zone, left),
            detail_lines(page, now, self.zone, width - 4 - left),
            left,
        )

    def draw(self, y: int) -> Strip:
        styles = self._styles or self._load_styles()
        lines = self._content()
        index = self.top + y
        parts = lines[index] if index < len(lines) else ()
        made = [(text, styles[part]) for text, part in ((" ", "text"), *parts)]
        return line(made, self.size.width, styles["text"])

    def repaint(self, lines: Sequence[int] | None = None, *, width: int | None = None) -> None:
        super().repaint(lines, width=width)

    def _load_styles(self) -> dict[str, Style]:
        self._styles = {part: self.get_component_rich_style(f"side--{part}") for part in _PARTS}
        return self._styles

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}

    def on_resize(self) -> None:
        super().on_resize()
        self.scroll_lines(0)

    # Time

    def _await_change(self) -> None:
        """Wake when the next countdown reads differently."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        now = self.clock()
        running = [clock for clock in (self.page.clocks if self.page else ()) if clock.is_running]
        changes = [
            at
            for c in running
            if (at := next_change(c.due_at, now, breach_at=c.breach_at)) is not None
        ]
        if changes:
            self._timer = self.set_timer(max(0.2, min(changes) - now), self._tick)

    def _tick(self) -> None:
        self.repaint()
        self._await_change()


def clock_lines(page: TicketPage, now: Instant, zone: str, width: int) -> list[Line]:
    """Each clock: target and countdown, a bar, and when it is due."""
    if not page.clocks:
        return [(("CLOCKS", "heading"),), (("no service level applies", "muted"),)]
    lines: list[Line] = [
        (
            ("CLOCKS", "heading"),
            (f"  {cut_cells(clean_line(page.clocks[0].policy), 20)} · = why", "muted"),
        )
    ]
    for clock in page.clocks:
        lines += _clock(clock, page, now, zone, width)
    return lines


def _clock(clock: Clock, page: TicketPage, now: Instant, zone: str, width: int) -> list[Line]:
    done_at = _done_at(page.ticket)
    sign, text = clock_sign(clock, now, is_done=done_at is not None)
    tone = tone_of(sign)
    told = f"{sign} {text}".strip()
    head = fit(clock.target, max(0, width - cell_len(told)))
    if clock.stopped_at is not None or is_left(clock, done_at is not None):
        when = clock_words(clock, zone, now, done_at=done_at)
        return [((head, "text"), (told, tone)), ((fit(f"  {when}", width), "muted"),)]
    share = share_of(clock, page.calendars.get(clock.calendar), now)
    percent = f" {min(999, int(share * 100))}%"
    step = page.steps.get(clock.target)
    coming = [] if step is None else [(fit(f"  next: {step.words(zone, now)}", width), "muted")]
    return [
        ((head, "text"), (told, tone)),
        ((bar(share, max(1, width - len(percent))), tone), (percent, tone)),
        ((fit(f"  {clock_words(clock, zone, now)}", width), "muted"),),
        *((part,) for part in coming),
    ]


def _done_at(ticket: Ticket) -> Instant | None:
    """When the ticket was finished; None while somebody has to work on it."""
    if ticket.category in LIVE:
        return None
    return ticket.resolved_at or ticket.closed_at or ticket.updated_at


def detail_lines(page: TicketPage, now: Instant, zone: str, width: int) -> list[Line]:
    """Requester, other tickets, similar solved ones, links, tags, fields; sections without content are left out."""
    ticket = page.ticket
    lines: list[Line] = []

    def section(title: str, body: list[Line]) -> None:
        if body:
            lines.extend([*([()] if lines else []), ((title, "heading"),), *body])

    if page.around.alarms:
        section(
            "ALARM", [line for alarm in page.around.alarms for line in _alarm(alarm, now, width)]
        )
    posted = page.around.letters
    section("MAIL", trouble_lines(posted, width) + planned_lines(posted, zone, now, width))
    section("SATISFIED?", answer_lines(page.around.survey, zone, now, width))
    section("REQUESTER", _requester(ticket, width))
    section("THEIR OTHER TICKETS", [_row(row, now, width) for row in page.others])
    section("SIMILAR, SOLVED", [_row(row, now, width) for row in page.similar])
    section("FAMILY", _family(page, now, width))
    links = [(kind, to) for kind, to in ticket.links if kind != "child"]
    section(
        "LINKS", [((fit(f"{_link(kind)} {page.ref(to)}", width), "text"),) for kind, to in links]
    )
    _work_sections(section, page, width)
    section(
        "TAGS",
        [
            ((text, "tag"),)
            for text in wrap(" ".join(f"#{clean_line(t)}" for t in ticket.tags), width)
            if text
        ],
    )
    fields = [(clean_line(name), clean_line(value)) for name, value in ticket.fields.items()]
    section(
        "FIELDS",
        [
            (
                (fit(f"{cut_cells(name, 14)} ", min(15, width)), "muted"),
                (fit(value, max(0, width - 15)), "text"),
            )
            for name, value in fields
        ],
    )
    section(
        "DETAILS",
        [
            ((fit(f"{name} ", 11), "muted"), (fit(value, max(0, width - 11)), "text"))
            for name, value in _details(ticket, now)
        ],
    )
    return lines


def _work_sections(
    section: Callable[[str, list[Line]], None], page: TicketPage, width: int
) -> None:
    """The checklist, files, time and watchers."""
    around = page.around
    done = sum(item.is_done for item in around.checklist)
    title = f"CHECKLIST ☑ {done}/{len(around.checklist)}"
    section(
        title,
        [
            ((fit(f"{'☑' if i.is_done else '☐'} {clean_line(i.text)}", width), "muted" if i.is_done else "text"),)
            for i in around.checklist
        ],
    )  # fmt: skip
    section(
        "FILES",
        [
            ((fit(clean_line(file.name), max(0, width - 9)), "text"), (f"{file_size(file.size):>9}", "muted"))
            for file in around.files
        ],
    )  # fmt: skip
    spent = sum(one.seconds for one in around.worked)
    who = ", ".join(dict.fromkeys(clean_line(one.agent) for one in around.worked))
    section("TIME SPENT", [((fit(f"{duration(spent)} · {who}", width), "text"),)] if spent else [])
    watchers = ", ".join(map(clean_line, around.watchers))
    section("WATCHED BY", [((fit(watchers, width), "text"),)] if watchers else [])


def _alarm(alarm: Alarm, now: Instant, width: int) -> list[Line]:
    """What is watched, its state with how often, and when it was heard of last."""
    is_down = alarm.state == "down"
    state = ("down, acknowledged" if alarm.is_acknowledged else "down") if is_down else "up"
    times = f" ×{alarm.times}" if alarm.times > 1 else ""
    flaps = f" · {counted(alarm.flaps, 'flap')}" if alarm.flaps else ""
    what = " on ".join(filter(None, (alarm.service, alarm.host))) or alarm.title
    since = f"last {ago(alarm.last_at, now)} · first {ago(alarm.first_at, now)} · {alarm.source}"
    return [
        ((fit(f"{state}{times}{flaps}", width), "breached" if is_down else "met"),),
        ((fit(clean_line(what), width), "text"),),
        ((fit(clean_line(since), width), "muted"),),
    ]


def _requester(ticket: Ticket, width: int) -> list[Line]:
    person = ticket.requester
    if person is None:
        return [(("nobody", "muted"),)]
    name = clean_line(person.name) or clean_line(person.email)
    lines: list[Line] = [((fit(name + (" ★ VIP" if person.vip else ""), width), "text"),)]
    for words in (person.organization, person.email, person.phone):
        if words := clean_line(words):
            lines.append(((fit(words, width), "muted"),))
    return lines


def _row(row: TicketRow, now: Instant, width: int) -> Line:
    badge = state_badge(row)
    head = f"{row.ref} "
    tail = f" {fit(badge, 10)} {age(row.updated_at, now):>3}"
    subject = fit(clean_line(row.subject), max(0, width - cell_len(head) - cell_len(tail)))
    return ((head, "text"), (subject, "muted"), (tail, "muted"))


def _family(page: TicketPage, now: Instant, width: int) -> list[Line]:
    """The parent, this ticket among its siblings, its children with their states: a small tree."""
    family = page.family
    lines: list[Line] = []
    if family.parent is not None:
        lines.append(_row(family.parent, now, width))
        beside = f" and {counted(family.siblings, 'other')}" if family.siblings else ""
        lines.append(((fit(f"└ this one{beside}", width), "muted"),))
    indent = "  " if family.parent is not None else ""
    for child in family.children:
        last = "└ " if child is family.children[-1] else "├ "
        head = indent + last
        lines.append(((head, "muted"), *_row(child, now, max(8, width - cell_len(head)))))
    return lines


_FROM_THERE = {
    "<relates": "relates to",
    "<duplicates": "has duplicate",
    "<caused-by": "causes",
    "<blocks": "blocked by",
}


def _link(kind: str) -> str:
    return _FROM_THERE.get(kind, clean_line(kind).replace("-", " "))


def _details(ticket: Ticket, now: Instant) -> list[tuple[str, str]]:
    found = [
        ("category", ticket.path),
        ("service", ticket.service),
        ("impact", f"{ticket.impact} × urgency {ticket.urgency}"),
        ("by", ticket.channel),
        ("opened", ago(ticket.created_at, now)),
        (
            "answered",
            f"after {duration(ticket.first_answered_at - ticket.created_at)}"
            if ticket.first_answered_at
            else "",
        ),
        ("reopened", f"{ticket.reopen_count}×" if ticket.reopen_count else ""),
        ("resolution", ticket.resolution_code),
        ("from", " ".join(filter(None, (ticket.external_source, ticket.external_id)))),
    ]
    return [(name, clean_line(value)) for name, value in found if value]


def _side_by_side(left: list[Line], right: list[Line], width: int) -> list[Line]:
    """Two columns of lines; the left one filled up to its width."""
    lines: list[Line] = []
    for index in range(max(len(left), len(right))):
        one = left[index] if index < len(left) else ()
        other = right[index] if index < len(right) else ()
        gap = width - sum(cell_len(text) for text, _ in one) + 2
        lines.append((*one, (" " * max(0, gap), "text"), *other))
    return lines
