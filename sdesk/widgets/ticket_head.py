"""The head of a ticket: what it is, how it stands, whose it is."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from sdesk.model import Present, StateCategory, Ticket
from sdesk.present import company_words, moment, person_or_nobody, priority_badge, tone
from sdesk.screens.reading import TicketPage, ago
from sdesk.text import clean_line
from sdesk.widgets.cells import cut_cells, fit
from sdesk.widgets.letters import Letters
from sdesk.widgets.line_view import line

_PARTS = (
    "text", "number", "subject", "muted", "vip", "writing",
    "new", "open", "paused", "done", "priority", "priority-first",
)  # fmt: skip
Parts = list[tuple[str, str]]


class TicketHead(Letters):
    """Three lines; before anything is read they are empty."""

    COMPONENT_CLASSES = {f"head--{part}" for part in _PARTS}
    DEFAULT_CSS = """
    TicketHead {
        height: 4;
        border-bottom: solid $border;
        & > .head--text { color: $foreground; }
        & > .head--number { color: $accent; text-style: bold; }
        & > .head--subject { color: $foreground; text-style: bold; }
        & > .head--muted { color: $text-muted; }
        & > .head--vip { color: $warning; text-style: bold; }
        & > .head--writing { color: $warning; text-style: bold; }
        & > .head--new { color: $accent; text-style: bold; }
        & > .head--open { color: $success; text-style: bold; }
        & > .head--paused { color: $warning; }
        & > .head--done { color: $text-muted; text-style: bold; }
        & > .head--priority { text-style: bold; }
        & > .head--priority-first { color: $error; text-style: bold; }
    }
    """

    def __init__(self, zone: str) -> None:
        super().__init__()
        self.zone = zone
        self.page: TicketPage | None = None
        self.place = ""
        """Which of the view it is: "3/214"."""
        self.company: tuple[Present, ...] = ()
        self._styles: dict[str, Style] = {}

    def show(self, page: TicketPage | None, place: str = "") -> None:
        self.page, self.place = page, place
        self.repaint()

    def show_company(self, company: Sequence[Present]) -> None:
        """Who else has the ticket open."""
        if tuple(company) != self.company:
            self.company = tuple(company)
            self.repaint([2])

    def draw(self, y: int) -> Strip:
        if not self._styles:
            self._styles = {p: self.get_component_rich_style(f"head--{p}") for p in _PARTS}
        width = self.size.width
        parts: Parts = []
        if self.page is not None:
            parts = (_first, self._second, self._third)[min(y, 2)](self.page)
        place = f" {self.place} " if y == 0 and self.place else ""
        letters = f" {told} " if y == 0 and (told := self.letters()) else ""
        room = width - cell_len(place) - cell_len(letters)
        parts = [*_cropped(parts, room), (letters, "vip"), (place, "muted")]
        return line(
            [(text, self._styles[part]) for text, part in parts], width, self._styles["text"]
        )

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}

    def _second(self, page: TicketPage) -> Parts:
        ticket = page.ticket
        queue = clean_line(page.names.get(ticket.queue, ticket.queue))
        first = ticket.priority == 1
        return [
            (" ", "text"),
            (state_words(ticket, page, self.zone), tone(ticket.category)),
            (" · ", "muted"),
            (priority_badge(ticket.priority, long=True), "priority-first" if first else "priority"),
            ("*" if ticket.priority_overridden else "", "muted"),
            (" · ", "muted"),
            (f"{queue} (tier {ticket.tier})", "text"),
            (" · owner ", "muted"),
            (person_or_nobody(ticket.owner), "text"),
            (" · assignee ", "muted"),
            (person_or_nobody(ticket.assignee), "text"),
        ]

    def _third(self, page: TicketPage) -> Parts:
        ticket, person = page.ticket, page.ticket.requester
        parts: Parts = [(" ", "text")]
        if person is None:
            parts.append(("no requester", "muted"))
        else:
            parts.append((clean_line(person.name) or clean_line(person.email), "text"))
            parts += [(" ★ VIP", "vip")] if person.vip else []
            parts += (
                [(f" · {clean_line(person.organization)}", "muted")] if person.organization else []
            )
        parts.append(
            (
                f" · opened {ago(ticket.created_at, page.read_at)} by {clean_line(ticket.channel)}",
                "muted",
            )
        )
        if self.company:
            parts.insert(1, (f"✎ {company_words(self.company)} · ", "writing"))
        return parts


def _first(page: TicketPage) -> Parts:
    ticket = page.ticket
    marks = "  ⚿ restricted" if ticket.restricted else ""
    return [
        (f" {ticket.ref}", "number"),
        (f" {clean_line(ticket.kind)}{marks}  ", "muted"),
        (clean_line(ticket.subject), "subject"),
    ]


def state_words(ticket: Ticket, page: TicketPage, zone: str) -> str:
    """The state by its name, with its sign, and what it waits for: "‖ Waiting for supplier until Fri 08:00: part"."""
    name = clean_line(page.names.get(ticket.state, ticket.state))
    if ticket.merged_into is not None:
        return f"⇒ merged into {page.ref(ticket.merged_into)}: Enter goes there"
    if ticket.binned:
        return f"{name} · in the bin: :restore takes it out"
    if ticket.category == StateCategory.WAITING:
        until = (
            f" until {moment(ticket.state_until, zone, page.read_at)}" if ticket.state_until else ""
        )
        reason = f": {cut_cells(clean_line(ticket.wait_reason), 40)}" if ticket.wait_reason else ""
        return f"‖ {name}{until}{reason}"
    return f"✓ {name}" if ticket.category == StateCategory.RESOLVED else name


def _cropped(parts: Parts, width: int) -> Parts:
    """The parts up to a width, the last one that shows ending in an ellipsis where it is cut."""
    kept: Parts = []
    for text, part in parts:
        size = cell_len(text)
        if size > width:
            kept.append((fit(text, width), part))
            break
        kept.append((text, part))
        width -= size
    else:
        kept.append((" " * width, "text"))
    return kept
