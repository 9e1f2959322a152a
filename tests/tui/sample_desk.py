"""A small desk whose screens always look the same: fixed clock, fixed people, fixed texts."""

from __future__ import annotations

from typing import Protocol

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId


class Settable(Protocol):
    """A clock that stands until it is set."""

    at: int

    def forward(self, seconds: int) -> int: ...


MINUTE, HOUR, DAY = 60, 3600, 86_400
SAMPLE = (
    # subject, requester, queue, priority, kind, tags, minutes ago
    ("Laptop for a new starter", 2, "service-desk", 4, "request", ("laptop",), 3000),
    ("Shared calendar can't be edited", 3, "applications", 3, "incident", (), 1500),
    ("Access to the finance folder", 2, "applications", 3, "request", ("access",), 400),
    ("Wi-Fi is slow in the canteen", 3, "network", 3, "incident", ("wifi",), 230),
    ("Printer on 3F jams", 2, "service-desk", 2, "incident", ("printer",), 110),
    ("VPN drops every ten minutes", 1, "network", 1, "incident", ("vpn", "home"), 55),
    ("Äänenvoimakkuus ei toimi — 電話が鳴らない", 3, "service-desk", 2, "incident", (), 12),
    ("Screen stays black after lunch", 1, "service-desk", 3, "incident", (), 5),
)
TEXT = "Since this morning it happens again and again.\n\nI have restarted twice, and it made no difference."


def furnish(desk: Desk, clock: Settable) -> TicketId:
    """Fill the desk; returns the ticket that the screens are about."""
    now = clock.at
    made: list[TicketId] = []
    for subject, person, queue, priority, kind, tags, ago in SAMPLE:
        clock.at = now - ago * MINUTE
        op = ops.Open(subject, requester=person, queue=queue, priority=priority, kind=kind, tags=tags, text=TEXT)  # fmt: skip
        ticket = desk.apply(None, op).ticket
        assert ticket is not None
        made.append(ticket)
    laptop, _, access, wifi, printer, vpn, *_ = made
    clock.at = now - 40 * MINUTE
    desk.apply(vpn, ops.Take())
    desk.apply(vpn, ops.Reply("We see it too, and have told the provider."))
    desk.apply(vpn, ops.AddNote("Gateway 2 drops the session: same as last week."))
    desk.apply(wifi, ops.Assign("lea"))
    desk.apply(printer, ops.Assign("ben"))
    desk.apply(access, ops.SetState("waiting-customer"))
    desk.apply(laptop, ops.Resolve("fixed", "Handed over on Monday."))
    clock.at = now
    desk.apply(vpn, ops.Edit("category", "Network / VPN"), ops.AddLink("relates", wifi))
    return vpn
