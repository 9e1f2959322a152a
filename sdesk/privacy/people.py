"""Finding the one person who is meant, and who may ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.errors import NotFound, Refused
from sdesk.store.reads import kept
from sdesk.text import fold

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.store.reads.kept import PersonRow

HOLD, USUAL_HOLD = "hold", "legal-hold"
"""The desk's setting: the tag of tickets that must be kept; and what it is where nobody has set it."""


def find_person(desk: Desk, who: str) -> PersonRow:
    """By number (12, #12), address, external id or name. Raises `NotFound` with the nearest name,
    `Refused` where several are called so."""
    reader, said = desk.read.reader, who.strip()
    number = said.removeprefix("#")
    if number.isdecimal() and number.isascii() and len(number) < 10:
        found = kept.person(reader, int(number))
        if found is not None:
            return found
    for column, value in (
        ("email_fold", said.casefold()), ("external_id", said), ("name_fold", fold(said)),
    ):  # fmt: skip
        people = kept.people_by(reader, column, value) if value else []
        if len(people) == 1:
            return people[0]
        if people:
            raise Refused(
                f"{len(people)} people are called '{who}': {', '.join(map(described, people))}.",
                "Name one by its number.",
            )
    if near := kept.people_with(reader, fold(said)):
        # Never taken for the one who is meant: nobody is erased by half a name.
        raise NotFound(
            f"No person is called '{who}' and nothing else.",
            f"Did you mean {' or '.join(map(described, near))}?",
        )
    raise NotFound.named("person", who, kept.names_like(reader, fold(said)))


def counts(desk: Desk, person: PersonRow) -> dict[str, int]:
    """Which copies of what is theirs exist where, and how many."""
    return kept.counts(desk.read.reader, person)


def described(person: PersonRow) -> str:
    more = person.email or person.phone or person.organization
    return f"#{person.id} {person.name}" + (f" ({more})" if more else "")


def check_admin(desk: Desk, what: str) -> None:
    """Raises `Refused`. The desk's own processes need no leave."""
    if not desk.door().enforce:
        return
    agent = desk.read.agent(desk.actor)
    if agent is None or agent.role != "admin" or not agent.active:
        raise Refused(f"{what} needs the role admin.", "Ask an administrator: sdesk agents")


def hold_tag(desk: Desk) -> str:
    return desk.read.settings().get(HOLD, "") or USUAL_HOLD


def check_sees_all(desk: Desk) -> None:
    """Raises `Refused` where the server hides rows from this role: what is not seen is not erased."""
    if desk.read.reader.dialect == "sqlite":
        return
    row = desk.read.reader.one("SELECT row_security_active('draft')")
    if row is not None and row[0]:
        raise Refused(
            "At a server only the owner of the tables erases: no other role sees every agent's drafts.",
            "Name the owner in the address: --store postgresql://OWNER@host/database",
        )
