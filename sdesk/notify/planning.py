"""What is to go to which target: notices and events, by kind, priority, quiet hours and who is on call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from sdesk import telling
from sdesk.errors import SdeskError
from sdesk.notify import webhook
from sdesk.notify.settings import NEW, Hook, Settings, Target
from sdesk.rules.oncall import on_call
from sdesk.rules.query import matches, parse
from sdesk.store.reads import deliveries
from sdesk.telling import Planned

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import Event
    from sdesk.rules.query import Query
    from sdesk.store.reads.deliveries import Told

TOO_OLD = 12 * 3_600
"""Seconds after which nobody is told any more: it stands in the desk."""
AT_ONCE = 1_000
"""Events that are looked at in one go."""
ARRIVES = ("opened", "moved", "escalated")
"""Events by which a ticket comes into a queue."""


class Planner:
    """Plans for the targets and webhooks of one desk. For one thread."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self.desk, self.settings = desk, settings
        self._marks = deliveries.marks(desk.read)
        self._kept = dict(self._marks)
        """As the store has them."""
        self.broken: dict[str, str] = {}
        """Webhooks that can't be served as they are written, and why."""
        self._queries = {hook.name: self._parsed(hook) for hook in settings.hooks}

    def _parsed(self, hook: Hook) -> Query:
        try:
            return parse(hook.query, self.desk.read.vocabulary())
        except SdeskError as error:
            self.broken[hook.target] = f"{hook.origin}: query: {error}"
            return parse("")

    def plan(self) -> bool:
        """Plan for all of them; whether more is to be looked at. A target that is new is told of what
        happens from now on."""
        last = self.desk.read.last_event()
        more = False
        for target in self.settings.targets:
            upto = self._upto(target.name, last)
            more |= self._put(target.name, upto, self._for_target(target, upto)) < last
        for hook in self.settings.hooks:
            if hook.target not in self.broken:
                upto = self._upto(hook.target, last)
                more |= self._put(hook.target, upto, self._for_hook(hook, upto)) < last
        return more

    def _upto(self, name: str, last: int) -> int:
        """The last event that is looked at this time."""
        return min(last, self._marks[name][1] + AT_ONCE) if name in self._marks else last

    def _put(self, name: str, upto: int, found: Iterable[Planned]) -> int:
        """Plan what was found among the events up to that one; the event that was come to."""
        if name not in self._marks:
            self._keep(name, (), (upto, upto))
            return upto
        planned = sorted(found, key=lambda one: one.event)
        first, before = self._marks[name]
        mark = (first, max(before, upto))
        # A mark that lags costs a look; every commit makes other windows look.
        if planned or upto - self._kept[name][1] > AT_ONCE:
            self._keep(name, planned, mark)
        # Only now: what could not be planned must be looked at again.
        self._marks[name] = mark
        return mark[1]

    def _keep(self, name: str, planned: Sequence[Planned], mark: tuple[int, int]) -> None:
        telling.plan(self.desk, name, planned, mark)
        self._marks[name] = self._kept[name] = mark

    def keep_marks(self) -> None:
        """Remember how far everything was looked at."""
        for name, mark in self._marks.items():
            if name in self.settings.names and mark != self._kept[name]:
                self._keep(name, (), mark)

    # People

    def _for_target(self, target: Target, last: int) -> Iterator[Planned]:
        first, before = self._marks.get(target.name, (last, last))
        found: list[Told]
        if target.agent:
            found = deliveries.untold(
                self.desk.read, target.name, target.agent, sorted(target.kinds),
                after=first, since=self._oldest(), priority=target.min_priority,
            )  # fmt: skip
        else:
            found = deliveries.told_of_events(self.desk.read, before + 1, last)
        for told in found:
            if self._wants(target, told.kind, told.priority, told.queue, told.ticket, told.show_at):
                yield self._planned(target, told)
        if NEW in target.kinds:
            yield from self._arrivals(target, before, last)

    def _wants(
        self, target: Target, kind: str, priority: int, queue: str, ticket: int | None, at: int
    ) -> bool:
        if kind not in target.kinds or (target.queue and target.queue != queue):
            return False
        if (ticket is not None and priority > target.min_priority) or at < self._oldest():
            return False
        return not target.on_call or self._is_on_call(target, at)

    def _oldest(self) -> int:
        return self.desk.now() - TOO_OLD

    def _is_on_call(self, target: Target, at: int) -> bool:
        read = self.desk.read
        return on_call(read.settings(), target.on_call, at, read.zone) == target.agent

    def _planned(self, target: Target, told: Told) -> Planned:
        at = max(self.desk.now(), told.show_at)
        if target.quiet is not None and told.kind not in target.loud:
            at = target.quiet.ends_at(at, self.desk.read.zone)
        return Planned(
            told.event, told.ticket, target.agent, target.queue, told.kind, told.subject, told.text,
            at, at + target.batch,
        )  # fmt: skip

    def _arrivals(self, target: Target, before: int, last: int) -> Iterator[Planned]:
        """Tickets that have come into a queue of the target's since."""
        agent = self.desk.read.agent(target.agent) if target.agent else None
        queues = (target.queue,) if target.queue else agent.queues if agent else ()
        for event in self._events(before, last):
            queue = _arrived_in(event)
            if event.ticket is None or queue not in queues or event.actor == target.agent:
                continue
            ticket = self.desk.read.ticket(event.ticket)
            if not self._wants(target, NEW, ticket.priority, target.queue, ticket.id, event.at):
                continue
            told = deliveries.Told(
                event.id, target.agent, NEW, f"new in {queue}, by {event.actor}", event.at,
                ticket.id, ticket.subject, ticket.priority, queue,
            )  # fmt: skip
            yield self._planned(target, told)

    def _events(self, before: int, last: int) -> Iterator[Event]:
        while before < last:
            found: Sequence[Event] = self.desk.read.events_since(before, limit=200)
            yield from (event for event in found if event.id <= last)
            if not found:
                return
            before = found[-1].id

    # Programs

    def _for_hook(self, hook: Hook, last: int) -> Iterator[Planned]:
        _, before = self._marks.get(hook.target, (last, last))
        read, now = self.desk.read, self.desk.now()
        for event in self._events(before, last):
            if event.ticket is None or (hook.events and event.kind not in hook.events):
                continue
            ticket = read.ticket(event.ticket)
            if ticket.restricted and not hook.restricted:
                continue
            facts = read.facts(event.ticket)
            if not matches(self._queries[hook.name], facts, read.context()):
                continue
            value = webhook.value_of(event, ticket, facts.due_at, self.desk.settings.name)
            yield Planned(
                event.id, event.ticket, "", ticket.queue, event.kind, ticket.subject,
                webhook.body_of(value), now, now,
            )  # fmt: skip


def _arrived_in(event: Event) -> str:
    if event.kind not in ARRIVES:
        return ""
    if event.kind == "opened":
        return str(event.details.get("queue", ""))
    return str(event.changes.get("queue", ("", ""))[1])
