"""What is erased by itself: rules, ages, what is always kept, clocks that can't be believed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from sdesk import ops, privacy
from sdesk.desk import Desk
from sdesk.errors import Invalid, NotFound, QueryError, Refused
from sdesk.model import TicketId
from sdesk.privacy.retaining import last_run, rules_of
from sdesk.prove.mails.clock import Clock
from sdesk.rules.retention import Age, doubt
from sdesk.store import chained, upkeep
from tests.each import each

Make = Callable[..., TicketId]
DAY = 86_400


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@each(
    ("age", "now", "then"),
    [
        ("3y", "2028-02-29 12:00", "2025-02-28 12:00"),
        ("1m", "2026-03-31 00:00", "2026-02-28 00:00"),
        ("18 months", "2026-01-15 08:30", "2024-07-15 08:30"),
        ("1y6m", "2026-01-15 08:30", "2024-07-15 08:30"),
        ("90d", "2026-11-22 10:00", "2026-08-24 10:00"),
        ("2 weeks", "2026-01-03 10:00", "2025-12-20 10:00"),
        ("9999y", "2026-01-03 10:00", "1970-01-01 00:00"),
    ],
)
def test_an_age_counts_by_the_calendar(age: str, now: str, then: str) -> None:
    assert Age.parse(age).before(at(now), "UTC") == at(then)


def test_a_day_keeps_its_hour_over_a_change_of_the_clocks() -> None:
    # The last Sunday of March: the clocks of Helsinki went forward in between.
    assert Age.parse("7d").before(at("2026-04-01 09:00"), "Europe/Helsinki") == at(
        "2026-03-25 10:00"
    )


@each("age", ["", "3", "y", "3 years ago", "-3y", "0d", "3y?", "1.5y"])
def test_an_age_that_says_nothing_is_refused(age: str) -> None:
    with pytest.raises(Invalid):
        Age.parse(age)


@pytest.fixture
def old(desk: Desk, clock: Clock, make_ticket: Make) -> list[TicketId]:
    """Six tickets closed a year ago; the second is held, the third open again, the sixth cancelled; then
    the desk went on each month."""
    made = [
        make_ticket(f"Old {n}", queue="network" if n == 4 else "service-desk") for n in range(6)
    ]
    desk.apply(made[1], ops.AddTags(("legal-hold",)))
    for number in made[:5]:
        desk.apply(number, ops.Resolve(text="done"))
        desk.apply(number, ops.Close())
    desk.apply(made[5], ops.Cancel())
    for _ in range(13):
        clock.forward(28 * DAY)
        desk.apply(None, ops.SaveSetting("beat", str(clock())))
    desk.apply(made[2], ops.Reopen())
    return made


def subjects(desk: Desk, tickets: list[TicketId]) -> list[str]:
    return [desk.read.ticket(number).subject for number in tickets]


def test_only_what_a_rule_finds_and_nothing_holds_is_erased(
    desk: Desk, old: list[TicketId]
) -> None:
    desk.apply(None, ops.SaveRetention("all", "queue:service-desk", "6m"))
    dry = privacy.run_retention(desk, dry_run=True)
    assert [(r.count, r.held, r.sample, r.done) for r in dry.rules] == [(3, 1, (old[0], old[3], old[5]), 0)]  # fmt: skip
    assert "(erased)" not in subjects(desk, old)
    ran = privacy.run_retention(desk)
    assert (ran.done, ran.finished, ran.refused) == (3, True, "")
    assert subjects(desk, old) == ["(erased)", "Old 1", "Old 2", "(erased)", "Old 4", "(erased)"]
    kept = desk.read.ticket(old[0])
    assert (kept.requester, kept.state, kept.queue) == (None, "closed", "service-desk")
    assert chained.verify(desk.read.reader).is_whole
    assert privacy.purge_due(desk)
    again = privacy.run_retention(desk)
    assert again.done == 0
    assert last_run(desk).value == "0 erased"  # type: ignore[union-attr]


def test_who_asked_is_in_no_payload_any_more(desk: Desk, old: list[TicketId]) -> None:
    before = desk.ledger(old[0])
    desk.apply(None, ops.SaveRetention("all", "", "6m"))
    privacy.run_retention(desk)
    events = desk.read.history(old[0])
    assert events[0].details["requester_id"] == -1
    assert desk.ledger(old[0]) == before


def test_a_run_ends_at_its_limit_and_a_later_one_goes_on(desk: Desk, old: list[TicketId]) -> None:
    desk.apply(None, ops.SaveRetention("all", "", "6m"))
    first = privacy.run_retention(desk, limit=3)
    assert (first.done, first.finished) == (3, False)
    stopped = privacy.run_retention(desk, should_stop=lambda: True)
    assert stopped.done == 0
    assert privacy.run_retention(desk).done == 1


def test_what_is_not_old_enough_stays(desk: Desk, old: list[TicketId]) -> None:
    desk.apply(None, ops.SaveRetention("all", "", "1y"))
    assert privacy.run_retention(desk).done == 0


def test_another_tag_can_be_the_one_that_holds(desk: Desk, old: list[TicketId]) -> None:
    desk.apply(None, ops.SaveRetention("all", "", "6m"), ops.SaveSetting("hold", "court"))
    assert privacy.run_retention(desk).done == 5


def test_a_clock_that_has_jumped_ahead_erases_nothing(
    desk: Desk, old: list[TicketId], clock: Clock
) -> None:
    desk.apply(None, ops.SaveRetention("all", "", "18m"))
    clock.forward(365 * DAY)
    ran = privacy.run_retention(desk)
    assert ran.done == 0
    assert "365 days. Is this host's clock right?" in ran.refused
    # Somebody works on although the clock is wrong: it is doubted all the same.
    desk.apply(old[2], ops.AddNote("what year is it?"))
    assert privacy.run_retention(desk).refused
    assert privacy.run_retention(desk, trust_clock=True).done == 4


def test_doubt_looks_at_every_gap() -> None:
    assert doubt([], 10**9) == 0
    assert doubt([0, DAY, 2 * DAY], 20 * DAY) == 0
    assert doubt([0, DAY, 400 * DAY], 400 * DAY + 60) == 399 * DAY


def test_rules_are_an_admins_and_checked_before_they_are_kept(
    desk: Desk, open_desk: Callable[[str], Desk]
) -> None:
    with pytest.raises(Invalid, match="can't be read"):
        desk.apply(None, ops.SaveRetention("a", "", "soon"))
    with pytest.raises(QueryError):
        desk.apply(None, ops.SaveRetention("a", "queue:nowhere", "1y"))
    ben = open_desk("ben")
    with pytest.raises(Refused, match="needs the role admin"):
        ben.apply(None, ops.SaveRetention("a", "", "1y"))
    with pytest.raises(Refused, match="needs the role admin"):
        privacy.run_retention(ben)
    desk.apply(None, ops.SaveRetention("a", "kind:request", "1y"))
    assert [tuple(rule) for rule in rules_of(desk)] == [("a", "kind:request", "1y", "erase")]
    with pytest.raises(NotFound, match="retention"):
        desk.apply(None, ops.DropRetention("b"))
    desk.apply(None, ops.DropRetention("a"))
    assert rules_of(desk) == ()


def test_a_rule_whose_query_means_nothing_any_more_is_told_and_stops_no_other(
    desk: Desk, old: list[TicketId]
) -> None:
    desk.apply(None, ops.SaveRetention("b", "", "6m"))
    with desk.door().writer.write() as session:
        from sqlalchemy import text

        session.execute(text("INSERT INTO retention VALUES ('a', 'queue:gone', '6m', 'erase')"))
    ran = privacy.run_retention(desk)
    assert ran.rules[0].trouble
    assert ran.rules[1].done == 4


def test_two_rules_share_no_ticket_and_the_dry_run_is_the_run(
    desk: Desk, old: list[TicketId]
) -> None:
    desk.apply(None, ops.SaveRetention("a", "queue:network", "6m"))
    desk.apply(None, ops.SaveRetention("b", "", "6m"))
    dry = privacy.run_retention(desk, dry_run=True)
    ran = privacy.run_retention(desk)
    assert [rule.count for rule in dry.rules] == [rule.done for rule in ran.rules] == [1, 3]
    assert ran.finished
    assert last_run(desk).value == "4 erased"  # type: ignore[union-attr]


def test_many_acts_after_a_jump_do_not_make_the_clock_right(
    desk: Desk, old: list[TicketId], clock: Clock
) -> None:
    desk.apply(None, ops.SaveRetention("all", "", "18m"))
    assert privacy.run_retention(desk).refused == ""
    clock.forward(365 * DAY)
    with desk.door().transaction() as work:
        for _ in range(250):
            work.tx.record("exported", details={})
    assert "jumped ahead" in privacy.run_retention(desk, dry_run=True).refused
    clock.forward(DAY)
    assert "jumped ahead" in privacy.run_retention(desk).refused
    clock.forward(DAY)
    assert "jumped ahead" in privacy.run_retention(desk).refused
    clock.forward(15 * DAY)
    assert privacy.run_retention(desk).done == 4


def test_a_clock_that_was_set_right_again_is_believed(desk: Desk, clock: Clock) -> None:
    reader = desk.read.reader
    assert upkeep.jumped(desk.place, reader, clock()) == 0
    assert upkeep.jumped(desk.place, reader, clock() + 40 * DAY) == clock() + 40 * DAY
    assert upkeep.jumped(desk.place, reader, clock() + 60) == 0
