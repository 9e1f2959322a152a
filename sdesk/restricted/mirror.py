"""What the desk is, copied from its first file into the one for restricted tickets: compared, and what
differs applied as the same operations that set a desk up. Nothing flows the other way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sdesk import ops
from sdesk.model import Role, Source
from sdesk.numbering import RESTRICTED
from sdesk.store import numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.desk import Desk
    from sdesk.store.reads import Reads

OWN = ("restricted_", "told.", "clocks_renewed")
"""How the names of settings begin that tell of one file, not of the desk."""
ACTOR = "sdesk"


def differences(source: Reads, target: Reads) -> list[ops.Op]:
    """The operations that make the target's set-up the source's, in an order in which each finds what
    it names."""
    return [
        *_calendars(source, target), *_states(source, target), *_settings(source, target),
        *_queues(source, target), *_policies(source, target), *_agents(source, target),
        *_categories(source, target), *_shared(source, target), *_dropped(source, target),
    ]  # fmt: skip


def bring_over(first: Desk, second: Desk) -> int:
    """Copy what differs; how many operations it took."""
    wanted = differences(first.read, second.read)
    if not wanted:
        return 0
    from sdesk.door import Door

    door = Door(second.place, actor=ACTOR, source=Source.RULE, clock=second.now)
    door.enforce = False
    try:
        with door.transaction() as work:
            # Anew, inside the lock: another member's desk may have been faster.
            wanted = differences(first.read, work.flushed())
            if wanted:
                work.carry_out(None, wanted, None)
    finally:
        door.close()
    return len(wanted)


def number_again(second: Desk) -> None:
    """Let a second file that was made of an archive give numbers as it did before."""
    sql = "SELECT 1 FROM sqlite_schema WHERE sql LIKE '%AUTOINCREMENT%' LIMIT 1"
    if second.read.reader.one(sql) is None:
        with second.door().writer.write() as session:
            numbered.begin_again(session, RESTRICTED)


def _settings(source: Reads, target: Reads) -> Iterator[ops.Op]:
    known = target.settings()
    for name, value in source.settings().items():
        if not name.startswith(OWN) and known.get(name) != value:
            yield ops.SaveSetting(name, value)


def _states(source: Reads, target: Reads) -> Iterator[ops.Op]:
    known = set(target.states())
    for state in source.states():
        if state not in known:
            yield ops.SaveState(state.key, state.name, state.category, state.position)


def _calendars(source: Reads, target: Reads) -> Iterator[ops.Op]:
    known = target.calendars()
    for name, spec in source.calendars().items():
        if known.get(name) != spec:
            yield ops.SaveCalendar(name, spec)


_QUEUE = (
    "SELECT key, name, tier, site, calendar, address, signature, language FROM queue ORDER BY key"
)


def _queues(source: Reads, target: Reads) -> Iterator[ops.Op]:
    known = set(target.reader.all(_QUEUE))
    for row in source.reader.all(_QUEUE):
        if row not in known:
            yield ops.SaveQueue(*row)


_POLICY = "SELECT name, spec, position FROM policy ORDER BY position, name"


def _policies(source: Reads, target: Reads) -> Iterator[ops.Op]:
    known = set(target.reader.all(_POLICY))
    for row in source.reader.all(_POLICY):
        if row not in known:
            yield ops.SavePolicy(row[0], json.loads(row[1]), row[2])


def _agents(source: Reads, target: Reads) -> Iterator[ops.Op]:
    known = set(target.agents(inactive=True))
    fresh = [agent for agent in source.agents(inactive=True) if agent not in known]
    # Admins first: there is always one.
    for agent in sorted(fresh, key=lambda one: (not one.active, one.role != Role.ADMIN, one.login)):
        yield ops.SaveAgent(
            agent.login, agent.name, agent.role, agent.email, agent.active, agent.queues
        )


def _categories(source: Reads, target: Reads) -> Iterator[ops.Op]:
    known = set(target.categories())
    yield from (ops.SaveCategory(path) for path in source.categories() if path not in known)


_VIEW = "SELECT name, query, position, spec FROM view WHERE owner = '' ORDER BY position, name"
_TEMPLATE = "SELECT name, body FROM template WHERE owner = '' ORDER BY name"
_MACRO = "SELECT name, body, operations FROM macro WHERE owner = '' ORDER BY name"


def _shared(source: Reads, target: Reads) -> Iterator[ops.Op]:
    """What belongs to all agents; their own views and texts are read from the first file."""
    known = set(target.reader.all(_VIEW))
    for row in source.reader.all(_VIEW):
        if row not in known:
            spec = json.loads(row[3])
            columns, colours = spec.get("columns"), spec.get("colours")
            yield ops.SaveView(
                row[0], row[1], shared=True, position=row[2],
                columns=None if columns is None else tuple(columns),
                colours=None if colours is None else tuple((tone, q) for tone, q in colours),
            )  # fmt: skip
    known = set(target.reader.all(_TEMPLATE))
    yield from (
        ops.SaveTemplate(row[0], row[1]) for row in source.reader.all(_TEMPLATE) if row not in known
    )
    known = set(target.reader.all(_MACRO))
    wanted = {row[0] for row in source.reader.all(_MACRO) if row not in known}
    for macro in source.macros():
        if macro.name in wanted and not macro.owner:
            yield ops.SaveMacro(
                macro.name, macro.text, macro.acts, shared=True, asks=macro.asks, send=macro.send,
                note=macro.note,
            )  # fmt: skip


def _dropped(source: Reads, target: Reads) -> Iterator[ops.Op]:
    def gone(sql: str) -> list[str]:
        kept = {row[0] for row in source.reader.all(sql)}
        return [row[0] for row in target.reader.all(sql) if row[0] not in kept]

    yield from (ops.DropPolicy(name) for name in gone(_POLICY))
    yield from (ops.DropView(name, shared=True) for name in gone(_VIEW))
    yield from (ops.DropTemplate(name, shared=True) for name in gone(_TEMPLATE))
    yield from (ops.DropMacro(name, shared=True) for name in gone(_MACRO))
    yield from (ops.DropCalendar(name) for name in gone("SELECT name FROM calendar ORDER BY name"))
