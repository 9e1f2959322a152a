"""Two files asked as one: what a joined desk says is what a desk with everything in one file would say."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdesk import ops
from sdesk.desk import Desk
from sdesk.joined.desk import JoinedDesk
from sdesk.joined.routes import READS, Route
from sdesk.model import Source
from sdesk.store.reads import Reads, late_families
from tests.conftest import Clock, examples
from tests.restricted.conftest import opened

SUBJECTS = (
    "VPN drops",
    "printer jams on three",
    "Öl im Drucker",
    "vpn",
    "Laptop",
    "áccount locked",
    "Zebra",
)
QUEUES = ("service-desk", "network", "applications")
WHO = ("", "ben", "lea", "ana")


class Both(NamedTuple):
    joined: JoinedDesk
    single: Desk


def _fill(desk: Desk, clock: Clock) -> None:
    """Twenty-four tickets; the last third restricted, so that the numbers rise in the same order."""
    for n in range(24):
        clock.forward(60 * (1 + n % 7))
        ticket = opened(
            desk, SUBJECTS[n % 7], text=f"text {n % 5} here", queue=QUEUES[n % 3], impact=1 + n % 3,
            urgency=1 + n % 2, assignee=WHO[n % 4], requester=(None, 1, 2, 3)[n % 4],
            tags=("vip",) if n % 3 else (), external_source="test", external_id=f"{n:02}",
            restricted=n >= 16,
        )  # fmt: skip
        if n % 5 == 0:
            desk.apply(ticket, ops.Wait("waiting-customer", clock() + 7_200 * (n + 1), "why"))
        if n % 6 == 1:
            desk.apply(ticket, ops.Resolve("fixed", "done so"))
        if n % 4 == 2:
            desk.apply(
                ticket,
                ops.AddNote("a note with the word giraffe"),
                ops.SetField("room", f"{n % 3}"),
            )


@pytest.fixture(scope="module")
def both(
    store_template: Path, pair_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("both")
    shutil.copytree(pair_template, folder / "pair")
    shutil.copy2(store_template, folder / "single.db")
    clock, other = Clock(), Clock()
    joined = Desk.open(
        folder / "pair" / "desk" / "sdesk.db",
        actor="ana",
        source=Source.TUI,
        clock=clock,
        joined=True,
    )
    single = Desk.open(folder / "single.db", actor="ana", source=Source.TUI, clock=other)
    assert isinstance(joined, JoinedDesk)
    _fill(joined, clock)
    _fill(single, other)
    yield Both(joined, single)
    joined.close()
    single.close()


TERMS = (
    "state:open", "state:new", "state:waiting", "is:unassigned", "is:restricted", "queue:network", "priority<=2",
    "assignee:ben", "tag:vip", "vpn", "giraffe", "dr*", "requester:mikko", "field.room:1", "is:breached", "has:due",
    "due<2h", "org:ACME", "-vpn", "not state:closed", "created>1h", "number>1", "is:resolved",
)  # fmt: skip
SORTS = (
    "due", "priority", "created", "updated", "answered", "resolved", "until", "impact", "urgency", "state", "kind",
    "queue", "subject", "assignee", "owner", "requester", "org", "age", "number",
)  # fmt: skip
queries = st.tuples(
    st.lists(st.sampled_from(TERMS), max_size=2, unique=True),
    st.lists(st.tuples(st.sampled_from(["", "-"]), st.sampled_from(SORTS)), max_size=3, unique_by=lambda s: s[1]),
).map(lambda parts: " ".join([*parts[0], *(f"sort:{sign}{key}" for sign, key in parts[1])]))  # fmt: skip


def names(desk: Desk, numbers: list[int]) -> list[str]:
    return [desk.read.ticket(number).external_id for number in numbers]


@settings(max_examples=examples(60))
@given(query=queries, limit=st.none() | st.integers(1, 40), offset=st.integers(0, 20))
def test_any_query_has_the_same_tickets_in_the_same_order(
    both: Both, query: str, limit: int | None, offset: int
) -> None:
    here = both.joined.read.ids(query, limit=limit, offset=offset)
    there = both.single.read.ids(query, limit=limit, offset=offset)
    assert names(both.joined, list(here)) == names(both.single, list(there))


@settings(max_examples=examples(20))
@given(query=queries, most=st.none() | st.integers(1, 30))
def test_any_query_counts_the_same(both: Both, query: str, most: int | None) -> None:
    assert both.joined.read.count(query, at_most=most) == both.single.read.count(
        query, at_most=most
    )
    assert both.joined.read.spread(query) == both.single.read.spread(query)


def test_the_board_and_the_figures_are_the_same(both: Both) -> None:
    def board(desk: Desk) -> list[tuple[str, str]]:
        return [(names(desk, [row.id])[0], clock.target) for row, clock in desk.read.board()]

    assert board(both.joined) == board(both.single)
    now = both.single.now()
    for desk in both:
        assert sorted(desk.read.moments_since("created_at", 0)) == sorted(
            both.single.read.moments_since("created_at", 0)
        )
        assert desk.scores(0, now) == {}
    assert both.joined.read.count_held() == 0
    assert both.joined.read.next_step_at() == both.single.read.next_step_at()
    assert both.joined.read.next_wait_at() == both.single.read.next_wait_at()


def test_what_is_promised_and_judged_is_the_same(both: Both) -> None:
    def verdicts(desk: Desk) -> dict[str, int]:
        found = list(desk.judged(desk.read.promised(0, desk.now() + 1)))
        return {names(desk, [one.ticket])[0]: len(one.decided) for one in found}

    assert verdicts(both.joined) == verdicts(both.single) != {}


def test_rows_looked_at_have_their_fields_and_colours(both: Both) -> None:
    def seen(desk: Desk) -> list[tuple[str, tuple[tuple[str, str], ...], str]]:
        ids = desk.read.ids("sort:number")
        rows = desk.read.looked_at(ids, fields=("room",), colours=(("alert", "queue:network"),))
        return [(row.subject, row.fields, row.tone) for row in rows]

    assert seen(both.joined) == seen(both.single)


def test_a_requester_has_the_tickets_of_both_files(both: Both) -> None:
    def of(desk: Desk, person: int) -> list[str]:
        return sorted(row.subject for row in desk.read.requester_tickets(person, limit=50))

    person = both.joined.read.people("mikko")[0].id
    there = both.joined.second.read.people("mikko")[0].id
    assert person < 1_000 < there
    assert of(both.joined, person) == of(both.joined, there) == of(both.single, person)
    assert [p.name for p in both.joined.read.people("mikko")] == ["Mikko Korhonen"]


def test_every_read_has_its_row() -> None:
    public = {
        name
        for family in (*Reads.__mro__, *late_families())
        for name, what in vars(family).items()
        if not name.startswith("_") and callable(what)
    }
    assert public == set(READS), "routes.READS names every read, and no other"


def test_what_is_written_out_is_there() -> None:
    from sdesk.joined.reads import JoinedReads
    from sdesk.store.reads.lists import ListReads
    from sdesk.store.reads.mail import MailReads

    in_terms_of_others = {
        "counts": ListReads,
        "page": ListReads,
        "parse": ListReads,
        "mailbox": MailReads,
    }
    for name, route in READS.items():
        if route is Route.WRITTEN and name not in in_terms_of_others:
            assert name in vars(JoinedReads), name


def test_every_act_has_its_row_and_goes_its_way() -> None:
    from sdesk.joined.routes import DESK

    public = {name for name in vars(Desk) if not name.startswith("_")}
    assert public == set(DESK), "routes.DESK names every method of the desk, and no other"
    inherited = {"apply_many", "undo", "redo", "judged"}
    for name, route in DESK.items():
        written = any(
            name in vars(one)
            for one in JoinedDesk.__mro__
            if one.__module__.startswith("sdesk.joined")
        )
        assert written is (route is not Route.FIRST and name not in inherited) or name == "door", (
            name
        )
