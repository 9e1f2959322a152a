"""A person's own data, as it is given out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sdesk.store.reader import Reader

_TICKET = ("id", "kind", "subject", "state", "priority", "path", "queue", "service", "channel", "created_at", "resolved_at", "closed_at", "resolution_code", "external_source", "external_id", "wait_reason")  # fmt: skip
_ENTRY = ("id", "kind", "at", "agent", "author", "body")
_FILE = ("id", "name", "media", "size", "at")
_LETTER = ("id", "ticket_id", "kind", "recipients", "cc", "subject", "body", "message_id", "state", "sent_at")  # fmt: skip
_OWN = "ticket_id IN (SELECT id FROM ticket WHERE requester_id = :person)"


def tickets(reader: Reader, person: int) -> list[int]:
    """The tickets they asked for, oldest first."""
    sql = "SELECT id FROM ticket WHERE requester_id = :person ORDER BY id"
    return [int(row[0]) for row in reader.all(sql, {"person": person})]


def ticket(reader: Reader, number: int, kinds: tuple[str, ...] | None) -> dict[str, Any]:
    """A ticket with its messages of these kinds (None: of all), fields, files and survey."""
    values = {"id": number}
    row = reader.one(f"SELECT {', '.join(_TICKET)} FROM ticket WHERE id = :id", values)
    found: dict[str, Any] = dict(zip(_TICKET, row or (), strict=True))
    found["category"] = found.pop("path")
    found["tags"] = [tag for (tag,) in reader.all("SELECT tag FROM tag WHERE ticket_id = :id ORDER BY tag", values)]  # fmt: skip
    found["fields"] = dict(
        reader.all("SELECT name, value FROM field WHERE ticket_id = :id", values)
    )
    found["participants"] = [a for (a,) in reader.all("SELECT address FROM participant WHERE ticket_id = :id ORDER BY address", values)]  # fmt: skip
    survey = reader.one("SELECT score, comment FROM survey WHERE ticket_id = :id", values)
    found["survey"] = dict(zip(("score", "comment"), survey, strict=True)) if survey else None
    entries = reader.all(f"SELECT {', '.join(_ENTRY)} FROM entry WHERE ticket_id = :id AND withdrawn = 0 ORDER BY id", values)  # fmt: skip
    messages = [dict(zip(_ENTRY, entry, strict=True)) for entry in entries]
    found["messages"] = [m for m in messages if kinds is None or m["kind"] in kinds]
    shown = {message["id"] for message in found["messages"]}
    files = reader.all(f"SELECT {', '.join(_FILE)}, entry_id FROM attachment WHERE ticket_id = :id AND withdrawn = 0 AND sha256 <> '' ORDER BY id", values)  # fmt: skip
    found["files"] = [
        dict(zip(_FILE, file[:-1], strict=True))
        for file in files
        if file[-1] in shown or (file[-1] is None and kinds is None)
    ]
    return found


def messages_elsewhere(reader: Reader, person: int) -> list[dict[str, Any]]:
    """What they wrote in others' tickets."""
    sql = f"""SELECT {", ".join(_ENTRY)}, ticket_id FROM entry
        WHERE person_id = :person AND withdrawn = 0 AND NOT {_OWN} ORDER BY id"""
    names = (*_ENTRY, "ticket")
    return [dict(zip(names, row, strict=True)) for row in reader.all(sql, {"person": person})]


def files_elsewhere(reader: Reader, person: int) -> list[dict[str, Any]]:
    """Files of what they wrote in others' tickets."""
    sql = f"""SELECT {", ".join(_FILE)}, ticket_id FROM attachment WHERE withdrawn = 0 AND sha256 <> ''
        AND entry_id IN (SELECT id FROM entry WHERE person_id = :person AND withdrawn = 0) AND NOT {_OWN}
        ORDER BY id"""
    names = (*_FILE, "ticket")
    return [dict(zip(names, row, strict=True)) for row in reader.all(sql, {"person": person})]


def takes_part(reader: Reader, addresses: Iterable[str]) -> list[int]:
    """Numbers of others' tickets into which they may write by mail."""
    sql = "SELECT ticket_id FROM participant WHERE address = :address"
    found = (reader.all(sql, {"address": address.casefold()}) for address in addresses)
    return sorted({int(row[0]) for rows in found for row in rows})


def file_bytes(reader: Reader, number: int) -> bytes:
    sql = "SELECT b.body FROM attachment a JOIN blob b ON b.sha256 = a.sha256 WHERE a.id = :id"
    row = reader.one(sql, {"id": number})
    return bytes(row[0]) if row else b""


def mails(reader: Reader, person: int, addresses: Iterable[str]) -> list[int]:
    """Mails they wrote, whatever became of them."""
    sql = """SELECT m.id FROM mail m JOIN blob b ON b.sha256 = m.sha256
        WHERE (m.author <> '' AND m.author = :address)
        OR m.entry_id IN (SELECT id FROM entry WHERE person_id = :person)"""
    asked = [{"person": person, "address": each.casefold()} for each in addresses or [""]]
    return sorted({int(row[0]) for values in asked for row in reader.all(sql, values)})


def mail_bytes(reader: Reader, number: int) -> bytes:
    sql = "SELECT b.body FROM mail m JOIN blob b ON b.sha256 = m.sha256 WHERE m.id = :id"
    row = reader.one(sql, {"id": number})
    return bytes(row[0]) if row else b""


def letters(reader: Reader, addresses: Iterable[str]) -> list[dict[str, Any]]:
    """Mails of the desk to them."""
    wanted = {address.casefold() for address in addresses}
    found = {}
    sql = f"""SELECT {", ".join(_LETTER)} FROM letter
        WHERE lower(recipients) LIKE :within OR lower(cc) LIKE :within"""
    for address in wanted:
        for row in reader.all(sql, {"within": f"%{address}%"}):
            letter = dict(zip(_LETTER, row, strict=True))
            letter["recipients"], letter["cc"] = map(
                json.loads, (letter["recipients"], letter["cc"])
            )
            # To the engine _ is any letter: it may have found somebody else's.
            if any(to.casefold() in wanted for to in (*letter["recipients"], *letter["cc"])):
                found[int(letter["id"])] = letter
    return [found[number] for number in sorted(found)]
