"""The desk of a company that is made to be proved on: agents, queues, states, a calendar and a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk import ops
from sdesk.desk import Desk, now_seconds, system_user
from sdesk.model import PersonId, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sdesk.model import Instant

AGENTS = ("ana", "ben", "lea", "mia", "noa", "oli", "pia", "rui")
STATES = (
    ("new", "New", "new"),
    ("open", "Open", "open"),
    ("waiting-customer", "Waiting for customer", "waiting"),
    ("resolved", "Resolved", "resolved"),
    ("closed", "Closed", "closed"),
    ("cancelled", "Cancelled", "closed"),
)
_HOURS = {day: [["08:00", "16:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
_POLICY = {
    "when": "",
    "calendar": "office",
    "targets": [
        {"kind": "response", "budgets": {"1": "30m", "2": "1h", "3": "4h", "4": "8h"}},
        {
            "kind": "resolution",
            "budgets": {"1": "4h", "2": "8h", "3": "24h", "4": "40h"},
            "pauses": ["waiting-customer"],
        },
    ],
}


def setup(*more: ops.Op) -> list[ops.Op]:
    """The operations that set the desk up; eight agents and the user of this process are its admins."""
    agents = dict.fromkeys((*AGENTS, system_user()))
    return [
        ops.SaveSetting("name", "Proving ground"),
        ops.SaveSetting("prefix", "SD"),
        ops.SaveSetting("zone", "Europe/Helsinki"),
        *(ops.SaveState(key, name, category, n) for n, (key, name, category) in enumerate(STATES)),
        ops.SaveCalendar("office", {"zone": "Europe/Helsinki", "hours": _HOURS}),
        ops.SaveQueue("service-desk", "Service desk", 1, "Helsinki"),
        ops.SaveQueue("network", "Network", 2, "Helsinki"),
        ops.SaveSetting("intake_queue", "service-desk"),
        ops.SaveSetting("calendar", "office"),
        ops.SavePolicy("Standard", _POLICY),
        *(
            ops.SaveAgent(login, login.title(), "admin", f"{login}@example.org", True, ("service-desk", "network"))
            for login in agents
        ),
        ops.SavePerson("Mikko Korhonen", "mikko@acme.example", "+358 1", "ACME Oy", vip=True),
        ops.SaveView("Mine", "assignee:me state:open sort:due", shared=True, position=1),
        ops.SaveView("Unassigned", "is:unassigned state:open sort:due", shared=True, position=2),
        ops.SaveView("All", "", shared=True, position=3),
        ops.SaveTemplate("Acknowledge", "Thank you, we are looking into it."),
        *more,
    ]  # fmt: skip


def make(
    place: str | Path, tickets: int = 0, *, more: Sequence[ops.Op] = (),
    clock: Callable[[], Instant] = now_seconds,
) -> Desk:  # fmt: skip
    """Make the store with so many tickets, all of ana's requester; ana's desk on it, open."""
    Desk.create(place, setup=setup(*more), actor="ana", clock=clock).close()
    desk = Desk.open(place, actor="ana", source=Source.CLI, clock=clock)
    for number in range(1, tickets + 1):
        desk.apply(
            None,
            ops.Open(f"Ticket number {number}", "It began this morning.", requester=PersonId(1)),
        )
    return desk
