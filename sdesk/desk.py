"""The door of the desk: apply operations, read, watch. No SQL and no rules of its own.

Opening one and reading through it loads neither SQLModel nor Textual; the first write loads what
writing needs.
"""

from __future__ import annotations

import os
import pwd
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sdesk.batching import Outcome, carry_out
from sdesk.errors import Invalid, Refused
from sdesk.model import Change, EntryId, Event, EventId, Instant, Source, TicketId
from sdesk.store import place as places
from sdesk.store.opening import at_server, remove, upgrade_if_behind
from sdesk.store.reader import Reader, open_reader
from sdesk.store.reads import Reads
from sdesk.store.watch import Watch, open_watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sdesk.announced import Announcement, Survey
    from sdesk.batching import OpsOf
    from sdesk.door import Door
    from sdesk.levels import ServiceLevels
    from sdesk.loading import Loader
    from sdesk.ops import Attach, Op
    from sdesk.posted import Composed
    from sdesk.rules.attainment import Judged
    from sdesk.rules.ladder import Climb
    from sdesk.rules.sla import Clock
    from sdesk.standing import Standing
    from sdesk.store.home import Copied
    from sdesk.suggesting import Advice, Learned


def now_seconds() -> Instant:
    return int(time.time())


BATCHES = 400
"""How many of an agent's latest acts undo looks at first."""


def system_user() -> str:
    """The login of the user this process runs as; never what the environment claims."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"


def login_at(place: str | Path) -> str:
    """As whom one works there: at a server as the role one logged in with, else as the host's user."""
    if not places.is_postgres(place):
        return system_user()
    from sdesk.store.postgres import login

    return login(str(place))


class Settings(NamedTuple):
    """The desk's own settings."""

    name: str = "sdesk"
    prefix: str = "SD"
    zone: str = "UTC"
    country: str = ""
    intake_queue: str = ""
    calendar: str = ""


class Undone(NamedTuple):
    """What an undo or redo took back, and the sentence that says so."""

    batch: int
    sentence: str
    tickets: tuple[TicketId, ...]
    unsent: tuple[EntryId, ...] = ()
    """Replies that were on their way and have not left."""


class Desk:
    """One agent's desk on one store. Safe to call from several threads."""

    def __init__(
        self, place: str | Path, reader: Reader, *, actor: str, source: Source,
        clock: Callable[[], Instant],
    ) -> None:  # fmt: skip
        self.place = place
        self.actor, self.source, self.now = actor, source, clock
        self._reader = reader
        self._door: Door | None = None
        self._learned: Learned | None = None
        self._standing: Standing | None = None
        self._loading = threading.Lock()
        known = Reads(reader, me=actor, now=clock, zone="UTC", prefix="SD").settings()
        self.restricted_store = known.get("restricted_store", "")
        """Where the file for restricted tickets lies; empty where the desk has none."""
        fields = Settings._fields
        self.settings = Settings(**{name: value for name, value in known.items() if name in fields})
        self.read = Reads(
            reader, me=actor, now=clock, zone=self.settings.zone, prefix=self.settings.prefix
        )
        # A server keeps them itself, and a second file is its group's; else it is by agreement.
        is_file = reader.dialect == "sqlite" and not known.get("restricted_of")
        self.read.hides = is_file and actor != "sdesk"

    @classmethod
    def open(
        cls, place: str | Path, *, actor: str | None = None, source: Source = Source.CLI,
        clock: Callable[[], Instant] = now_seconds, joined: bool = False,
        told: Callable[[str], None] | None = None,
    ) -> Desk:  # fmt: skip
        """Open an existing store: a path or a `postgresql://` address. Raises `Missing`, `StoreFault`.

        A store whose schema is behind is upgraded first; its file is copied before, and `told` hears
        so, since a large one takes minutes. With `joined`
        together with the file for restricted tickets, where it names one and this user may open that.
        """
        if places.is_postgres(place):
            login = at_server(str(place))
        else:
            place = places.find(place)
            upgrade_if_behind(place, told)
            login = system_user()
        reader = open_reader(place)
        desk = Desk(place, reader, actor=actor or login, source=source, clock=clock)
        if not (joined and desk.restricted_store):
            return desk
        from sdesk.joined import join

        return join(desk, desk.restricted_store)

    @classmethod
    def create(
        cls, place: str | Path, *, setup: Sequence[Op], actor: str | None = None,
        source: Source = Source.CLI, clock: Callable[[], Instant] = now_seconds,
    ) -> Desk:  # fmt: skip
        """Make a store and carry out its set-up operations in one transaction. Raises `StoreFault`."""
        from sdesk.door import Door
        from sdesk.store.migrations import upgrade

        if places.is_postgres(place):
            from sdesk.store.postgres import check_empty

            login = check_empty(str(place)).login
        else:
            place, login = places.make(place), system_user()
        actor = actor or login
        door = Door(place, actor=actor, source=source, clock=clock)
        try:
            upgrade(door.writer)
            door.enforce = False
            door.apply(None, setup, None)
        except BaseException:
            door.close()
            remove(place)
            raise
        door.close()
        if isinstance(place, Path):
            from sdesk.store.archive import settle

            # Whole in its one file: it may be copied as long as nobody has worked in it.
            settle(place)
        return cls.open(place, actor=actor, source=source, clock=clock)

    @property
    def copied(self) -> Copied | None:
        """What is known of a store that was copied by hand while in use; None for any other."""
        from sdesk.store.home import look

        return look(self._reader)

    @property
    def is_read_only(self) -> bool:
        """Whether this user may look at the store's file but not write to it."""
        return not places.is_postgres(self.place) and places.is_read_only(Path(self.place))

    def ref(self, ticket: int) -> str:
        return self.read.ref(ticket)

    def of(self, number: int | None) -> Desk:
        """The desk of the one file that holds what has this number."""
        return self

    def places(self) -> tuple[str | Path, ...]:
        """All files of this desk, the ordinary one first."""
        return (self.place,)

    def apply(self, ticket: TicketId | None, *ops: Op, based_on: EventId | None = None) -> Change:
        """Carry operations out on one ticket (None: open one, or set the desk up), all or none."""
        if not ops:
            raise Invalid("There is nothing to do.")
        return self.door().apply(ticket, ops, based_on)

    def apply_many(
        self,
        tickets: Sequence[TicketId],
        *ops: Op,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Outcome:
        """The same operations on each ticket, one batch for undo; a refusal stops only its own ticket."""
        if any(type(op).__name__ == "Open" for op in ops):
            raise Invalid("A ticket is opened one at a time.")
        return self.apply_each(tickets, lambda _: ops, on_progress=on_progress)

    def apply_each(
        self,
        tickets: Sequence[TicketId],
        of: OpsOf,
        *,
        on_progress: Callable[[int, int], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Outcome:
        """`apply_many` with operations of its own for each ticket. What was done when `should_stop`
        ended it stays, and is one batch."""
        return carry_out(self.door(), tickets, of, on_progress=on_progress, should_stop=should_stop)

    def rehearse(
        self,
        tickets: Sequence[TicketId],
        of: OpsOf,
        *,
        on_progress: Callable[[int, int], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Outcome:
        """What `apply_each` would do to each ticket: it is done, and taken back before it is committed."""
        return carry_out(
            self.door(), tickets, of, rehearsed=True, on_progress=on_progress, should_stop=should_stop
        )  # fmt: skip

    def undo(self, *, on_progress: Callable[[int, int], None] | None = None) -> Undone:
        """Take the actor's last batch on tickets back. Raises `Refused` where others changed it since."""
        return self._take_back("undo", on_progress)

    def redo(self, *, on_progress: Callable[[int, int], None] | None = None) -> Undone:
        """Do again what the last undo took back."""
        return self._take_back("redo", on_progress)

    def _take_back(self, what: str, on_progress: Callable[[int, int], None] | None) -> Undone:
        from sdesk.ops import Revert

        target = self._target(what)
        events = self.read.batch(target.batch)
        tickets = {event.ticket: None for event in events if event.ticket is not None}
        # What a ticket did to another one is taken back with it, in one transaction.
        standing = {event.ticket for event in events if _stands(event)}
        alone = [ticket for ticket in tickets if ticket in standing]
        op = Revert(target.batch, redo=what == "redo")
        outcome = self.apply_many(alone, op, on_progress=on_progress)
        if outcome.refused and not outcome.changed:
            raise outcome.refused[0][1]
        sentence = self._sentence(what, events, outcome)
        return Undone(outcome.batch, sentence, outcome.changed, self._unsent(what, outcome.batch))

    def _unsent(self, what: str, batch: int) -> tuple[EntryId, ...]:
        """The replies that an undo has kept from leaving."""
        events = self.read.batch(batch) if what == "undo" else ()
        return self.read.replies([n for e in events for n in e.details.get("entries", ())])

    def _target(self, what: str) -> Event:
        """The first event of the batch that is to be taken back, or done again."""
        from sdesk.door import last_of, undoable

        limit = BATCHES
        while True:
            batches = self.read.batches(self.actor, limit=limit)
            done, taken_back = undoable(batches)
            stack = done if what == "undo" else taken_back
            if stack or len(batches) < limit:
                return last_of(stack, what)
            limit *= 4

    def _sentence(self, what: str, events: Sequence[Event], outcome: Outcome) -> str:
        did = next((e.details["did"][0] for e in events if e.details.get("did")), events[0].kind)
        many = len(outcome.changed) != 1
        where = f"{len(outcome.changed)} tickets" if many else self.ref(outcome.changed[0])
        said = f"{'Undid' if what == 'undo' else 'Did again'}: {did.replace('_', ' ')} · {where}"
        if stayed := staying(self.read.batch(outcome.batch), self.ref):
            said += f" · {stayed}"
        if outcome.refused:
            said += f" · {len(outcome.refused)} had moved on and stay"
        return said

    def release_outbox(self, ticket: TicketId | None = None) -> int:
        """Let the replies (of one ticket) leave whose time has come; how many they were. For
        whoever keeps time."""
        return self.door().release_outbox(ticket)

    def compose_mail(
        self, ticket: TicketId, kind: str = "reply", /, **values: str
    ) -> Composed | None:
        """The mail that would be written now; None where none would. `text` is what an agent wrote."""
        from sdesk.store import letters

        with self.door().transaction() as work:
            row = work.row(ticket)
            copies = letters.writers(work.tx, row.number) if kind == letters.REPLY else ()
            return letters.compose(work.tx, kind, row, cc=copies, values=values)

    def ledger(self, ticket: TicketId) -> tuple[Clock, ...]:
        """The ticket's clocks computed from its events, with every segment and its cause."""
        from sdesk.rules.situations import moments

        events = self.read.history(ticket, limit=100_000)
        return self.levels().clocks(moments(events, self.read.withdrawn(ticket)), self.now())

    def climbs(self, ticket: TicketId) -> dict[str, Climb]:
        """Target → the warnings and escalations of the ticket's clock: those given, those to come."""
        from sdesk.rules.situations import moments

        events, levels = self.read.history(ticket, limit=100_000), self.levels()
        clocks = levels.clocks(moments(events, self.read.withdrawn(ticket)), self.now())
        return {clock.target: levels.climb(clock, events, self.now()) for clock in clocks}

    def recompute_clocks(
        self, query: str = "state:open", on_progress: Callable[[int, int], None] | None = None
    ) -> int:
        """Let the policies and calendars of now count for what runs; returns how many tickets changed.

        For admins, after an edit of either. What has stopped keeps its verdict.
        """
        from sdesk.recount import renew

        agent = self.read.agent(self.actor)
        if agent is None or agent.role != "admin":
            raise Refused("Recomputing the clocks needs the role admin.")
        wanted = set(self.read.ids(query))
        if query == "state:open":
            # A promise that lasts until the closing runs on a resolved ticket as well.
            wanted.update(self.read.running())
        tickets, done = sorted(wanted), 0

        def tell(count: int) -> None:
            nonlocal done
            done += count
            if on_progress:
                on_progress(done, len(tickets))

        return renew(self.door(), tickets, tell)

    def judged(self, tickets: Iterable[int]) -> Iterator[Judged]:
        """Which of these tickets' promises were kept and broken so far, ticket by ticket."""
        from sdesk.recount import judged

        return judged(self.read, self.levels(), tickets, self.now())

    def suggest(self, ticket: TicketId, *, wait: bool = True) -> Advice:
        """Category, queue, priority and assignee as solved tickets have it, duplicates, similar ones.

        Not on the thread of a screen: learning takes seconds. With `wait` off it is left to a
        process of its own and what is known by now is returned.
        """
        from sdesk.suggesting import Learned, advise

        with self._loading:
            self._learned = self._learned or Learned(self.place, self.read)
        return advise(self.read, self._learned, ticket, wait=wait)

    def sees_all(self) -> bool:
        """Whether no ticket is kept from this connection: at a server, restricted ones may be."""
        if not places.is_postgres(self.place):
            return True
        from sdesk.store.roles import sees_all

        return sees_all(self._reader)

    def levels(self) -> ServiceLevels:
        """Policies and calendars as they are now, with all they have been before."""
        from sdesk.standing import Standing

        self._standing = self._standing or Standing(self.actor)
        self._standing.look(self.read)
        return self._standing.levels(self.read)

    def announcements(self, *, all_of_them: bool = False) -> tuple[Announcement, ...]:
        """Outages and planned work that stand; `all_of_them` the past ones too, the latest change first."""
        from sdesk.store.reads import telling

        return telling.announcements(self.read, all_of_them=all_of_them)

    def reached(self, scope: str, target: str = "", ticket: TicketId | None = None) -> int:
        """How many people an announcement to these would be written to. Raises `NotFound`."""
        from sdesk.store.reads import telling

        return telling.reached(self.read, scope, target, ticket)

    def scores(self, since: Instant, until: Instant) -> dict[int, int]:
        """From 1 to 5: how many requesters were so satisfied, of those that said it in that time."""
        from sdesk.store.reads import telling

        return telling.scores(self.read, since, until)

    def survey(self, ticket: TicketId) -> Survey | None:
        """What the requester was asked when it was closed, and said."""
        from sdesk.store.reads import telling

        return telling.survey(self.read, ticket)

    def unfinished_below(self, ticket: TicketId) -> int:
        """How many requesters an update of a major incident would reach besides its own."""
        from sdesk.store.reads import telling

        return telling.unfinished_below(self.read, ticket)

    def watch(self) -> Watch:
        """A watch over commits by anybody, this process too. Use it from one thread; close it."""
        return open_watch(self._reader)

    def save_draft(
        self, ticket: TicketId | None, kind: str, text: str, based_on: EventId | None = None
    ) -> None:
        """Keep what the actor is typing. Not an event: nobody else sees it."""
        self.door().save_draft(ticket or 0, kind, text, based_on)

    def drop_draft(self, ticket: TicketId | None, kind: str) -> None:
        self.door().drop_draft(ticket or 0, kind)

    def mark_seen(self, ticket: TicketId) -> bool:
        """The actor has looked at the ticket, and has thereby read what they were told of it; whether
        that is news. Nothing where the actor can't write.

        It is no change that a watch tells of.
        """
        if self.read.agent(self.actor) is None:
            return False
        row = self.read.reader.one("SELECT last_event FROM ticket WHERE id = :id", {"id": ticket})
        if row is None:
            return False
        if row[0] <= self.read.seen(ticket) and not self.read.new_notices(of=ticket):
            return False
        self.door().mark_seen(ticket)
        return True

    def start_stopwatch(self, ticket: TicketId) -> None:
        """Start the actor's one stopwatch. Raises `Refused` while it runs on another ticket."""
        self.door().start_stopwatch(ticket)

    def drop_stopwatch(self) -> None:
        """Put the stopwatch back; `LogTime(…, stop=True)` does it with a record of the time."""
        self.door().drop_stopwatch()

    def read_file(self, path: str | Path) -> Attach:
        """A file of this host as an operation. Raises `NotFound`, `Usage`, `Refused`."""
        from sdesk.files import LIMIT, read_file

        limit = self.read.settings().get("attachment_limit", "")
        return read_file(path, int(limit) if limit.isdigit() else LIMIT)

    def see_notices(self, numbers: Sequence[int]) -> None:
        """The actor has read these notices."""
        self.door().see_notices(numbers)

    def settle(self, ticket: TicketId) -> int:
        """Carry out the warnings and escalations that the ticket's clocks have come to, each once,
        in the name of the desk; how many there were."""
        return self.door().settle(ticket)

    def loader(self) -> Loader:
        """A way to bring many whole tickets in at once: imports and demo stores. For admins."""
        from sdesk.loading import Loader

        agent = self.read.agent(self.actor)
        if agent is None or agent.role != "admin":
            raise Refused("Bringing tickets in bulk needs the role admin.")
        return Loader(self.door(), self.read)

    def door(self) -> Door:
        """The writing side; the first call loads SQLModel (some 300 ms, 27 MB)."""
        with self._loading:
            if self._door is None:
                from sdesk.door import Door

                self._door = Door(
                    self.place, actor=self.actor, source=self.source, clock=lambda: self.now()
                )
            return self._door

    def close(self) -> None:
        if self._door is not None:
            self._door.close()
            self._door = None
        self._reader.close()

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _stands(event: Event) -> bool:
    """Whether the event happened to its ticket for the ticket's own sake."""
    return event.details.get("partner") in (None, event.ticket)


def staying(events: Iterable[Event], ref: Callable[[int], str]) -> str:
    """What is to be said of messages that a merge taken back leaves with the other ticket."""
    left = {e.details["with"]: e.details["stayed"] for e in events if e.details.get("stayed")}
    return " · ".join(
        f"{count} later {'message stays' if count == 1 else 'messages stay'} with {ref(ticket)}"
        for ticket, count in left.items()
    )
