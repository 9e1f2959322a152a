"""Appliers that tell many people at once: updates of a major incident, announcements; and surveys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlmodel import col, select

from sdesk import ops
from sdesk.errors import NotFound, Refused
from sdesk.model import EntryKind, StateCategory
from sdesk.rules import letters as wording
from sdesk.store import letters
from sdesk.store.apply import apply
from sdesk.store.apply.conversation import say
from sdesk.store.apply.ticket import enter
from sdesk.store.reads.base import among
from sdesk.store.tables import OrganizationTable, QueueTable, TicketTable
from sdesk.text import clean, clean_line, fold

if TYPE_CHECKING:
    from sdesk.store.channel_tables import AnnouncementTable
    from sdesk.store.transaction import Tx

MOST = 5_000
"""Tickets below one that are told of it, at most."""
OPEN, OVER, CANCELLED = "open", "over", "cancelled"


@apply.register(ops.Inform)
def _inform(op: ops.Inform, tx: Tx, ticket: TicketTable) -> TicketTable:
    below = unfinished_below(tx, ticket)
    if not below:
        raise Refused(
            f"{tx.ref(ticket.number)} has no unfinished tickets below it.",
            "Answer its requester with a reply.",
        )
    extra = tx.extra
    tx.extra = {**extra, "informed": len(below)}
    say(tx, ticket, EntryKind.REPLY, op.text)
    for child in below:
        tx.extra = {**extra, "partner": ticket.number, "ticket": tx.ref(ticket.number)}
        say(tx, child, EntryKind.REPLY, op.text)
        if child.category == StateCategory.NEW:
            # As `answer-opens` has it for a reply of its own.
            enter(tx, child, tx.state_of(StateCategory.OPEN, "open"), "state_changed")
    tx.extra = extra
    return ticket


def unfinished_below(tx: Tx, ticket: TicketTable) -> list[TicketTable]:
    """The tickets below it, on all levels, that somebody still waits for; by number."""
    found: dict[int, TicketTable] = {}
    level = [ticket.number]
    while level and len(found) < MOST:
        query = select(TicketTable).where(col(TicketTable.parent_id).in_(level))
        rows = tx.session.execute(query.order_by(col(TicketTable.id))).scalars().all()
        level = [row.number for row in rows if row.number not in found]
        found |= {row.number: row for row in rows if row.number != ticket.number}
    return [
        row
        for _, row in sorted(found.items())
        if row.live and not row.binned and (ticket.restricted or not row.restricted)
    ]


@apply.register(ops.RecordSurvey)
def _survey(op: ops.RecordSurvey, tx: Tx, ticket: TicketTable) -> TicketTable:
    before = survey_answer(tx, ticket)
    after = [op.score, clean(op.comment).strip(), tx.at]
    put_survey_answer(tx, ticket, "survey", after)
    tx.record("surveyed", ticket, changes={"survey": (before, after)}, details={"score": op.score})
    return ticket


def survey_answer(tx: Tx, ticket: TicketTable, _: str = "") -> list[Any] | None:
    """Score, comment and when; None where nobody has answered."""
    from sdesk.store.channel_tables import SurveyTable  # here: few acts need it

    row = tx.session.get(SurveyTable, ticket.number)
    return None if row is None or row.score is None else [row.score, row.comment, row.answered_at]


def put_survey_answer(tx: Tx, ticket: TicketTable, _: str, answer: list[Any] | None) -> None:
    """Keep an answer, or none; who was never asked has no row then."""
    from sdesk.store.channel_tables import SurveyTable

    row = tx.session.get(SurveyTable, ticket.number) or SurveyTable(ticket_id=ticket.number)
    row.score, row.comment, row.answered_at = answer or (None, "", None)
    tx.session.add(row)
    tx.session.flush()
    if answer is None and not row.asked_at:
        tx.session.delete(row)
        tx.session.flush()


@apply.register(ops.Announce)
def _announce(op: ops.Announce, tx: Tx, _: TicketTable | None) -> None:
    from sdesk.store.channel_tables import AnnouncementTable  # here: few acts need it

    target = _target(op, tx)
    if op.ticket is not None and tx.ticket(op.ticket) is None:
        raise NotFound(f"There is no ticket {tx.ref(op.ticket)}.")
    row = AnnouncementTable(
        kind=op.kind, title=clean_line(op.title), body=clean(op.text).strip("\n"), scope=op.scope,
        target=target, starts_at=op.starts_at, ends_at=op.ends_at, ticket_id=op.ticket,
        agent=tx.actor, at=tx.at, updated_at=tx.at,
    )  # fmt: skip
    if op.kind == "outage" and row.starts_at is None:
        row.starts_at = tx.at
    tx.session.add(row)
    tx.session.flush()
    _record(tx, "announced", row, silent=op.silent)


def _target(op: ops.Announce, tx: Tx) -> str:
    """The organization or site as the desk writes it. Raises `NotFound` naming the nearest."""
    if op.scope == "organization":
        known = list(tx.session.execute(select(col(OrganizationTable.name))).scalars())
    elif op.scope == "site":
        known = sorted(
            {site for site in tx.session.execute(select(col(QueueTable.site))).scalars() if site}
        )
    else:
        return ""
    for name in known:
        if fold(name) == fold(op.target):
            return str(name)
    raise NotFound.named(op.scope, op.target, known)


@apply.register(ops.ReviseAnnouncement)
def _revise(op: ops.ReviseAnnouncement, tx: Tx, _: TicketTable | None) -> None:
    row = _open_one(tx, op.id)
    row.body, row.updated_at = clean(op.text).strip("\n"), tx.at
    if op.starts_at is not None:
        row.starts_at = op.starts_at
    if op.ends_at is not None:
        row.ends_at = op.ends_at
    ops.service.check_span(row.starts_at, row.ends_at)
    _record(tx, "announcement_revised", row, silent=op.silent)


@apply.register(ops.EndAnnouncement)
def _end(op: ops.EndAnnouncement, tx: Tx, _: TicketTable | None) -> None:
    row = _open_one(tx, op.id)
    row.state, row.updated_at = (CANCELLED if op.cancelled else OVER), tx.at
    if not op.cancelled:
        row.ends_at = tx.at
    if op.text.strip():
        row.body = clean(op.text).strip("\n")
    _record(tx, "announcement_ended", row, silent=op.silent)


def _open_one(tx: Tx, number: int) -> AnnouncementTable:
    from sdesk.store.channel_tables import AnnouncementTable  # here: few acts need it

    row = tx.session.get(AnnouncementTable, number)
    if row is None:
        raise NotFound(f"There is no announcement {number}.", "See: sdesk announce list")
    if row.state != OPEN:
        raise Refused(f"Announcement {number} is {row.state}.", "Make a new one.")
    return row


def _record(tx: Tx, kind: str, row: AnnouncementTable, *, silent: bool) -> None:
    tx.session.add(row)
    tx.session.flush()
    told = 0 if silent else write_to_people(tx, kind, row)
    details = {"id": row.id, "title": row.title, "sort": row.kind, "state": row.state, "told": told}
    tx.record(kind, details=details)


def write_to_people(tx: Tx, kind: str, row: AnnouncementTable) -> int:
    """A letter to each of the people the announcement is for, nobody's address in another's; how many.

    Nothing needs to be said when planned work is over as it was planned.
    """
    if not tx.settings.get(letters.ADDRESS) or (kind == "announcement_ended" and not _is_news(row)):
        return 0
    template = row.kind
    if kind == "announcement_ended":
        template = "cancelled" if row.state == CANCELLED else "restored"
    count = 0
    zone = tx.settings.get("zone", "UTC")
    for _, _, address, language in people_of(tx, row):
        code = wording.language(language, tx.settings.get(letters.LANGUAGE, ""))
        values = {"title": row.title, "text": row.body}
        for name, at in (("starts", row.starts_at), ("ends", row.ends_at)):
            values[name] = "" if at is None else wording.moment(at, zone, code)
        made = letters.put(
            tx, letters.ANNOUNCEMENT, to=(address,), template=template, values=values,
            language=code, send_after=tx.at + tx.grace,
        )  # fmt: skip
        count += made is not None
    return count


def _is_news(row: AnnouncementTable) -> bool:
    return row.kind == "outage" or row.state == CANCELLED


def people_of(tx: Tx, row: AnnouncementTable) -> list[tuple[int, str, str, str]]:
    """Number, name, address and language of whom an announcement is for, each address once."""
    sql = (
        "SELECT p.id, p.name, p.email, p.language FROM person p WHERE p.email <> ''"
        f" AND NOT {letters.STRANGER}"
    )
    values: dict[str, Any] = {"target": row.target}
    if row.scope == "organization":
        sql += " AND p.organization_id IN (SELECT id FROM organization WHERE name = :target)"
    elif row.scope == "site":
        sql += """ AND p.id IN (SELECT t.requester_id FROM ticket t JOIN queue q ON q.key = t.queue
            WHERE q.site = :target AND t.created_at > :since)"""
        values["since"] = tx.at - 365 * 86_400
    elif row.scope == "tickets":
        above = tx.ticket(row.ticket_id or 0)
        numbers = [] if above is None else [above.number, *_hanging_on(tx, above)]
        sql += f" AND p.id IN (SELECT requester_id FROM ticket WHERE {among('id', numbers)})"
    found: dict[str, tuple[int, str, str, str]] = {}
    for number, name, address, language in tx.session.execute(text(f"{sql} ORDER BY p.id"), values):
        found.setdefault(address.casefold(), (number, name, address, language))
    return list(found.values())


def _hanging_on(tx: Tx, ticket: TicketTable) -> list[int]:
    """The unfinished tickets below it and those linked to it."""
    below = [row.number for row in unfinished_below(tx, ticket)]
    linked = tx.session.execute(
        text(
            "SELECT to_id FROM link WHERE ticket_id = :t UNION SELECT ticket_id FROM link WHERE to_id = :t"
        ),
        {"t": ticket.number},
    )
    return [*below, *(int(number) for (number,) in linked)]
