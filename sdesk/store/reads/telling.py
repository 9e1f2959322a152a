"""Announcements and surveys: asked for by few screens, so not among what every start loads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.announced import Announcement, Survey
from sdesk.errors import NotFound
from sdesk.text import fold

if TYPE_CHECKING:
    from sdesk.store.reads.base import Base

_COLUMNS = "id, kind, title, body, scope, target, starts_at, ends_at, state, ticket_id, agent, at, updated_at"


def announcements(
    read: Base, *, all_of_them: bool = False, limit: int = 200
) -> tuple[Announcement, ...]:
    """Those that are open, outages first; `all_of_them` the past ones too, by their last change."""
    where = "" if all_of_them else "WHERE state = 'open'"
    order = "updated_at DESC, id DESC" if all_of_them else "coalesce(starts_at, 0), id"
    if not all_of_them:
        # What troubles people now comes before planned work.
        order = f"kind <> 'outage', {order}"
    sql = f"SELECT {_COLUMNS} FROM announcement {where} ORDER BY {order} LIMIT {int(limit)}"
    return tuple(Announcement(*row) for row in read.reader.all(sql))


def announcement(read: Base, number: int) -> Announcement | None:
    row = read.reader.one(f"SELECT {_COLUMNS} FROM announcement WHERE id = :id", {"id": number})
    return Announcement(*row) if row else None


def survey(read: Base, ticket: int) -> Survey | None:
    sql = "SELECT asked_at, score, comment, answered_at FROM survey WHERE ticket_id = :id"
    row = read.reader.one(sql, {"id": ticket})
    return Survey(*row) if row else None


def scores(read: Base, since: int, until: int) -> dict[int, int]:
    """Score → how many requesters gave it in that span."""
    sql = """SELECT score, count(*) FROM survey WHERE score IS NOT NULL AND answered_at >= :since
        AND answered_at < :until GROUP BY score ORDER BY score"""
    rows = read.reader.all(sql, {"since": since, "until": until})
    return {int(score): int(count) for score, count in rows}


STRANGER = """(p.verified_at IS NULL AND p.organization_id IS NULL AND p.external_id = ''
    AND EXISTS (SELECT 1 FROM mail m WHERE m.author = p.email_fold AND m.outcome = 'new')
    AND NOT EXISTS (SELECT 1 FROM ticket o WHERE o.requester_id = p.id AND o.channel <> 'mail')
    AND NOT EXISTS (SELECT 1 FROM ticket o JOIN letter l ON l.ticket_id = o.id
        WHERE o.requester_id = p.id AND l.kind IN ('reply', 'acknowledgement')))"""
"""Of a person `p`: known by mails only, whose author nobody has vouched for (then there was an
acknowledgement) and no agent has answered. Whoever it was may have written in their name: nothing is
sent to them that no person wants sent."""
YEAR = 365 * 86_400
_PEOPLE = {
    "all": "",
    "organization": "p.organization_id IN (SELECT id FROM organization WHERE name = :target)",
    "site": """p.id IN (SELECT t.requester_id FROM ticket t JOIN queue q ON q.key = t.queue
        WHERE q.site = :target AND t.created_at > :since)""",
    "tickets": """p.id IN (WITH RECURSIVE below (id) AS (
            SELECT id FROM ticket WHERE parent_id = :ticket
            UNION SELECT t.id FROM ticket t JOIN below b ON t.parent_id = b.id)
        SELECT t.requester_id FROM ticket t WHERE t.id = :ticket
            OR t.id IN (SELECT to_id FROM link WHERE ticket_id = :ticket)
            OR t.id IN (SELECT ticket_id FROM link WHERE to_id = :ticket)
            OR (t.id IN (SELECT id FROM below) AND t.live = 1 AND t.binned = 0
                AND (t.restricted = 0 OR (SELECT restricted FROM ticket WHERE id = :ticket) = 1)))""",
}


def reached(read: Base, scope: str, target: str = "", ticket: int | None = None) -> int:
    """How many people an announcement is written to, each address once; nobody where the desk has
    no address to write from. Raises `NotFound` for an organization or a site that is none."""
    address = read.reader.one("SELECT value FROM setting WHERE name = 'mail_address'")
    name = _named(read, scope, target)
    if address is None or not address[0]:
        return 0
    where = f" AND {_PEOPLE[scope]}" if _PEOPLE[scope] else ""
    sql = f"SELECT p.email FROM person p WHERE p.email <> '' AND NOT {STRANGER}{where}"
    values = {"target": name, "since": read.now() - YEAR, "ticket": ticket or 0}
    return len({row[0].casefold() for row in read.reader.all(sql, values)})


def _named(read: Base, scope: str, target: str) -> str:
    """The organization or site as the desk writes it."""
    sql = {
        "organization": "SELECT name FROM organization ORDER BY name_fold",
        "site": "SELECT DISTINCT site FROM queue WHERE site <> '' ORDER BY site",
    }.get(scope)
    if sql is None:
        return ""
    known = [str(row[0]) for row in read.reader.all(sql)]
    for name in known:
        if fold(name) == fold(target):
            return name
    raise NotFound.named(scope, target, known)


def unfinished_below(read: Base, ticket: int) -> int:
    """How many unfinished tickets stand below it, on all levels."""
    sql = """WITH RECURSIVE below (id) AS (
            SELECT id FROM ticket WHERE parent_id = :id
            UNION SELECT t.id FROM ticket t JOIN below b ON t.parent_id = b.id)
        SELECT count(*) FROM ticket t JOIN below b ON b.id = t.id
        WHERE t.live = 1 AND t.binned = 0 AND t.id <> :id AND (t.restricted = 0 OR
            (SELECT restricted FROM ticket WHERE id = :id) = 1)"""
    row = read.reader.one(sql, {"id": ticket})
    return int(row[0]) if row else 0
