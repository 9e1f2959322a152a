"""A desk that has solved a few tickets, for what learns from them."""

from __future__ import annotations

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId

REPORTS = (
    (
        "Printer jams on floor {}",
        "The printer eats paper.",
        "service-desk",
        "Hardware / Printer",
        4,
    ),
    ("VPN drops in room {}", "The tunnel breaks.", "network", "Network / VPN", 2),
)
SOLVED = 12


def solve(desk: Desk, number: int, **values: object) -> TicketId:
    """A ticket that came in at the service desk and was moved, named and resolved."""
    subject, text, queue, category, priority = REPORTS[number % 2]
    opening = {"text": text, "requester": 1 + number % 3} | values
    ticket = desk.apply(None, ops.Open(subject.format(number), **opening)).ticket  # type: ignore[arg-type]
    assert ticket is not None
    desk.apply(
        ticket, ops.Move(queue), ops.Edit("category", category), ops.SetPriority(priority),
        ops.Resolve("solved", f"Done: {category}."),
    )  # fmt: skip
    return ticket


def solve_many(desk: Desk) -> Desk:
    for number in range(SOLVED):
        solve(desk, number)
    return desk
