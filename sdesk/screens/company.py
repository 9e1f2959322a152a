"""Who else is at which ticket, as the desk knows it while it is open; and where this desk is itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from textual import work
from textual.worker import get_current_worker

from sdesk.errors import SdeskError
from sdesk.messages import CompanyChanged

if TYPE_CHECKING:
    from textual.timer import Timer

    from sdesk.desk import Desk
    from sdesk.model import Present, Stopwatch

GATHER = 0.4
"""Seconds in which commits are gathered before it is read who is where: one question of a table with
a row a desk."""
EVERY = 5.0
"""Seconds between two looks where nobody has written: beats grow old in silence."""
At = Mapping[int, tuple["Present", ...]]


def writers(company: At) -> dict[int, str]:
    """Ticket → who else is writing on it."""
    return {ticket: at[0].agent for ticket, at in company.items() if at[0].is_writing}


class Company:
    """Mixed into the app."""

    if TYPE_CHECKING:
        desk: Desk
        screen_stack: Any
        set_timer: Callable[..., Timer]
        set_interval: Callable[..., Timer]
        call_from_thread: Callable[..., Any]

        def show_stopwatch(self, running: Stopwatch | None) -> None: ...

    company: At = {}
    """Ticket → who else has it open, those who write first."""
    attendance: Any = None
    _company_timer: Timer | None = None

    def watch_company(self) -> None:
        """From now on: tell where this desk is, and look where the others are."""
        from sdesk.attendance import Attendance  # here: it isn't needed for the first paint

        desk = self.desk
        agent = desk.read.agent(desk.actor)
        if agent is not None and agent.active:
            self.attendance = Attendance(
                desk.place, desk.actor, desk.now, place_of=lambda ticket: desk.of(ticket).place
            )
        self._look_for_company()
        self.set_interval(EVERY, self._look_for_company)

    def company_may_have_changed(self) -> None:
        """Look soon."""
        if self._company_timer is None:
            self._company_timer = self.set_timer(GATHER, self._look_for_company)

    @work(thread=True, exclusive=True, group="company")
    def _look_for_company(self) -> None:
        worker = get_current_worker()
        self._company_timer = None
        try:
            found, running = self.desk.read.company(), self.desk.read.stopwatch()
        except SdeskError:
            return  # what concerns the tickets themselves tells of it
        at: dict[int, tuple[Present, ...]] = {}
        for one in found:
            at[one.ticket] = (*at.get(one.ticket, ()), one)
        if not worker.is_cancelled:
            self.call_from_thread(self._show_company, at)
            self.call_from_thread(self.show_stopwatch, running)

    def _show_company(self, at: At) -> None:
        if at == self.company:
            return
        self.company = at
        for screen in self.screen_stack:
            screen.post_message(CompanyChanged())

    def tell_whereabouts(self, *, writing: bool = False) -> None:
        """At which ticket the desk is now, and whether text is written there."""
        if self.attendance is None:
            return
        # A dialog, a history or a help above a ticket leaves the desk at that ticket.
        at = next((s for s in reversed(self.screen_stack) if hasattr(s, "writing_to")), None)
        if at is None:
            self.attendance.leave()
        else:
            self.attendance.at(at.writing_to()[0], "writing" if writing else "looking")

    def end_attendance(self) -> None:
        if self.attendance is not None:
            self.attendance.close()
