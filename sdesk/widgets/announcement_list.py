"""The list of announcements."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len

from sdesk.announced import Announcement
from sdesk.model import Instant
from sdesk.present import moment
from sdesk.text import clean_line
from sdesk.widgets.cells import fit
from sdesk.widgets.item_list import ItemList
from sdesk.widgets.letters import ANNOUNCED

KIND, STATE = 7, 9
NOW, COMING, LATE = "now", "to come", "past"


class AnnouncementList(ItemList[Announcement]):
    """Outages before planned work; the past ones by their last change."""

    def __init__(self, clock: Callable[[], Instant], zone: str, ref: Callable[[int], str]) -> None:
        super().__init__(clock, zone)
        self.ref = ref

    def parts(self, one: Announcement, marks: str, width: int) -> list[tuple[str, str]]:
        now = self.clock()
        state = standing(one, now)
        sign, ink = (f"{ANNOUNCED} ", "risk") if state == NOW else ("· ", "muted")
        times = times_of(one, self.zone, now)
        to, when = (12, 17) if width < 110 else (28, 28)
        left = [(marks, "key"), (sign, ink), (fit(one.kind, KIND), "muted"), (" ", "text")]
        right = [
            (f" {fit(told_to(one, self.ref), to)}", "text"),
            (f" {fit(times, when)}", "muted"),
            (f" {fit(state, STATE)}", ink if state == NOW else "muted"),
        ]
        room = max(0, width - sum(cell_len(text) for text, _ in (*left, *right)))
        return [*left, (fit(clean_line(one.title), room), "strong"), *right]


def standing(one: Announcement, now: Instant) -> str:
    """How it is with it: now, to come, past; over or cancelled when somebody has said so."""
    if one.state != "open":
        return clean_line(one.state)
    if one.stands(now):
        return NOW
    return COMING if one.starts_at is not None and one.starts_at > now else LATE


def told_to(one: Announcement, ref: Callable[[int], str]) -> str:
    """everybody · an organization or a site by name · around SD-1042."""
    if one.scope == "tickets":
        return f"around {ref(one.ticket)}" if one.ticket is not None else "nobody"
    return clean_line(one.target) or "everybody"


def times_of(one: Announcement, zone: str, now: Instant) -> str:
    """ "Sat 20:00 – 21:00"; without an end "since 10:20", or "from Sat 20:00"."""
    start, end = moment(one.starts_at, zone, now), moment(one.ends_at, zone, now)
    if not start or not end:
        word = "from" if one.starts_at is not None and one.starts_at > now else "since"
        return f"{word} {start}" if start else f"until {end}" if end else ""
    day, _, clock = end.rpartition(" ")
    return f"{start} – {clock if day and start.startswith(f'{day} ') else end}"
