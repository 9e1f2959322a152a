"""Taking a batch back: every changed field to what it was, everything that was added withdrawn.

Nothing here knows the operations: it works from what their events say. An event's `changes` name
columns of the ticket, or what `KEPT` knows how to put back; its `details` name rows that were added
(`ROWS`), messages that went to another ticket (`moved`, `to`) or came back from it (`returned`), and
in `partner` the ticket that it is taken back with.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select
from sqlmodel import col

from sdesk import ops
from sdesk.errors import Refused
from sdesk.model import EntryKind, StateCategory
from sdesk.store import outbox
from sdesk.store.apply import apply
from sdesk.store.apply.due import DUE, due_by_hand
from sdesk.store.apply.informing import put_survey_answer, survey_answer
from sdesk.store.apply.moving import (
    files,
    later,
    move,
    move_files,
    newest_entry,
    survivors,
    thread,
)
from sdesk.store.apply.posting import LETTER, put_state, state_of
from sdesk.store.apply.ticket import field_of, has_link, set_field, set_link, set_tags, tags_of
from sdesk.store.notices import retell, told_of, untell, were_read
from sdesk.store.tables import (
    AttachmentTable,
    CheckItemTable,
    EntryTable,
    EventTable,
    TicketTable,
    WorkedTable,
)

if TYPE_CHECKING:
    from sdesk.store.transaction import Tx

Span = tuple[Any, Any]
Added = EntryTable | AttachmentTable | WorkedTable | CheckItemTable


class Kept(NamedTuple):
    """How a change that is no column is read and put back; both take the change's name."""

    now: Callable[[Tx, TicketTable, str], Any]
    put: Callable[[Tx, TicketTable, str, Any], object]


def _put_nothing(_tx: Tx, _ticket: TicketTable, _name: str, _value: Any) -> None:
    """A date set by hand is kept nowhere but in the events."""


KEPT: dict[str, Kept] = {
    "tags": Kept(lambda tx, t, _: tags_of(tx, t), lambda tx, t, _, tags: set_tags(tx, t, tags)),
    "field.": Kept(field_of, set_field),
    "link.": Kept(has_link, set_link),
    "survey": Kept(survey_answer, put_survey_answer),
    LETTER: Kept(state_of, put_state),
    DUE: Kept(lambda tx, t, name: due_by_hand(tx, t, name.removeprefix(DUE)), _put_nothing),
}
"""By the name of the change, or by what stands before and with its first dot."""
ROWS: dict[str, tuple[str, Any]] = {
    "entry": ("entries", EntryTable),
    "attachment": ("attachments", AttachmentTable),
    "worked": ("worked_rows", WorkedTable),
    "item": ("items", CheckItemTable),
}
"""Detail of an event that added a row → detail that names several of them, and the table."""
FOLLOWS = frozenset({"policy", "first_answered_at", "stopwatch"})
"""Columns that follow from others, and what runs on by itself: put right, never in the way."""
SPOKEN = ("replied", "noted", "called", "chatted")


@apply.register(ops.Revert)
def _revert(op: ops.Revert, tx: Tx, ticket: TicketTable) -> TicketTable:
    """Put back what the batch changed on this ticket. Refused where somebody changed it since."""
    own = [event for event in _events(tx, ticket, op.batch) if _partner(event) in (None, ticket.id)]
    told = partners(tx, ticket, op.batch)
    _refuse_erased(tx, ticket, [*own, *(event for some in told.values() for event in some)])
    tx.extra = {"batch": op.batch}
    taking = TakingBack(tx, "redone" if op.redo else "undone", again=op.redo)
    taking.run(ticket, own, told)
    return ticket


def _refuse_erased(tx: Tx, ticket: TicketTable, events: Sequence[EventTable]) -> None:
    """What an event said is gone with its salt: nobody knows any more what to put back."""
    if any(event.salt == "" for event in events):
        raise Refused(
            f"What was done to {tx.ref(ticket.number)} has been erased since; it can't be taken back."
        )


def _events(tx: Tx, ticket: TicketTable, batch: int) -> list[EventTable]:
    query = (
        select(EventTable)
        .where(col(EventTable.batch) == batch, col(EventTable.ticket_id) == ticket.id)
        .order_by(col(EventTable.id))
    )
    return list(tx.session.execute(query).scalars())


def partners(tx: Tx, ticket: TicketTable, batch: int) -> dict[int, list[EventTable]]:
    """What the batch did to other tickets because of this one, by their numbers."""
    found: dict[int, list[EventTable]] = {}
    for event in _partnered(tx, batch):
        if event.ticket_id not in (None, ticket.id) and _partner(event) == ticket.id:
            found.setdefault(event.ticket_id, []).append(event)
    return found


def _partnered(tx: Tx, batch: int) -> list[EventTable]:
    """The batch's events that name a partner; looked for once where many tickets share a session,
    for which all of the batch is looked at."""
    known: dict[int, list[EventTable]] = tx.session.info.setdefault(_partnered, {})
    if batch not in known:
        query = (
            select(EventTable)
            .where(col(EventTable.batch) == batch, col(EventTable.ticket_id).is_not(None))
            .where(col(EventTable.payload).contains('"partner":', autoescape=True))
            .order_by(col(EventTable.id))
        )
        known[batch] = list(tx.session.execute(query).scalars())
    return known[batch]


def _partner(event: EventTable) -> int | None:
    found = _details(event).get("partner")
    return None if found is None else int(found)


def _details(event: EventTable) -> dict[str, Any]:
    details: dict[str, Any] = json.loads(event.payload)["details"]
    return details


class TakingBack:
    """Taking events back (`again`: what took them back), recorded under `kind`."""

    def __init__(self, tx: Tx, kind: str, *, again: bool = False, partner_kind: str = "") -> None:
        self.tx, self.kind, self.again = tx, kind, again
        self.partner_kind = partner_kind or kind

    def run(
        self, ticket: TicketTable, events: Sequence[EventTable],
        partners: Mapping[int, Sequence[EventTable]] | None = None,
    ) -> None:  # fmt: skip
        """On a ticket and, in the same transaction, on those that the events concerned with it."""
        self._take_back(ticket, events, self.kind, strict=True)
        extra = self.tx.extra
        for number, told in (partners or {}).items():
            if (other := self.tx.ticket(number)) is not None:
                other_way = {"partner": ticket.number, "ticket": self.tx.ref(ticket.number)}
                self.tx.extra = {**extra, **other_way}
                self._take_back(other, told, self.partner_kind, strict=False)
        self.tx.extra = extra

    def _take_back(
        self, ticket: TicketTable, events: Sequence[EventTable], kind: str, *, strict: bool
    ) -> None:
        """With `strict` it is refused where somebody has changed the same since; else that stays."""
        spans = _spans(events)
        was_opened = any(event.kind == "opened" for event in events)
        if was_opened:
            _refuse_if_written_in(self.tx, ticket)
            spans = {n: s for n, s in spans.items() if self._stands(ticket, n, s[1])}
        elif not strict:
            spans = {n: s for n, s in spans.items() if n == "tags" or self._stands(ticket, n, s[1])}
        else:
            meant = _spans([event for event in events if not event.rule])
            _refuse_if_moved_on(self.tx, ticket, {name: spans[name] for name in meant})
            spans = {n: s for n, s in spans.items() if n in meant or self._stands(ticket, n, s[1])}
        details: dict[str, Any] = {"did": [event.kind for event in events]}
        details |= self._rows(ticket, events, only_replies=was_opened)
        details |= self._notices(events)
        changes = self._put_back(ticket, spans)
        if was_opened:
            changes |= self._put(ticket, _cancelling(self.tx, ticket))
        details |= self._threads(ticket, events)
        self.tx.record(kind, ticket, changes=changes, details=details)

    def _stands(self, ticket: TicketTable, name: str, after: Any) -> bool:
        """Whether it is still as the events left it; what a rule followed up with need not be."""
        return name in FOLLOWS or bool(_current(self.tx, ticket, name) == after)

    def _rows(
        self, ticket: TicketTable, events: Sequence[EventTable], *, only_replies: bool
    ) -> dict[str, list[int]]:
        """Withdraw the rows that were added, or bring them back; their numbers."""
        found: dict[str, list[int]] = {"entries": []}
        for one, (many, table) in ROWS.items():
            for number in _numbers(events, one, many):
                row: Added | None = self.tx.session.get(table, number)
                if row is None or (only_replies and not _is_reply(row)):
                    continue
                row.withdrawn = int(not self.again)
                found.setdefault(many, []).append(number)
                if isinstance(row, EntryTable):
                    self._message(ticket, row)
        self.tx.session.flush()
        return found

    def _message(self, ticket: TicketTable, entry: EntryTable) -> None:
        self.tx.reworded.add(entry.ticket_id)
        if not _is_reply(entry):
            return
        if self.again:
            outbox.put(self.tx, entry)
        else:
            outbox.take_back(self.tx, entry, self.tx.ref(ticket.number))

    def _notices(self, events: Sequence[EventTable]) -> dict[str, Any]:
        """What nobody has read yet is not told, or told again."""
        details = [_details(event) for event in events]
        told = told_of(self.tx, _told_by(events, details))
        removed = untell(self.tx, told)
        again = [tuple(row) for detail in details for row in detail.get("untold", ())]
        retell(self.tx, again)
        found: dict[str, Any] = {"untold": removed} if removed else {}
        if were_read(self.tx, told):
            found["was_read"] = True
        return found | ({"told": sorted({row[2] for row in again})} if again else {})

    def _put_back(self, ticket: TicketTable, spans: Mapping[str, Span]) -> dict[str, Span]:
        """Everything to what it was before; what that changed."""
        tx = self.tx
        changes: dict[str, Span] = {}
        columns: dict[str, Any] = {}
        for name, (before, after) in spans.items():
            kept = _kept(name)
            if kept is None:
                columns[name] = before
                continue
            now = kept.now(tx, ticket, name)
            wanted = _without(now, before, after) if name == "tags" else before
            if now != wanted:
                kept.put(tx, ticket, name, wanted)
                changes[name] = (now, wanted)
        columns.pop("policy", None)
        if "first_answered_at" in columns and columns["first_answered_at"] is None:
            columns["first_answered_at"] = _first_answer(tx, ticket)
        return changes | self._put(ticket, columns)

    @staticmethod
    def _put(ticket: TicketTable, columns: Mapping[str, Any]) -> dict[str, Span]:
        """Set columns; those that changed."""
        changes: dict[str, Span] = {}
        for name, value in columns.items():
            if (now := getattr(ticket, name)) != value:
                setattr(ticket, name, value)
                changes[name] = (now, value)
        return changes

    def _threads(self, ticket: TicketTable, events: Sequence[EventTable]) -> dict[str, Any]:
        """Messages that went away come back; those that came back go again."""
        tx = self.tx
        found: dict[str, Any] = {}
        for event in reversed(events):
            told = _details(event)
            if "moved" in told:
                found |= _back(tx, ticket, told)
            elif "returned" in told:
                found |= _again(tx, ticket, told)
        return found


def _back(tx: Tx, ticket: TicketTable, told: dict[str, Any]) -> dict[str, Any]:
    """What went to another ticket comes back, from wherever that was merged into since."""
    there = survivors(tx, told["to"])
    back = move(tx, told["moved"], ticket.number, out_of=there)
    files_back = move_files(tx, told.get("files", ()), ticket.number, out_of=there)
    stayed = later(tx, there[-1], told["upto"]) if back or not told["moved"] else 0
    return {
        "returned": back, "files": files_back, "to": told["to"], "stayed": stayed,
        "with": there[-1], "out_of": tx.ref(there[-1]),
    }  # fmt: skip


def _again(tx: Tx, ticket: TicketTable, told: dict[str, Any]) -> dict[str, Any]:
    """What came back goes again; of a merged ticket also what has been written in it since."""
    is_whole = ticket.merged_into is not None
    going = thread(tx, ticket.number) if is_whole else told["returned"]
    loose = files(tx, ticket.number) if is_whole else told.get("files", ())
    upto, here = newest_entry(tx), [ticket.number]
    gone = move(tx, going, told["to"], out_of=here)
    sent = move_files(tx, loose, told["to"], out_of=here)
    return {"moved": gone, "files": sent, "to": told["to"], "upto": upto}


def _spans(events: Sequence[EventTable]) -> dict[str, Span]:
    """Field → (what it was before the events, what it is after them)."""
    spans: dict[str, Span] = {}
    for row in events:
        for name, (before, after) in json.loads(row.payload)["changes"].items():
            spans[name] = (spans[name][0] if name in spans else before, after)
    return spans


def _numbers(events: Sequence[EventTable], one: str, many: str) -> list[int]:
    """The rows that events name under either of the two details, each once."""
    found: dict[int, None] = {}
    for event in events:
        details = _details(event)
        given = details.get(one, ())
        found |= dict.fromkeys([given] if isinstance(given, int) else given)
        found |= dict.fromkeys(details.get(many, ()))
    return [int(number) for number in found]


def _is_reply(row: Added) -> bool:
    return isinstance(row, EntryTable) and row.kind == EntryKind.REPLY


def _told_by(events: Sequence[EventTable], details: Sequence[dict[str, Any]]) -> list[int]:
    """The events whose notices are concerned: these, and those that were told of again."""
    found = [event.id for event in events if event.id is not None]
    for event, told in zip(events, details, strict=True):
        if event.kind in ("redone", "undone"):
            found += [int(number) for number in told.get("told", ())]
    return found


def _refuse_if_moved_on(tx: Tx, ticket: TicketTable, spans: Mapping[str, Span]) -> None:
    for name, (_before, after) in spans.items():
        # Tags are a set: what others have added or taken away stays as they wanted it.
        if name in (*FOLLOWS, "tags"):
            continue
        if (now := _current(tx, ticket, name)) != after:
            raise Refused(
                f"{name} has been changed since, to '{now}'.",
                "Change it by hand if you still want to.",
            )


def _refuse_if_written_in(tx: Tx, ticket: TicketTable) -> None:
    """A new ticket in which somebody else has written can't be made undone."""
    query = (
        select(col(EventTable.actor))
        .where(col(EventTable.ticket_id) == ticket.id, col(EventTable.actor) != tx.actor)
        .where(col(EventTable.kind).in_(SPOKEN))
        .order_by(col(EventTable.id))
    )
    if (who := tx.session.execute(query.limit(1)).scalar()) is not None:
        raise Refused(
            f"{who} has written in {tx.ref(ticket.number)} since.", "Cancel it if it is not wanted."
        )


def _kept(name: str) -> Kept | None:
    """How such a change is put back; None for a column of the ticket."""
    return KEPT.get(name) or KEPT.get(name.partition(".")[0] + ".")


def _current(tx: Tx, ticket: TicketTable, name: str) -> Any:
    kept = _kept(name)
    return getattr(ticket, name) if kept is None else kept.now(tx, ticket, name)


def _without(now: list[str], before: list[str], after: list[str]) -> list[str]:
    """The tags of now less those that were added, and with those that were taken away."""
    added, gone = set(after) - set(before), set(before) - set(after)
    return sorted((set(now) - added) | gone)


def _first_answer(tx: Tx, ticket: TicketTable) -> int | None:
    """When the ticket was first answered by what still stands."""
    origin = func.coalesce(col(EntryTable.from_ticket), col(EntryTable.ticket_id))
    query = select(func.min(col(EntryTable.at))).where(
        (col(EntryTable.ticket_id) == ticket.id) | (col(EntryTable.from_ticket) == ticket.id),
        origin == ticket.id, col(EntryTable.withdrawn) == 0,
        col(EntryTable.kind).in_([str(EntryKind.REPLY), str(EntryKind.CALL)]),
    )  # fmt: skip
    found = tx.session.execute(query).scalar()
    return None if found is None else int(found)


def _cancelling(tx: Tx, ticket: TicketTable) -> dict[str, Any]:
    """Numbers are never used again: a new ticket that is not wanted ends as cancelled."""
    state = tx.state_of(StateCategory.CLOSED, "cancelled")
    if ticket.state == state.key:
        return {}
    tx.may_follow(tx.state(ticket.state), state)
    return {
        "state": state.key, "category": str(state.category), "live": 0, "state_until": None,
        "wait_reason": "", "closed_at": tx.at,
    }  # fmt: skip
