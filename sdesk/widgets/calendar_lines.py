"""What stands around the year: the calendars, weekly hours and users, the day in words, the legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from sdesk.rules.calendar_days import (
    WEEKDAYS,
    Day,
    Days,
    Difference,
    Kind,
    said_hours,
    weekly_lines,
)
from sdesk.text import clean_line
from sdesk.widgets.cells import cut_cells, fit, wrap
from sdesk.widgets.letters import Letters
from sdesk.widgets.line_view import LineView, line
from sdesk.widgets.year_view import INKS, SIGNS

MOST_NAME = 24
BAR = 20
MORE = "Holidays of a country: sdesk calendar holidays"
_LEGEND = {
    Kind.WEEKEND: "closed weekday", Kind.HOLIDAY: "holiday", Kind.CLOSED: "closed",
    Kind.OWN: "own hours", Kind.BREAK: "break",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """What the lines say."""

    names: Sequence[str] = ()
    current: str = ""
    days: Days | None = None
    zone: str = ""
    users: Sequence[str] = ()
    on: date = date(2000, 1, 1)
    today: date = date(2000, 1, 1)
    changes: Sequence[Difference] = ()
    all_changes: int = 0
    """Of every calendar."""
    can_edit: bool = False
    progress: tuple[int, int] | None = None
    save_key: str = "A"
    drafted: frozenset[str] = field(default_factory=frozenset)
    """Calendars with changes that are not saved."""


class CalendarLines(LineView):
    """Lines made from what is shown."""

    shown = Shown()

    def show(self, shown: Shown) -> None:
        if shown != self.shown:
            self.shown = shown
            self.repaint()


class CalendarHead(CalendarLines, Letters):
    """The calendars with the current one marked, and what this one is."""

    DEFAULT_CSS = """
    CalendarHead { height: 2; background: $panel; }
    """

    def draw(self, y: int) -> Strip:
        width, inks = self.size.width, self.inks()
        if y == 1:
            return line([(fit(self._facts(), width), inks["muted"])], width, inks["text"])
        letters = [(f" {told} ", inks["risk"])] if (told := self.letters()) else []
        right = [*self._right(), *letters]
        room = width - sum(cell_len(text) for text, _ in right)
        left = line(self._tabs(room), room, inks["text"])
        return Strip([*left, *line(right, width - room, inks["text"])], width)

    def _tabs(self, room: int) -> list[tuple[str, Style]]:
        """The names that fit, the current one always among them."""
        shown, inks = self.shown, self.inks()
        names = [
            f" {cut_cells(clean_line(name), MOST_NAME)}{' +' if name in shown.drafted else ''} "
            for name in shown.names
        ]
        here = shown.names.index(shown.current) if shown.current in shown.names else 0
        start = here
        while start and sum(map(cell_len, names[start - 1 : here + 1])) + 12 <= room:
            start -= 1
        parts = [(" Calendars ", inks["key"])]
        if start:
            parts.append(("‹", inks["muted"]))
        for index in range(start, len(names)):
            parts.append((names[index], inks["active" if index == here else "text"]))
        return parts

    def _right(self) -> list[tuple[str, Style]]:
        shown, inks = self.shown, self.inks()
        if shown.progress is not None:
            done, total = shown.progress
            filled = BAR * done // total if total else BAR
            words = f" computing clocks {'━' * filled}{'─' * (BAR - filled)} {done:,} of {total:,} "
            return [(words, inks["risk"])]
        if not shown.can_edit:
            return [(" read only: admins change calendars ", inks["muted"])]
        if not shown.all_changes:
            return []
        many = "1 change" if shown.all_changes == 1 else f"{shown.all_changes} changes"
        return [(f" {many} · {shown.save_key} saves ", inks["risk"])]

    def _facts(self) -> str:
        shown = self.shown
        if shown.days is None:
            return " no calendar: sdesk calendar load FILE makes one"
        used = ", ".join(map(clean_line, shown.users)) or "nobody"
        days = shown.days.open_days(shown.on.year)
        return f" {shown.on.year} · {shown.zone} · {days} open days · used by {used}"


class CalendarSide(CalendarLines):
    """Weekly hours, who counts by them, and the changes that are not saved."""

    DEFAULT_CSS = """
    CalendarSide { width: 28; height: 1fr; border-left: solid $border; }
    """
    _made: tuple[Shown, int, list[tuple[str, str]]] | None = None

    def draw(self, y: int) -> Strip:
        if self._made is None or self._made[:2] != (self.shown, self.size.width):
            self._made = self.shown, self.size.width, self._written()
        lines = self._made[2]
        text, ink = lines[y] if y < len(lines) else ("", "text")
        if y == self.size.height - 1 < len(lines) - 1:
            text, ink = f"… {len(lines) - y} more lines", "muted"
        inks = self.inks()
        return line([(f" {text}", inks[ink])], self.size.width, inks["text"])

    def _written(self) -> list[tuple[str, str]]:
        shown = self.shown
        if shown.days is None:
            return []
        found = [("Weekly hours", "heading")]
        for number, name in enumerate(WEEKDAYS):
            here = number == shown.on.weekday()
            found += self._under(name[:3], said_hours(shown.days.weekday(number)), here)
        found += [("", "text"), ("Used by", "heading")]
        for user in shown.users or ("nobody",):
            found += [(text, "text") for text in wrap(clean_line(user), self.size.width - 2, 2)]
        if shown.changes:
            found += [("", "text"), ("Not saved", "heading")]
        for change in shown.changes:
            found.append((f"+ {change.what}", "risk"))
            words = f"{change.before} → {change.after}"
            found += [(f"  {text}", "text") for text in wrap(words, self.size.width - 4)]
        found += [("", "text"), (f"Other days in {shown.on.year}", "heading")]
        for day in shown.days.others(shown.on.year):
            words = f"{day.on:%a} {day.on.day:2} {day.on:%b} {SIGNS[day.kind]} "
            words += "holiday" if day.kind is Kind.HOLIDAY else said_hours(day.hours)
            found.append((words, "key" if day.on == shown.on else INKS[day.kind]))
        found += [(text, "muted") for text in wrap(MORE, self.size.width - 2)]
        return found

    def _under(self, name: str, hours: str, here: bool) -> list[tuple[str, str]]:
        """A day of the week, its further hours under the first."""
        first, *rest = wrap(hours, self.size.width - 6)
        ink = "key" if here else "muted" if hours == "closed" else "text"
        return [(f"{name} {first}", ink), *((f"    {more}", ink) for more in rest)]


class DayNote(CalendarLines):
    """The day under the cursor in words, weekly hours where there is no side, and the legend."""

    DEFAULT_CSS = """
    DayNote { height: 3; border-top: solid $border; }
    DayNote.-narrow { height: 4; }
    """

    def draw(self, y: int) -> Strip:
        width, inks = self.size.width, self.inks()
        if self.shown.days is None:
            return Strip.blank(width, inks["text"])
        if y == self.size.height - 1:
            return line(self._legend(), width, inks["text"])
        if y == 0:
            day = self.shown.days.on(self.shown.on)
            parts = [
                (f" {self.shown.on:%a} {self.shown.on.day} {self.shown.on:%b %Y}", inks["strong"])
            ]
            parts.append((f" · {day_words(day)}", inks[INKS[day.kind]]))
            if self.shown.on == self.shown.today:
                parts.append((" · today", inks["key"]))
            if change := self._change():
                parts.append((f" · not saved, was {change.before}", inks["risk"]))
            return line(parts, width, inks["text"])
        hours = " · ".join(weekly_lines(self.shown.days.spec))
        return line([(f" {hours}", inks["muted"])], width, inks["text"])

    def _change(self) -> Difference | None:
        on = self.shown.on
        name = f"{on:%a} {on.day} {on:%b %Y}"
        return next((change for change in self.shown.changes if change.what == name), None)

    def _legend(self) -> list[tuple[str, Style]]:
        inks = self.inks()
        parts = [(" ", inks["text"])]
        for kind, words in _LEGEND.items():
            parts += [(f"{SIGNS[kind]} ", inks[INKS[kind]]), (f"{words}  ", inks["muted"])]
        parts.append(("not saved", inks["muted"] + Style(underline=True)))
        return parts


def day_words(day: Day) -> str:
    """ "holiday · would be 08:00–16:00": what the day is, and what it would be else."""
    usual, hours = said_hours(day.usual), said_hours(day.hours)
    without = f" without {said_hours(day.breaks)}" if day.breaks and day.is_open else ""
    match day.kind:
        case Kind.OPEN | Kind.BREAK:
            return f"open {hours}{without}"
        case Kind.WEEKEND:
            return f"closed every {WEEKDAYS[day.on.weekday()]}"
        case Kind.HOLIDAY:
            anyway = f"closed every {WEEKDAYS[day.on.weekday()]} as well"
            return f"holiday · would be {usual}" if day.usual else f"holiday · {anyway}"
        case Kind.CLOSED:
            return "closed that day" + (
                " · a holiday" if day.is_holiday else f" · would be {usual}"
            )
        case Kind.OWN:
            else_ = "a holiday that is worked" if day.is_holiday else f"would be {usual}"
            return f"own hours {hours}{without} · {else_}"
