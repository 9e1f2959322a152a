"""A desk on which one person has left every kind of copy that a desk can keep."""

from __future__ import annotations

import base64
import quopri
from dataclasses import dataclass

from sqlalchemy import text

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import EntryId, TicketId
from sdesk.prove.mails.clock import Clock
from sdesk.prove.mails.desks import ADDRESS, AUTHSERV, Post, mail

NAME, OLD_NAME, ADDRESS_OF = "Zelda Quackenbush", "Zelda Oldenborough", "zelda.q@canary.example"
PHONE = "+358 40 123 4567"
SECRET = "xylocanary"
"""Stands in everything that is hers, and nowhere else."""
CANARIES = (
    NAME,
    OLD_NAME,
    ADDRESS_OF,
    SECRET,
    "0401234567",
    "040 123 4567",
    PHONE,
    "Quackenbush, Zelda",
)
OFFICE = {
    "zone": "Europe/Helsinki",
    "hours": {day: [["08:00", "16:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}
POLICY = {
    "when": "",
    "calendar": "office",
    "targets": [
        {"kind": "response", "budgets": {"1": "30m", "2": "1h", "3": "4h", "4": "8h"}},
        {"kind": "resolution", "budgets": {"1": "4h", "2": "8h", "3": "24h", "4": "40h"}},
    ],
}
ALICE = "Alice <alice@customer-a.example>"
HOUR = 3_600
SHARED = TicketId(1001)
"""Alice's ticket."""


@dataclass
class Scene:
    """The numbers of what was made."""

    person: int
    mailed: int
    phoned: int
    apart: int
    """Split off from the mailed one."""
    others: int
    """Alice's ticket, which names her."""


def hers(subject: str, body: str, **headers: str) -> bytes:
    """A mail of hers with a file, its text in base64."""
    coded = base64.encodebytes(body.encode()).decode().replace("\n", "\r\n")
    file = base64.encodebytes(f"secret plan {SECRET}".encode()).decode().replace("\n", "\r\n")
    lines = [
        f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from=canary.example",
        f"From: {NAME} <{ADDRESS_OF}>", f"To: {headers.pop('To', ADDRESS)}", f"Subject: {subject}",
        "Date: Mon, 02 Nov 2026 09:00:00 +0100", f"Message-ID: <{SECRET}.{len(body)}@canary.example>",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
        "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="B"', "", "--B",
        "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "", coded, "--B",
        "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment; filename="{SECRET}.txt"', "", file, "--B--", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def quoting(text_of: str) -> bytes:
    """A mail of Alice's that quotes her, in quoted-printable."""
    raw = mail("VPN", "BODY", author=ALICE, Cc=f'"{NAME}" <{ADDRESS_OF}>', References="<sd.1001.1.kq3v9x7c2m@desk.example>",
        MIME_Version="1.0", Content_Type="text/plain; charset=utf-8", Content_Transfer_Encoding="quoted-printable")  # fmt: skip
    return raw.replace(b"BODY", quopri.encodestring(text_of.encode()))


def build(post: Post, ann: Desk, clock: Clock) -> Scene:
    """Everything that can be done, done around her."""
    ann.apply(None, ops.SaveCalendar("office", OFFICE), ops.SavePolicy("Standard", POLICY))
    ann.apply(
        None,
        ops.SavePerson(OLD_NAME, ADDRESS_OF, PHONE, "Canary Ltd", vip=True, external_id="Z-100"),
    )
    person = ann.read.person_by(email=ADDRESS_OF)
    assert person is not None
    values = ops.SavePerson(
        NAME, ADDRESS_OF, PHONE, "Canary Ltd", id=person.id, external_id="Z-100"
    )
    ann.apply(None, values)
    mailed = post.take(
        hers(f"Printer {SECRET}", f"It is {SECRET}.\n\n> quoted {SECRET}\n\n-- \n{NAME}\n{PHONE}")
    ).ticket
    assert mailed is not None
    clock.forward(HOUR)
    _work(ann, mailed, clock)
    phoned = ann.apply(
        None,
        ops.Open(
            f"Phone {SECRET}",
            f"Called about {SECRET}",
            requester=person.id,
            fields={"room": SECRET},
            tags=("vip",),
        ),
    ).ticket
    assert phoned is not None
    ann.apply(phoned, ops.Merge(mailed))
    last = [e.id for e in ann.read.conversation(mailed) if SECRET in e.text][-1]
    apart = _split(ann, mailed, last)
    ann.apply(mailed, ops.Resolve(text=f"Fixed, {NAME}: {SECRET}"))
    ann.apply(mailed, ops.RecordSurvey(4, f"thanks {SECRET}"))
    _others(post, ann)
    ann.save_draft(mailed, "reply", f"Dear {NAME}, {SECRET}")
    ann.save_draft(SHARED, "note", f"Ask {NAME} about it")
    _rows(ann, mailed)
    ann.suggest(SHARED)
    return Scene(int(person.id), int(mailed), int(phoned), int(apart), 1001)


def _work(ann: Desk, mailed: TicketId, clock: Clock) -> None:
    ann.apply(mailed, ops.Take())
    ann.apply(mailed, ops.Reply(f"Hello {NAME}, what is {SECRET}?"))
    clock.forward(HOUR)
    ann.apply(mailed, ops.AddNote(f"@bob she is {SECRET}"))
    ann.apply(mailed, ops.Chat(f"chat {SECRET}"))
    ann.apply(mailed, ops.AddCheck(f"check {SECRET}"))
    ann.apply(mailed, ops.LogTime(600, f"worked on {SECRET}"))
    ann.apply(mailed, ops.Attach(f"{SECRET}.bin", bytes(range(256)) + SECRET.encode("utf-16-le")))
    ann.apply(mailed, ops.SetField("room", f"{SECRET} 12"))
    ann.apply(mailed, ops.Edit("subject", f"Printer again {SECRET}"))
    ann.apply(mailed, ops.Escalate(f"because {SECRET}", to=("bob",)))
    ann.apply(mailed, ops.Wait("waiting-customer", clock() + HOUR, f"for {SECRET}"))
    clock.forward(2 * HOUR)
    ann.apply(mailed, ops.EndWait())


def _split(ann: Desk, mailed: TicketId, entry: EntryId) -> int:
    ann.apply(mailed, ops.Split(entry, f"Apart {SECRET}"))
    return max(ann.read.ids("number:>0"))


def _others(post: Post, ann: Desk) -> None:
    """In Alice's ticket she takes part and is named, by her, by Alice and by ann."""
    post.take(
        quoting(
            f"As ZELDA\nQUACKENBUSH wrote:\n> From: {ADDRESS_OF}\n> call 040 123 4567, or (0)40-1234567\n\nI agree."
        )
    )
    ann.apply(
        SHARED,
        ops.AddNote(
            f"{NAME} ({ADDRESS_OF}) says: Quackenbush, Zelda knows. Phone 0401234567. Mary stays."
        ),
    )
    ann.apply(SHARED, ops.AddTags(("zelda-quackenbush",)))
    ann.apply(SHARED, ops.Attach("names.txt", f"Alice\n{NAME}\nBob\n".encode()))
    ann.apply(SHARED, ops.Reply("Thank you both."))
    post.take(hers("Re: VPN", f"me too {SECRET}", References="<sd.1001.1.kq3v9x7c2m@desk.example>"))
    post.take(
        mail(
            "Vacation",
            f"away {SECRET}",
            author=f"{NAME} <{ADDRESS_OF}>",
            Auto_Submitted="auto-replied",
        )
    )
    ann.apply(None, ops.SaveView("Hers", f'requester:"{NAME}" state:open'))
    ann.apply(None, ops.SaveTemplate("Hers", f"Dear {NAME},"))


def _rows(ann: Desk, mailed: TicketId) -> None:
    """What only other processes make."""
    with ann.door().writer.write() as session:
        session.execute(
            text(
                "INSERT INTO delivery (target, ticket_id, title, body, state) VALUES ('pager', :t, :w, :w, 'waiting')"
            ),
            {"t": mailed, "w": f"page {SECRET}"},
        )
        session.execute(
            text(
                "INSERT INTO alarm (source, key, ticket_id, title, payload) VALUES ('zabbix', 'k', :t, :w, :p)"
            ),
            {"t": mailed, "w": SECRET, "p": f'{{"host": "{SECRET}"}}'},
        )
