"""People and set-up: agents, queues, states, views, calendars, policies, texts, settings."""

from __future__ import annotations

from typing import Any

from sdesk.errors import NotFound
from sdesk.model import (
    Agent,
    Event,
    Macro,
    Organization,
    Person,
    PersonId,
    Queue,
    Role,
    State,
    StateCategory,
    Template,
)
from sdesk.rules.query import Vocabulary
from sdesk.store.packed import unpacked
from sdesk.store.reads.base import EVENT_COLUMNS, Base, event
from sdesk.text import fold

PERSON = """
    SELECT p.id, p.name, p.email, p.phone, coalesce(o.name, ''), p.vip, p.external_id,
        p.language, p.verified_at
    FROM person p LEFT JOIN organization o ON o.id = p.organization_id
"""
OWN = "owner IN ('', :me)"
SITE = "calendar."
"""Before the name of a site in the desk's settings: the calendar of that site."""

STAMP = "SELECT coalesce(max(id), 0) FROM event WHERE ticket_id IS NULL"
"""The newest event that concerns no ticket: people and set-up stand still while it does."""
_NO_SETUP = "'person_saved', 'mail_held', 'mail_rejected', 'exported', 'backed_up', 'damage_found'"
_NEW = f"""SELECT 1 FROM event WHERE ticket_id IS NULL AND id > :since
    AND kind NOT IN ({_NO_SETUP}) LIMIT 1"""


class PeopleReads(Base):
    def people(self, prefix: str, *, limit: int = 20) -> tuple[Person, ...]:
        """People whose name (any word of it) or e-mail begins so; all, by name, for an empty text."""
        name, mail = fold(prefix), prefix.strip().casefold()
        sql = f"""{PERSON} WHERE p.name_fold LIKE :start ESCAPE '\\' OR p.name_fold LIKE :word ESCAPE '\\'
            OR p.email_fold LIKE :mail ESCAPE '\\' ORDER BY p.name_fold, p.id LIMIT {int(limit)}"""
        like = _like(name)
        params = {"start": f"{like}%", "word": f"% {like}%", "mail": f"{_like(mail)}%"}
        if not name and mail:
            params |= {"start": "", "word": ""}
        return tuple(_person(row) for row in self.reader.all(sql, params))

    def person(self, number: int) -> Person:
        row = self.reader.one(f"{PERSON} WHERE p.id = :id", {"id": number})
        if row is None:
            raise NotFound(f"There is no person with the number {number}.")
        return _person(row)

    def person_by(self, *, email: str = "", external_id: str = "") -> Person | None:
        """The person with exactly that address, or that number in another system."""
        column, value = (
            ("p.email_fold", email.casefold()) if email else ("p.external_id", external_id)
        )
        row = self.reader.one(
            f"{PERSON} WHERE {column} = :value ORDER BY p.id LIMIT 1", {"value": value}
        )
        return _person(row) if row and value else None

    def organizations(self) -> tuple[Organization, ...]:
        rows = self.reader.all("SELECT id, name, calendar FROM organization ORDER BY name_fold")
        return tuple(Organization(*row) for row in rows)

    def agents(self, *, inactive: bool = False) -> tuple[Agent, ...]:
        """Agents by login; those who have left only when asked for."""
        members: dict[str, list[str]] = {}
        for queue, agent in self.reader.all("SELECT queue, agent FROM member ORDER BY queue"):
            members.setdefault(agent, []).append(queue)
        sql = "SELECT login, name, role, email, active FROM agent ORDER BY active DESC, login"
        return tuple(
            Agent(
                row[0], row[1], Role(row[2]), row[3], bool(row[4]), tuple(members.get(row[0], ()))
            )
            for row in self.reader.all(sql)
            if row[4] or inactive
        )

    def agent(self, login: str) -> Agent | None:
        sql = "SELECT login, name, role, email, active FROM agent WHERE login = :login"
        row = self.reader.one(sql, {"login": login})
        if row is None:
            return None
        queues = self.reader.all(
            "SELECT queue FROM member WHERE agent = :login ORDER BY queue", {"login": login}
        )
        return Agent(
            row[0], row[1], Role(row[2]), row[3], bool(row[4]), tuple(q for (q,) in queues)
        )

    def queues(self) -> tuple[Queue, ...]:
        members: dict[str, list[str]] = {}
        for queue, agent in self.reader.all("SELECT queue, agent FROM member ORDER BY agent"):
            members.setdefault(queue, []).append(agent)
        sql = """SELECT key, name, tier, site, calendar, address, signature, language
            FROM queue ORDER BY tier, key"""
        return tuple(
            Queue(*[*row[:5], tuple(members.get(row[0], ())), *row[5:]])
            for row in self.reader.all(sql)
        )


class SetupReads(Base):
    def setup_stamp(self) -> int:
        """The newest event that concerns no ticket."""
        row = self.reader.one(STAMP)
        return int(row[0]) if row else 0

    def has_new_setup(self, since: int) -> bool:
        """Whether the set-up has changed since that event: people and held mail come all day, and
        change nothing of it."""
        return self.reader.one(_NEW, {"since": since}) is not None

    def states(self) -> tuple[State, ...]:
        rows = self.reader.all(
            "SELECT key, name, category, position FROM state ORDER BY position, key"
        )
        return tuple(State(row[0], row[1], StateCategory(row[2]), row[3]) for row in rows)

    def categories(self) -> tuple[str, ...]:
        return tuple(path for (path,) in self.reader.all("SELECT path FROM category ORDER BY path"))

    def templates(self) -> tuple[Template, ...]:
        sql = f"SELECT name, body, owner FROM template WHERE {OWN} ORDER BY name, owner"
        return tuple(Template(*row) for row in self.reader.all(sql, {"me": self.me}))

    def macros(self) -> tuple[Macro, ...]:
        sql = f"SELECT name, body, operations, owner FROM macro WHERE {OWN} ORDER BY name, owner"
        return tuple(_macro(*row) for row in self.reader.all(sql, {"me": self.me}))

    def calendars(self) -> dict[str, dict[str, Any]]:
        """Name → specification, as `Calendar.from_json` takes it."""
        rows = self.reader.all("SELECT name, spec FROM calendar ORDER BY name")
        return {name: unpacked(spec, f"the calendar {name}") for name, spec in rows}

    def policies(self) -> dict[str, dict[str, Any]]:
        """Name → specification, the one that counts first first."""
        rows = self.reader.all("SELECT name, spec FROM policy ORDER BY position, name")
        return {name: unpacked(spec, f"the policy {name}") for name, spec in rows}

    def agreement_events(self) -> tuple[Event, ...]:
        """How policies and calendars came to what they are, oldest first."""
        sql = f"""SELECT {EVENT_COLUMNS} FROM event
            WHERE ticket_id IS NULL AND kind IN
                ('calendar_saved', 'policy_saved', 'calendar_dropped', 'policy_dropped') ORDER BY id"""
        return tuple(event(row) for row in self.reader.all(sql))

    def dropped_policies(self) -> tuple[str, ...]:
        """Policies that hold no more, but have judged tickets."""
        sql = f"""SELECT {EVENT_COLUMNS} FROM event
            WHERE ticket_id IS NULL AND kind = 'policy_dropped' ORDER BY id"""
        names = (str(event(row).details["name"]) for row in self.reader.all(sql))
        known = self.policies()
        return tuple(name for name in dict.fromkeys(names) if name not in known)

    def calendar_users(self, name: str) -> tuple[tuple[str, str], ...]:
        """(desk, policy, queue, site or org; its name) of all that name this calendar."""
        settings = self.settings()
        by = {"name": name}
        queues = self.reader.all("SELECT key FROM queue WHERE calendar = :name ORDER BY key", by)
        sql = "SELECT name FROM organization WHERE calendar = :name ORDER BY name_fold"
        sites = [key for key, value in settings.items() if value == name and key.startswith(SITE)]
        return (
            *([("desk", "")] if settings.get("calendar") == name else []),
            *(("policy", p) for p, spec in self.policies().items() if spec.get("calendar") == name),
            *(("queue", key) for (key,) in queues),
            *(("site", key.removeprefix(SITE)) for key in sites),
            *(("org", organization) for (organization,) in self.reader.all(sql, by)),
        )

    def tags(self, *, limit: int = 1000) -> tuple[str, ...]:
        """Tags in use."""
        # A walk over the index, one probe a tag: counting a million rows would take a second.
        sql = f"""WITH RECURSIVE walk(tag) AS (
            SELECT min(tag) FROM tag
            UNION ALL SELECT (SELECT min(x.tag) FROM tag x WHERE x.tag > walk.tag) FROM walk WHERE walk.tag IS NOT NULL)
            SELECT tag FROM walk WHERE tag IS NOT NULL LIMIT {int(limit)}"""
        return tuple(tag for (tag,) in self.reader.all(sql))

    def field_names(self) -> tuple[str, ...]:
        """Names of custom fields in use."""
        sql = """WITH RECURSIVE walk(name) AS (
            SELECT min(name) FROM field
            UNION ALL SELECT (SELECT min(x.name) FROM field x WHERE x.name > walk.name) FROM walk WHERE walk.name IS NOT NULL)
            SELECT name FROM walk WHERE name IS NOT NULL"""
        return tuple(name for (name,) in self.reader.all(sql))

    def settings(self) -> dict[str, str]:
        return dict(self.reader.all("SELECT name, value FROM setting ORDER BY name"))


class VocabularyReads(PeopleReads, SetupReads):
    """The desk's own words for the filter language, read again only when the set-up has changed."""

    _vocabulary: tuple[int, Vocabulary] | None = None

    def vocabulary(self) -> Vocabulary:
        row = self.reader.one("SELECT coalesce(max(id), 0) FROM event WHERE ticket_id IS NULL")
        stamp = int(row[0]) if row else 0
        if self._vocabulary is None or self._vocabulary[0] != stamp:
            self._vocabulary = (stamp, self._read_vocabulary())
        return self._vocabulary[1]

    def _read_vocabulary(self) -> Vocabulary:
        return Vocabulary(
            queues={queue.key: queue.name for queue in self.queues()},
            states={state.key: state.name for state in self.states()},
            agents={agent.login: agent.name for agent in self.agents(inactive=True)},
            categories=self.categories(),
            policies=(*self.policies(), *self.dropped_policies()),
            tags=self.tags(),
            fields=self.field_names(),
            organizations=tuple(org.name for org in self.organizations()),
        )


def _like(text: str) -> str:
    """The text with the wildcards of LIKE made literal (escape `\\`)."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _person(row: tuple[Any, ...]) -> Person:
    return Person(PersonId(row[0]), row[1], row[2], row[3], row[4], bool(row[5]), *row[6:])


def _macro(name: str, text: str, kept: str, owner: str) -> Macro:
    rest = unpacked(kept, f"the macro {name}")
    rest = rest if isinstance(rest, dict) else {}
    asks = tuple((str(ask), str(question)) for ask, question in rest.get("asks", ()))
    return Macro(
        name, text, tuple(map(str, rest.get("acts", ()))), owner, asks,
        bool(rest.get("send")), bool(rest.get("note")),
    )  # fmt: skip
