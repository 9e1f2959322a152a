"""Everything that can be asked of two files as of one: `Reads` for who may open both."""

from __future__ import annotations

from heapq import merge
from typing import TYPE_CHECKING, Any

from sdesk.joined.routes import READS, Route, method
from sdesk.model import LIVE, EventId
from sdesk.numbering import RESTRICTED, is_restricted, read_reference
from sdesk.store import merging
from sdesk.store.reads import Reads

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable, Mapping, Sequence

    from sdesk.model import (
        ClockRow,
        Draft,
        EntryId,
        Event,
        Leaving,
        Organization,
        Person,
        Stopwatch,
        TicketRow,
    )
    from sdesk.rules.query import Context, Query, Vocabulary
    from sdesk.store.reads.lessons import Seen, Words

REMEMBERED = 64
"""Moments of which it is still known how far each file was."""


class JoinedReads(Reads):
    """Both files' reads with the face of one. `reader` is the first file's."""

    def __init__(self, first: Reads, second: Reads) -> None:
        super().__init__(
            first.reader, me=first.me, now=first.now, zone=first.zone, prefix=first.prefix
        )
        self.first, self.second = first, second
        self._ends: dict[int, tuple[int, int]] = {}
        self._words: tuple[Vocabulary, Vocabulary, Vocabulary] | None = None

    def of(self, number: int) -> Reads:
        """The reads of the file that holds what has this number."""
        return self.second if is_restricted(number) else self.first

    def parted(self, numbers: Iterable[int]) -> tuple[list[int], list[int]]:
        """Those of the first file, those of the second."""
        here: list[int] = []
        there: list[int] = []
        for number in numbers:
            (there if is_restricted(number) else here).append(number)
        return here, there

    # Lists

    def ids(self, query: str | Query, *, limit: int | None = None, offset: int = 0) -> array[int]:
        parsed = self.parse(query)
        most = None if limit is None else limit + offset
        few = self.second.ids(parsed, limit=most)
        if not few:
            return self.first.ids(parsed, limit=limit, offset=offset)
        many = self.first.ids(parsed, limit=most)
        found = merging.merged(many, few, parsed, self.first.reader, self.second.reader)
        return found if most is None else found[offset:most]

    def count(self, query: str | Query, *, at_most: int | None = None) -> int:
        parsed = self.parse(query)
        found = self.first.count(parsed, at_most=at_most)
        if at_most is not None and found >= at_most:
            return found
        found += self.second.count(parsed, at_most=at_most)
        return found if at_most is None else min(found, at_most)

    def rows(self, ids: Sequence[int]) -> list[TicketRow]:
        return self._in_order(ids, self.first.rows, self.second.rows)

    def looked_at(
        self, ids: Sequence[int], *, fields: Sequence[str] = (),
        colours: Sequence[tuple[str, str]] = (),
    ) -> list[TicketRow]:  # fmt: skip
        parsed: Any = [(tone, self.parse(query)) for tone, query in colours]
        return self._in_order(
            ids,
            lambda some: self.first.looked_at(some, fields=fields, colours=parsed),
            lambda some: self.second.looked_at(some, fields=fields, colours=parsed),
        )

    def _in_order(self, ids: Sequence[int], one: Any, other: Any) -> list[TicketRow]:
        here, there = self.parted(ids)
        if not there:
            found: list[TicketRow] = one(ids)
            return found
        rows = {row.id: row for row in (*one(here), *other(there))}
        return [rows[number] for number in ids if number in rows]

    def board(self, *, limit: int = 500) -> tuple[tuple[TicketRow, ClockRow], ...]:
        lanes: list[list[tuple[TicketRow, ClockRow]]] = []
        lane = {0: lambda one: (one[1].due_at, one[1].ticket), 1: lambda one: one[1].ticket,
                2: lambda one: -(one[1].stopped_at or 0)}  # fmt: skip
        both = [self.first.board(limit=limit), self.second.board(limit=limit)]
        for which, key in lane.items():
            parts = [[one for one in board if _lane(one[1]) == which] for board in both]
            lanes.append(list(merge(*parts, key=key))[:limit])
        return tuple(one for found in lanes for one in found)

    def requester_tickets(self, person: int, *, limit: int = 20) -> list[TicketRow]:
        found: list[TicketRow] = []
        for reads, number in self._alike(person):
            found += reads.requester_tickets(number, limit=limit)
        return sorted(found, key=lambda row: (row.category not in LIVE, -row.id))[:limit]

    def live_of_requester(self, person: int, *, limit: int = 50) -> list[int]:
        found: list[int] = []
        for reads, number in self._alike(person):
            found += reads.live_of_requester(number, limit=limit)
        return sorted(found, reverse=True)[:limit]

    def leaving(self, ticket: int | None = None, *, limit: int = 50) -> tuple[Leaving, ...]:
        if ticket is not None:
            return self.of(ticket).leaving(ticket, limit=limit)
        both = (self.first.leaving(limit=limit), self.second.leaving(limit=limit))
        return tuple(merge(*both, key=lambda one: one.leaves_at))[:limit]

    # Events

    def last_event(self) -> EventId:
        """How far both files are, as one number that grows with either."""
        here, there = int(self.first.last_event()), int(self.second.last_event())
        number = here + max(0, there - RESTRICTED)
        self._ends[number] = (here, there)
        while len(self._ends) > REMEMBERED:
            del self._ends[next(iter(self._ends))]
        return EventId(number)

    def touched(self, event: int) -> tuple[set[int], bool]:
        here, there = self._ends.get(event, (0, RESTRICTED))
        one, other = self.first.touched(here), self.second.touched(there)
        return one[0] | other[0], one[1] or other[1]

    def events_since(self, number: int, *, limit: int = 200) -> tuple[Event, ...]:
        here, there = self._ends.get(number, (number, RESTRICTED))
        both = (
            self.first.events_since(here, limit=limit),
            self.second.events_since(there, limit=limit),
        )
        return tuple(merge(*both, key=lambda event: event.at))[:limit]

    def batches(self, actor: str, *, limit: int = 400) -> tuple[Event, ...]:
        both = (self.first.batches(actor, limit=limit), self.second.batches(actor, limit=limit))
        return tuple(merge(*both, key=lambda event: event.at))[-limit:]

    def replies(self, entries: Iterable[int]) -> tuple[EntryId, ...]:
        here, there = self.parted(entries)
        return (*self.first.replies(here), *self.second.replies(there))

    # The agent's own

    def draft(self, ticket: int | None, kind: str) -> Draft | None:
        if ticket is not None:
            return self.of(ticket).draft(ticket, kind)
        # Nobody knows yet where a new ticket will lie: what is typed is kept with the restricted ones.
        return self.second.draft(None, kind) or self.first.draft(None, kind)

    def new_notices(self, *, of: int | None = None, at_most: int = 1_000) -> int:
        if of is not None:
            return self.of(of).new_notices(of=of, at_most=at_most)
        found = self.first.new_notices(at_most=at_most) + self.second.new_notices(at_most=at_most)
        return min(found, at_most)

    def watched(self, tickets: Sequence[int]) -> frozenset[int]:
        here, there = self.parted(tickets)
        return self.first.watched(here) | (self.second.watched(there) if there else frozenset())

    def stopwatch(self) -> Stopwatch | None:
        return self.first.stopwatch() or self.second.stopwatch()

    def time_spent(self, start: int, end: int, by: str) -> tuple[tuple[str, int, int, int], ...]:
        found: dict[str, tuple[int, int, int]] = {}
        for reads in (self.first, self.second):
            for whose, *figures in reads.time_spent(start, end, by):
                known = found.get(whose, (0, 0, 0))
                seconds, tickets, records = (a + b for a, b in zip(known, figures, strict=True))
                found[whose] = (seconds, tickets, records)
        ordered = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
        return tuple((whose, *figures) for whose, figures in ordered)

    # People and words

    def _alike(self, person: int) -> list[tuple[Reads, int]]:
        """The person in each file that knows them, by address or by number in another system."""
        own = self.of(person)
        other = self.first if own is self.second else self.second
        found = [(own, person)]
        known = own.person(person)
        twin = None
        if known.email:
            twin = other.person_by(email=known.email)
        elif known.external_id:
            twin = other.person_by(external_id=known.external_id)
        return found if twin is None else [*found, (other, twin.id)]

    def people(self, prefix: str, *, limit: int = 20) -> tuple[Person, ...]:
        found = list(self.first.people(prefix, limit=limit))
        for person in self.second.people(prefix, limit=limit):
            if not self._is_known(person):
                found.append(person)
        return tuple(found[:limit])

    def _is_known(self, person: Person) -> bool:
        """Whether the first file has them: the second holds copies of who has a ticket there."""
        if person.email:
            return self.first.person_by(email=person.email) is not None
        if person.external_id:
            return self.first.person_by(external_id=person.external_id) is not None
        return any(one.name == person.name for one in self.first.people(person.name))

    def person_by(self, *, email: str = "", external_id: str = "") -> Person | None:
        found = self.first.person_by(email=email, external_id=external_id)
        return found or self.second.person_by(email=email, external_id=external_id)

    def organizations(self) -> tuple[Organization, ...]:
        known = {one.name for one in self.first.organizations()}
        more = [one for one in self.second.organizations() if one.name not in known]
        return (*self.first.organizations(), *more)

    def categories(self) -> tuple[str, ...]:
        return tuple(sorted({*self.first.categories(), *self.second.categories()}))

    def tags(self, *, limit: int = 1000) -> tuple[str, ...]:
        return tuple(
            sorted({*self.first.tags(limit=limit), *self.second.tags(limit=limit)})[:limit]
        )

    def field_names(self) -> tuple[str, ...]:
        return tuple(sorted({*self.first.field_names(), *self.second.field_names()}))

    def vocabulary(self) -> Vocabulary:
        one, other = self.first.vocabulary(), self.second.vocabulary()
        if self._words is None or self._words[0] is not one or self._words[1] is not other:
            self._words = (one, other, _both_words(one, other))
        return self._words[2]

    # By number

    def mail_at(self, mailbox: str, spot: str) -> int | None:
        return self.first.mail_at(mailbox, spot) or self.second.mail_at(mailbox, spot)

    def first_matching(
        self, conditions: Mapping[str, Query], tickets: Sequence[int], context: Context
    ) -> dict[int, str]:
        here, there = self.parted(tickets)
        found = self.first.first_matching(conditions, here, context)
        return found | self.second.first_matching(conditions, there, context)

    def seen_as_opened(self, tickets: Sequence[int]) -> list[Seen]:
        here, there = self.parted(tickets)
        found = [
            *self.first.seen_as_opened(here),
            *(self.second.seen_as_opened(there) if there else ()),
        ]
        by_number = {seen.ticket: seen for seen in found}
        return [by_number[number] for number in tickets if number in by_number]

    def words_of(self, tickets: Sequence[int]) -> list[Words]:
        here, there = self.parted(tickets)
        return [*self.first.words_of(here), *(self.second.words_of(there) if there else ())]

    def resolve(self, ref: str) -> Any:
        number = read_reference(ref, self.prefix)
        return (self.first if number is None else self.of(number)).resolve(ref)


for _name, _route in READS.items():
    if _route is not Route.WRITTEN:
        setattr(JoinedReads, _name, method(_name, _route))


def _lane(clock: ClockRow) -> int:
    """As `ListReads.board` puts them one after the other."""
    if clock.stopped_at is not None:
        return 2
    return 1 if clock.due_at is None else 0


def _both_words(one: Vocabulary, other: Vocabulary) -> Vocabulary:
    """The first file's words, and what only restricted tickets have."""

    def all_of(name: str) -> tuple[str, ...]:
        return tuple(sorted({*getattr(one, name), *getattr(other, name)}))

    return one._replace(
        categories=all_of("categories"), tags=all_of("tags"), fields=all_of("fields"),
        organizations=all_of("organizations"),
    )  # fmt: skip
