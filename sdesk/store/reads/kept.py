"""What is kept of a person: who they are, by what they can be found, and how many copies there are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from sdesk.rules.traces import Known, digits, initials, is_full

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.rules.traces import Traces
    from sdesk.store.reader import Reader

_PERSON = """SELECT p.id, p.name, p.email, p.phone, coalesce(o.name, '') AS organization, p.vip, p.external_id,
    p.language, p.verified_at, p.erased_at FROM person p LEFT JOIN organization o ON o.id = p.organization_id"""
_OWN = "ticket_id IN (SELECT id FROM ticket WHERE requester_id = :person)"
_THEIRS = f"(person_id = :person OR ({_OWN} AND from_ticket IS NULL) OR from_ticket IN (SELECT id FROM ticket WHERE requester_id = :person))"  # fmt: skip
_MAILS = f"({_OWN} OR (author <> '' AND author = :address) OR entry_id IN (SELECT id FROM entry WHERE person_id = :person))"  # fmt: skip


class PersonRow(NamedTuple):
    """All that the desk has in its list of people."""

    id: int
    name: str
    email: str
    phone: str
    organization: str
    vip: int
    external_id: str
    language: str
    verified_at: int | None
    erased_at: int | None


COUNTED = {
    "tickets": "SELECT count(*) FROM ticket WHERE requester_id = :person",
    "open tickets": "SELECT count(*) FROM ticket WHERE requester_id = :person AND live = 1",
    "messages": f"SELECT count(*) FROM entry WHERE {_THEIRS}",
    "messages in others' tickets": f"SELECT count(*) FROM entry WHERE person_id = :person AND NOT {_OWN}",
    "attachments": f"SELECT count(*) FROM attachment WHERE sha256 <> '' AND {_OWN}",
    "raw mails": f"SELECT count(*) FROM mail WHERE sha256 <> '' AND {_MAILS}",
    "mails to them": f"SELECT count(*) FROM letter WHERE {_OWN} OR recipients LIKE :within OR cc LIKE :within",
    "unsent mails": f"SELECT count(*) FROM letter WHERE state = 'waiting' AND ({_OWN} OR recipients LIKE :within)",
    "tickets they take part in": "SELECT count(*) FROM participant WHERE address = :address",
    "surveys": f"SELECT count(*) FROM survey WHERE answered_at IS NOT NULL AND {_OWN}",
    "drafts of answers": f"SELECT count(*) FROM draft WHERE {_OWN}",
    "notices": f"SELECT count(*) FROM notice WHERE {_OWN}",
    "deliveries": f"SELECT count(*) FROM delivery WHERE {_OWN}",
    "checklist lines": f"SELECT count(*) FROM check_item WHERE {_OWN}",
    "custom fields": f"SELECT count(*) FROM field WHERE {_OWN}",
    "events": f"SELECT count(*) FROM event WHERE {_OWN}",
}  # fmt: skip
"""What copies there are → how they are counted."""


def person(reader: Reader, number: int) -> PersonRow | None:
    row = reader.one(_PERSON + " WHERE p.id = :id", {"id": number})
    return PersonRow(*row) if row else None


def people_by(reader: Reader, column: str, value: str) -> list[PersonRow]:
    """Who has exactly that (folded) name, address or external id."""
    assert column in ("name_fold", "email_fold", "external_id")
    sql = f"{_PERSON} WHERE p.{column} = :value AND p.erased_at IS NULL ORDER BY p.id LIMIT 20"
    return [PersonRow(*row) for row in reader.all(sql, {"value": value})]


def people_with(reader: Reader, word: str, limit: int = 5) -> list[PersonRow]:
    """People one of whose names begins so, or their address."""
    plain = word.replace("%", "").replace("_", "")
    if not plain:
        return []
    sql = f"""{_PERSON} WHERE p.erased_at IS NULL AND (p.name_fold LIKE :start
        OR p.name_fold LIKE :inner OR p.email_fold LIKE :start) ORDER BY p.id LIMIT :limit"""
    values = {"start": f"{plain}%", "inner": f"% {plain}%", "limit": limit}
    return [PersonRow(*row) for row in reader.all(sql, values)]


def names_like(reader: Reader, word: str, limit: int = 500) -> list[str]:
    """Names and addresses to choose the nearest of."""
    sql = """SELECT name, email FROM person WHERE erased_at IS NULL
        AND (name_fold LIKE :start OR email_fold LIKE :start OR name_fold LIKE :inner) LIMIT :limit"""
    start = word[:2].replace("%", "").replace("_", "")
    rows = reader.all(sql, {"start": f"{start}%", "inner": f"% {start}%", "limit": limit})
    return [text for row in rows for text in row if text]


def counts(reader: Reader, row: PersonRow) -> dict[str, int]:
    """Which copies exist where, and how many."""
    values = {
        "person": row.id, "address": row.email.casefold() or "-", "within": f'%"{row.email or "-"}"%',
    }  # fmt: skip
    found = {}
    for name, sql in COUNTED.items():
        counted = reader.one(sql, values)
        found[name] = int(counted[0]) if counted else 0
    return found


def own_tickets(reader: Reader, number: int, *, erased: bool = True) -> list[int]:
    """The tickets they asked for; without `erased` only those with anything left in them."""
    more = "" if erased else " AND erased_at IS NULL"
    sql = f"SELECT id FROM ticket WHERE requester_id = :person{more} ORDER BY id"
    return [int(row[0]) for row in reader.all(sql, {"person": number})]


def own_messages(reader: Reader, number: int) -> list[int]:
    """Their messages in others' tickets, and what was written to them in a ticket that was merged."""
    sql = f"""SELECT id FROM entry WHERE (person_id = :person OR from_ticket IN
        (SELECT id FROM ticket WHERE requester_id = :person)) AND NOT {_OWN}
        AND NOT (body = '(erased)' AND author = '') ORDER BY id"""
    return [int(row[0]) for row in reader.all(sql, {"person": number})]


def own_mails(reader: Reader, addresses: tuple[str, ...]) -> list[int]:
    """Mails they wrote, whatever became of them."""
    sql = "SELECT id FROM mail WHERE author = :address ORDER BY id"
    return [
        int(r[0]) for address in addresses for r in reader.all(sql, {"address": address.casefold()})
    ]


def own_events(reader: Reader, number: int) -> list[tuple[int, str]]:
    """(number, payload) of what was recorded of the person and of no ticket."""
    sql = """SELECT id, payload FROM event WHERE ticket_id IS NULL
        AND kind IN ('person_saved', 'person_exported') AND payload LIKE :like ORDER BY id"""
    found = reader.all(sql, {"like": f'%"id":{int(number)}%'})
    return [(int(i), text) for i, text in found if json.loads(text)["details"].get("id") == number]


def known(reader: Reader, row: PersonRow) -> Known:
    """By what they can be found: as they are called now, as they were before, as they signed."""
    names, addresses, phones = [row.name], [row.email], [row.phone]
    into = {"name": names, "email": addresses, "phone": phones}
    for _, payload in own_events(reader, row.id):
        for column, pair in json.loads(payload)["changes"].items():
            if column in into:
                into[column] += [text for text in pair if isinstance(text, str)]
    signed = "SELECT DISTINCT author FROM entry WHERE person_id = :id AND author <> ''"
    names += [text for (text,) in reader.all(signed, {"id": row.id})]
    called = "SELECT DISTINCT name FROM participant WHERE address = :address"
    names += [text for (text,) in reader.all(called, {"address": row.email.casefold() or "-"})]
    names += _shortened(reader, row.id, names)
    mine = Known(tuple(filter(None, names)), tuple(filter(None, addresses)), tuple(filter(None, phones)))  # fmt: skip
    return mine.sound().but(_others(reader, row.id, mine.sound()))


def _shortened(reader: Reader, number: int, names: list[str]) -> list[str]:
    """Their names with an initial, but for those that could be somebody else's: "J. Smith" is Jane
    Smith's as well."""
    from sdesk.text import fold

    agents = [str(name) for (name,) in reader.all("SELECT name FROM agent")]
    taken = {fold(short) for name in agents if name not in names for short in initials(name)}
    sql = (
        """SELECT name FROM person WHERE id <> :id AND erased_at IS NULL AND name_fold LIKE :last"""
    )
    found = []
    for name in dict.fromkeys(filter(is_full, names)):
        for short in initials(name):
            word = fold(short).rpartition(" ")[2]
            near = reader.all(sql, {"id": number, "last": f"%{word}%"})
            others = {fold(each) for (other,) in near for each in initials(str(other))}
            if fold(short) not in others | taken:
                found.append(short)
    return found


def _others(reader: Reader, number: int, mine: Known) -> Known:
    """What others and agents bear of the same."""
    from sdesk.text import fold

    names: list[str] = []
    addresses: list[str] = []
    for name in mine.names:
        sql = "SELECT name FROM person WHERE name_fold = :fold AND id <> :id AND erased_at IS NULL"
        names += [text for (text,) in reader.all(sql, {"fold": fold(name), "id": number})]
    for address in mine.addresses:
        sql = (
            "SELECT email FROM person WHERE email_fold = :fold AND id <> :id AND erased_at IS NULL"
        )
        addresses += [text for (text,) in reader.all(sql, {"fold": address, "id": number})]
    for name, email in reader.all("SELECT name, email FROM agent"):
        names.append(name)
        addresses.append(email)
    return Known(tuple(names), tuple(addresses), tuple(_others_phones(reader, number, mine)))


def _others_phones(reader: Reader, number: int, mine: Known) -> Iterator[str]:
    if not mine.phones:
        return
    ends = tuple(digits(phone)[-2:] for phone in mine.phones)
    for (phone,) in reader.all("SELECT phone FROM person WHERE phone <> '' AND id <> :id", {"id": number}):  # fmt: skip
        if digits(phone).endswith(ends):
            yield phone


def held(reader: Reader, number: int, tag: str) -> list[int]:
    """Their tickets that must be kept."""
    sql = """SELECT t.id FROM ticket t JOIN tag g ON g.ticket_id = t.id
        WHERE t.requester_id = :person AND g.tag = :tag ORDER BY t.id"""
    return [int(row[0]) for row in reader.all(sql, {"person": number, "tag": tag})]


def acted(reader: Reader, traces: Traces) -> int:
    """Events under whose hash stands that they did it: an imported history may name a requester so."""
    found = reader.all("SELECT actor, count(*) FROM event GROUP BY actor")
    return sum(int(count) for actor, count in found if traces.holds(actor))
