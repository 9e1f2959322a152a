"""`agents` and `queues`: who works, and where work lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdesk.cli import session
from sdesk.cli.options import RowFormat, Store
from sdesk.cli.output import put
from sdesk.cli.server_roles import is_at_server, let_in, print_grants
from sdesk.errors import NotFound, Usage, did_you_mean
from sdesk.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdesk.desk import Desk
    from sdesk.model import Agent, Change, Queue

app = typer.Typer()
agents = typer.Typer(invoke_without_command=True, epilog="Example: sdesk agents --format csv")
queues = typer.Typer(invoke_without_command=True, epilog="Example: sdesk queues --format json")
app.add_typer(agents, name="agents")
app.add_typer(queues, name="queues")

QueueOption = Annotated[
    list[str] | None,
    typer.Option("--queue", metavar="QUEUE", help="A queue to work in; may be given several times.", show_default=False),
]  # fmt: skip
Settings = Annotated[
    list[str], typer.Argument(metavar="FIELD=VALUE…", show_default=False)
]  # fmt: skip


@agents.callback()
def list_agents(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Those who have left as well.")] = False,
    form: RowFormat = None,
    store: Store = None,
) -> None:
    """List, add and change agents."""
    if context.invoked_subcommand is not None:
        return
    from sdesk.cli.output import Column, emit

    columns: list[Column[Agent]] = [
        Column("login", lambda a: a.login),
        Column("name", lambda a: a.name),
        Column("role", lambda a: str(a.role)),
        Column("email", lambda a: a.email),
        Column("active", lambda a: a.active),
        Column("queues", lambda a: list(a.queues)),
    ]
    with session.open_desk(store) as desk:
        emit(desk.read.agents(inactive=every), columns, form)


@agents.command(
    "add", epilog="Example: sdesk agents add ben --name 'Ben Okafor' --role lead --queue network"
)
def add_agent(
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="The operating system's user.", show_default=False)],
    name: Annotated[str, typer.Option(metavar="NAME", help="Else the host's name for the user.", show_default=False)] = "",
    role: Annotated[str, typer.Option(metavar="ROLE", help="agent, lead or admin.")] = "agent",
    email: Annotated[str, typer.Option(metavar="ADDRESS", show_default=False)] = "",
    queue: QueueOption = None,
    store: Store = None,
) -> None:  # fmt: skip
    """Make a user of this host an agent; on PostgreSQL a role of the server, which is made for it."""
    from sdesk.ops import SaveAgent

    with session.open_desk(store) as desk:
        if any(agent.login == login for agent in desk.read.agents(inactive=True)):
            raise Usage(
                f"{login} is an agent already.", f"Change: sdesk agents set {login} role={role}"
            )
        called = name or (login if is_at_server(desk) else _host_name(login))
        op = SaveAgent(login, called, role, email, queues=tuple(queue or ()))
        desk.apply(None, op)
        put(login)
        session.say(f"{op.name} ({login}) is {'an' if role[0] == 'a' else 'a'} {role}.")
        let_in(desk, login, role)


@agents.command(
    "set", epilog="Example: sdesk agents set ben role=lead queues=network,workplace active=yes"
)
def set_agent(
    login: Annotated[str, typer.Argument(metavar="LOGIN", show_default=False)],
    settings: Settings,
    store: Store = None,
) -> None:
    """Change an agent: name, role, email, active, queues."""
    from sdesk.cli.fields import claim
    from sdesk.ops import SaveAgent

    with session.open_desk(store) as desk:
        known = {agent.login: agent for agent in desk.read.agents(inactive=True)}
        if (agent := known.get(login)) is None:
            raise NotFound.named("agent", login, known)
        values = _settings(settings, ("name", "role", "email", "active", "queues"))
        given = values.get("queues")
        queues_wanted = agent.queues if given is None else tuple(filter(None, given.split(",")))
        op = SaveAgent(
            login, values.get("name", agent.name), values.get("role", agent.role),
            values.get("email", agent.email),
            claim("Active", values["active"]) if "active" in values else agent.active,
            queues_wanted,
        )  # fmt: skip
        _save(desk, op, login)
        if {"role", "active"} & set(values):
            let_in(desk, login, op.role, is_active=op.active)


@agents.command("grants", epilog="Example: sdesk agents grants ben | psql service_desk")
def grants(
    login: Annotated[str, typer.Argument(metavar="LOGIN", show_default=False)],
    store: Store = None,
) -> None:
    """Print the SQL that an agent still needs at a PostgreSQL server, for its administrator."""
    with session.open_desk(store) as desk:
        print_grants(desk, login)


def _save(desk: Desk, op: Any, key: str) -> Change:
    from sdesk.present import event_sentence

    change = desk.apply(None, op)
    put(key)
    for event in change.events:
        session.say(f"{event_sentence(event, zone=desk.settings.zone)}.")
    if not change:
        session.say(f"{key} was so already.")
    return change


def _settings(words: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    values = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in known:
            hint = did_you_mean(name, known) or "Known: " + ", ".join(known)
            raise Usage(f"'{word}': there is no field '{name}', or no value.", hint)
        values[name] = value.strip()
    return values


def _host_name(login: str) -> str:
    import pwd

    try:
        return pwd.getpwnam(login).pw_gecos.split(",")[0] or login
    except KeyError:
        session.say(f"This host has no user '{login}' yet; they can't open the desk before it has.")
        return login


@queues.callback()
def list_queues(context: typer.Context, form: RowFormat = None, store: Store = None) -> None:
    """List, add and change queues."""
    if context.invoked_subcommand is not None:
        return
    from sdesk.cli.output import Column, emit

    with session.open_desk(store) as desk:
        held = [f"state:open queue:{queue.key}" for queue in desk.read.queues()]
        live = dict(zip(held, desk.read.counts(held), strict=True))
        columns: list[Column[Queue]] = [
            Column("key", lambda q: q.key),
            Column("name", lambda q: q.name),
            Column("tier", lambda q: q.tier, right=True),
            Column("site", lambda q: q.site),
            Column("calendar", lambda q: q.calendar or desk.settings.calendar),
            Column("open", lambda q: live[f"state:open queue:{q.key}"], right=True),
            Column("members", lambda q: list(q.members)),
        ]
        emit(desk.read.queues(), columns, form)


@queues.command("add", epilog="Example: sdesk queues add vpn --name VPN --tier 2 --site Helsinki")
def add_queue(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Short; it never changes.", show_default=False)],
    name: Annotated[str, typer.Option(metavar="NAME", help="Else the key.", show_default=False)] = "",
    tier: Annotated[int, typer.Option(min=1, max=3, metavar="1-3", help="1 first line, 2 second, 3 third.")] = 1,
    site: Annotated[str, typer.Option(metavar="SITE", show_default=False)] = "",
    calendar: Annotated[str, typer.Option(metavar="NAME", help="Else the desk's.", show_default=False)] = "",
    store: Store = None,
) -> None:  # fmt: skip
    """Make a queue."""
    from sdesk.ops import SaveQueue

    with session.open_desk(store) as desk:
        if any(queue.key == key for queue in desk.read.queues()):
            raise Usage(
                f"There is a queue '{key}' already.",
                f"Change it: sdesk queues set {key} tier={tier}",
            )
        _save(desk, SaveQueue(key, name or key, tier, site, calendar), key)


@queues.command("set", epilog="Example: sdesk queues set vpn tier=2 site=Turku")
def set_queue(
    key: Annotated[str, typer.Argument(metavar="KEY", show_default=False)],
    settings: Settings,
    store: Store = None,
) -> None:
    """Change a queue: name, tier, site, calendar; address, signature and language of its mail;
    restricted=yes puts its new tickets into the file for restricted ones.

    Another calendar recomputes what runs.
    """
    from sdesk.cli.fields import number
    from sdesk.cli.sla_many import recount
    from sdesk.ops import SaveQueue

    with session.open_desk(store) as desk:
        known = {queue.key: queue for queue in desk.read.queues()}
        if (queue := known.get(key)) is None:
            raise NotFound.named("queue", key, known)
        fields = (
            "name",
            "tier",
            "site",
            "calendar",
            "address",
            "signature",
            "language",
            "restricted",
        )
        values = _settings(settings, fields)
        if "restricted" in values:
            _restrict(desk, key, values.pop("restricted"))
            if not values:
                return
        tier = number("Tier", values["tier"]) if "tier" in values else queue.tier
        op = SaveQueue(
            key, values.get("name", queue.name), tier, values.get("site", queue.site),
            values.get("calendar", queue.calendar), values.get("address"),
            values["signature"].replace("\\n", "\n") if "signature" in values else None,
            values.get("language"),
        )  # fmt: skip
        hours = desk.levels().hours
        _save(desk, op, key)
        if desk.levels().hours != hours:
            recount(desk)


def _restrict(desk: Desk, key: str, given: str) -> None:
    """Let a queue's new tickets be restricted, or no longer."""
    from sdesk.cli.fields import claim
    from sdesk.ops import SaveSetting
    from sdesk.restricted import QUEUES, queues

    is_on = claim("Restricted", given)
    kept = [one for one in queues(desk.read.settings()) if one != key] + ([key] if is_on else [])
    change = desk.apply(None, SaveSetting(QUEUES, " ".join(sorted(kept))))
    print(clean_line(key))
    if not change:
        session.say(f"{key} was so already.")
        return
    where = (
        "into the file for restricted ones"
        if desk.restricted_store
        else "in with the flag 'restricted' set"
    )
    session.say(
        f"New tickets of {key} go {where}." if is_on else f"New tickets of {key} are ordinary ones."
    )
