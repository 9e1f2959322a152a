"""The facts about tickets that the filter language's Python face decides on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk.errors import NotFound
from sdesk.model import ClockRow
from sdesk.rules.query import Facts, document
from sdesk.store.reads.base import Base, among

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sdesk.store.reader import Reader

_SAME = (
    "kind", "subject", "state", "category", "state_until", "impact", "urgency", "priority", "path",
    "queue", "owner", "assignee", "service", "channel", "created_at", "updated_at",
    "first_answered_at", "resolved_at", "closed_at", "reopen_count", "resolution_code",
    "external_source", "external_id", "policy", "merged_into", "due_at", "breach_at", "remaining",
)  # fmt: skip
"""Columns of `ticket` that are facts as they stand."""
_CLAIMS = ("priority_overridden", "restricted", "breached", "binned")
COLUMNS = (*_SAME, *_CLAIMS, "erased_at", "requester_id", "parent_id", "last_event")
"""Columns of `ticket` that facts are made of."""
_TICKET = f"""
    SELECT t.id, q.tier, coalesce(q.site, ''), coalesce(p.name, ''), coalesce(p.email, ''),
        coalesce(o.name, ''), coalesce(p.vip, 0), coalesce(s.event_id, 0),
        {", ".join(f"t.{column}" for column in COLUMNS)}
    FROM ticket t
    LEFT JOIN queue q ON q.key = t.queue
    LEFT JOIN person p ON p.id = t.requester_id
    LEFT JOIN organization o ON o.id = p.organization_id
    LEFT JOIN seen s ON s.ticket_id = t.id AND s.agent = :me
"""
_CLOCK = "ticket_id, target, policy, started_at, stopped_at, budget, used, due_at, breach_at, paused, verdict"
_ASKED_BY = {
    "tags": {"tag", "has:tags"},
    "fields": {"field", "has:fields"},
    "clocks": {"sla", "has:sla"},
    "words": {"words", "has:text"},
    "watchers": {"watcher"},
    "mentions": {"mentions"},
    "alarms": {"alarm"},
    "survey": {"survey"},
    "linked": {"is:parent", "has:children", "has:links"},
}
"""What lies in other tables → the terms that ask for it; of a claim together with what it claims."""
_LINKED = """
    SELECT id, (SELECT count(*) FROM ticket k WHERE k.parent_id = t.id),
        (SELECT count(*) FROM link l WHERE l.ticket_id = t.id)
        + (SELECT count(*) FROM link l WHERE l.to_id = t.id)
    FROM ticket t
"""


_JOINED = frozenset(
    {"tier", "site", "requester", "org", "is:vip", "has:org", "is:unread"}.union(
        *_ASKED_BY.values()
    )
)


def asks_others(asked: Collection[str]) -> bool:
    """Whether some of it is told by other tables than the ticket's own."""
    return not _JOINED.isdisjoint(asked)


class FactsReads(Base):
    def facts(self, ticket: int, asked: Collection[str] | None = None) -> Facts:
        """What the filter language's Python face may know of a ticket, as far as it is `asked`
        (`rules.query.asked`). Raises `NotFound`."""
        found = facts_of(self.reader, [ticket], me=self.me, asked=asked)
        if not found:
            raise NotFound(f"There is no ticket {self.ref(ticket)}.")
        return found[0]


def facts_of(
    reader: Reader, tickets: Sequence[int], *, me: str, asked: Collection[str] | None = None
) -> list[Facts]:
    """Facts in the order of the numbers; numbers that are gone are left out. A few hundred at once.

    What lies in other tables and is not `asked` is left out; None asks for all.
    """
    gathered = _Gathered(reader, tickets, asked)
    rows = reader.all(f"{_TICKET} WHERE {among('t.id', tickets)}", {"me": me})
    found = {row[0]: gathered.facts(row) for row in rows}
    return [found[number] for number in tickets if number in found]


def make_facts(
    number: int,
    columns: Mapping[str, Any],
    *,
    tags: Iterable[str] = (),
    fields: Mapping[str, str] | None = None,
    requester: tuple[str, str, str] = ("", "", ""),
    entries: Iterable[str] = (),
    words: bool = True,
    **others: Any,
) -> Facts:
    """Facts from the columns of a ticket, stored or not yet; a column that is missing has its default.

    `requester` is the name, e-mail and organization, `entries` the texts of the conversation, oldest
    first, `others` the facts that lie in other tables (tier, site, vip, clocks …). Without `words` the
    texts are left out, for conditions that don't ask them.
    """
    known: dict[str, Any] = {name: columns[name] for name in _SAME if name in columns}
    known |= {name: bool(columns.get(name)) for name in _CLAIMS}
    known["erased"] = columns.get("erased_at") is not None
    if words:
        known["words"] = document(columns.get("subject", ""), entries, requester)
    name, email, organization = requester
    return Facts(
        id=number, parent=columns.get("parent_id"), has_requester=columns.get("requester_id") is not None,
        requester_name=name, requester_email=email, organization=organization, tags=tuple(tags),
        fields=dict(fields or {}), **known, **others,
    )  # fmt: skip


class _Gathered:
    """What lies in other tables, by ticket."""

    def __init__(
        self, reader: Reader, tickets: Sequence[int], asked: Collection[str] | None
    ) -> None:
        self._reader, self._asked = reader, asked
        here = among("ticket_id", tickets)
        self.tags = self._words("tags", f"SELECT ticket_id, tag FROM tag WHERE {here} ORDER BY tag")
        self.fields: dict[int, dict[str, str]] = {}
        for ticket, name, value in self._rows(
            "fields", f"SELECT ticket_id, name, value FROM field WHERE {here}"
        ):
            self.fields.setdefault(ticket, {})[name] = value
        self.clocks: dict[int, list[ClockRow]] = {}
        for row in self._rows("clocks", f"SELECT {_CLOCK} FROM clock WHERE {here} ORDER BY target"):
            values: list[Any] = [*row[:9], bool(row[9]), row[10]]
            self.clocks.setdefault(row[0], []).append(ClockRow(*values))
        self.entries = self._words(
            "words",
            f"SELECT ticket_id, body FROM entry WHERE {here} AND withdrawn = 0 ORDER BY id",
        )
        for ticket, subject in self._rows(
            "words",
            f"SELECT merged_into, subject FROM ticket WHERE {among('merged_into', tickets)} ORDER BY id",
        ):
            self.entries.setdefault(ticket, []).append(subject)
        self.watchers = self._words(
            "watchers", f"SELECT ticket_id, agent FROM watcher WHERE {here}"
        )
        self.mentions = self._words(
            "mentions",
            "SELECT e.ticket_id, m.agent FROM mention m JOIN entry e ON e.id = m.entry_id"
            f" WHERE {among('e.ticket_id', tickets)} AND e.withdrawn = 0",
        )
        self.alarms = self._words("alarms", f"SELECT ticket_id, state FROM alarm WHERE {here}")
        self.surveys: dict[int, int | None] = dict(
            self._rows("survey", f"SELECT ticket_id, score FROM survey WHERE {here}")
        )
        self.linked = {
            ticket: (children, links)
            for ticket, children, links in self._rows(
                "linked", f"{_LINKED} WHERE {among('t.id', tickets)}"
            )
        }

    def _rows(self, what: str, sql: str) -> list[Any]:
        if self._asked is not None and _ASKED_BY[what].isdisjoint(self._asked):
            return []
        return self._reader.all(sql)

    def _words(self, what: str, sql: str) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for ticket, word in self._rows(what, sql):
            found.setdefault(ticket, []).append(word)
        return found

    def facts(self, row: tuple[Any, ...]) -> Facts:
        ticket, tier, site, name, email, organization, vip, seen = row[:8]
        columns = dict(zip(COLUMNS, row[8:], strict=True))
        children, links = self.linked.get(ticket, (0, 0))
        return make_facts(
            ticket, columns, tags=self.tags.get(ticket, ()), fields=self.fields.get(ticket),
            requester=(name, email, organization), entries=self.entries.get(ticket, ()),
            tier=tier, site=site, vip=bool(vip), changed=columns["last_event"] > seen,
            clocks=tuple(self.clocks.get(ticket, ())), children=children, links=links,
            watchers=tuple(self.watchers.get(ticket, ())),
            mentions=tuple(self.mentions.get(ticket, ())),
            alarms=tuple(self.alarms.get(ticket, ())), survey=self.surveys.get(ticket),
        )  # fmt: skip
