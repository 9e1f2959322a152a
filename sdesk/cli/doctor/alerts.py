"""What monitors say: where it goes, who may say it, and what is down."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from sdesk.cli.doctor.finding import Finding, note, ok, wrong
from sdesk.errors import SdeskError, did_you_mean
from sdesk.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.alerts.settings import Settings
    from sdesk.desk import Desk
    from sdesk.rules.alarm import Plan

CHECK = "alerts"
FIX = "See: docs/alerts.md"


def findings(desk: Desk) -> Iterator[Finding]:
    """Nothing where there is no monitor."""
    from sdesk.alerts.settings import load

    try:
        settings = load()
    except SdeskError as error:
        yield wrong(CHECK, clean_line(error.message), error.hint or FIX)
        return
    yield from _of_queues(desk, settings.plan)
    if settings.host:
        yield from _of_listener(settings)
    if down := len(desk.read.alarms(state="down")):
        yield ok(CHECK, f"{down:,} {'alarm is' if down == 1 else 'alarms are'} down")


def _of_queues(desk: Desk, plan: Plan) -> Iterator[Finding]:
    known = [queue.key for queue in desk.read.queues()]
    for key in dict.fromkeys((plan.queue, *(route.queue for route in plan.routes))):
        if key and key not in known:
            said = f"[alerts] names the queue '{clean_line(key)}', which is not there; the intake queue takes its place"
            yield wrong(CHECK, said, did_you_mean(key, known) or FIX)


def _of_listener(settings: Settings) -> Iterator[Finding]:
    try:
        settings.token.check()
    except SdeskError as error:
        yield wrong(CHECK, clean_line(error.message), error.hint or FIX)
        return
    where = f"{settings.host}, port {settings.port}"
    if _is_of_this_host(settings.host):
        yield ok(CHECK, f"are taken at {where}, with a token from {settings.token.words}")
    else:
        said = f"The listener at {where} can be reached from other hosts, and speaks plain HTTP"
        yield note(CHECK, said, "Bind 127.0.0.1 and put a proxy with TLS before it.")


def _is_of_this_host(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
