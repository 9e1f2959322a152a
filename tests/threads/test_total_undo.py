"""Undo is total: whatever was done, undone act by act, leaves the store as it was before.

25 acts a session here; `SDESK_ACTS=200 SDESK_SESSIONS=50 pytest tests/threads/test_total_undo.py` has
more and longer ones.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlmodel import SQLModel

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import SdeskError
from sdesk.model import Source
from sdesk.recount import differences
from sdesk.store import tables
from sdesk.store.archive import TABLES
from tests.conftest import Clock, fresh_store
from tests.threads import acts

ACTS = int(os.environ.get("SDESK_ACTS", "25"))
SESSIONS = int(os.environ.get("SDESK_SESSIONS", "2"))
SHRINK = "SDESK_SHRINK" in os.environ
"""Making a failing session smaller takes minutes."""

LEFT_OUT = {
    "event": "append-only: undo is itself in the history, and the history shows both",
    "seen": "whether I have looked at a ticket is no act, and the undoing is seen as well",
    "draft": "what is being typed is no act",
    "stopwatch": "a stopwatch that runs is no act; the time that it recorded is",
    "category": "a path that was used once is known from then on",
    "blob": "the bytes of a file stay, once, when nothing points to them any more",
}
"""Tables that are not compared, and why."""
COLUMNS_LEFT_OUT = {
    "ticket": {"version", "last_event", "updated_at"},
    "notice": {"id"},
    "letter": {"id", "message_id", "refs"},
}
"""Columns that tell of the undoing itself: it is a change of the ticket, at its time. And a notice
that is told again, or a mail that is written again after a redo, is a row of its own."""
WITHDRAWN = ("entry", "attachment", "worked", "check_item")
"""Rows of these stay and are marked; marked ones count as gone, with the mentions in them."""


def dump(desk: Desk, known: set[int]) -> dict[str, list[dict[str, Any]]]:
    """Every table as it counts, of the tickets that there were at the beginning.

    Others were opened by the acts. Numbers are never used again, so undo cancels them: that they are
    cancelled is looked at by itself.
    """
    reader = desk.read.reader
    entries = reader.all("SELECT id, ticket_id, withdrawn FROM entry")
    gone = {number for number, ticket, withdrawn in entries if withdrawn or ticket not in known}
    found: dict[str, list[dict[str, Any]]] = {}
    for name, key in TABLES.items():
        if name in LEFT_OUT:
            continue
        columns = [c.name for c in SQLModel.metadata.tables[name].columns]
        text = ", ".join(f'"{column}"' for column in columns)
        order = ", ".join(f'"{column}"' for column in key.split(", "))
        rows = [
            dict(zip(columns, row, strict=True))
            for row in reader.all(f'SELECT {text} FROM "{name}" ORDER BY {order}')
        ]
        found[name] = [
            {c: v for c, v in row.items() if c not in COLUMNS_LEFT_OUT.get(name, set())}
            for row in rows
            if _counts(name, row, known, gone)
        ]
    found["notice"].sort(key=lambda row: (row["event_id"], row["agent"]))
    return found


def _counts(name: str, row: dict[str, Any], known: set[int], gone: set[int]) -> bool:
    if name == "ticket":
        return row["id"] in known
    if name in WITHDRAWN and row["withdrawn"]:
        return False
    if name == "mention" and row["entry_id"] in gone:
        return False
    return row.get("ticket_id") is None or row["ticket_id"] in known


def unlike(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What differs between two dumps, a line a row."""
    found = []
    for name in before:
        found += [f"{name} before: {row}" for row in before[name] if row not in after[name]]
        found += [f"{name} after: {row}" for row in after[name] if row not in before[name]]
    return found or ([] if before == after else ["the rows stand in another order"])


def test_every_table_is_compared_or_left_out_for_a_reason() -> None:
    passing = {"lease", "presence", "upkeep"}
    """Of processes that run now, and of this one file; no archive holds them either."""
    assert set(TABLES) | passing == {table.name for table in SQLModel.metadata.tables.values()}
    assert tables.TicketTable.metadata is SQLModel.metadata


def test_every_operation_on_a_ticket_can_be_drawn() -> None:
    assert set(acts.MAKERS) == {*ops.TICKET_OPS} - {ops.Revert}


class Session(RuleBasedStateMachine):
    """Ana at her desk: random acts, then all of them undone, done again and undone once more."""

    place: Path | str

    def __init__(self) -> None:
        super().__init__()
        self.desk = self.open()
        self.begin()
        self.known = set(acts.tickets(self.desk))
        self.before = dump(self.desk, self.known)
        self.batches = 0

    def open(self) -> Desk:
        raise NotImplementedError

    def begin(self) -> None:
        """Some tickets of somebody else's with something in them; replies go out by mail."""
        self.desk.apply(None, ops.SaveSetting("mail_address", "desk@acme.example"))
        with Desk.open(self.desk.place, actor="mia", source=Source.TUI, clock=self.desk.now) as mia:
            for number in range(3):
                opened = ops.Open(f"ticket {number}", "what was asked", requester=number + 1, tags=("vpn",), fields={"room": "3F"})  # fmt: skip
                ticket = mia.apply(None, opened, ops.AddCheck("first"), ops.Watch("lea")).ticket
                assert ticket is not None
                mia.apply(ticket, ops.Receive("more of it"), ops.Attach("a.txt", b"bytes"))

    @rule(data=st.data())
    def act(self, data: st.DataObject) -> None:
        some, operations = acts.act(data.draw, self.desk)
        try:
            if len(some) > 1:
                self.batches += bool(self.desk.apply_many(some, *operations).batch)
            else:
                change = self.desk.apply(some[0] if some else None, *operations)
                self.batches += bool(change)
        except SdeskError:
            return

    def teardown(self) -> None:
        try:
            after = dump(self.desk, self.known)
            self.back()
            for _ in range(self.batches):
                self.desk.redo()
            # The tickets that were opened on the way are compared as well: these are there again.
            assert not (odd := unlike(after, dump(self.desk, self.known))), "\n".join(odd)
            self.back()
        finally:
            self.desk.close()

    def back(self) -> None:
        for _ in range(self.batches):
            self.desk.undo()
        assert not (odd := unlike(self.before, dump(self.desk, self.known))), "\n".join(odd)
        everything = acts.tickets(self.desk)
        opened = [
            self.desk.read.ticket(ticket) for ticket in everything if ticket not in self.known
        ]
        assert {ticket.state for ticket in opened} <= {"cancelled"}
        assert (
            list(differences(self.desk.read, self.desk.levels(), everything, self.desk.now())) == []
        )


def run(session: type[Session], *, sessions: int, acts_each: int) -> None:
    run_state_machine_as_test(
        session,
        settings=settings(
            max_examples=sessions, stateful_step_count=acts_each, deadline=None, database=None,
            derandomize=False, suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink) if SHRINK else (Phase.generate,),
        ),
    )  # fmt: skip


def test_acts_undone_one_by_one_leave_the_store_as_it_was(store_template: Path) -> None:
    class OnSqlite(Session):
        def open(self) -> Desk:
            self.folder = tempfile.TemporaryDirectory(prefix="sdesk-undo-")
            place = fresh_store(store_template, Path(self.folder.name) / "desk")
            return Desk.open(place, actor="ana", source=Source.TUI, clock=Clock())

        def teardown(self) -> None:
            super().teardown()
            self.folder.cleanup()

    run(OnSqlite, sessions=SESSIONS, acts_each=ACTS)
