"""The desk's PostgreSQL server: there, new enough, spoken to in private, and its roles as they should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.cli.doctor.finding import Finding, note, ok, wrong
from sdesk.errors import SdeskError
from sdesk.store.place import has_password, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.store.postgres import Facts

OFF, FAR_OFF = 5, 120
"""Seconds by which the server's clock may differ from this host's, and by which it must not."""


def findings(url: str) -> Iterator[Finding]:
    from sdesk.store import postgres

    try:
        facts = postgres.facts(url)
        postgres.check(facts.found)
    except SdeskError as error:
        yield wrong("store", error.message, error.hint or "See docs/scaling.md.", blocks=True)
        return
    yield ok("store", f"{shown(url).partition('?')[0]}, schema {facts.found.schema}")
    yield version(facts)
    yield way(facts.way)
    if has_password(url):
        yield note(
            "password", "The address holds the password", "Put it into ~/.pgpass, chmod 600."
        )
    if facts.is_copy:
        yield note("server", "It follows another server: this desk can be read, not written", "Work at the server it follows.")  # fmt: skip
    yield clock(facts.ahead)
    yield room(facts)
    yield from rights(url, facts)


def version(facts: Facts) -> Finding:
    from sdesk.store.postgres import OLDEST

    if facts.number < OLDEST:
        return wrong("server", f"PostgreSQL {facts.version}: too old", "A desk needs version 14 or newer.")  # fmt: skip
    return ok("server", f"PostgreSQL {facts.version}")


def way(name: str) -> Finding:
    if not name:
        return wrong("way", "The connection is not encrypted: who is on the way reads and changes everything", "Add ?sslmode=verify-full to the address; see docs/scaling.md.")  # fmt: skip
    words = {"local socket": "Over a local socket", "this host": "Not encrypted, within this host"}
    return ok("way", words.get(name, f"Encrypted with {name}"))


def clock(ahead: int) -> Finding:
    if abs(ahead) < OFF:
        return ok("server clock", "As this host's")
    said = f"{abs(ahead):,} seconds {'ahead of' if ahead > 0 else 'behind'} this host's"
    tell = wrong if abs(ahead) > FAR_OFF else note
    return tell("server clock", said, "Let NTP keep both: agents of several hosts share one order of events.")  # fmt: skip


def room(facts: Facts) -> Finding:
    said = f"{facts.connections:,} of this desk, {facts.most:,} at most for all"
    if facts.connections > facts.most * 0.8:
        return note("connections", said, "Raise max_connections; a desk takes three to five.")
    return ok("connections", said)


def rights(url: str, facts: Facts) -> Iterator[Finding]:
    from sdesk.store import roles

    found = facts.found
    part = "its owner" if found.is_owner else f"owner: {found.owner}"
    yield ok("role", f"{found.login}, {part}")
    if lost := roles.missing(url):
        more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
        yield wrong("rights", f"The agents' group lacks: {', '.join(lost[:3])}{more}", "As the owner: sdesk agents set LOGIN active=yes says all of them again.")  # fmt: skip
