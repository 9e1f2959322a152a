"""The agents' roles at a PostgreSQL server: made with them, and what to say where that is not permitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.cli import session
from sdesk.cli.output import put
from sdesk.errors import NotFound, Refused

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.store.roles import Done

ADMIN = "admin"


def is_at_server(desk: Desk) -> bool:
    return "://" in str(desk.place)


def let_in(desk: Desk, login: str, role: str, *, is_active: bool = True) -> None:
    """Give the agent a role at the desk's server, or take its part in the desk from it. Nothing for a file."""
    if not is_at_server(desk):
        return
    from sdesk.store.roles import settle

    done = settle(str(desk.place), login, is_admin=role == ADMIN, is_active=is_active)
    if done.wanted:
        session.say(f"At the server you may not: {done.why}. Its administrator has to say:")
        for statement in done.wanted:
            session.say(f"  {statement};")
    else:
        session.say(_told(login, done, is_active))


def _told(login: str, done: Done, is_active: bool) -> str:
    if not is_active and not done.made:
        return f"'{login}' had no part in this desk at the server."
    if not is_active:
        return f"The role '{login}' stays at the server; it has no part in this desk any more."
    if done.is_new:
        return (
            f"The role '{login}' is made, without a password. Next: let pg_hba.conf know {login} by peer or by "
            f"certificate, or in psql: \\password {login}"
        )
    if not done.may_login:
        return (
            f"The role '{login}' can't log in yet. Its administrator: ALTER ROLE \"{login}\" LOGIN"
        )
    return f"The role '{login}' may work in this desk."


def print_grants(desk: Desk, login: str) -> None:
    """What has still to be said at the server for an agent, as SQL. Raises `NotFound`, `Refused`."""
    if not is_at_server(desk):
        raise Refused("This desk lies in a file; rights at a server are for PostgreSQL.")
    from sdesk.store.roles import statements

    known = {agent.login: agent for agent in desk.read.agents(inactive=True)}
    if (agent := known.get(login)) is None:
        raise NotFound.named("agent", login, known)
    wanted = statements(
        str(desk.place), login, is_admin=agent.role == ADMIN, is_active=agent.active
    )
    for statement in wanted:
        put(f"{statement};")
    if not wanted:
        session.say(f"Nothing: {login} has what the desk wants at the server.")
