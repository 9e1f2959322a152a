"""Makes a demo store: sets the company's desk up, then loads its tickets in batches."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from sdesk.demo import company
from sdesk.demo.generate import BRIEF_FROM, Demo
from sdesk.demo.mark import MARK, mark_of
from sdesk.demo.plot import Terms
from sdesk.desk import Desk, now_seconds
from sdesk.levels import ServiceLevels
from sdesk.model import TicketId
from sdesk.ops import Op, SaveAgent, SavePerson, SaveSetting
from sdesk.rules.query import Context, Facts
from sdesk.setup_defaults import default_setup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sdesk.demo.company import Helper, Someone
    from sdesk.demo.generate import TermsOf
    from sdesk.demo.play import Record
    from sdesk.model import Instant

BATCH = 2_000
"""Tickets in one transaction: enough to be quick, few enough that other writers get their turn."""
_SEEN = 0.6
_SEEN_AT_MOST = 40


def make(
    place: str | Path, *, tickets: int, seed: int, caller: str, caller_name: str = "",
    clock: Callable[[], Instant] = now_seconds, on_progress: Callable[[int, int], None] | None = None,
) -> Desk:  # fmt: skip
    """A new store with so many tickets; the caller becomes its admin. Returns the open desk."""
    now = clock()
    desk = Desk.create(place, setup=_setup(caller, caller_name, now), actor=caller, clock=clock)
    try:
        demo = Demo(
            tickets,
            seed=seed,
            now=now,
            caller=caller,
            caller_name=caller_name,
            terms=terms_of(desk),
        )
        _load(desk, demo, on_progress or (lambda _done, _total: None))
        _keep_time(desk, tickets)
        _look_at_some(desk, demo)
        desk.apply(None, SaveSetting(MARK, mark_of(tickets, seed, now)))
    except BaseException:
        desk.close()
        raise
    return desk


def _setup(caller: str, caller_name: str, now: Instant) -> list[Op]:
    setup = default_setup(
        name=company.NAME, prefix=company.PREFIX, zone=company.ZONE, country=company.COUNTRY,
        admin_login=caller, admin_name=caller_name or caller, year=datetime.fromtimestamp(now, UTC).year,
    )  # fmt: skip
    return [*setup, *company.MORE_QUEUES, SaveSetting(MARK, mark_of(0, 0, 0))]


def _agent(helper: Helper) -> SaveAgent:
    email = f"{helper.login}@{company.DOMAIN}"
    return SaveAgent(helper.login, helper.name, helper.role, email, queues=helper.queues)


def _person(someone: Someone) -> SavePerson:
    return SavePerson(
        someone.name, someone.email, someone.phone, someone.organization, someone.vip,
        external_id=f"E{someone.id:05}",
    )  # fmt: skip


def terms_of(desk: Desk) -> TermsOf:
    """What the desk's own policies promise, by priority and kind."""
    levels = ServiceLevels.read(desk.read.policies(), desk.read.calendars())
    context = Context(me="", now=desk.now(), zone=desk.settings.zone)

    def terms(priority: int, kind: str) -> Terms:
        name = levels.policy_for(lambda: Facts(kind=kind, priority=priority), context)
        policy = levels.policies[name]
        calendar = levels.calendars[policy.calendar or desk.settings.calendar]
        response, resolution = policy.target("response"), policy.target("resolution")
        assert response is not None
        assert resolution is not None
        start = desk.now()
        return Terms(
            calendar,
            response.budgets[priority].working_seconds(start, calendar),
            resolution.budgets[priority].working_seconds(start, calendar),
            resolution.pauses,
        )

    return terms


def _load(desk: Desk, demo: Demo, on_progress: Callable[[int, int], None]) -> None:
    loader = desk.loader()
    loader.set_up([_agent(helper) for helper in demo.agents])
    numbers = loader.people([_person(someone) for someone in demo.people])
    if numbers != [someone.id for someone in demo.people]:
        raise AssertionError("A new store numbers its people from 1.")
    done, total = 0, demo.scale.tickets
    with _seldom_collected():
        for batch in _batches(demo.records()):
            loader.add([record.loaded() for record in batch], warn=True)
            done += len(batch)
            on_progress(done, total)
    if total > 20 * BATCH:
        loader.optimize()


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Millions of small dictionaries and no cycles among them: the collector would look in vain."""
    before = gc.get_threshold()
    gc.set_threshold(500_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    while batch := list(islice(records, BATCH)):
        yield batch


def _keep_time(desk: Desk, tickets: int) -> None:
    """The desk has kept time so far: what the clocks have come to was warned of and escalated.

    In a company to look at, each step at its own time, or right after the last thing that somebody
    did; in one for measuring, now.
    """
    clock, now = desk.now, desk.now()
    try:
        for ticket in desk.read.steps_due(now, limit=tickets):
            desk.now = clock
            if tickets <= BRIEF_FROM:
                _go_back(desk, ticket)
            while (at := _next_step(desk, ticket)) is not None and at <= now:
                moment = max(at, desk.now())
                desk.now = lambda moment=moment: moment  # type: ignore[misc]
                if not desk.settle(ticket):
                    break
    finally:
        desk.now = clock


def _go_back(desk: Desk, ticket: TicketId) -> None:
    """To the last thing that happened to the ticket, its clocks as they were then."""
    then = desk.read.ticket(ticket).updated_at
    desk.now = lambda: then
    desk.recompute_clocks(f"number:{ticket}")


def _next_step(desk: Desk, ticket: TicketId) -> Instant | None:
    steps = [clock.step_at for clock in desk.read.clocks(ticket) if clock.step_at is not None]
    return min(steps, default=None)


def _look_at_some(desk: Desk, demo: Demo) -> None:
    """The caller has been at work: most of the tickets on top have been looked at."""
    for ticket in desk.read.ids("state:open", limit=_SEEN_AT_MOST):
        if demo.rng.random() < _SEEN:
            desk.mark_seen(TicketId(ticket))
