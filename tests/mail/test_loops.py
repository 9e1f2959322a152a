"""Two desks, a vacation responder and a form abuser: nobody is written to for ever, nobody unverified at all."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.mail.writing import Letter, envelope
from sdesk.model import Source, TicketId
from sdesk.prove.mails.desks import AUTHSERV, Post, mail, open_post
from tests.conftest import Clock, fresh_store

MARKS = (b"auto-submitted", b"x-auto-response-suppress", b"x-sdesk-loop", b"precedence")
THREAD = (b"in-reply-to", b"references")
ROUNDS = 12


class House:
    """A desk with its post: what comes in, and what it writes."""

    def __init__(self, template: Path, folder: Path, address: str, clock: Clock) -> None:
        self.address, self.clock = address, clock
        self.store = fresh_store(template, folder / address)
        with Desk.open(self.store, actor="ann", clock=clock) as ann:
            ann.apply(
                None, ops.SaveSetting("mail_address", address), ops.SaveSetting("mail_aliases", "")
            )
            self.sent = int((ann.read.reader.one("SELECT max(id) FROM letter") or (0,))[0])
        self.post: Post = open_post(self.store, clock)

    def take(self, raw: bytes) -> Any:
        return self.post.take(raw)

    def letters(self) -> list[tuple[str, bytes]]:
        """(to, bytes) of what it has written since the last call."""
        sql = """SELECT id, kind, sender, recipients, subject, body, message_id, refs, at, language
            FROM letter WHERE id > :last ORDER BY id"""
        found = []
        for row in self.post.desk.read.reader.all(sql, {"last": self.sent}):
            self.sent = row[0]
            to = tuple(re.findall(r'"([^"]+)"', row[3]))
            made = Letter(
                row[1],
                "Desk",
                row[2],
                to,
                (),
                row[4],
                row[5],
                row[6],
                tuple(row[7].split()),
                row[8],
                row[9],
                self.address,
            )
            found += [(one, envelope(made).raw) for one in to]
        return found


@pytest.fixture
def house(mail_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Any]:
    opened: list[House] = []

    def build(address: str) -> House:
        opened.append(House(mail_template, tmp_path, address, clock))
        return opened[-1]

    yield build
    for one in opened:
        one.post.desk.close()


def on_the_way(raw: bytes, *without: bytes) -> bytes:
    """A mail as the next server hands it over: vouched for, and without some of its headers."""
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = re.split(rb"\r\n(?![ \t])", head)
    kept = [line for line in lines if line.partition(b":")[0].lower() not in without]
    sender = (
        next(line for line in kept if line.lower().startswith(b"from:"))
        .rpartition(b"@")[2]
        .rstrip(b">")
    )
    stamp = f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from=".encode() + sender
    return b"\r\n".join([stamp, *kept]) + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    "lost", [(), MARKS, (*MARKS, *THREAD)], ids=["whole", "unmarked", "nothing left"]
)
def test_two_desks_stop_answering_each_other(
    house: Any, clock: Clock, lost: tuple[bytes, ...]
) -> None:
    here, there = house("help@here.example"), house("help@there.example")
    with Desk.open(here.store, actor="ann", source=Source.TUI, clock=clock) as ann:
        ann.apply(None, ops.SavePerson("Their desk", there.address))
        ticket = ann.apply(
            None, ops.Open("A question", "To them", requester=_newest(here.store))
        ).ticket  # type: ignore[arg-type]
        assert ticket is not None
        ann.apply(TicketId(ticket), ops.Reply("Could you look?"))
    counts = {here.address: 0, there.address: 0}
    for _ in range(ROUNDS):
        clock.forward(20)
        mails = [(to, raw) for one in (here, there) for to, raw in one.letters()]
        if not mails:
            break
        for to, raw in mails:
            counts[to] += 1
            {here.address: here, there.address: there}[to].take(on_the_way(raw, *lost))
    else:
        raise AssertionError(f"they still write to each other: {counts}")
    assert max(counts.values()) <= 2


def _newest(store: Path) -> int:
    with closing(sqlite3.connect(store)) as rows:
        return int(rows.execute("SELECT max(id) FROM person").fetchone()[0])


@pytest.mark.parametrize(
    "marks", [{"Auto_Submitted": "auto-replied"}, {}], ids=["marked", "unmarked"]
)
def test_a_vacation_responder_is_answered_once(
    house: Any, clock: Clock, marks: dict[str, str]
) -> None:
    desk = house("help@here.example")
    desk.take(mail("Printer", To=desk.address))
    received = 0
    for number in range(ROUNDS):
        letters = desk.letters()
        received += len(letters)
        for _, raw in letters:
            clock.forward(5)
            subject = re.search(rb"(?m)^Subject: (.*)\r", raw)
            assert subject is not None
            away = mail(
                f"Away: {subject[1].decode()}", f"I am away {number}", To=desk.address, **marks
            )
            desk.take(away)
    assert received == 1


def test_a_form_abuser_makes_the_desk_write_to_nobody(house: Any, clock: Clock) -> None:
    desk = house("help@here.example")
    for number in range(12):
        auth = ("none", "fail", None)[number % 3]
        desk.take(
            mail(
                f"FREE {number} https://spam.example",
                "Buy",
                author=f"victim{number % 4}@third.example",
                auth=auth,
                To=desk.address,
            )
        )
        clock.forward(10)
    assert not desk.letters()
