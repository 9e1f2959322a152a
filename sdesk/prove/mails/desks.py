"""A desk that has mail: its addresses, its mail server's name, tickets with letters of ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from zlib import crc32

from sqlalchemy import text

from sdesk import ops
from sdesk.desk import Desk
from sdesk.intake import Intake, Taken
from sdesk.mail.reading import read
from sdesk.model import Source
from sdesk.setup_defaults import STATES

HOST = "desk.example"
ADDRESS = f"help@{HOST}"
AUTHSERV = f"mx.{HOST}"
PASS = f"{AUTHSERV}; dmarc=pass header.from="
ALICE, CAROL = 1, 2
"""The numbers of its two customers."""


def setup_operations() -> list[ops.Op]:
    """ann is its admin, bob an agent; the security queue has an address of its own."""
    return [
        ops.SaveSetting("name", "Acme IT"),
        ops.SaveSetting("zone", "UTC"),
        *(ops.SaveState(key, name, category, n) for n, (key, name, category) in enumerate(STATES)),
        ops.SaveQueue("service-desk", "Service desk"),
        ops.SaveQueue("security", "Security", address=f"security@{HOST}"),
        ops.SaveSetting("intake_queue", "service-desk"),
        ops.SaveAgent("ann", "Ann", "admin", f"ann@{HOST}", True, ("service-desk",)),
        ops.SaveAgent("bob", "Bob", "agent", f"bob@{HOST}", True, ("service-desk",)),
        ops.SaveSetting("mail_address", ADDRESS),
        ops.SaveSetting("mail_aliases", f"helpdesk@{HOST}"),
        ops.SaveSetting("mail_authserv", AUTHSERV),
        ops.SavePerson("Alice", "alice@customer-a.example", "", "customer A"),
        ops.SavePerson("Carol", "carol@customer-b.example", "", "customer B"),
    ]


def add_ticket(
    desk: Desk, number: int, requester: int, ids: Iterable[str], *, restricted: bool = False
) -> None:
    """A ticket of that number, with letters of ours that have left."""
    writer = desk.door().writer
    with writer.write() as session:
        # The next number follows the highest one that is there.
        sql = "INSERT INTO ticket (id, live, category) VALUES (:before, 0, 'closed') ON CONFLICT DO NOTHING"
        session.execute(text(sql), {"before": number - 1})
    opening = ops.Open("VPN", "It fails.", requester=requester, restricted=restricted)  # type: ignore[arg-type]
    made = desk.apply(None, opening)
    assert made.ticket == number
    with writer.write() as session:
        # The filler, not a ticket that was there before.
        session.execute(text("DELETE FROM ticket WHERE id = :it AND last_event = 0"), {"it": number - 1})  # fmt: skip
        for one in ids:
            sql = (
                "INSERT INTO letter (ticket_id, kind, message_id, state, recipients)"
                " VALUES (:ticket, 'reply', :id, 'sent', :to)"
            )
            to = json.dumps(["somebody@customer.example"])
            session.execute(text(sql), {"ticket": number, "id": one, "to": to})


def mail(
    subject: str = "Printer is dead", text: str = "Please help.", *, author: str = "Alice <alice@customer-a.example>",
    message_id: str | None = None, auth: str | None = "pass", **headers: str,
) -> bytes:  # fmt: skip
    """A mail as our server hands it over. `auth`: what it says of dmarc; None for nothing at all."""
    domain = author.rpartition("@")[2].rstrip(">")
    lines = (
        [f"Authentication-Results: {AUTHSERV}; dmarc={auth} header.from={domain}"] if auth else []
    )
    lines += [f"From: {author}", f"To: {headers.pop('To', ADDRESS)}", f"Subject: {subject}"]
    lines += [f"Date: {headers.pop('Date', 'Mon, 02 Nov 2026 09:00:00 +0100')}"]
    if message_id is None:
        told = repr((subject, text, author, sorted(headers.items()))).encode("utf-8", "replace")
        message_id = f"<{crc32(told):08x}.{len(told)}@customer.example>"
    lines += [f"Message-ID: {message_id}"] if message_id else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", text, ""]).encode()


class Post:
    """Mail handed to a desk's intake, one after the other."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.intake = desk, Intake(desk, read)

    def take(self, raw: bytes, mailbox: str = "in", spot: str = "") -> Taken:
        return self.intake.settle(self.intake.keep(mailbox, spot, raw))


def open_post(place: str | Path, clock: Callable[[], int]) -> Post:
    return Post(Desk.open(place, actor="sdesk", source=Source.MAIL, clock=clock))
