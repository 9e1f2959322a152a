"""`oncall`: who is on call for the queues, and who will be."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdesk.cli import session
from sdesk.cli.options import RowFormat, Store
from sdesk.errors import NotFound, Usage

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.rules.oncall import Rota

app = typer.Typer()
AHEAD = 6
"""Shifts that are shown of one queue."""


@app.command(
    "oncall", epilog='Example: sdesk oncall network --agents ana,ben --turns "weekly monday 09:00"'
)
def oncall(
    queue: Annotated[str, typer.Argument(metavar="[QUEUE]", help="Else all that have a rota.", show_default=False)] = "",
    at: Annotated[str, typer.Option(metavar="WHEN", help="Who will be then: fri 18:00, 2026-12-24 9:00.", show_default=False)] = "",
    agents: Annotated[str, typer.Option(metavar="WHO,WHO", help="Set the rota: its agents in their order.", show_default=False)] = "",
    turns: Annotated[str, typer.Option(metavar="TURNS", help="When the next one takes over: 'weekly monday 09:00' or 'daily 08:00'.", show_default=False)] = "",
    first: Annotated[str, typer.Option(metavar="DATE", help="A day of the first agent's turn; else today.", show_default=False)] = "",
    cover: Annotated[str, typer.Option(metavar="WHO", help="Let somebody stand in, from --from until --until.", show_default=False)] = "",
    since: Annotated[str, typer.Option("--from", metavar="WHEN", help="Else now.", show_default=False)] = "",
    until: Annotated[str, typer.Option(metavar="WHEN", help="When the one who stands in hands back.", show_default=False)] = "",
    off: Annotated[bool, typer.Option("--off", help="Let the queue have no rota.")] = False,
    form: RowFormat = None,
    store: Store = None,
) -> None:  # fmt: skip
    """Show or set who is on call for a queue."""
    from sdesk.cli.fields import queue as queue_key

    with session.open_desk(store) as desk:
        key = queue_key(desk, queue) if queue else ""
        if agents or turns or first or cover or off:
            if not key:
                raise Usage("Which queue? It is missing.", "For example: sdesk oncall network …")
            return _set(
                desk, key, _changed(desk, key, agents, turns, first, cover, since, until, off)
            )
        if since or until:
            raise Usage("--from and --until belong to --cover.")
        _show(desk, key, at, form)
    return None


def _changed(
    desk: Desk, key: str, agents: str, turns: str, first: str, cover: str, since: str, until: str,
    off: bool,
) -> Rota | None:  # fmt: skip
    from sdesk.rules.oncall import SETTING, Rota, Turns

    if off:
        return None
    rota = Rota.parse(desk.read.settings().get(f"{SETTING}{key}", ""))
    if agents:
        named = tuple(_agent(desk, who.strip()) for who in agents.split(",") if who.strip())
        rota = rota._replace(agents=named, since=_today(desk))
    if turns:
        rota = rota._replace(turns=Turns.parse(turns))
    if first:
        rota = rota._replace(since=_date(first))
    if cover:
        rota = _covered(desk, rota, cover, since, until)
    rota.check()
    return rota


def _covered(desk: Desk, rota: Rota, who: str, since: str, until: str) -> Rota:
    from sdesk.rules.oncall import Cover
    from sdesk.rules.when import parse_until

    now, zone = desk.now(), desk.settings.zone
    if not until:
        raise Usage("Until when? --until is missing.", 'For example: --until "mon 09:00"')
    begins = parse_until(since, now=now, zone=zone) if since else now
    ends = parse_until(until, now=begins, zone=zone)
    # What is over tells nobody anything.
    kept = tuple(one for one in rota.covers if one.until > now)
    return rota._replace(covers=(*kept, Cover(_agent(desk, who), begins, ends)))


def _agent(desk: Desk, login: str) -> str:
    known = [agent.login for agent in desk.read.agents()]
    if login not in known:
        raise NotFound.named("agent", login, known)
    return login


def _today(desk: Desk) -> date:
    from sdesk.present import local

    return local(desk.now(), desk.settings.zone).date()


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Usage(f"--first '{text}' is no date.", "Write it like 2026-12-24.") from None


def _set(desk: Desk, key: str, rota: Rota | None) -> None:
    from sdesk.ops import SaveSetting
    from sdesk.present import moment
    from sdesk.rules.oncall import SETTING

    desk.apply(None, SaveSetting(f"{SETTING}{key}", str(rota) if rota else ""))
    now, zone = desk.now(), desk.settings.zone
    shift = rota.at(now, zone) if rota else None
    if rota is None:
        session.say(f"{key} has no rota.")
    elif shift is None:
        session.say(f"Nobody is on call for {key} now.")
    else:
        session.say(f"{shift.agent} is on call for {key} until {moment(shift.until, zone, now)}.")


def _show(desk: Desk, key: str, at: str, form: Any) -> None:
    from sdesk.cli.output import Column, emit
    from sdesk.present import stamp
    from sdesk.rules.oncall import rotas
    from sdesk.rules.when import parse_until

    zone = desk.settings.zone
    when = parse_until(at, now=desk.now(), zone=zone) if at else desk.now()
    known = {queue.key for queue in desk.read.queues()}
    found = {name: rota for name, rota in rotas(desk.read.settings()).items() if name in known}
    wanted = {key: found[key]} if key in found else {} if key else found
    count = AHEAD if key and not at else 1
    rows = [
        (name, shift) for name, rota in wanted.items() for shift in rota.ahead(when, zone, count)
    ]
    columns: list[Column[Any]] = [
        Column("queue", lambda row: row[0]),
        Column("agent", lambda row: row[1].agent),
        Column("from", lambda row: row[1].since, lambda row: stamp(row[1].since, zone)),
        Column("until", lambda row: row[1].until, lambda row: stamp(row[1].until, zone)),
        Column("instead_of", lambda row: row[1].covers),
    ]
    if not emit(rows, columns, form):
        where = f"{key} has no rota, or nobody's turn it is" if key else "No queue has a rota"
        session.say(f"{where}: sdesk oncall --help")
