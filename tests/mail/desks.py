"""A desk that has mail: its addresses, its mail server's name, tickets with letters of ours."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from sdesk import ops
from sdesk.desk import Desk
from sdesk.intake import Intake, Taken
from sdesk.mail.reading import read
from sdesk.model import Source
from tests.conftest import STATES, Clock

HOST = "desk.example"
ADDRESS = f"help@{HOST}"
AUTHSERV = f"mx.{HOST}"
PASS = f"{AUTHSERV}; dmarc=pass header.from="


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
    path = str(desk.place)
    with closing(sqlite3.connect(path)) as rows, rows:
        there = rows.execute(f"SELECT 1 FROM ticket WHERE id = {number - 1}").fetchone()
        if not there:
            rows.execute(
                f"INSERT INTO ticket (id, live, category) VALUES ({number - 1}, 0, 'closed')"
            )
    made = desk.apply(
        None, ops.Open("VPN", "It fails.", requester=requester, restricted=restricted)
    )  # type: ignore[arg-type]
    assert made.ticket == number
    with closing(sqlite3.connect(path)) as rows, rows:
        if not there:
            rows.execute(f"DELETE FROM ticket WHERE id = {number - 1}")
        for one in ids:
            rows.execute(
                "INSERT INTO letter (ticket_id, kind, message_id, state, recipients) VALUES (?, 'reply', ?, 'sent', ?)",
                (number, one, json.dumps(["somebody@customer.example"])),
            )


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
        message_id = f"<{abs(hash((subject, text, author, str(sorted(headers.items()))))):x}@customer.example>"
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


__all__ = ["ADDRESS", "AUTHSERV", "Clock", "Post", "add_ticket", "mail", "open_post", "setup_operations"]  # fmt: skip
