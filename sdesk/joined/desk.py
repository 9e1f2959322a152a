"""The door over two files: what concerns one ticket asked of its file, the rest put together of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk.errors import Refused
from sdesk.joined.acting import Acting
from sdesk.joined.routes import added

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sdesk.announced import Announcement, Survey
    from sdesk.model import EventId, TicketId
    from sdesk.posted import Composed
    from sdesk.rules.clock import Clock
    from sdesk.rules.ladder import Climb
    from sdesk.suggesting import Advice


class JoinedDesk(Acting):
    """A member's desk. `first` and `second` are the desks of the two files; `place`, `door` and
    `loader` are the first's."""

    # By ticket

    def release_outbox(self, ticket: TicketId | None = None) -> int:
        if ticket is not None:
            return self.of(ticket).release_outbox(ticket)
        return self.first.release_outbox() + self.second.release_outbox()

    def compose_mail(
        self, ticket: TicketId, kind: str = "reply", /, **values: str
    ) -> Composed | None:
        return self.of(ticket).compose_mail(ticket, kind, **values)

    def ledger(self, ticket: TicketId) -> tuple[Clock, ...]:
        return self.of(ticket).ledger(ticket)

    def climbs(self, ticket: TicketId) -> dict[str, Climb]:
        return self.of(ticket).climbs(ticket)

    def settle(self, ticket: TicketId) -> int:
        return self.of(ticket).settle(ticket)

    def survey(self, ticket: TicketId) -> Survey | None:
        return self.of(ticket).survey(ticket)

    def unfinished_below(self, ticket: TicketId) -> int:
        return self.of(ticket).unfinished_below(ticket)

    def mark_seen(self, ticket: TicketId) -> bool:
        return self.of(ticket).mark_seen(ticket)

    def start_stopwatch(self, ticket: TicketId) -> None:
        running = self.read.stopwatch()
        if running is not None and self.of(running.ticket) is not self.of(ticket):
            raise Refused(
                f"Your stopwatch runs on {self.ref(running.ticket)}.", "Stop it there first: b"
            )
        self.of(ticket).start_stopwatch(ticket)

    def drop_stopwatch(self) -> None:
        running = self.read.stopwatch()
        self.of(running.ticket if running else None).drop_stopwatch()

    def save_draft(
        self, ticket: TicketId | None, kind: str, text: str, based_on: EventId | None = None
    ) -> None:
        # Of a new ticket nobody knows yet where it will lie: its draft is kept with the restricted ones.
        desk = self.second if ticket is None else self.of(ticket)
        desk.save_draft(ticket, kind, text, based_on)

    def drop_draft(self, ticket: TicketId | None, kind: str) -> None:
        for desk in (self.second, self.first) if ticket is None else (self.of(ticket),):
            if desk.read.draft(ticket, kind) is not None:
                desk.drop_draft(ticket, kind)

    def see_notices(self, numbers: Sequence[int]) -> None:
        here, there = self.read.parted(numbers)
        if here:
            self.first.see_notices(here)
        if there:
            self.second.see_notices(there)

    def suggest(self, ticket: TicketId, *, wait: bool = True) -> Advice:
        """From what the ordinary tickets teach: restricted ones teach nobody."""
        from sdesk.suggesting import Learned, advise

        with self._loading:
            self._learned = self._learned or Learned(self.place, self.first.read)
        return advise(self.read, self._learned, ticket, wait=wait)

    # Both

    def recompute_clocks(
        self, query: str = "state:open", on_progress: Callable[[int, int], None] | None = None
    ) -> int:
        self.mirror()
        changed = self.first.recompute_clocks(query, on_progress)
        return changed + self.second.recompute_clocks(query)

    def announcements(self, *, all_of_them: bool = False) -> tuple[Announcement, ...]:
        return (
            *self.first.announcements(all_of_them=all_of_them),
            *self.second.announcements(all_of_them=all_of_them),
        )

    def reached(self, scope: str, target: str = "", ticket: TicketId | None = None) -> int:
        return self.of(ticket).reached(scope, target, ticket)

    def scores(self, since: int, until: int) -> dict[int, int]:
        return added(self.first.scores(since, until), self.second.scores(since, until))

    def watch(self) -> JoinedWatch:
        return JoinedWatch(self.first.watch(), self.second.watch())

    def door(self) -> Any:
        return self.first.door()

    def places(self) -> tuple[str | Path, ...]:
        return (self.first.place, self.second.place)

    def close(self) -> None:
        self.second.close()
        self.first.close()


class JoinedWatch:
    """Either file's commits."""

    def __init__(self, first: Any, second: Any) -> None:
        self._both = (first, second)
        self.stirred = False

    def changed(self) -> bool:
        found = [watch.changed() for watch in self._both]  # both look, whatever the first says
        self.stirred = any(watch.stirred for watch in self._both)
        return any(found)

    def close(self) -> None:
        for watch in self._both:
            watch.close()
