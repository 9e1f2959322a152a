"""A desk in a file and one on PostgreSQL are given the same acts: they hold, find and tell the same.

A few sessions here; `SDESK_EXAMPLES=100 pytest tests/engines/test_agree.py` runs a hundred times as many.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import SdeskError
from sdesk.model import Source, TicketId
from sdesk.store.backup import check
from sdesk.timers import Timers
from sdesk.transfer.archive import dump, restore
from tests.conftest import POLICY, Clock, examples, fresh_store
from tests.databases import database, name_of
from tests.engines.chance import Chance
from tests.query.conftest import BODIES, SUBJECTS
from tests.query.test_parity import FILTERS, SORTS
from tests.threads import acts

pytestmark = pytest.mark.postgres
ACTS = int(os.environ.get("SDESK_ACTS", "25"))
SHRINK = "SDESK_SHRINK" in os.environ
AGENTS = ("ana", "ben", "lea", "mia")
ODD = (
    "a", "A", "b", "B", "ä", "Ä", "z", "_", "é", "e\u0301", "ß", "ss", "Straße", "İ", "ı", "東京", "🔥", "~", "10", "9",
    "a b", "a_b", "a%b", "a\\b", "O'Neil", '"', "é a",
)  # fmt: skip
"""Names that a locale would put into another order than their bytes have."""
NAMES = st.sampled_from(ODD)
KEYS = st.sampled_from(("q1", "q-2", "q_3", "network", "service-desk"))
QUERIES = (
    "", "state:open sort:due", "sort:subject", "sort:-subject", "sort:requester", "sort:-requester,number", "sort:queue",
    "sort:assignee,-number", "sort:priority,due", "sort:-updated", "sort:due,-number", "vpn", "vpn*", '"look"', "-two",
    "subject:ticket", "from:korhonen", "tag:a", "tag:ä*", "is:unassigned", "is:breached", "has:sla", "sla:breached",
    "printer jam", "strasse", "field.vpn:3f", "is:overdue sort:-due", "state:waiting sort:until",
)  # fmt: skip
SET_UP: dict[str, Callable[..., ops.Op]] = {
    "person": lambda d, _: ops.SavePerson(d(NAMES), d(st.sampled_from(("", "x@Acme.example", "É@acme.example"))), "", d(st.sampled_from(("", "ACME Oy", "ä", "Z", "z"))), d(st.booleans())),
    "known": lambda d, _: ops.SavePerson(d(NAMES), "mikko@acme.example", "", "ACME Oy", id=1),  # type: ignore[arg-type]
    "organization": lambda d, _: ops.SaveOrganization(d(NAMES), d(st.sampled_from(("", "office")))),
    "category": lambda d, _: ops.SaveCategory(f"{d(NAMES)} / {d(NAMES)}"),
    "template": lambda d, _: ops.SaveTemplate(d(NAMES), "text", d(st.booleans())),
    "view": lambda d, _: ops.SaveView(d(NAMES), d(st.sampled_from(QUERIES)), d(st.booleans()), d(st.sampled_from((None, 1, 2)))),
    "no view": lambda d, _: ops.DropView(d(NAMES), d(st.booleans())),
    "queue": lambda d, _: ops.SaveQueue(d(KEYS), d(NAMES), d(st.integers(1, 3)), d(NAMES)),
    "state": lambda d, _: ops.SaveState(d(st.sampled_from(("open", "hold", "lost"))), d(NAMES), d(st.sampled_from(("open", "waiting", "closed"))), d(st.integers(0, 9))),
    "policy": lambda d, _: ops.SavePolicy(d(NAMES), POLICY | {"when": d(st.sampled_from(("", "vip:yes", "priority:1", "vpn", "queue:network")))}, d(st.integers(0, 3))),
    "no policy": lambda d, _: ops.DropPolicy(d(NAMES)),
    "agent": lambda d, _: ops.SaveAgent("zoe", d(NAMES), "agent", "", d(st.booleans()), d(st.sampled_from(((), ("network",), ("service-desk", "network"))))),
    "setting": lambda d, _: ops.SaveSetting(d(st.sampled_from(("name", "x.a", "X.a", "x.ä"))), d(NAMES)),
    "mail": lambda d, _: ops.SaveSetting("mail_address", d(st.sampled_from(("", "desk@acme.example")))),
    "announce": lambda d, desk: ops.Announce("outage", d(NAMES), d(NAMES), starts_at=desk.now()),
}  # fmt: skip


class Both(RuleBasedStateMachine):
    """The same agents at both desks; one clock, one chance."""

    file: Path
    url: str

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.chance, self.turn = Clock(), Chance(), 0
        self.places = (self.file, self.url)
        self.opened: dict[tuple[str, int], Desk] = {}
        self.ends = ExitStack()
        self.ends.enter_context(self.chance.drawn())
        self.folder = self.ends.enter_context(tempfile.TemporaryDirectory(prefix="sdesk-agree-"))
        self.begin()

    def begin(self) -> None:
        for number, subject in enumerate(("vpn", *SUBJECTS[:3])):
            op = ops.Open(subject, BODIES[number], requester=number % 3 + 1, tags=("vpn", "ä"), fields={"room": "3F"})  # fmt: skip
            self.both(AGENTS[number], lambda desk, op=op: desk.apply(None, op))

    def desk(self, who: str, engine: int = 0) -> Desk:
        if (who, engine) not in self.opened:
            desk = Desk.open(self.places[engine], actor=who, source=Source.TUI, clock=self.clock)
            self.ends.callback(desk.close)
            self.opened[who, engine] = desk
        return self.opened[who, engine]

    def both(self, who: str, act: Callable[[Desk], object]) -> object:
        """Done at both desks: both answer the same, or refuse with the same words."""
        self.turn += 1
        said = []
        for engine in (0, 1):
            self.chance.begin(self.turn)
            try:
                said.append(_plain(act(self.desk(who, engine))))
            except SdeskError as error:
                said.append((type(error).__name__, error.message))
        assert said[0] == said[1]
        return said[0]

    @rule(data=st.data(), who=st.sampled_from(AGENTS))
    def act(self, data: st.DataObject, who: str) -> None:
        some, operations = acts.act(data.draw, self.desk(who))
        if len(some) > 1:
            self.both(who, lambda desk: desk.apply_many(some, *operations))
        else:
            ticket = some[0] if some else None
            self.both(who, lambda desk: desk.apply(ticket, *operations))

    @rule(data=st.data(), who=st.sampled_from(AGENTS))
    def name(self, data: st.DataObject, who: str) -> None:
        """Words in every letter."""
        name = data.draw(NAMES)
        ticket = data.draw(st.sampled_from((None, *acts.tickets(self.desk(who)))))
        op: ops.Op = ops.Open(data.draw(st.sampled_from((*SUBJECTS, *ODD))), data.draw(st.sampled_from(BODIES)))  # fmt: skip
        if ticket is not None:
            tag = name.replace(" ", "").replace('"', "")
            some = (ops.Edit("subject", name), ops.AddTags((tag or "x",)), ops.SetField("room", name), ops.AddNote(name), ops.Edit("service", name))  # fmt: skip
            op = data.draw(st.sampled_from(some))
        self.both(who, lambda desk: desk.apply(ticket, op))

    @rule(data=st.data(), what=st.sampled_from(sorted(SET_UP)), who=st.sampled_from(("ana", "mia")))
    def set_up(self, data: st.DataObject, what: str, who: str) -> None:
        op = SET_UP[what](data.draw, self.desk(who))
        self.both(who, lambda desk: desk.apply(None, op))

    @rule(who=st.sampled_from(AGENTS), back=st.booleans())
    def take_back(self, who: str, back: bool) -> None:
        self.both(who, lambda desk: desk.undo() if back else desk.redo())

    @rule(seconds=st.sampled_from((1, 60, 3_600, 30_000, 200_000)))
    def wait(self, seconds: int) -> None:
        self.clock.forward(seconds)
        self.both("ana", lambda desk: Timers(desk).run())
        self.both("ana", lambda desk: desk.release_outbox())

    @rule(data=st.data(), who=st.sampled_from(AGENTS), what=st.integers(0, 4))
    def work(self, data: st.DataObject, who: str, what: int) -> None:
        ticket = data.draw(st.sampled_from(acts.tickets(self.desk(who))))
        some: tuple[Callable[[Desk], object], ...] = (
            lambda desk: desk.save_draft(ticket, "reply", "half a"),
            lambda desk: desk.drop_draft(ticket, "reply"),
            lambda desk: desk.mark_seen(ticket),
            lambda desk: desk.start_stopwatch(ticket),
            lambda desk: desk.rehearse([ticket], lambda _: (ops.AddNote("perhaps"), ops.Take())),
        )
        self.both(who, some[what])

    @rule(text=st.builds("{}{}".format, FILTERS, SORTS), who=st.sampled_from(AGENTS))
    def look(self, text: str, who: str) -> None:
        self.both(who, lambda desk: list(desk.read.ids(text)))
        self.both(
            who, lambda desk: (desk.read.count(text), desk.read.page(text, limit=3, offset=1))
        )

    @precondition(lambda self: self.turn % 7 == 0)
    @rule(who=st.sampled_from(AGENTS))
    def read_all(self, who: str) -> None:
        for text in QUERIES:
            self.both(who, lambda desk, text=text: list(desk.read.ids(text)))
        for read in READS:
            self.both(who, read)
        for ticket in acts.tickets(self.desk(who)):
            for of in OF_TICKET:
                self.both(who, lambda desk, of=of, ticket=ticket: of(desk, ticket))

    def teardown(self) -> None:
        try:
            self.read_all("ben")
            files = [Path(self.folder) / name for name in ("file", "server")]
            for engine, to in enumerate(files):
                dump(self.places[engine], str(to))
                check(self.desk("ana", engine).read.reader)
            one, other = (to.read_bytes().splitlines() for to in files)
            assert [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]] == []
        finally:
            self.ends.close()


READS: tuple[Callable[[Desk], object], ...] = (
    lambda d: d.read.board(), lambda d: d.read.people(""), lambda d: d.read.people("k"), lambda d: d.read.organizations(),
    lambda d: d.read.agents(inactive=True), lambda d: d.read.queues(), lambda d: d.read.states(), lambda d: d.read.categories(),
    lambda d: d.read.views(), lambda d: d.read.templates(), lambda d: d.read.macros(), lambda d: d.read.policies(),
    lambda d: d.read.tags(), lambda d: d.read.field_names(), lambda d: d.read.settings(), lambda d: d.read.drafts(),
    lambda d: d.read.notices(), lambda d: d.read.vocabulary(), lambda d: d.read.batches("ana"), lambda d: d.announcements(),
    lambda d: d.read.outbox(), lambda d: d.read.spread("state:open"), lambda d: d.read.leaving(), lambda d: d.read.last_event(),
)  # fmt: skip
OF_TICKET: tuple[Callable[[Desk, TicketId], object], ...] = (
    lambda d, n: d.read.ticket(n), lambda d, n: d.read.conversation(n), lambda d, n: d.read.history(n),
    lambda d, n: d.read.clocks(n), lambda d, n: d.ledger(n), lambda d, n: d.read.similar(n), lambda d, n: d.read.facts(n),
    lambda d, n: d.read.attachments(n), lambda d, n: d.read.checklist(n), lambda d, n: d.read.letters(n),
)  # fmt: skip


def _plain(value: object) -> object:
    """Errors among the answers compare by what they say."""
    refused = getattr(value, "refused", None)
    if refused:
        return [(ticket, str(error)) for ticket, error in refused], getattr(value, "changed", ())
    return value


@pytest.fixture(scope="session")
def agreed(store_template: Path, postgres_server: str, tmp_path_factory: Any) -> Iterator[str]:
    """The template of the stores in files, moved to PostgreSQL."""
    archive = tmp_path_factory.mktemp("agreed") / "archive"
    dump(store_template, str(archive))
    with database(postgres_server) as url:
        restore(str(archive), url)
        yield name_of(url)


def test_both_engines_are_one_desk(store_template: Path, postgres_server: str, agreed: str) -> None:
    class Session(Both):
        def __init__(self) -> None:
            with ExitStack() as stack:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sdesk-agree-"))
                self.file = fresh_store(store_template, Path(folder) / "desk")
                self.url = stack.enter_context(database(postgres_server, agreed))
                super().__init__()
                self.begun = stack.pop_all()

        def teardown(self) -> None:
            with self.begun:
                super().teardown()

    run_state_machine_as_test(
        Session,
        settings=settings(
            max_examples=examples(2), stateful_step_count=ACTS, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink) if SHRINK else (Phase.generate,),
        ),
    )  # fmt: skip
