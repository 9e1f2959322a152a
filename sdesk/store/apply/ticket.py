"""Appliers of the ticket's own fields and states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text
from sqlmodel import col

from sdesk import ops
from sdesk.errors import Invalid, NotFound, Refused
from sdesk.model import LIVE, Source, State, StateCategory
from sdesk.store.apply import apply
from sdesk.store.apply.conversation import say
from sdesk.store.tables import (
    AgentTable,
    CategoryTable,
    FieldTable,
    LinkTable,
    PersonTable,
    QueueTable,
    TagTable,
    TicketTable,
)
from sdesk.store.transaction import insert_rows
from sdesk.text import clean, clean_line, fold

if TYPE_CHECKING:
    from sdesk.store.transaction import Tx

NO_SUBJECT = "(no subject)"
NOBODYS = (Source.MAIL, Source.ALERT)
"""Where a ticket comes in by itself: who opens it there is nobody who answers for it."""


@apply.register(ops.Open)
def _open(op: ops.Open, tx: Tx, _: TicketTable | None) -> TicketTable:
    _known_agents(tx, op.assignee, op.owner)
    queue = op.queue or tx.intake
    line = known_queue(tx, queue)
    # Kept while its words are said: the session forgets what nobody holds.
    requester = _known_person(tx, op.requester)  # noqa: F841
    state = tx.state_of(StateCategory.OPEN if op.assignee else StateCategory.NEW)
    kept = tx.settings.get("restricted_queues", "").split()
    ticket = TicketTable(
        id=next_number(tx), kind=op.kind, subject=clean_line(op.subject) or NO_SUBJECT,
        state=state.key, category=state.category, impact=op.impact, urgency=op.urgency,
        priority=op.priority or tx.matrix[op.impact, op.urgency],
        priority_overridden=int(op.priority is not None), path=clean_line(op.category), queue=queue,
        owner=op.owner or (tx.actor if tx.source not in NOBODYS else ""), assignee=op.assignee,
        requester_id=op.requester, service=clean_line(op.service), channel=op.channel,
        created_at=tx.at, updated_at=tx.at, restricted=int(op.restricted or queue in kept), parent_id=op.parent,
        external_source=op.external_source, external_id=op.external_id,
    )  # fmt: skip
    _known_category(tx, ticket.path)
    tx.session.add(ticket)
    tx.session.flush()
    for tag in dict.fromkeys(_tags(op.tags)):
        tx.session.add(TagTable(ticket_id=ticket.number, tag=tag))
    for name, value in op.fields.items():
        value = clean_line(value)
        tx.session.add(
            FieldTable(ticket_id=ticket.number, name=name, value=value, value_fold=fold(value))
        )
    details = opening(ticket, _tags(op.tags), op.fields) | {"tier": line.tier}
    tx.record("opened", ticket, details=details)
    if op.text.strip():
        kind = "inbound" if op.requester or op.mail else "note"
        say(
            tx, ticket, kind, op.text, person=op.requester, author=op.author, mail=op.mail,
            folds=op.folds,
        )  # fmt: skip
    return ticket


def opening(ticket: TicketTable, tags: list[str], fields: dict[str, str]) -> dict[str, Any]:
    """What an `opened` event keeps: the ticket as it was at the start, for history and clocks."""
    kept = ("kind", "subject", "state", "category", "impact", "urgency", "priority", "queue", "assignee", "owner", "requester_id", "channel", "path", "service")  # fmt: skip
    values = {name: getattr(ticket, name) for name in kept}
    return {**values, "tags": tags, "fields": fields}


def next_number(tx: Tx) -> int:
    if tx.session.connection().dialect.name == "postgresql":
        # There may be tickets that the writer doesn't see.
        return int(tx.session.execute(text("SELECT sdesk_next('ticket')")).scalar_one())
    (newest,) = tx.session.execute(select(func.max(col(TicketTable.id)))).one()
    return int(newest or tx.base) + 1


def _tags(tags: tuple[str, ...]) -> list[str]:
    """Tags as they are kept: clean, lower case; a tag that was nothing but control characters goes."""
    return [tag for raw in tags if (tag := clean_line(raw).replace(" ", "-").lower())]


def _known_agents(tx: Tx, *logins: str) -> None:
    for login in filter(None, logins):
        agent = tx.session.get(AgentTable, login)
        if agent is None:
            known = tx.session.execute(select(col(AgentTable.login))).scalars().all()
            raise NotFound.named("agent", login, known)
        if not agent.active:
            raise Refused(
                f"{login} is no longer active.", f"See: sdesk agents set {login} active=yes"
            )


def known_queue(tx: Tx, key: str) -> QueueTable:
    """The queue. Raises `NotFound` naming the nearest."""
    if (row := tx.session.get(QueueTable, key)) is None:
        known = tx.session.execute(select(col(QueueTable.key))).scalars().all()
        raise NotFound.named("queue", key, known)
    return row


def tier_of(tx: Tx, queue: str) -> int:
    """Kept with the event: a queue's time may run for its whole tier, and tiers may change."""
    row = tx.session.get(QueueTable, queue)
    return row.tier if row is not None else 0


def _known_person(tx: Tx, person: int | None) -> PersonTable | None:
    row = tx.session.get(PersonTable, person) if person is not None else None
    if person is not None and row is None:
        raise NotFound(f"There is no person with the number {person}.")
    return row


def _known_category(tx: Tx, path: str) -> None:
    """A path that is used is known from then on; desks grow their categories as they work."""
    if path and tx.session.get(CategoryTable, path) is None:
        tx.session.add(CategoryTable(path=path))


@apply.register(ops.Assign)
def _assign(op: ops.Assign, tx: Tx, ticket: TicketTable) -> TicketTable:
    _known_agents(tx, op.agent)
    tx.change(ticket, "assigned", assignee=op.agent)
    return ticket


@apply.register(ops.Take)
def _take(op: ops.Take, tx: Tx, ticket: TicketTable) -> TicketTable:
    if ticket.assignee not in ("", tx.actor) and not op.force:
        raise Refused(
            f"{ticket.assignee} has it already.", "Assign it to yourself to take it over."
        )
    tx.change(ticket, "taken", assignee=tx.actor)
    return ticket


@apply.register(ops.Move)
def _move(op: ops.Move, tx: Tx, ticket: TicketTable) -> TicketTable:
    tx.change(ticket, "moved", {"tier": known_queue(tx, op.queue).tier}, queue=op.queue)
    return ticket


@apply.register(ops.SetState)
def _set_state(op: ops.SetState, tx: Tx, ticket: TicketTable) -> TicketTable:
    state = tx.state(op.state)
    if state.category in LIVE and ticket.category in (StateCategory.RESOLVED, StateCategory.CLOSED):
        return enter(tx, ticket, state, "reopened")
    return enter(tx, ticket, state, "state_changed")


@apply.register(ops.Wait)
def _wait(op: ops.Wait, tx: Tx, ticket: TicketTable) -> TicketTable:
    state = tx.state(op.state)
    if state.category != StateCategory.WAITING:
        waiting = [s.key for s in tx.states.values() if s.category == StateCategory.WAITING]
        raise Invalid(
            f"'{op.state}' is not a state to wait in.", "Known: " + ", ".join(waiting) + "."
        )
    if op.until is not None and op.until <= tx.at:
        raise Invalid("The time to wait until is in the past.")
    return enter(
        tx, ticket, state, "waited", state_until=op.until, wait_reason=clean_line(op.reason)
    )


@apply.register(ops.Resolve)
def _resolve(op: ops.Resolve, tx: Tx, ticket: TicketTable) -> TicketTable:
    if op.text.strip():
        say(tx, ticket, "reply", op.text)
    state = tx.state_of(StateCategory.RESOLVED, "resolved")
    return enter(tx, ticket, state, "resolved", resolution_code=clean_line(op.code) or "solved")


@apply.register(ops.Close)
def _close(op: ops.Close, tx: Tx, ticket: TicketTable) -> TicketTable:
    state = tx.state_of(StateCategory.CLOSED, "closed")
    return enter(tx, ticket, state, "closed", reason=op.reason)


@apply.register(ops.Reopen)
def _reopen(op: ops.Reopen, tx: Tx, ticket: TicketTable) -> TicketTable:
    if ticket.live:
        raise Refused("It is open already.")
    state = tx.state_of(StateCategory.OPEN, "open")
    return enter(tx, ticket, state, "reopened", reason=op.reason)


@apply.register(ops.Cancel)
def _cancel(op: ops.Cancel, tx: Tx, ticket: TicketTable) -> TicketTable:
    state = tx.state_of(StateCategory.CLOSED, "cancelled")
    return enter(tx, ticket, state, "cancelled", reason=op.reason)


def enter(
    tx: Tx, ticket: TicketTable, state: State, kind: str, *, reason: str = "", **more: Any
) -> TicketTable:
    """Put a ticket into a state with all that follows from its category; the lifecycle may refuse."""
    if state.key == ticket.state and state.category != StateCategory.WAITING:
        return ticket
    tx.may_follow(tx.state(ticket.state), state)
    values: dict[str, Any] = {
        "state": state.key,
        "category": str(state.category),
        "live": int(state.category in LIVE),
        "state_until": None,
        "wait_reason": "",
        **more,
    }
    if state.category == StateCategory.RESOLVED:
        values["resolved_at"] = tx.at
    elif state.category == StateCategory.CLOSED:
        values["closed_at"] = tx.at
    elif not ticket.live:
        # Work that is taken up again comes out of the bin.
        values |= {"resolved_at": None, "closed_at": None, "resolution_code": "", "binned": 0}
        values["reopen_count"] = ticket.reopen_count + 1
    details = {"reason": clean(reason)} if reason else None
    tx.change(ticket, kind, details, **values)
    return ticket


@apply.register(ops.SetPriority)
def _prioritize(op: ops.SetPriority, tx: Tx, ticket: TicketTable) -> TicketTable:
    computed = tx.matrix[ticket.impact, ticket.urgency]
    tx.change(
        ticket, "prioritized", priority=op.priority or computed,
        priority_overridden=int(op.priority is not None and op.priority != computed),
    )  # fmt: skip
    return ticket


@apply.register(ops.Edit)
def _edit(op: ops.Edit, tx: Tx, ticket: TicketTable) -> TicketTable:
    match op.field:
        case "impact" | "urgency":
            return _weigh(op.field, int(op.value or 2), tx, ticket)
        case "subject":
            tx.change(ticket, "edited", subject=clean_line(str(op.value)) or NO_SUBJECT)
        case "requester":
            person = None if op.value is None else int(op.value)
            _known_person(tx, person)
            tx.change(ticket, "edited", requester_id=person)
        case "category":
            path = clean_line(str(op.value or ""))
            _known_category(tx, path)
            tx.change(ticket, "edited", path=path)
        case "parent":
            parent = None if op.value is None else int(op.value)
            _check_parent(tx, ticket, parent)
            tx.change(ticket, "edited", parent_id=parent)
        case "owner":
            _known_agents(tx, str(op.value or ""))
            tx.change(ticket, "edited", owner=str(op.value or ""))
        case "restricted":
            tx.change(ticket, "edited", restricted=int(bool(op.value)))
        case _:
            values: dict[str, Any] = {op.field: clean_line(str(op.value or ""))}
            tx.change(ticket, "edited", **values)
    return ticket


def _weigh(name: str, value: int, tx: Tx, ticket: TicketTable) -> TicketTable:
    """Impact and urgency carry the priority with them unless somebody has overridden it."""
    weights = {"impact": ticket.impact, "urgency": ticket.urgency, name: value}
    values: dict[str, Any] = {name: value}
    if not ticket.priority_overridden:
        values["priority"] = tx.matrix[weights["impact"], weights["urgency"]]
    tx.change(ticket, "prioritized", **values)
    return ticket


def _check_parent(tx: Tx, ticket: TicketTable, parent: int | None) -> None:
    seen = {ticket.id}
    above = parent
    while above is not None:
        if above in seen:
            raise Refused("A ticket can't be its own parent, not even over others.")
        seen.add(above)
        found = tx.session.get(TicketTable, above)
        if found is None:
            raise NotFound(f"There is no ticket {above}.")
        above = found.parent_id


def is_below(tx: Tx, ticket: TicketTable, above: int) -> bool:
    """Whether `above` is its parent, or the parent of one that stands above it."""
    seen: set[int] = set()
    parent = ticket.parent_id
    while parent is not None and parent != above and parent not in seen:
        seen.add(parent)
        found = tx.session.get(TicketTable, parent)
        parent = found.parent_id if found is not None else None
    return parent == above


@apply.register(ops.SetField)
def _set_field(op: ops.SetField, tx: Tx, ticket: TicketTable) -> TicketTable:
    change, value = f"field.{op.name}", clean_line(op.value)
    before = field_of(tx, ticket, change)
    if set_field(tx, ticket, change, value):
        tx.record("field_set", ticket, changes={change: (before, value)})
    return ticket


def field_of(tx: Tx, ticket: TicketTable, change: str) -> str:
    """The value of the custom field that a change names: "field.room"."""
    row = tx.session.get(FieldTable, (ticket.id, change.removeprefix("field.")))
    return row.value if row else ""


def set_field(tx: Tx, ticket: TicketTable, change: str, value: str) -> bool:
    """Keep a custom field's value, or (empty) no such field; whether that changed anything."""
    name = change.removeprefix("field.")
    row = tx.session.get(FieldTable, (ticket.id, name))
    if (row.value if row else "") == value:
        return False
    if row is None:
        tx.session.add(
            FieldTable(ticket_id=ticket.number, name=name, value=value, value_fold=fold(value))
        )
    elif value:
        row.value, row.value_fold = value, fold(value)
    else:
        tx.session.delete(row)
    tx.session.flush()
    return True


@apply.register(ops.AddTags)
def _add_tags(op: ops.AddTags, tx: Tx, ticket: TicketTable) -> TicketTable:
    return _tag(tx, ticket, sorted({*tags_of(tx, ticket), *_tags(op.tags)}), "tagged")


@apply.register(ops.RemoveTags)
def _remove_tags(op: ops.RemoveTags, tx: Tx, ticket: TicketTable) -> TicketTable:
    gone = set(_tags(op.tags))
    return _tag(tx, ticket, [tag for tag in tags_of(tx, ticket) if tag not in gone], "untagged")


def _tag(tx: Tx, ticket: TicketTable, tags: list[str], kind: str) -> TicketTable:
    before = tags_of(tx, ticket)
    if tags != before and set_tags(tx, ticket, tags):
        tx.record(kind, ticket, changes={"tags": (before, tags)})
    return ticket


_TAGS = text("SELECT tag FROM tag WHERE ticket_id = :ticket ORDER BY tag")
_UNTAG = text("DELETE FROM tag WHERE ticket_id = :ticket AND tag = :tag")


def tags_of(tx: Tx, ticket: TicketTable) -> list[str]:
    return list(tx.session.execute(_TAGS, {"ticket": ticket.id}).scalars())


def set_tags(tx: Tx, ticket: TicketTable, tags: list[str]) -> bool:
    """Keep exactly these tags; whether that changed anything."""
    before = tags_of(tx, ticket)
    gone, fresh = set(before) - set(tags), set(tags) - set(before)
    for tag in sorted(gone):
        tx.session.execute(_UNTAG, {"ticket": ticket.id, "tag": tag})
    insert_rows(
        tx.session, TagTable, [{"ticket_id": ticket.number, "tag": tag} for tag in sorted(fresh)]
    )
    return bool(gone or fresh)


@apply.register(ops.AddLink)
def _link(op: ops.AddLink, tx: Tx, ticket: TicketTable) -> TicketTable:
    if op.to == ticket.id:
        raise Refused("A ticket can't be linked to itself.")
    if tx.session.get(TicketTable, op.to) is None:
        raise NotFound(f"There is no ticket {op.to}.")
    if set_link(tx, ticket, change := f"link.{op.kind}.{op.to}", True):
        tx.record("linked", ticket, changes={change: (False, True)})
    return ticket


@apply.register(ops.RemoveLink)
def _unlink(op: ops.RemoveLink, tx: Tx, ticket: TicketTable) -> TicketTable:
    if set_link(tx, ticket, change := f"link.{op.kind}.{op.to}", False):
        tx.record("unlinked", ticket, changes={change: (True, False)})
    return ticket


def has_link(tx: Tx, ticket: TicketTable, change: str) -> bool:
    """Whether the link that a change names is there: "link.relates.1042"."""
    _, kind, to = change.split(".")
    return tx.session.get(LinkTable, (ticket.id, kind, int(to))) is not None


def set_link(tx: Tx, ticket: TicketTable, change: str, present: bool) -> bool:
    """Make the link, or take it away; whether that changed anything."""
    _, kind, to = change.split(".")
    row = tx.session.get(LinkTable, (ticket.id, kind, int(to)))
    if (row is not None) == present:
        return False
    if row is None:
        tx.session.add(LinkTable(ticket_id=ticket.number, kind=kind, to_id=int(to)))
    else:
        tx.session.delete(row)
    tx.session.flush()
    return True
