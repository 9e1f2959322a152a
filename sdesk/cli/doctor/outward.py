"""What goes out to people and programs: settings, secrets, the extra, names, and what could not be sent."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from sdesk.cli.doctor.finding import Finding, note, ok, wrong
from sdesk.errors import SdeskError
from sdesk.present import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.desk import Desk
    from sdesk.notify.settings import Hook, Settings, Target

CHECK = "notify"
OVERDUE = 600
"""Seconds after which a message that waits is told of."""
FIX = "See: docs/notify.md"


def findings(desk: Desk) -> Iterator[Finding]:
    """Nothing where nobody is to be told of anything outside."""
    from sdesk.notify.settings import load

    yield from rotas(desk)
    yield from unsent(desk)
    try:
        settings = load()
    except SdeskError as error:
        yield wrong(CHECK, error.message, error.hint or FIX)
        return
    if not settings:
        return
    trouble = [*extra(settings), *named(desk, settings)]
    for target in settings.targets:
        trouble += way(target)
    for hook in settings.hooks:
        trouble += webhook(desk, hook)
    yield from trouble or [ok(CHECK, f"{counted(len(settings.targets), 'target')}, {counted(len(settings.hooks), 'webhook')}")]  # fmt: skip


def extra(settings: Settings) -> Iterator[Finding]:
    from sdesk.notify import phones

    if any(not target.command for target in settings.targets) and not phones.is_there():
        yield wrong(CHECK, "Targets with a URL need the extra 'notify'", "pip install 'sdesk[notify]'")  # fmt: skip


def named(desk: Desk, settings: Settings) -> Iterator[Finding]:
    from sdesk.notify.settings import unknown_names

    agents = [agent.login for agent in desk.read.agents()]
    queues = [queue.key for queue in desk.read.queues()]
    for said, mend in unknown_names(settings, agents, queues):
        yield wrong(CHECK, said, mend or FIX)


def way(target: Target) -> Iterator[Finding]:
    """Whether a target can be told at all, without telling it."""
    if target.command:
        if not os.access(target.command[0], os.X_OK):
            yield wrong(CHECK, f"{target.origin}: {target.command[0]} can't be run", FIX)
        return
    if target.url:
        yield from open_to_others(target)
        return
    try:
        target.place.check()
    except SdeskError as error:
        yield _secret(error, bool(target.place.credential))


def _secret(error: SdeskError, of_systemd: bool) -> Finding:
    # systemd hands its credentials to the service alone, not to whoever runs the doctor.
    return (note if of_systemd else wrong)(CHECK, error.message, error.hint or FIX)


def open_to_others(target: Target) -> Iterator[Finding]:
    from sdesk.locations import config_file

    file = config_file()
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield wrong(CHECK, f"{target.origin}: the URL is a secret, and others can get at the file", f"chmod 600 {file}, or use url_file.")  # fmt: skip


def webhook(desk: Desk, hook: Hook) -> Iterator[Finding]:
    from sdesk.rules.query import parse

    try:
        hook.secret.check()
    except SdeskError as error:
        yield _secret(error, bool(hook.secret.credential))
    try:
        parse(hook.query, desk.read.vocabulary())
    except SdeskError as error:
        yield wrong(CHECK, f"{hook.origin}: query: {error.message}", error.hint or FIX)
    if hook.ca_file and not os.access(hook.ca_file, os.R_OK):
        yield wrong(CHECK, f"{hook.origin}: {hook.ca_file} can't be read", FIX)


def rotas(desk: Desk) -> Iterator[Finding]:
    """Agents of a rota who are gone: their turn falls to the queue."""
    from sdesk.rules.oncall import rotas

    known = {agent.login for agent in desk.read.agents()}
    for queue, rota in rotas(desk.read.settings()).items():
        if gone := [login for login in rota.everybody if login not in known]:
            yield note("on call", f"No active agents, but on call for {queue}: {', '.join(gone)}", f"sdesk oncall {queue} --agents …")  # fmt: skip


def unsent(desk: Desk) -> Iterator[Finding]:
    from sdesk.store.reads.deliveries import FAILED, count_by_state, oldest_due

    failed = {
        target: count for (target, state), count in count_by_state(desk.read).items()
        if state == FAILED
    }  # fmt: skip
    if failed:
        said = ", ".join(f"{count} to {target}" for target, count in sorted(failed.items()))
        yield note(CHECK, f"Messages that could not be sent: {said}", "sdesk notify log --state failed")  # fmt: skip
    oldest, now = oldest_due(desk.read, desk.now()), desk.now()
    if oldest is not None and now - oldest > OVERDUE:
        yield note(CHECK, f"Messages have waited for {(now - oldest) // 60:,} minutes", "sdesk worker sends them, or says why not.")  # fmt: skip
