"""Down, up, acknowledged, agents and time in any order: what holds after each of them.

`SDESK_ACTS=200 SDESK_SESSIONS=50 pytest tests/alerts/test_machine.py` makes it longer.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from sdesk import ops
from sdesk.alarms import Alarms
from sdesk.desk import Desk
from sdesk.errors import SdeskError
from sdesk.model import LIVE, TicketId
from sdesk.rules.alarm import AGAIN, DAY, HOUR, AlertState, Plan
from tests.alerts.samples import alert
from tests.conftest import Clock, fresh_store

ACTS = int(os.environ.get("SDESK_ACTS", "20"))
SESSIONS = int(os.environ.get("SDESK_SESSIONS", "2"))
KEYS = st.sampled_from(("a", "b", "c", "d"))
TOUCHES = st.sampled_from((
    ops.Take(), ops.AddNote("seen"), ops.Assign("ben"), ops.Assign(""), ops.Resolve(), ops.Cancel(),
    ops.Discard(), ops.Wait("waiting-supplier"), ops.SetPriority(4), ops.Close(),
))  # fmt: skip
PLAN = Plan(storm=3, storm_seconds=120, note_every=HOUR)


def machine(template: Path) -> type[RuleBasedStateMachine]:
    class Monitor(RuleBasedStateMachine):
        """One monitor of four things, one agent, and a model of what both have said."""

        def __init__(self) -> None:
            super().__init__()
            self.folder = tempfile.TemporaryDirectory()
            self.clock = Clock()
            place = fresh_store(template, Path(self.folder.name) / "desk")
            self.alarms = Alarms(place, PLAN, clock=self.clock)
            self.desk = Desk.open(place, actor="ana", clock=self.clock)
            self.said: dict[str, AlertState] = {}
            self.touched: set[int] = set()
            """Tickets that ana has done anything to."""
            self.by_monitor: set[int] = set()
            """Tickets that were resolved when the monitor spoke, and not before."""

        def teardown(self) -> None:
            self.alarms.close()
            self.desk.close()
            self.folder.cleanup()

        def _say(self, key: str, state: str, text: str) -> None:
            live = {row.id for row in self.desk.read.rows(self.desk.read.ids("state:open"))}
            taken = self.alarms.take([alert(state, key=key, text=text, title=f"{key} is {state}")])
            assert not taken.failed
            if state != "up" or key in self.said:
                self.said[key] = AlertState.UP if state == "up" else AlertState.DOWN
            still = {row.id for row in self.desk.read.rows(self.desk.read.ids("state:open"))}
            gone = live - still
            assert not gone & self.touched, "what an agent has touched was resolved"
            self.by_monitor |= gone

        @rule(key=KEYS, text=st.sampled_from(("x", "y")))
        def goes_down(self, key: str, text: str) -> None:
            self._say(key, "down", text)
            row = self._alarm(key)
            assert row is not None
            assert row.ticket is not None

        @rule(key=KEYS, text=st.sampled_from(("x", "y")))
        def comes_up(self, key: str, text: str) -> None:
            was = self.said.get(key)
            self._say(key, "up", text)
            row = self._alarm(key)
            assert row is not None
            assert row.state == "up", "a recovery was lost"
            if was == AlertState.DOWN and row.ticket is not None:
                self._was_told(row.ticket)

        @rule(key=KEYS)
        def is_acknowledged(self, key: str) -> None:
            if self.said.get(key) == AlertState.DOWN:
                self._say(key, "ack", "ben knows")

        @rule(number=st.integers(0, 9), touch=TOUCHES)
        def the_agent_works(self, number: int, touch: Any) -> None:
            found = sorted(self.desk.read.ids(""))
            if not found:
                return
            ticket = TicketId(found[number % len(found)])
            before = self.desk.read.ticket(ticket).last_event
            try:
                self.desk.apply(ticket, touch)
            except SdeskError:
                return
            if self.desk.read.ticket(ticket).last_event != before:
                self.touched.add(ticket)

        @rule(seconds=st.sampled_from((1, AGAIN, 2 * HOUR, DAY, 3 * DAY)))
        def time_passes(self, seconds: int) -> None:
            self.clock.forward(seconds)

        def _alarm(self, key: str) -> Any:
            return next((a for a in self.desk.read.alarms() if a.key == key), None)

        def _was_told(self, number: int) -> None:
            """A live ticket has a message of the recovery, or belongs to a storm; else it is over."""
            ticket = self.desk.read.ticket(TicketId(number))
            if ticket.category not in LIVE:
                return
            last = self.desk.read.conversation(TicketId(number))[-1]
            assert last.text.startswith("It recovered")
            assert number in self.touched

        @invariant()
        def one_live_ticket_a_thing(self) -> None:
            live: dict[str, list[int]] = {}
            for row in self.desk.read.rows(self.desk.read.ids("state:open")):
                ticket = self.desk.read.ticket(row.id)
                key = ticket.external_id.partition(" (")[0]
                live.setdefault(f"{ticket.external_source}/{key}", []).append(row.id)
            # An agent may take up an old ticket beside a new one; the desk never does.
            assert all(len(set(some) - self.touched) <= 1 for some in live.values()), live

        @invariant()
        def the_desk_knows_what_was_said_last(self) -> None:
            known = {a.key: a.state for a in self.desk.read.alarms() if a.source != "storm"}
            for key, state in self.said.items():
                assert known[key] == state

        @invariant()
        def nothing_that_is_down_is_forgotten(self) -> None:
            for alarm in self.desk.read.alarms(state="down"):
                assert alarm.ticket is not None
                ticket = self.desk.read.ticket(alarm.ticket)
                # Live, or ended by an agent; what the monitor resolved alone is live again.
                assert ticket.category in LIVE or ticket.id in self.touched

    return Monitor


def test_whatever_happens_in_whatever_order(store_template: Path) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine(store_template),
        settings=settings(
            max_examples=SESSIONS, stateful_step_count=ACTS, deadline=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate],
        ),
    )  # fmt: skip
