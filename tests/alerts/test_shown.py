"""What an alarm is, and how often, stands on its ticket and can be asked for."""

from __future__ import annotations

from sdesk import ops
from sdesk.alarms import Alarms
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.screens.reading import read_page
from sdesk.widgets.properties import detail_lines
from tests.alerts.samples import alert
from tests.conftest import Clock


def panel(desk: Desk, ticket: int) -> list[str]:
    lines = detail_lines(read_page(desk, TicketId(ticket)), desk.now(), "UTC", 40)
    said = ["".join(text for text, _ in line).rstrip() for line in lines]
    return said[said.index("ALARM") :][:7] if "ALARM" in said else []


def test_the_panel_says_state_count_and_when(alarms: Alarms, desk: Desk, clock: Clock) -> None:
    alarms.take([alert()])
    desk.apply(TicketId(1), ops.Take())
    clock.forward(3600)
    alarms.take([alert("up")])
    clock.forward(3600)
    alarms.take([alert(text="\x1b[31m[red]95 %[/]", host="db1[bold]")])
    clock.forward(60)
    assert panel(desk, 1)[:4] == [
        "ALARM", "down ×2 · 1 flap", "disk on db1[bold]", "last 1m ago · first 2h ago · icinga",
    ]  # fmt: skip
    alarms.take([alert("ack", text="ben")])
    assert panel(desk, 1)[1] == "down, acknowledged ×2 · 1 flap"
    alarms.take([alert("up")])
    assert panel(desk, 1)[1] == "up ×2 · 1 flap"


def test_a_ticket_without_an_alarm_has_no_such_section(desk: Desk) -> None:
    desk.apply(None, ops.Open("Printer jam"))
    assert panel(desk, 1) == []


def test_alarms_can_be_asked_for(alarms: Alarms, desk: Desk) -> None:
    alarms.take([alert(key="a"), alert(key="b"), alert("up", key="b", title="over")])
    desk.apply(None, ops.Open("Printer jam"))
    assert list(desk.read.ids("alarm:down")) == [1]
    assert list(desk.read.ids("alarm:up")) == [2]
    assert list(desk.read.ids("alarm:none")) == [3]
    assert list(desk.read.ids("-alarm:down sort:number")) == [2, 3]
    assert list(desk.read.ids("channel:monitoring field.host:db1 sort:number")) == [1, 2]
