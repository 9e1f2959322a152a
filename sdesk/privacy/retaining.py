"""What the desk erases by itself: closed tickets that a rule finds old enough."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sdesk.errors import SdeskError
from sdesk.privacy.erasing import erase_tickets
from sdesk.privacy.people import check_admin, check_sees_all, hold_tag
from sdesk.rules.retention import ACTIONS, Age, Rule, doubt
from sdesk.store import upkeep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sdesk.desk import Desk
    from sdesk.model import Instant

AT_ONCE, SAMPLE, USUAL_LIMIT, LATEST = 50, 5, 5_000, 200


@dataclass
class RuleRun:
    """What one rule found, and what was done."""

    name: str
    query: str
    after: str
    action: str
    count: int = 0
    sample: tuple[int, ...] = ()
    held: int = 0
    """Of those it would have found, how many must be kept."""
    done: int = 0
    trouble: str = ""
    """Why its query can't be asked any more."""


@dataclass
class Ran:
    """A run over the rules. `refused` says why nothing was done; `finished` is whether all was."""

    rules: list[RuleRun] = field(default_factory=list)
    refused: str = ""
    finished: bool = True

    @property
    def done(self) -> int:
        return sum(rule.done for rule in self.rules)


def rules_of(desk: Desk) -> tuple[Rule, ...]:
    rows = desk.read.reader.all("SELECT name, query, after, action FROM retention ORDER BY name")
    return tuple(Rule(*row) for row in rows)


def last_run(desk: Desk) -> upkeep.Kept | None:
    """When the rules were carried out last, and what came of it."""
    return upkeep.known(desk.read.reader, upkeep.RETENTION)


def run_retention(
    desk: Desk, now: Instant | None = None, *, dry_run: bool = False, limit: int = USUAL_LIMIT,
    should_stop: Callable[[], bool] = lambda: False, trust_clock: bool = False,
) -> Ran:  # fmt: skip
    """Erase what the rules find, at most `limit` tickets, fifty to a transaction; a later run goes on.

    With a clock that has jumped ahead nothing is done: it would make everything old at once.
    """
    check_admin(desk, "Running retention")
    now = desk.now() if now is None else now
    taken: set[int] = set()
    ran = Ran([_asked(desk, rule, now, taken) for rule in rules_of(desk)])
    if ran.rules and not dry_run:
        check_sees_all(desk)
    if not trust_clock:
        ran.refused = _doubted(desk, now, keep=not dry_run)
    if dry_run or ran.refused:
        return ran
    room = limit
    for rule in ran.rules:
        room -= _carry_out(desk, rule, now, room, should_stop)
        ran.finished = ran.finished and (rule.done >= rule.count or bool(rule.trouble))
    with desk.door().transaction() as work:
        said = f"{ran.done} erased" + ("" if ran.finished else ", more to come")
        upkeep.remember_in(work.tx.session, upkeep.RETENTION, said, now)
    return ran


def _doubted(desk: Desk, now: Instant, *, keep: bool) -> str:
    """Why this host's clock is not believed; empty where it is."""
    if upkeep.jumped(desk.place, desk.read.reader, now, keep=keep):
        return (
            f"Nothing was erased: this host's clock jumped ahead by more than {upkeep.LEAP // 86_400} days"
            f" less than {upkeep.DOUBTED // 86_400} days ago. Is it right?"
        )
    rows = desk.read.reader.all("SELECT at FROM event ORDER BY id DESC LIMIT :n", {"n": LATEST})
    ahead = doubt([row[0] for row in reversed(rows)], now)
    if not ahead:
        return ""
    return (
        f"Nothing was erased: between two of the newest acts, or since the last one, lie {ahead // 86_400}"
        " days. Is this host's clock right?"
    )


def _query(desk: Desk, rule: Rule, now: Instant, *, held: bool) -> tuple[str, dict[str, object]]:
    """The tickets of a rule as SQL over the numbers that its query finds."""
    cutoff = Age.parse(rule.after).before(now, desk.settings.zone)
    among = f"{'' if held else 'NOT '}EXISTS (SELECT 1 FROM tag g WHERE g.ticket_id = t.id AND g.tag = :hold)"
    sql = (
        "SELECT t.id FROM ticket t WHERE t.category = 'closed' AND t.closed_at <= :cutoff"
        f" AND t.erased_at IS NULL AND {among} ORDER BY t.id"
    )
    return sql, {"cutoff": cutoff, "hold": hold_tag(desk)}


def _found(desk: Desk, rule: Rule, now: Instant, *, held: bool = False) -> list[int]:
    sql, values = _query(desk, rule, now, held=held)
    old = [int(row[0]) for row in desk.read.reader.all(sql, values)]
    if not old or not rule.query.strip():
        return old
    # Asked for plainly: a ticket in the bin grows old as well.
    wanted = set(desk.read.ids(rule.query)) | set(desk.read.ids(f"({rule.query}) is:binned"))
    return [number for number in old if number in wanted]


def _asked(desk: Desk, rule: Rule, now: Instant, taken: set[int]) -> RuleRun:
    """What the rule finds that none before it has `taken`."""
    run = RuleRun(*rule)
    try:
        if rule.action not in ACTIONS:
            run.trouble = f"This sdesk knows no action '{rule.action}'."
            return run
        found = [number for number in _found(desk, rule, now) if number not in taken]
        taken.update(found)
        run.count, run.sample = len(found), tuple(found[:SAMPLE])
        run.held = len(_found(desk, rule, now, held=True))
    except SdeskError as error:
        run.trouble = error.message
    return run


def _carry_out(
    desk: Desk, run: RuleRun, now: Instant, room: int, should_stop: Callable[[], bool]
) -> int:
    """How many were erased."""
    if run.trouble or room <= 0 or not run.count:
        return 0
    rule = Rule(run.name, run.query, run.after, run.action)
    found = _found(desk, rule, now)[:room]
    for first in range(0, len(found), AT_ONCE):
        if should_stop():
            break
        run.done += _erase(desk, rule, found[first : first + AT_ONCE], now)
    return run.done


def _erase(desk: Desk, rule: Rule, some: Sequence[int], now: Instant) -> int:
    """Those that still are closed, old and not held inside the transaction."""
    sql, values = _query(desk, rule, now, held=False)
    among = ", ".join(str(int(number)) for number in some)
    with desk.door().transaction() as work:
        rows = work.reads.reader.all(sql.replace(" ORDER BY", f" AND t.id IN ({among}) ORDER BY"), values)  # fmt: skip
        tickets = [int(row[0]) for row in rows]
        if tickets:
            erase_tickets(work, tickets, "retention", rule=rule.name)
    return len(tickets)
