"""What is in the store: sound pages, an unbroken chain of events, agents who exist, a time zone."""

from __future__ import annotations

import pwd
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.cli.doctor import alerts, apart, backups, mail_in, mail_out, outward, privacy
from sdesk.cli.doctor.files import group_name, members
from sdesk.cli.doctor.finding import Finding, note, ok, wrong
from sdesk.errors import SdeskError
from sdesk.present import counted

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from sdesk.desk import Desk
    from sdesk.model import Agent

AHEAD = 120
"""Seconds by which clocks of two hosts may differ before it is told."""

OVERDUE = 300
"""Seconds after which what is due and not done is told."""


def findings(place: str, *, quick: bool) -> Iterator[Finding]:
    from sdesk.desk import Desk

    try:
        desk = Desk.open(place)
    except SdeskError as error:
        yield wrong("store", error.message, error.hint or "Restore the last backup.")
        return
    try:
        yield from _of_desk(desk, quick)
    except SdeskError as error:
        yield wrong("store", error.message, error.hint or "Restore the last backup.")
    finally:
        desk.close()


def _of_desk(desk: Desk, quick: bool) -> Iterator[Finding]:
    yield set_up(desk)
    yield zone(desk.settings.zone)
    yield from agents(desk)
    yield from timers(desk)
    yield from apart.findings(desk)
    yield from outward.findings(desk)
    yield from mail_in.findings(desk, quick=quick)
    yield from mail_out.findings(desk, quick=quick)
    yield from alerts.findings(desk)
    yield from privacy.findings(desk, quick=quick)
    yield from backups.findings(desk)
    yield from soundness(desk, quick)


def set_up(desk: Desk) -> Finding:
    missing = [what for what, there in (("states", desk.read.states()), ("queues", desk.read.queues()), ("agents", desk.read.agents())) if not there]  # fmt: skip
    if missing:
        return wrong("set-up", f"The desk has no {' and no '.join(missing)}", "Make a new desk with sdesk init, or restore a backup.")  # fmt: skip
    return ok("set-up", f"{desk.settings.name}, {counted(len(desk.read.agents()), 'agent')}, {counted(len(desk.read.queues()), 'queue')}")  # fmt: skip


def zone(name: str) -> Finding:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return wrong("time zone", f"This host does not know the desk's time zone '{name}'", "Install the package tzdata.")  # fmt: skip
    return ok("time zone", name)


def agents(desk: Desk) -> Iterator[Finding]:
    """Agents who have no user here, users of the store's group who are no agents, and the caller."""
    known = {agent.login: agent for agent in desk.read.agents(inactive=True)}
    yield caller(desk.actor, known.get(desk.actor))
    active = sorted(login for login, agent in known.items() if agent.active)
    if "://" in str(desk.place):
        yield from _at_server(str(desk.place), active)
        return
    if strangers := [login for login in active if not _is_user(login)]:
        said = f"Agents who are no users of this host: {_some(strangers)}"
        yield note("agents", said, f"If they have left: sdesk agents set {strangers[0]} active=no")
    path = Path(str(desk.place))
    if path.exists():
        yield from _of_group(path.stat(), [login for login in active if _is_user(login)])


def _at_server(url: str, active: list[str]) -> Iterator[Finding]:
    """Agents whom the server lets in, or not into this desk."""
    from sdesk.store.roles import strangers

    if lost := strangers(url, active):
        yield note("agents", f"Agents without a part in the desk at its server: {_some(lost)}", f"sdesk agents grants {lost[0]} says what is wanted; if they have left: sdesk agents set {lost[0]} active=no")  # fmt: skip


def _of_group(status: os.stat_result, active: list[str]) -> Iterator[Finding]:
    name, group = group_name(status.st_gid), members(status.st_gid)
    for login in active:
        if not _may_write(login, status, group):
            yield wrong("agents", f"{login} is an agent, but can't write the store", f"sudo usermod -aG {name} {login}")  # fmt: skip
    if others := sorted(group - {"root", *active}):
        said = f"No agents, but able to open the store's file: {_some(others)}"
        yield note("agents", said, f"sudo gpasswd -d {others[0]} {name}")


def _some(logins: list[str]) -> str:
    more = f" and {len(logins) - 6} more" if len(logins) > 6 else ""
    return ", ".join(logins[:6]) + more


def caller(login: str, agent: Agent | None) -> Finding:
    if agent is None or not agent.active:
        return note("you", f"{login} is not an agent: you can look, not work", f"An admin: sdesk agents add {login}")  # fmt: skip
    return ok("you", f"{login}, {agent.role}")


def timers(desk: Desk) -> Iterator[Finding]:
    """Who keeps time, and what has waited for it for too long."""
    from sdesk.worker import keeper

    held, now = keeper(desk.read.reader), desk.now()
    if held is not None and held.is_alive(now):
        yield ok("timers", f"{held.words}, keeps time")
    else:
        yield note("timers", "Nobody keeps time: warnings, escalations and waits stand still until a desk is open", "Run sdesk worker; see docs/worker.md.")  # fmt: skip
    due = [at for at in (desk.read.next_step_at(), desk.read.next_wait_at()) if at is not None]
    if due and now - min(due) > OVERDUE:
        minutes = (now - min(due)) // 60
        yield note("timers", f"What should have happened {minutes:,} minutes ago has not", "sdesk worker --once does it, or says why not.")  # fmt: skip


def _is_user(login: str) -> bool:
    try:
        pwd.getpwnam(login)
    except KeyError:
        return False
    return True


def _may_write(login: str, status: os.stat_result, group: set[str]) -> bool:
    number = pwd.getpwnam(login).pw_uid
    return number in (0, status.st_uid) or login in group


def soundness(desk: Desk, quick: bool) -> Iterator[Finding]:
    from sdesk.audit import check_sight, unfounded, verify
    from sdesk.store.health import damage, newest_moment

    reader = desk.read.reader
    ahead = newest_moment(reader) - int(time.time())
    if ahead > AHEAD:
        yield wrong("clock", f"The newest event is {ahead // 60} minutes ahead of this host's clock", "Set the clock; let it be kept by NTP.")  # fmt: skip
    if quick:
        return
    for said in damage(reader):
        yield wrong("pages", said, "Restore the last backup: sdesk restore.")
    if not desk.sees_all():
        yield note("events", "Restricted tickets are kept from you, and with them a part of the history", "An admin or the desk's owner can check all of it.")  # fmt: skip
        return
    try:
        check_sight(reader)
    except SdeskError as error:
        yield note("events", error.message, error.hint)
        return
    found = verify(reader)
    if found.is_whole:
        yield ok("events", f"{found.events:,} events, the chain is whole")
        for said in unfounded(reader):
            yield wrong(
                "set-up",
                f"Changed past the history: {said}",
                "Set it right in the desk; see: docs/audit.md",
            )
    else:
        first, more = found.broken[0], len(found.broken) + found.more - 1
        others = f", and {counted(more, 'fault')} more" if more else ""
        yield wrong("events", f"The history was changed from outside: {first.said}{others}", "See: sdesk audit verify; compare with the last backup.")  # fmt: skip
