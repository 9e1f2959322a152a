"""Desks that write to each other, to a vacation responder, and in the name of a form's victims."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import NamedTuple

from sdesk import ops
from sdesk.desk import Desk
from sdesk.mail.writing import Letter, envelope
from sdesk.model import PersonId, Source, TicketId
from sdesk.prove.mails.clock import Clock
from sdesk.prove.mails.desks import AUTHSERV, Post, mail, open_post, setup_operations
from sdesk.store import home

MARKS = (b"auto-submitted", b"x-auto-response-suppress", b"x-sdesk-loop", b"precedence")
"""The headers by which programs know each other; some servers take them away."""
THREAD = (b"in-reply-to", b"references")
LOST: dict[str, tuple[bytes, ...]] = {
    "whole": (),
    "unmarked": MARKS,
    "nothing left": (*MARKS, *THREAD),
}
"""What gets lost on the way between two desks."""
ROUNDS = 12
MOST = 2
"""Mails that each may get."""
NEWEST = "SELECT max(id) FROM person"
LETTERS = (
    "SELECT id, kind, sender, recipients, subject, body, message_id, refs, at, language"
    " FROM letter WHERE id > :last ORDER BY id"
)


class Sent(NamedTuple):
    """A letter on its way to one of its recipients."""

    to: str
    raw: bytes


def make(store: Path) -> Path:
    """A desk whose house has no address yet."""
    Desk.create(store, setup=setup_operations(), actor="ann", clock=Clock()).close()
    return store


class House:
    """A desk with its post: what comes in, and what it writes."""

    def __init__(self, store: Path, address: str, clock: Clock, fresh: Path | None = None) -> None:
        """`fresh` is copied: what `make` has made."""
        self.store, self.address, self.clock, self.sent = store, address, clock, 0
        if fresh is None:
            make(store)
        else:
            shutil.copy(fresh, store)
            home.accept(store)
        with Desk.open(store, actor="ann", clock=clock) as desk:
            desk.apply(None, ops.SaveSetting("mail_address", address))
            desk.apply(None, ops.SaveSetting("mail_aliases", ""))
        self.post: Post = open_post(store, clock)

    def close(self) -> None:
        self.post.desk.close()

    def take(self, raw: bytes) -> None:
        self.post.take(raw)

    def ask(self, address: str) -> None:
        """An agent writes to somebody about a ticket of theirs."""
        with Desk.open(self.store, actor="ann", source=Source.TUI, clock=self.clock) as ann:
            ann.apply(None, ops.SavePerson("They", address))
            number = PersonId((ann.read.reader.one(NEWEST) or (0,))[0])
            ticket = ann.apply(None, ops.Open("A question", "To them", requester=number)).ticket
            ann.apply(TicketId(ticket or 0), ops.Reply("Could you look?"))

    def letters(self) -> list[Sent]:
        """What it has written since the last call."""
        found = []
        for row in self.post.desk.read.reader.all(LETTERS, {"last": self.sent}):
            self.sent, to = row[0], tuple(json.loads(row[3]))
            made = Letter(
                row[1], "Desk", row[2], to, (), row[4], row[5], row[6], tuple(row[7].split()),
                row[8], row[9], self.address,
            )  # fmt: skip
            found += [Sent(one, envelope(made).raw) for one in to]
        return found


def on_the_way(raw: bytes, without: tuple[bytes, ...]) -> bytes:
    """A mail as the next server hands it over: vouched for, and without some of its headers."""
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = re.split(rb"\r\n(?![ \t])", head)
    kept = [line for line in lines if line.partition(b":")[0].lower() not in without]
    author = next(line for line in kept if line.lower().startswith(b"from:"))
    domain = author.rpartition(b"@")[2].rstrip(b">")
    stamp = f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from=".encode() + domain
    return b"\r\n".join([stamp, *kept]) + b"\r\n\r\n" + body


def answering_each_other(here: House, there: House, without: tuple[bytes, ...]) -> dict[str, int]:
    """How many mails each of two desks gets after one has written to the other; 12 for no end."""
    houses = {here.address: here, there.address: there}
    counts = dict.fromkeys(houses, 0)
    here.ask(there.address)
    for _ in range(ROUNDS):
        here.clock.forward(20)
        mails = [sent for house in houses.values() for sent in house.letters()]
        if not mails:
            break
        for sent in mails:
            counts[sent.to] += 1
            houses[sent.to].take(on_the_way(sent.raw, without))
    return counts


def away(house: House, marks: dict[str, str]) -> int:
    """How many mails somebody gets whose mailbox answers each of them by itself."""
    house.take(mail("Printer", To=house.address))
    received = 0
    for number in range(ROUNDS):
        for sent in house.letters():
            received += 1
            house.clock.forward(5)
            subject = re.search(rb"(?m)^Subject: (.*)\r", sent.raw)
            said = subject[1].decode() if subject else ""
            house.take(mail(f"Away: {said}", f"I am away {number}", To=house.address, **marks))
    return received


def abused(house: House, count: int) -> list[Sent]:
    """What the desk writes to people in whose name others fill in a form, so many times."""
    for number in range(count):
        auth = ("none", "fail", None)[number % 3]
        author, subject = f"victim{number % 4}@third.example", f"FREE {number} https://spam.example"
        house.take(mail(subject, "Buy", author=author, auth=auth, To=house.address))
        house.clock.forward(10)
    return house.letters()
