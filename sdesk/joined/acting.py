"""Acts over two files: each goes to the file its ticket lies in.

Restricted tickets lie wholly in the second file, so that no act needs both at once. An act on marks of
both kinds is two batches, one in each file; undo takes both back.
"""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdesk import ops
from sdesk.batching import Outcome
from sdesk.desk import Desk, Undone
from sdesk.errors import Invalid, Refused, SdeskError
from sdesk.joined import crossing
from sdesk.joined.reads import JoinedReads
from sdesk.model import Change, TicketId
from sdesk.numbering import is_restricted
from sdesk.restricted import mirror
from sdesk.restricted.members import outsiders
from sdesk.rules.access import wants_restricted
from sdesk.store import upkeep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sdesk.batching import OpsOf
    from sdesk.model import Event, EventId


PAIRS = "pairs."
"""Of `upkeep` in the second file, with the agent's login: the batches of acts on tickets of both files."""
REMEMBERED = 50


class Acting(Desk):
    """The half of a joined desk that writes and takes back."""

    def __init__(self, first: Desk, second: Desk) -> None:
        # Not by way of the plain desk's: it would read the settings once more.
        vars(self).update(vars(first))
        self.first, self.second = first, second
        self._door, self._learned = None, None
        self.read: JoinedReads = JoinedReads(first.read, second.read)
        self._mirrored = -1
        self._written: Desk | None = None
        """Where the last act of this process went: of two within one second it is the later."""

    def of(self, number: int | None) -> Desk:
        return self.second if number is not None and is_restricted(number) else self.first

    def apply(
        self, ticket: TicketId | None, *given: ops.Op, based_on: EventId | None = None
    ) -> Change:
        if not given:
            raise Invalid("There is nothing to do.")
        if ticket is not None and (moving := self._moving(ticket, given)):
            change = self._move(ticket, given, moving)
            self._purge(ticket)
            return change
        target, wanted = self._addressed(ticket, given)
        if target is self.second:
            self.mirror()
        there = target is self.second
        for op in wanted:
            crossing.check(op, target, restricted=there)
            self._check_agents(op, there)
        source = self.first if there else self.second
        change = target.apply(
            ticket,
            *(crossing.translated(op, source, target, restricted=there) for op in wanted),
            based_on=based_on,
        )
        self._written = target
        return change

    def _addressed(
        self, ticket: TicketId | None, given: Sequence[ops.Op]
    ) -> tuple[Desk, Sequence[ops.Op]]:
        """The file that the operations are for, and the operations as that file has them."""
        if ticket is not None:
            return self.of(ticket), given
        if any(isinstance(op, ops.Open) for op in given):
            if any(isinstance(op, ops.Open) and self.is_for_second(op) for op in given):
                return self.second, [_restricted(op) for op in given]
            return self.first, given
        numbers = [number for op in given if (number := _named(op)) is not None]
        return self.of(max(numbers, default=None)), given

    def is_for_second(self, op: ops.Open) -> bool:
        """Whether the new ticket belongs into the restricted file."""
        if op.parent is not None and is_restricted(op.parent):
            return True
        return wants_restricted(op, self.first.read.settings())

    def _moving(self, ticket: TicketId, given: Sequence[ops.Op]) -> tuple[ops.Op, ...]:
        """The operations that take the ticket from one file into the other."""
        there = is_restricted(ticket)
        return tuple(
            op
            for op in given
            if isinstance(op, ops.Edit) and op.field == "restricted" and bool(op.value) != there
        )

    def _move(
        self, ticket: TicketId, given: Sequence[ops.Op], moving: Sequence[ops.Op], batch: int = 0
    ) -> Change:
        """The move first, then the other operations, so that each can be taken back where it was done."""
        from sdesk.restricted.moving import Act, move

        rest = [op for op in given if op not in moving]
        there = not is_restricted(ticket)
        source, target = (self.first, self.second) if there else (self.second, self.first)
        for op in rest:
            crossing.check(op, target, restricted=there)
            self._check_agents(op, there)
        self.mirror()
        change = move(source, target, ticket, Act(batch=batch))
        self._written = target
        if rest:
            try:
                self.apply(change.ticket, *rest)
            except SdeskError as error:
                where = f"{self.ref(ticket)} is {self.ref(change.ticket or 0)} now; the rest was refused"
                raise Refused(f"{where}: {error.message}", error.hint) from None
        return change

    def _purge(self, left: int) -> None:
        """Write the file anew that a ticket of this number has left."""
        from sdesk.restricted.moving import purge_if_small

        purge_if_small(self.of(left))

    def apply_each(
        self, tickets: Sequence[TicketId], of: OpsOf, *,
        on_progress: Callable[[int, int], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Outcome:  # fmt: skip
        return self._each("apply_each", tickets, of, on_progress, should_stop)

    def rehearse(
        self, tickets: Sequence[TicketId], of: OpsOf, *,
        on_progress: Callable[[int, int], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Outcome:  # fmt: skip
        return self._each("rehearse", tickets, of, on_progress, should_stop)

    def _each(
        self, act: str, tickets: Sequence[TicketId], of: OpsOf,
        on_progress: Callable[[int, int], None] | None, should_stop: Callable[[], bool] | None,
    ) -> Outcome:  # fmt: skip
        found: list[Outcome] = []
        moved: list[Change] = []
        went: set[TicketId] = set()

        def operations(ticket: TicketId) -> Sequence[ops.Op]:
            given = of(ticket) if callable(of) else of.get(ticket, ())
            if moving := self._moving(ticket, given):
                # One act, to be taken back as one.
                batch = moved[0].batch if moved else 0
                went.add(ticket)
                moved.append(
                    self._move(ticket, given, moving, batch)
                    if act == "apply_each"
                    else Change(ticket, (), 0)
                )
                return ()
            return [self._checked(ticket, op) for op in given]

        parts = (self.first, [t for t in tickets if not is_restricted(t)]), (
            self.second, [t for t in tickets if is_restricted(t)],
        )  # fmt: skip
        done = 0
        for desk, some in parts:
            if not some:
                continue
            before = done
            wanted: dict[Any, Any] = {}
            refused: list[tuple[TicketId, SdeskError]] = []
            for ticket in some:
                # Worked out before the file is locked: it may need to make a person, or to move.
                try:
                    wanted[ticket] = operations(ticket)
                except SdeskError as error:
                    refused.append((ticket, error))
            rest = [ticket for ticket in some if ticket in wanted and ticket not in went]
            tell = _shifted(on_progress, before, len(tickets))
            outcome = getattr(desk, act)(rest, wanted, on_progress=tell, should_stop=should_stop)
            found.append(outcome._replace(refused=(*outcome.refused, *refused)))
            done += len(some)
        if went and act == "apply_each":
            self._purge(min(went))
        return self._put_together(found, moved)

    def _checked(self, ticket: TicketId, op: ops.Op) -> ops.Op:
        there = is_restricted(ticket)
        source, target = (self.first, self.second) if there else (self.second, self.first)
        crossing.check(op, target, restricted=there)
        self._check_agents(op, there)
        return crossing.translated(op, source, target, restricted=there)

    def _check_agents(self, op: ops.Op, there: bool) -> None:
        """A restricted ticket is given to nobody who can't open its file. Raises `Refused`."""
        logins = crossing.agents_named(op) if there else ()
        if logins:
            group, outside = outsiders(Path(self.second.place), logins)
            if outside:
                raise Refused(
                    f"{outside[0]} is not in the group {group} and could not see a restricted ticket.",
                    f"sudo usermod -aG {group} {outside[0]}",
                )

    def _put_together(self, found: Sequence[Outcome], moved: Sequence[Change]) -> Outcome:
        batches = [outcome.batch for outcome in found if outcome.batch]
        went = tuple(change.ticket for change in moved if change.ticket is not None)
        if moved and not batches:
            batches = [moved[0].batch]
        if len(batches) == 2:
            self._pair(batches[0], batches[1])
        if batches:
            self._written = self.of(batches[-1])

        def all_of(name: str) -> tuple[Any, ...]:
            return tuple(chain.from_iterable(getattr(outcome, name) for outcome in found))

        return Outcome(
            batches[-1] if batches else 0, (*went, *all_of("changed")), all_of("unchanged"),
            all_of("refused"), all_of("left"),
        )  # fmt: skip

    def _pair(self, one: int, other: int) -> None:
        """Keep that two batches are one act, for whichever process takes it back."""
        known = upkeep.known(self.second.read.reader, f"{PAIRS}{self.actor}")
        pairs = [*(json.loads(known.value) if known else []), [one, other]]
        kept = json.dumps(pairs[-REMEMBERED:])
        upkeep.remember(self.second.door().writer, f"{PAIRS}{self.actor}", kept, self.now())

    def _paired(self, batch: int) -> int:
        """The other half of an act, in the other file; 0 where it was one in one file."""
        known = upkeep.known(self.second.read.reader, f"{PAIRS}{self.actor}")
        pairs = json.loads(known.value) if known else []
        found = (one + other - batch for one, other in pairs if batch in (one, other))
        return next(found, 0)

    def mirror(self) -> None:
        """Bring the set-up of the restricted file up to the desk's, where that has changed."""
        stamp = _stamp(self.first)
        if stamp != self._mirrored:
            mirror.bring_over(self.first, self.second)
            mirror.number_again(self.second)
            self._mirrored = stamp
            self.finish_moves()

    def finish_moves(self) -> int:
        """Finish what a crash has interrupted; how many tickets."""
        from sdesk.restricted.moving import finish

        return len(finish(self.first, self.second)) + len(finish(self.second, self.first))

    # Taking back

    def _take_move_back(self, what: str, desk: Desk, event: Event) -> Undone:
        """Move the tickets where they came from, or there again: they get a new number there, as any
        that moves. `desk` is the file that the act is told in."""
        from sdesk.restricted.moving import Act, check_unsaid, move, purge_if_small

        other = self.first if desk is self.second else self.second
        source, target = (desk, other) if what == "undo" else (other, desk)
        act = Act("undone" if what == "undo" else "redone", of=event.batch)
        said, went, refused = [], [], []
        self.mirror()
        for one in desk.read.batch(event.batch):
            if one.kind != event.kind or one.ticket is None:
                continue
            number = one.ticket if what == "undo" else TicketId(one.details["to"])
            try:
                if source is self.second:
                    check_unsaid(source, number, one.id)
                change = move(source, target, number, act)
            except SdeskError as error:
                refused.append(error)
                continue
            act = act._replace(batch=change.batch)
            went.append(TicketId(change.ticket or 0))
            said.append(f"{self.ref(number)} is {self.ref(went[-1])} now")
        if not went:
            raise refused[0]
        purge_if_small(source)
        self._written = desk
        where = "among all others" if target is self.first else "restricted"
        done = "Undid" if what == "undo" else "Did again"
        stay = [f"{len(refused)} stay: {refused[0].message}"] if refused else []
        sentence = " · ".join([f"{done}: moved, {where}", ", ".join(said[:3]), *stay])
        return Undone(act.batch, sentence, tuple(went))

    def _take_back(self, what: str, on_progress: Callable[[int, int], None] | None) -> Undone:
        targets = [
            (desk, event) for desk in (self.first, self.second) if (event := _last(desk, what))
        ]
        if not targets:
            self.first._target(what)  # raises: nothing to take back in either
        from sdesk.restricted.moving import is_move

        desk, event = max(targets, key=lambda one: (one[1].at, one[0] is self._written))
        if is_move(event):
            return self._take_move_back(what, desk, event)
        done = desk._take_back(what, on_progress)
        self._written = desk
        pair = self._paired(event.batch)
        other = next((one for one in targets if one[0] is not desk), None)
        if not pair or other is None or other[1].batch != pair:
            return done
        return self._take_pair_back(what, done, other[0], on_progress)

    def _take_pair_back(
        self, what: str, done: Undone, desk: Desk, on_progress: Callable[[int, int], None] | None
    ) -> Undone:
        """The half of the same act that lies in the other file."""
        try:
            more = desk._take_back(what, on_progress)
        except SdeskError as error:
            return done._replace(sentence=f"{done.sentence} · the rest stays: {error.message}")
        self._pair(done.batch, more.batch)
        return Undone(
            done.batch, f"{done.sentence} · {more.sentence}", (*done.tickets, *more.tickets),
            (*done.unsent, *more.unsent),
        )  # fmt: skip


def _stamp(desk: Desk) -> int:
    """The newest event of the desk's set-up."""
    row = desk.read.reader.one("SELECT coalesce(max(id), 0) FROM event WHERE ticket_id IS NULL")
    return int(row[0]) if row else 0


def _last(desk: Desk, what: str) -> Event | None:
    try:
        return desk._target(what)
    except Refused:
        return None


def _restricted(op: ops.Op) -> ops.Op:
    return replace(op, restricted=True) if isinstance(op, ops.Open) else op


def _named(op: ops.Op) -> int | None:
    """What an operation that concerns no ticket of its own names: a person, an announcement, a ticket."""
    if isinstance(op, ops.Announce):
        return op.ticket
    if isinstance(op, ops.SavePerson | ops.ReviseAnnouncement | ops.EndAnnouncement):
        return op.id
    return None


def _shifted(
    on_progress: Callable[[int, int], None] | None, before: int, total: int
) -> Callable[[int, int], None] | None:
    if on_progress is None:
        return None
    return lambda done, _: on_progress(before + done, total)
