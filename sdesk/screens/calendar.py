"""The calendars: a year with its closed days, edited by the day or the day of the week.

Edits are collected, in the app so that going elsewhere loses none, and saved together; what runs is
then computed again.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container

from sdesk.errors import Refused
from sdesk.keys import BY_ID, bindings_for, display, keys_of
from sdesk.ops import SaveCalendar
from sdesk.present import counted, local
from sdesk.rules.calendar_days import WEEKDAYS, Days, Draft, Step, said_hours, switched
from sdesk.rules.hours import CalendarError
from sdesk.screens.calendar_moves import CalendarMoves
from sdesk.screens.calendar_reading import CalendarPage, read_calendars, stored
from sdesk.screens.desk_screen import DeskScreen
from sdesk.screens.news import read_away
from sdesk.screens.recomputing import ClocksCounted, recompute
from sdesk.text import clean_line
from sdesk.widgets.calendar_lines import CalendarHead, CalendarLines, CalendarSide, DayNote, Shown
from sdesk.widgets.year_view import DayMoved, YearView

if TYPE_CHECKING:
    from sdesk.model import TicketId, TicketRow

WIDE = 100
"""Columns from which weekly hours stand beside the year."""
HINT = "08:00-12:00 13:00-16:00 · closed"


class CalendarScreen(CalendarMoves, DeskScreen):
    """The year of one calendar at a time."""

    CSS_PATH = "calendar.tcss"
    NAME = "calendar"
    BINDINGS = bindings_for("calendar")
    AUTO_FOCUS = "YearView"

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self.name_shown = name
        self.page = CalendarPage({}, {}, can_edit=False)
        self.progress: tuple[int, int] | None = None
        self._days: tuple[Draft, Days] | None = None

    def compose(self) -> ComposeResult:
        self.year = YearView(self._today())
        yield CalendarHead()
        yield Container(self.year, CalendarSide(), id="year")
        yield DayNote()
        yield self.status_line()

    def on_mount(self) -> None:
        self.reload()

    def on_resize(self) -> None:
        narrow = self.app.size.width < WIDE
        self.set_class(narrow, "-narrow")
        self.query_one(DayNote).set_class(narrow, "-narrow")

    def targets(self) -> tuple[TicketId, ...]:
        return ()

    def current(self) -> TicketRow | None:
        return None

    def _today(self) -> date:
        desk = self.desk_app.desk
        zone = self.page.specs.get(self.name_shown, {}).get("zone", desk.settings.zone)
        return local(desk.now(), zone).date()

    # Showing

    @property
    def drafts(self) -> dict[str, Draft]:
        """Calendar → edits that are not saved; the app holds them."""
        return self.desk_app.calendar_drafts

    def draft(self) -> Draft:
        return self.drafts.get(self.name_shown) or Draft.of(self.page.specs[self.name_shown])

    def reload(self) -> None:
        """Read the calendars again; the cursor and what is not saved stay."""
        read_away(self, read_calendars, self._take)

    def _take(self, page: CalendarPage) -> None:
        self.page = page
        if self.name_shown not in page.specs:
            self.name_shown = next(iter(page.specs), "")
        self._follow()
        if self.is_attached:
            self.show()

    def _follow(self) -> None:
        """Put the edits on top of what somebody else has saved meanwhile."""
        for name, draft in list(self.drafts.items()):
            base = self.page.specs.get(name)
            if base is None or not (moved := draft.over(base)).differences():
                del self.drafts[name]
            elif base != draft.base:
                self.drafts[name] = moved

    def show(self) -> None:
        """Put what is known on the screen."""
        drafts = {name: len(draft.differences()) for name, draft in self.drafts.items()}
        app, today = self.desk_app, self._today()
        draft = self.draft() if self.name_shown in self.page.specs else None
        days = self._days_of(draft) if draft is not None else None
        self.year.show(days, draft.touched() if draft else frozenset(), today)
        shown = Shown(
            tuple(self.page.specs), self.name_shown, days, draft.spec["zone"] if draft else "",
            self.page.users.get(self.name_shown, ()), self.year.cursor, today,
            tuple(draft.differences()) if draft else (), sum(drafts.values()), self.page.can_edit,
            self.progress, display(keys_of(BY_ID["calendar.save"], app.keymap)[0]),
            frozenset(name for name, many in drafts.items() if many),
        )  # fmt: skip
        for widget in self.query(CalendarLines):
            widget.show(shown)

    def _days_of(self, draft: Draft) -> Days:
        """The same days for the same draft: looking a year up takes longer than showing it."""
        if self._days is None or self._days[0].spec is not draft.spec:
            self._days = draft, Days(draft.spec)
        return self._days[1]

    @on(DayMoved)
    def show_day(self, event: DayMoved) -> None:
        event.stop()
        self.show()

    @on(ClocksCounted)
    def show_progress(self, event: ClocksCounted) -> None:
        self.progress = (event.done, event.total) if event.done < event.total else None
        self.show()

    # Editing

    def _may_edit(self) -> bool:
        if self.name_shown not in self.page.specs:
            self.desk_app.tell("there is no calendar here")
        elif not self.page.can_edit:
            self.desk_app.complain(Refused("Calendars are changed by admins; this is to look."))
        else:
            return True
        return False

    def _edit(self, step: Step) -> None:
        self._put(self.draft().edited(step))

    def _put(self, draft: Draft) -> None:
        self.drafts[self.name_shown] = draft
        if not draft.steps:
            del self.drafts[self.name_shown]
        self.show()

    def action_switch(self) -> None:
        """Close an open day, open a closed one."""
        if not self._may_edit():
            return
        day = self.year.cursor
        try:
            self._edit(Step(day, switched(Days(self.draft().spec).on(day))))
        except CalendarError as error:
            self.desk_app.complain(error)

    @work(exclusive=True, group="dialog")
    async def action_hours(self) -> None:
        """Ask for the hours of the day under the cursor."""
        if self._may_edit():
            at = self.year.cursor
            day = Days(self.draft().spec).on(at)
            title = f"{at:%A} {at.day} {at:%B %Y} · {clean_line(self.name_shown)}"
            usual = f"{HINT} · usual ({said_hours(day.usual)})"
            await self._ask_hours(title, said_hours(day.hours), usual, at)

    @work(exclusive=True, group="dialog")
    async def action_weekday(self) -> None:
        """Ask for the weekly hours of the day of the week under the cursor."""
        if self._may_edit():
            number = self.year.cursor.weekday()
            title = f"Every {WEEKDAYS[number]} · {clean_line(self.name_shown)}"
            hours = said_hours(Days(self.draft().spec).weekday(number))
            await self._ask_hours(title, hours, HINT, number)

    async def _ask_hours(self, title: str, hours: str, hint: str, what: date | int) -> None:
        from sdesk.screens.dialogs.prompt import Prompt

        draft = self.draft()

        def check(text: str) -> str | None:
            if not text:
                return "There are no hours: closed closes the day."
            draft.edited(Step(what, text))
            return None

        dialog = Prompt(title, hours.replace("–", "-"), validate=check, hint=hint)
        text = await self.app.push_screen_wait(dialog)
        if text:
            self._edit(Step(what, text))

    def action_undo(self) -> None:
        """Take the last edit of this calendar back."""
        if self.name_shown in self.drafts:
            self._put(self.draft().without_last())
        else:
            self.desk_app.tell("there is no change to take back")

    @work(exclusive=True, group="dialog")
    async def action_discard(self) -> None:
        if not self.drafts:
            self.desk_app.tell("there is no change to discard")
        elif await self._ask("Discard {}?", {"d": "discard"}) == "d":
            self.drafts.clear()
            self.show()

    @work(exclusive=True, group="dialog")
    async def action_save(self) -> None:
        """Save every calendar that was edited, after asking, and compute what runs again."""
        if not self._may_edit():
            return
        if not self._changes():
            self.desk_app.tell("there is no change to save")
            return
        self.desk_app.warm_up()
        open_now = self.desk_app.desk.read.count("state:open")
        question = f"Save {{}} and recompute {counted(open_now, 'open ticket')}?"
        if await self._ask(question, {"y": "save"}) == "y":
            await self._save()

    def _changes(self) -> list[str]:
        """What is not saved, a line each."""
        return [
            f"{clean_line(name)} · {change.what}: {change.before} → {change.after}"
            for name, draft in self.drafts.items()
            for change in draft.differences()
        ]

    async def _ask(self, question: str, answers: dict[str, str]) -> str:
        from sdesk.screens.dialogs.ask import Ask

        changes = self._changes()
        most = max(3, self.app.size.height - 12)
        details = changes[:most] + [f"… and {len(changes) - most} more"] * (len(changes) > most)
        asked = question.format(counted(len(changes), "change"))
        answer: str = await self.app.push_screen_wait(Ask(asked, answers, details))
        return answer

    async def _save(self) -> bool:
        app, known = self.desk_app, stored(self.desk_app.desk)
        drafts = {name: draft for name, draft in self.drafts.items() if draft.differences()}
        if any(known.get(name) != draft.base for name, draft in drafts.items()):
            app.complain(
                Refused("Somebody has changed the calendar meanwhile. Look again, then save.")
            )
            self.reload()
            return False
        saves = [
            SaveCalendar(name, {key: value for key, value in draft.spec.items() if key != "name"})
            for name, draft in drafts.items()
        ]
        if await app.act(None, *saves, said="saved") is None:
            return False
        self.drafts.clear()
        self.reload()
        recompute(app, self)
        return True

    # Leaving

    @work(exclusive=True, group="dialog")
    async def action_back(self) -> None:
        """Back; with changes that are not saved, only after an answer."""
        if self._changes():
            answers = {"y": "save", "d": "discard", "k": "keep them until sdesk ends"}
            answer = await self._ask("{} not saved: leave?", answers)
            if not answer or (answer == "y" and not await self._save()):
                return
            if answer == "d":
                self.drafts.clear()
        self.desk_app.pop_screen()
