"""Erasing a person: step by step, each step one short transaction, to be finished after any crash.

What is to be found is written down first and forgotten last, so that a second run goes on where the
first one was ended. Nothing here is undone: an undo of an erased act is refused.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from sdesk.errors import NotFound, Refused
from sdesk.privacy.beside import clear
from sdesk.privacy.people import check_admin, check_sees_all, hold_tag
from sdesk.privacy.purging import DUE, forget_model, purge, purge_due
from sdesk.rules.traces import Known, Traces
from sdesk.store import upkeep
from sdesk.store.reads import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sdesk.desk import Desk
    from sdesk.door import Work
    from sdesk.store.mentions import Mention
    from sdesk.store.reader import Reader
    from sdesk.store.reads.kept import PersonRow

T = TypeVar("T")
UNDER_WAY = "erasing"
"""Of `upkeep`: whom somebody has begun to erase, and by what they are found."""
ERASED_AT = "erased"
"""Of `upkeep`: the newest event that tells of an erasure; what was learned before knows too much."""
TICKETS_AT_ONCE, AT_ONCE, DOCUMENTS_AT_ONCE = 20, 50, 200
PASSES = 4
"""So often others' texts are looked through, as long as names are found: agents go on writing."""


@dataclass
class Erased:
    """What an erasure did, and what it left."""

    person: int
    tickets: int = 0
    messages: int = 0
    mails: int = 0
    mentions: int = 0
    events: int = 0
    unread: list[str] = field(default_factory=list)
    """Files of others that name them and can't be written anew: an archive, a picture, a PDF."""
    left: dict[str, int] = field(default_factory=dict)
    """Table → rows that name them still."""
    purged: bool = False
    """Whether the store's files were written anew."""
    known: Known = field(default_factory=Known)


def erase_ticket(work: Work, ticket: int, why: str = "ticket") -> None:
    """Empty a ticket inside an open transaction of the door; its row, number and clocks stay.

    `why` is ticket, person, retention or moved; the last two take away who asked as well. The words
    can be read from the store's files until `purge`.
    """
    erase_tickets(work, [ticket], why)


def erase_tickets(work: Work, tickets: Sequence[int], why: str, **details: Any) -> int:
    """How many events that emptied."""
    from sdesk.store import erasing

    digests: dict[int, str] = {}
    for number in tickets:
        digests |= erasing.ticket(work.tx, number, unlinked=why in ("retention", "moved"))
    _tell(work, digests, why, tickets=list(tickets), **details)
    return len(digests)


def _tell(work: Work, digests: dict[int, str], why: str, **details: Any) -> None:
    from sdesk.store import erasing

    event = erasing.told(work.tx, digests, why, **details)
    now = work.tx.at
    upkeep.remember_in(work.tx.session, ERASED_AT, str(event), now)
    upkeep.remember_in(work.tx.session, DUE, "", now)


def under_way(reader: Reader) -> dict[int, Known]:
    """Whom somebody has begun to erase."""
    found = upkeep.known(reader, UNDER_WAY)
    said = json.loads(found.value) if found else {}
    return {int(number): Known(*map(tuple, lists)) for number, lists in said.items()}


def erase_person(
    desk: Desk, person: int, *, later: bool = False,
    on_progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Erased:  # fmt: skip
    """Erase what the desk keeps of a person, in their own tickets and in others'. For admins.

    `later` leaves the writing anew of the store's files to the worker's upkeep. Raises `NotFound`,
    `Refused` (erased already, or a ticket of theirs must be kept), `Busy`, `StoreFault`.
    """
    check_admin(desk, "Erasing a person")
    check_sees_all(desk)
    row = kept.person(desk.read.reader, person)
    if row is None:
        raise NotFound(f"There is no person with the number {person}.")
    _refuse_held(desk, row)
    if row.erased_at is None or person in under_way(desk.read.reader):
        done = _Erasing(desk, row, on_progress).run()
    elif purge_due(desk) and not later:
        done = Erased(person)
    else:
        raise Refused(f"Person #{person} has been erased already.")
    if not later:
        on_progress("writing the store anew", 0, 1)
        purge(desk)
        done.purged = True
    return done


def _refuse_held(desk: Desk, row: PersonRow) -> None:
    tag = hold_tag(desk)
    if found := kept.held(desk.read.reader, row.id, tag):
        named = ", ".join(map(desk.ref, found[:5])) + (" …" if len(found) > 5 else "")
        raise Refused(
            f"{row.name} can't be erased: {named} must be kept (tag {tag}).",
            "Take the tag off when they need not be kept any more.",
        )


def finish(desk: Desk, *, purged: bool = True) -> list[str]:
    """Finish what a crash or `later` has left; a sentence for each thing that was done."""
    said = []
    for number in under_way(desk.read.reader):
        done = erase_person(desk, number, later=True)
        said.append(f"Finished erasing person #{number}: {done.tickets} tickets, {done.mentions} mentions.")  # fmt: skip
    if purged and purge_due(desk):
        purge(desk)
        said.append("Wrote the store anew: nothing erased can be read from its files.")
    return said


class _Erasing:
    """One run over the steps."""

    def __init__(self, desk: Desk, row: PersonRow, tell: Callable[[str, int, int], None]) -> None:
        self.desk, self.row, self.tell = desk, row, tell
        self.reader = desk.read.reader
        self.known = self._begin()
        self.traces = Traces(self.known)
        self.done = Erased(row.id, known=self.known)

    def run(self) -> Erased:
        self._own_tickets()
        self._own_messages()
        self._own_mails()
        self._mentions()
        if self.row.erased_at is None:
            self._person()
        self._documents()
        forget_model(self.desk)
        clear(self.traces)
        if acted := kept.acted(self.reader, self.traces):
            self.done.left["event.actor"] = acted
        return self.done

    def _begin(self) -> Known:
        """By what they are found, as it was written down when it began."""
        known = under_way(self.reader)
        if self.row.id not in known:
            known[self.row.id] = kept.known(self.reader, self.row)
            with self.desk.door().transaction() as work:
                self._remember(work, known)
        return known[self.row.id]

    def _remember(self, work: Work, known: dict[int, Known]) -> None:
        value = json.dumps(known, ensure_ascii=False)
        upkeep.remember_in(work.tx.session, UNDER_WAY, value, work.tx.at)

    def _own_tickets(self) -> None:
        for some in self._steps("tickets", kept.own_tickets(self.reader, self.row.id, erased=False), TICKETS_AT_ONCE):  # fmt: skip
            with self.desk.door().transaction() as work:
                self._tickets(work, some)

    def _tickets(self, work: Work, tickets: Sequence[int]) -> None:
        self.done.events += erase_tickets(work, tickets, "person", person=self.row.id)
        self.done.tickets += len(tickets)

    def _own_messages(self) -> None:
        for some in self._steps("messages", kept.own_messages(self.reader, self.row.id), AT_ONCE):
            with self.desk.door().transaction() as work:
                self._messages(work, some)

    def _messages(self, work: Work, entries: Sequence[int]) -> None:
        from sdesk.store import erasing

        digests: dict[int, str] = {}
        for number in entries:
            digests |= erasing.entry(work.tx, number)
        if digests:
            _tell(work, digests, "person", person=self.row.id)
        self.done.events += len(digests)
        self.done.messages += len(entries)

    def _own_mails(self) -> None:
        mails = kept.own_mails(self.reader, self.known.addresses)
        for some in self._steps("mails", mails, AT_ONCE):
            with self.desk.door().transaction() as work:
                self._mails(work, some)

    def _mails(self, work: Work, mails: Sequence[int]) -> None:
        from sdesk.store import erasing

        for number in mails:
            erasing.mail(work.tx.session, number)
        self.done.mails += len(mails)

    def _mentions(self) -> None:
        """Their names in others' texts, until none is found; what is left is what can't be changed."""
        from sdesk.store.mentions import mentions

        for _ in range(PASSES if self.traces else 0):
            self.tell("looking through others' tickets", 0, 1)
            found = list(mentions(self.reader, self.traces))
            changed = 0
            for some in self._steps("mentions", found, AT_ONCE):
                with self.desk.door().transaction() as work:
                    changed += self._redact(work, some)
            self.done.mentions += changed
            self.done.left = dict(Counter(str(mention) for mention in found))
            if not changed:
                return

    def _redact(self, work: Work, some: Sequence[Mention]) -> int:
        from sdesk.store.mentions import Redacting, forget_folded

        redacting = Redacting(work.tx, self.traces)
        changed = sum(map(redacting.redact, some))
        forget_folded(work.tx, self.traces)
        if redacting.digests:
            _tell(work, redacting.digests, "person", person=self.row.id)
        self.done.events += len(redacting.digests)
        self.done.unread += [file for file in redacting.unread if file not in self.done.unread]
        return changed

    def _person(self) -> None:
        """The row itself, and what came in meanwhile; from then on they are nobody."""
        from sdesk.store import erasing

        with self.desk.door().transaction() as work:
            reader = work.reads.reader
            if fresh := kept.own_tickets(reader, self.row.id, erased=False):
                self._tickets(work, fresh)
            self._messages(work, kept.own_messages(reader, self.row.id))
            self._mails(work, kept.own_mails(reader, self.known.addresses))
            session = work.tx.session
            digests = erasing.events(session, kept.own_events(reader, self.row.id))
            erasing.person(session, self.row.id, work.tx.at)
            self.done.events += len(digests)
            _tell(work, digests, "person", person=self.row.id, done=True)

    def _documents(self) -> None:
        """Their tickets are found by the new name, and the erasure is over."""
        tickets = kept.own_tickets(self.reader, self.row.id)
        for some in self._steps("search", tickets or [0], DOCUMENTS_AT_ONCE):
            with self.desk.door().transaction() as work:
                work.tx.reworded.update(number for number in some if number)
                if some[-1] == (tickets or [0])[-1]:
                    known = under_way(work.reads.reader)
                    self._remember(work, {n: k for n, k in known.items() if n != self.row.id})

    def _steps(self, what: str, found: Sequence[T], at_once: int) -> Iterator[Sequence[T]]:
        for first in range(0, len(found), at_once):
            self.tell(what, first, len(found))
            yield found[first : first + at_once]
