"""Outsiders who write with every mix of number, reference, sender, recipient and authentication."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sdesk.desk import Desk
from sdesk.prove.mails.clock import Clock
from sdesk.prove.mails.desks import (
    ADDRESS,
    ALICE,
    AUTHSERV,
    CAROL,
    Post,
    add_ticket,
    open_post,
    setup_operations,
)

TICKETS = (1001, 1002)
IDS = {1001: "<sd.1001.1.kq3v9x7c2m@desk.example>", 1002: "<sd.1002.1.p8w4n6b1zt@desk.example>"}
SECRETS = ("Carol", "customer-b", "kq3v9x7c2m", "p8w4n6b1zt", "VPN", "It fails")
"""What stands in those tickets: no letter to an outsider may hold it."""

TOKENS = ("", "[SD-1001]", "[sd-1002]", "[SD-1001] [SD-1002]", "[SD-１００１]", "SD-1001", "[SD-1001", "[SD-9999999999999999999]")  # fmt: skip
REFERENCES = (
    "", f"In-Reply-To: {IDS[1001]}", f"References: <a@b> {IDS[1002]}", f"In-Reply-To: {IDS[1001][1:-1]}",
    f"References: {IDS[1001]} {IDS[1002]} <x@y>", "In-Reply-To: <notify-1001-1-deadbeef@desk.example>",
)  # fmt: skip
SENDERS = (
    "Mallory <mallory@evil.example>", '"alice@customer-a.example" <mallory@evil.example>',
    "Alice <alice@customer-a.example.evil.example>", "Alice <alice@customer-b.example>",
    "alice@customer-a.example)<mallory@evil.example>", "mallory@evil.example, alice@customer-a.example",
    "Alice <аlice@customer-a.example>", "Alice <alice+x@customer-a.example>", "<>", "",
    "Alice <alice@customer-a.example>", "Carol <CAROL@customer-b.example>", "Ann <ann@desk.example>",
    f"Desk <{ADDRESS}>",
)  # fmt: skip
FORGED = SENDERS[10:12]
"""A participant's own address: an outsider's only where our server does not vouch for it."""
RESULTS = ("pass", "fail", "none", "", "other", "second", "comment", "mismatch")
HEADERS = (
    "", "Reply-To: alice@customer-a.example", "Sender: alice@customer-a.example",
    "X-Sdesk-Ticket: 1001", "Cc: alice@customer-a.example", "Auto-Submitted: auto-replied",
    "Resent-From: alice@customer-a.example",
)  # fmt: skip

Mix = tuple[str, ...]
"""Number in the subject, reference, sender, authentication result, one more header."""


def authentication(result: str, sender: str) -> list[str]:
    """The headers of a mail: our server's, and what the sender would like to be it."""
    domain = sender.rpartition("@")[2].rstrip(">") or "evil.example"
    good = f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from={domain}"
    match result:
        case "":
            return []
        case "other":
            return [good.replace(AUTHSERV, "mx.evil.example")]
        case "second":
            return [good.replace("pass", "fail"), good]
        case "comment":
            said = f"spf=fail (dmarc=pass header.from={domain})"
            return [f"Authentication-Results: {AUTHSERV}; {said}"]
        case "mismatch":
            return [f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from=evil.example"]
    return [good.replace("=pass", f"={result}")]


def is_outsiders(sender: str, result: str) -> bool:
    return sender not in FORGED or result != "pass"


def mixes(count: int, seed: int) -> Iterator[Mix]:
    """So many mixes: all of them in an order by chance, and again."""
    kinds = itertools.product(TOKENS, REFERENCES, SENDERS, RESULTS, HEADERS)
    every = [mix for mix in kinds if is_outsiders(mix[2], mix[3])]
    random.Random(seed).shuffle(every)
    return itertools.islice(itertools.cycle(every), count)


def mail_of(number: int, mix: Mix) -> bytes:
    token, reference, sender, result, header = mix
    lines = [
        *authentication(result, sender), f"From: {sender}" if sender else "", f"To: {ADDRESS}",
        f"Subject: Re: {token} VPN", f"Message-ID: <h{number}@evil.example>", reference, header,
        "Date: Mon, 02 Nov 2026 09:00:00 +0100", "Content-Type: text/plain; charset=utf-8",
    ]  # fmt: skip
    return "\r\n".join([*filter(None, lines), "", f"Hello number {number}", ""]).encode()


class Attack:
    """A desk, and outsiders who write to it."""

    def __init__(self, store: str | Path) -> None:
        self.clock = Clock()
        with Desk.create(store, setup=setup_operations(), actor="ann", clock=self.clock) as desk:
            add_ticket(desk, 1001, ALICE, [IDS[1001]])
            add_ticket(desk, 1002, CAROL, [IDS[1002]], restricted=True)
        self.post: Post = open_post(store, self.clock)
        self.before = self.look()
        newest = self.post.desk.read.reader.one("SELECT max(id) FROM letter")
        self.letters = int(newest[0]) if newest else 0
        """The newest letter that left before any outsider wrote."""
        self.outcomes: Counter[str] = Counter()

    def look(self) -> tuple[object, ...]:
        """All there is in the tickets of others."""
        read = self.post.desk.read
        return tuple((read.ticket(n), read.conversation(n), len(read.history(n))) for n in TICKETS)

    def run(self, mails: Iterable[tuple[int, Mix]]) -> list[str]:
        """Send these; what went wrong."""
        wrong: list[str] = []
        for number, mix in mails:
            self.clock.forward(60)
            taken = self.post.take(mail_of(number, mix))
            self.outcomes[str(taken.outcome)] += 1
            if taken.ticket in TICKETS and taken.outcome != "machine":
                wrong.append(f"{taken.outcome} in {taken.ticket}: {mix}")
        return wrong + self.changed() + self.leaks()

    def changed(self) -> list[str]:
        """Tickets of others that are not as they were."""
        pairs = zip(TICKETS, self.before, self.look(), strict=True)
        return [f"ticket {n} has changed" for n, before, now in pairs if before != now]

    def leaks(self) -> list[str]:
        """Letters to outsiders that tell of them, or go to the desk's own people."""
        wrong = []
        sql = "SELECT recipients, subject, body FROM letter WHERE id > :last"
        for to, subject, body in self.post.desk.read.reader.all(sql, {"last": self.letters}):
            found = [word for word in SECRETS if word in subject + body]
            if found or "desk.example" in to:
                wrong.append(f"a letter to {to} tells {found}")
        return wrong


def numbered(count: int, seed: int, part: int = 0, parts: int = 1) -> Sequence[tuple[int, Mix]]:
    """Mails with their numbers; one process's part of them, where several share the work."""
    return list(enumerate(mixes(count, seed)))[part::parts]
