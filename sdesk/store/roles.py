"""Roles and grants at a PostgreSQL server: a login role an agent, two groups a desk.

The groups carry the database's name: roles belong to the whole server, and two desks on it have
nothing in common. What an agent may do to which rows is said by policies (`postgres_0004`), what to
which tables here. Whoever may not make roles is told what to ask the administrator for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sdesk.errors import Invalid, Refused, StoreFault
from sdesk.store.postgres import connect, fault, look

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import psycopg

    from sdesk.store.reader import Reader

LONGEST = 63
"""Bytes of a role's name."""
WORKED = (
    "ticket", "tag", "field", "link", "entry", "clock", "seen", "draft", "notice", "attachment",
    "worked", "stopwatch", "check_item", "watcher", "mention", "outbox", "mail", "mailbox", "letter",
    "participant", "survey", "announcement", "alarm", "delivery", "ticket_text", "folded", "person",
    "organization", "view", "template", "macro", "category", "lease", "presence", "upkeep",
)  # fmt: skip
"""Tables in which every agent makes and changes rows: those that policies give them."""
ADDED = ("event", "blob")
"""Tables to which every agent adds rows, and changes none."""
TAKEN = (
    "tag", "field", "link", "clock", "draft", "notice", "stopwatch", "watcher", "outbox", "letter",
    "participant", "survey", "presence", "lease", "view", "template", "macro", "ticket_text",
    "delivery",
)  # fmt: skip
"""Tables from which an agent's acts take rows away."""
SET_UP = ("setting", "agent", "member", "queue", "state", "calendar", "policy", "retention")
"""Tables that admins alone write."""
KEPT = ("event", "agent", "ticket")
"""Tables from which nobody but the owner takes anything away."""
OTHERS = ("alembic_version",)
CONCEALED = "sdesk_concealed"
"""What policies ask which tickets an agent may not see."""
FUNCTIONS = (
    "sdesk_rank()", "sdesk_hidden()", "sdesk_may(bigint)", "sdesk_hidden_entries()",
    "sdesk_hidden_blobs()", "sdesk_chain_end()", "sdesk_next(regclass)", "sdesk_found(tsquery)",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Groups:
    """The two group roles of a desk; admins are agents as well."""

    agents: str
    admins: str


def groups(database: str) -> Groups:
    """The names that a database's desk has for its groups; a long one is cut and told apart by a hash."""
    names = []
    for kind in ("agents", "admins"):
        name = f"sdesk_{database}_{kind}"
        if len(name.encode()) > LONGEST:
            mark = hashlib.sha256(database.encode()).hexdigest()[:8]
            room = LONGEST - len(f"sdesk__{mark}_{kind}")
            cut = database.encode()[:room].decode(errors="ignore")
            name = f"sdesk_{cut}_{mark}_{kind}"
        names.append(name)
    return Groups(*names)


def quoted(name: str) -> str:
    """A name as SQL has it."""
    if "\0" in name:
        raise Invalid("A name can't hold a zero byte.")
    return '"' + name.replace('"', '""') + '"'


def _tables(names: Iterable[str]) -> str:
    return ", ".join(quoted(name) for name in names)


def grants(database: str, schema: str = "public") -> list[str]:
    """What the groups may do, as statements of the owner that can be said again at any time."""
    both = groups(database)
    agents, admins = quoted(both.agents), quoted(both.admins)
    read = dict.fromkeys((*WORKED, *ADDED, *SET_UP, *OTHERS))
    return [
        f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {agents}",
        f"GRANT SELECT ON {_tables((*read, CONCEALED))} TO {agents}",
        f"GRANT INSERT, UPDATE ON {_tables(WORKED)} TO {agents}",
        f"GRANT INSERT ON {_tables(ADDED)} TO {agents}",
        f"GRANT DELETE ON {_tables(TAKEN)} TO {agents}",
        *(f"GRANT EXECUTE ON FUNCTION {function} TO {agents}" for function in FUNCTIONS),
        f"GRANT INSERT, UPDATE ON {_tables(SET_UP)} TO {admins}",
        f"GRANT DELETE ON {_tables(name for name in read if name not in (*KEPT, *OTHERS))} TO {admins}",
        f"GRANT UPDATE (payload, salt) ON event TO {admins}",
    ]


def _made(database: str) -> list[str]:
    """The groups, for a server that does not have them yet."""
    both = groups(database)
    agents, admins = quoted(both.agents), quoted(both.admins)
    return [
        f"CREATE ROLE {agents} NOLOGIN",
        f"CREATE ROLE {admins} NOLOGIN",
        # An admin of the desk makes agents, and other admins.
        f"GRANT {agents} TO {admins} WITH ADMIN OPTION",
    ]


def _joined(database: str, login: str, *, is_admin: bool, member_of: Sequence[str]) -> list[str]:
    both = groups(database)
    wanted, other = (both.admins, both.agents) if is_admin else (both.agents, both.admins)
    more = " WITH ADMIN OPTION" if is_admin else ""
    statements = []
    if wanted not in member_of or is_admin:
        statements.append(f"GRANT {quoted(wanted)} TO {quoted(login)}{more}")
    if other in member_of:
        statements.append(f"REVOKE {quoted(other)} FROM {quoted(login)}")
    return statements


@dataclass(frozen=True, slots=True)
class Standing:
    """What a server knows of somebody who is to be an agent."""

    is_role: bool
    may_login: bool
    is_owner: bool
    """Whether the role is the desk's owner, or above all rights."""
    member_of: tuple[str, ...]


_STANDING = """SELECT r.rolcanlogin, r.rolsuper OR r.rolbypassrls OR pg_has_role(r.oid, %(owner)s::name, 'USAGE')
    FROM pg_roles r WHERE r.rolname = %(login)s"""
_MEMBER = """SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
    JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = %(login)s"""


def standing(connection: psycopg.Connection[Any], login: str, owner: str) -> Standing:
    values = {"login": login, "owner": owner}
    row = connection.execute(_STANDING, values).fetchone()
    if row is None:
        return Standing(False, False, False, ())
    member_of = tuple(str(name) for (name,) in connection.execute(_MEMBER, values).fetchall())
    return Standing(True, row[0], row[1], member_of)


def are_groups(connection: psycopg.Connection[Any], database: str) -> bool:
    both = groups(database)
    row = connection.execute(
        "SELECT count(*) FROM pg_roles WHERE rolname IN (%s, %s)", (both.agents, both.admins)
    ).fetchone()
    return row is not None and row[0] == 2


def statements(url: str, login: str, *, is_admin: bool, is_active: bool = True) -> list[str]:
    """What has still to be said at the server so that the agent can log in and work, or no more."""
    connection = connect(url)
    try:
        return _statements(connection, url, login, is_admin=is_admin, is_active=is_active)
    finally:
        connection.close()


def _statements(
    connection: psycopg.Connection[Any], url: str, login: str, *, is_admin: bool, is_active: bool
) -> list[str]:
    found = look(connection, url)
    known = standing(connection, login, found.owner)
    if not is_active:
        both = groups(found.database)
        mine = [group for group in (both.admins, both.agents) if group in known.member_of]
        return [f"REVOKE {quoted(group)} FROM {quoted(login)}" for group in mine]
    said: list[str] = []
    if not are_groups(connection, found.database):
        said += _made(found.database)
        said += grants(found.database, _schema(connection))
    elif _lacking(connection, groups(found.database).agents):
        said += grants(found.database, _schema(connection))
    if not known.is_role:
        said.append(f"CREATE ROLE {quoted(login)} LOGIN")
    if not known.is_owner:
        said += _joined(found.database, login, is_admin=is_admin, member_of=known.member_of)
    return said


def _schema(connection: psycopg.Connection[Any]) -> str:
    row = connection.execute("SELECT current_schema()::text").fetchone()
    return str(row[0]) if row and row[0] else "public"


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an agent's role: what was said at the server, or has to be said by another."""

    made: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    why: str = ""
    """Why the server refused it."""
    is_new: bool = False
    may_login: bool = True


def settle(url: str, login: str, *, is_admin: bool, is_active: bool = True) -> Done:
    """Let the agent in at the server, or no more: all of it, or nothing. Raises `StoreFault` where the
    server fails; what it does not permit is told by what comes back."""
    import psycopg

    connection = connect(url)
    try:
        found = look(connection, url)
        known = standing(connection, login, found.owner)
        said = _statements(connection, url, login, is_admin=is_admin, is_active=is_active)
        try:
            with connection.transaction():
                for statement in said:
                    connection.execute(statement.encode())
            left = _statements(connection, url, login, is_admin=is_admin, is_active=is_active)
            if not is_active and left:
                # The server takes back from whom one has given; others' gifts it leaves, and says nothing.
                return Done(wanted=tuple(left), why="another role has let them in")
        except psycopg.errors.InsufficientPrivilege as error:
            return Done(wanted=tuple(said), why=error.diag.message_primary or "it is not permitted")
    except psycopg.Error as error:
        raise fault(error, url) from error
    finally:
        connection.close()
    return Done(
        tuple(said), is_new=not known.is_role, may_login=known.may_login or not known.is_role
    )


def renew(url: str) -> None:
    """Say the grants again where the groups are there: a newer schema has more tables."""
    import psycopg

    connection = connect(url)
    try:
        found = look(connection, url)
        if are_groups(connection, found.database):
            with connection.transaction():
                for statement in grants(found.database, _schema(connection)):
                    connection.execute(statement.encode())
    except psycopg.Error as error:
        raise fault(error, url) from error
    finally:
        connection.close()


def missing(url: str) -> list[str]:
    """Which rights the group of the desk's agents has not, in words: "select on ticket"."""
    connection = connect(url)
    try:
        found = look(connection, url)
        if not are_groups(connection, found.database):
            return []
        return _lacking(connection, groups(found.database).agents)
    finally:
        connection.close()


_LACKING = """SELECT name FROM unnest(%(tables)s::text[]) name
    WHERE NOT has_table_privilege(%(group)s::name, quote_ident(name), %(right)s)"""


def _lacking(connection: psycopg.Connection[Any], group: str) -> list[str]:
    wanted = {
        "SELECT": (*WORKED, *ADDED, *SET_UP, *OTHERS), "INSERT": (*WORKED, *ADDED), "UPDATE": WORKED,
        "DELETE": TAKEN,
    }  # fmt: skip
    lost = []
    for right, tables in wanted.items():
        values = {"tables": list(tables), "group": group, "right": right}
        rows = connection.execute(_LACKING, values).fetchall()
        lost += [f"{right.lower()} on {name}" for (name,) in rows]
    return lost


def strangers(url: str, logins: Sequence[str]) -> list[str]:
    """Those of the agents who can't log in at the server, or have no part in the desk there."""
    connection = connect(url)
    try:
        found = look(connection, url)
        both = groups(found.database)
        lost = []
        for login in logins:
            known = standing(connection, login, found.owner)
            has_part = known.is_owner or {both.agents, both.admins} & set(known.member_of)
            if not (known.may_login and has_part):
                lost.append(login)
        return lost
    finally:
        connection.close()


def is_admin(reader: Reader) -> bool:
    """Whether the connection is an admin's of the desk, or its owner's."""
    return reader.one("SELECT sdesk_rank()") == (2,)


def check_whole(reader: Reader, what: str) -> None:
    """Raises `Refused` for an agent's connection at a server: it may write in its own name only."""
    if reader.dialect != "sqlite" and not is_admin(reader):
        row = reader.one("SELECT session_user::text")
        raise Refused(
            f"{what} sees to the whole desk; the role '{row[0] if row else '?'}' may not.",
            "Do it as the owner of the desk's database, or as an admin of the desk.",
        )


def sees_all(reader: Reader) -> bool:
    """Whether no ticket is hidden from this connection."""
    return reader.one("SELECT 1 FROM sdesk_hidden() LIMIT 1") is None


_CLEAR = """DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')
    LOOP EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', one.relname); END LOOP;
    FOR one IN SELECT p.oid::regprocedure AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = current_schema() AND (p.proname LIKE 'sdesk\\_%' OR p.proname = 'event_is_append_only')
    LOOP EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', one.name); END LOOP;
    END $$"""


def clear(url: str) -> None:
    """Make a database empty again in which a desk could not be made whole. For databases that were
    empty a moment ago."""
    import psycopg

    connection = connect(url)
    try:
        connection.execute(_CLEAR)
    except psycopg.Error as error:
        raise StoreFault("The database could not be emptied again.") from error
    finally:
        connection.close()
