"""What an attacker tries beside the hostile corpus: variants of each of its kinds, through one store.

Every mail has an hour of its own. What must become of it follows from the rules of intake; where a
variant is one that got further once, that is what its neighbours guard.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sdesk.desk import Desk
from sdesk.mail.taking import deciding
from sdesk.model import TicketId
from sdesk.prove.mails.desks import (  # fmt: skip
    ADDRESS,
    AUTHSERV,
    PASS,
    Post,
    add_ticket,
    mail,
    open_post,
    setup_operations,
)
from sdesk.text import clean, clean_line
from tests.conftest import Clock
from tests.mail.conftest import ALICE as ALICES_NUMBER

ALICE, MALLORY = "alice@customer-a.example", "mallory@evil.example"
OURS = "<sd.1001.1.kq3v9x7c2m@desk.example>"
FORGED = f"{PASS}customer-a.example"
NAMED = "Re: [SD-1001] VPN"
HTML = {"Content-Type": "text/html; charset=utf-8"}
REPORT = "multipart/report; report-type=delivery-status; boundary=BB"


class Try(NamedTuple):
    """A mail, and what must become of it. `requester`: "" for nobody; None where it doesn't matter."""

    name: str
    raw: bytes
    outcome: str
    requester: str | None = None
    ack: bool = False
    hint: int | None = None
    says: str = ""
    hides: tuple[str, ...] = ()
    subject: str | None = None
    told: str = ""
    """What agents are told about it in the ticket."""


def results(*values: str) -> bytes:
    """Alice's reply under Authentication-Results of somebody's making, the topmost first."""
    head = "".join(f"Authentication-Results: {value}\r\n" for value in values)
    return head.encode() + mail(NAMED, str(values), auth=None, In_Reply_To=OURS)


def bounce(quoted: str, **headers: str) -> bytes:
    text = (
        "--BB\r\n\r\nNot delivered\r\n--BB\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.a.example\r\n\r\nFinal-Recipient: rfc822; alice@a.example\r\nAction: failed\r\n"
        f"Status: 5.1.1\r\n\r\n--BB\r\nContent-Type: text/rfc822-headers\r\n\r\n{quoted}\r\n--BB--\r\n"
    )
    known = {"Return-Path": "<>", "Content-Type": REPORT, **headers}
    return mail("Undelivered", text, author="MAILER-DAEMON@a.example", auth=None, **known)


def sent_from(author: str, domain: str = "customer-a.example", subject: str = NAMED) -> bytes:
    head = f"Authentication-Results: {PASS}{domain}\r\n".encode()
    return head + mail(subject, author=author, auth=None, In_Reply_To=OURS)


def crowd(header: str, count: int = 5_000) -> dict[str, str]:
    return {header: ",\r\n ".join(f"u{n} <u{n}@x.example>" for n in range(count))}


TRIES = (
    # A number, and whose it is
    Try("outsider", mail(NAMED, author=MALLORY), "new", MALLORY, True, 1001),
    Try("outsider, nobody vouches", mail(NAMED, "Again", author=MALLORY, auth="none"), "new", MALLORY, False, 1001),
    Try("customer of another", mail(NAMED, author="carol@customer-b.example"), "new", "carol@customer-b.example", True, 1001),
    *(Try(f"number {token}", mail(f"Re: {token} VPN"), "new", ALICE, True) for token in (
        "[SD-１００１]", "[SD-١٠٠١]", "[ＳＤ-1001]", "[ſD-1001]", "[SD-1001²]", "[SD‐1001]", "[SD--1001]", "[SD- 1001]")),
    # Who vouches
    Try("fail, and a pass below", results(f"{AUTHSERV}; dmarc=fail header.from=customer-a.example", FORGED), "hold", ALICE),
    Try("fail, and another server's pass above", results(f"mx.evil.example; {FORGED.partition(' ')[2]}", f"{AUTHSERV}; dmarc=fail"), "hold", ALICE),
    Try("pass within quotes", results(f'{AUTHSERV} 1; spf=pass smtp.mailfrom="x; dmarc=pass"@evil.example; DMARC=Fail (p=REJECT)'), "hold", ALICE),
    Try("only another server's pass", results("mx.evil.example; dmarc=pass header.from=customer-a.example"), "new", ALICE, False, 1001),
    # Who it is from
    Try("two From", b"From: mallory@evil.example\r\n" + mail(NAMED), "hold"),
    Try("two From, in two spellings", b"FROM : mallory@evil.example\r\n" + mail(NAMED, "Again"), "hold"),
    *(Try(f"From {author!r}", sent_from(author), "new", "", False, 1001) for author in (
        "undisclosed:;", "friends: alice@customer-a.example;", "<>", "alice@customer-a。example", "alice@ｃustomer-a.example",
        "ａlice@customer-a.example", "al\u200bice@customer-a.example", "ali\0ce@customer-a.example", "=?utf-8?q?alice=40customer-a.example?=",
        "<=?utf-8?q?alice?=@customer-a.example>", "<\u212aim@customer-a.example>")),
    Try("Cyrillic name", sent_from("Alice <\u0430lice@customer-a.example>"), "new", "\u0430lice@customer-a.example", False, 1001, told="look like others"),
    Try("Cyrillic domain", sent_from("Alice <alice@\u0441ustomer-a.example>", "\u0441ustomer-a.example"), "new", "alice@xn--ustomer-a-u3h.example", True, 1001),
    Try("sharp s", sent_from("Ann <ann@straße.example>", "strasse.example"), "new", "", False, 1001),
    # Programs
    Try("bounce", bounce(f"Message-ID: {OURS}"), "bounce"),
    Try("bounce that names us in its References", bounce("From: x@y.example", References=OURS), "bounce"),
    Try("bounce of nothing", bounce("Message-ID: <sd.1001.1.forged@desk.example>"), "machine"),
    *(Try(f"loop {value!r}", mail(f"back {value}", X_Sdesk_Loop=value), "drop") for value in (
        ADDRESS, "<HELP@Desk.example>", "desk.example", "mx.desk.example", "1", "SD-1001", OURS, " ")),
    Try("another desk's loop", mail("hello", X_Sdesk_Loop="help@other.example"), "new", ALICE, True),
    Try("our Message-ID", mail("back", message_id=OURS), "drop"),
    *(Try(f"machine {name}", mail(NAMED, name, In_Reply_To=OURS, **{name: value}), "machine", ALICE) for name, value in (
        ("X-Auto-Response-Suppress", "All"), ("X-Auto-Response-Suppress", "DR, RN"), ("Precedence", "JUNK"), ("Precedence", "auto_reply"),
        ("Auto-Submitted", "auto-generated (cron)"), ("X-Autoreply", "yes"), ("X-Autorespond", "Away"), ("Return-Path", "< >"))),
    Try("a person says no", mail("person", Auto_Submitted="NO; owner=x"), "new", ALICE, True),
    *(Try(author, mail(author, author=author), "new", author.lower(), False) for author in (
        "postmaster@bank.example", "do_not_reply@bank.example", "MAILER-DAEMON@bank.example", "noreply+1@bank.example")),
    # The same, and not the same
    Try("one", mail("Base", message_id="<base@a.example>"), "new", ALICE, True),
    Try("it again", mail("[EXT] Base", message_id="<base@a.example>"), "duplicate", ALICE),
    Try("its ID of another", mail("Base", author=MALLORY, message_id="<base@a.example>"), "new", MALLORY, True, told="the same Message-ID"),
    Try("its ID with other words", mail("Base", "Pay here", message_id="<base@a.example>"), "new", ALICE, True, told="the same Message-ID"),
    Try("no ID", mail("none", "no id", message_id=""), "new", ALICE, True),
    Try("no ID again", mail("none", "no id", message_id=""), "duplicate", ALICE),
    Try("no ID, another day", mail("none", "no id", message_id="", Date="Tue, 03 Nov 2026 09:00:00 +0100"), "new", ALICE, True),
    Try("two IDs", mail("two", message_id="<a@b.example>\r\nMessage-ID: <c@d.example>"), "new", ALICE, True),
    Try("nothing at all", b"", "new", ""),
    Try("nothing at all, otherwise", b"\r\n", "new", ""),
    # Words that would like to be more
    Try("OSC 52", mail("Hi \x1b]52;c;ZXZpbA==\x07there"), "new", ALICE, True, subject="Hi there"),
    Try("OSC 52 in an encoded word", mail("=?utf-8?q?Hi_=C2=9D52;c;ZXZpbA=3D=3D=C2=9Cthere?="), "new", ALICE, True, subject="Hi there"),
    Try("template", mail("{{7*7}} $name {0.__class__} %s", "{text} ${7*7}", author='"{{7*7}}" <t@customer-a.example>'), "new", "t@customer-a.example", True, says="{text} ${7*7}", subject="{{7*7}} $name {0.__class__} %s"),
    *(Try(label, mail(label, "+ADw-script+AD4- end", Content_Type=f"text/plain; charset={label}"), "new", ALICE, True, says="+ADw-script+AD4- end") for label in (
        "csUnicode11UTF7", "x-unicode-2-0-utf-7", "hex_codec", "x-klingon", "a" * 5_000)),
    Try("ESC as a charset's own", mail("jp", "ok \x1b]52;c;AAAA\x07 end", Content_Type="text/plain; charset=iso-2022-jp"), "new", ALICE, True, says="end", hides=("52;c",)),
    Try("NUL", mail("N\0UL", "before\0 end"), "new", ALICE, True, says="end"),
    *(Try(f"date {date}", mail("date", f"{date} end", Date=date), "new", ALICE, True, says="end") for date in (
        "", "Mon, 02 Nov 9999 09:00:00 +0100", "Fri, 31 Feb 2026 00:00:00 -9999999999", "9" * 40)),
    # Weight
    Try("5,000 recipients", mail("crowd", **crowd("To")), "new", ALICE, True),
    Try("5,000 authors", mail("authors", author=f"Alice <{ALICE}>, " + crowd("x")["x"], auth=None), "new", ALICE),
    *(Try(f"HTML {piece}", mail(f"html {piece[:9]}", "<p>Real text</p>" + piece * 1_500, **HTML), "new", ALICE, True, says="Real text") for piece in (
        "<a <a", "<a x='", "<!--", "<![CDATA[", "</", "&#")),
    Try("what nobody sees", mail("page", "<p>Real text</p><img src=https://t.example/o.gif><input value=SECRET><div style='display:none'>HID</div>"
        "<i style='font-size:0'>HID</i><b style='position:absolute;left:-9999px'>HID</b><script>HID</script>", **HTML), "new", ALICE, True, says="Real text", hides=("HID", "SECRET", "t.example")),
    # Shape
    Try("lines of an old Macintosh", mail("mac", "still readable").replace(b"\r\n", b"\r"), "new", ALICE, True, says="still readable"),
    Try("no boundary", mail("nb", "still readable", Content_Type="multipart/mixed"), "new", ALICE, True, says="still readable"),
    Try("a boundary never closed", mail("nc", "--B\r\n\r\nstill readable", Content_Type="multipart/mixed; boundary=B"), "new", ALICE, True, says="still readable"),
    Try("headers only", b"From: alice@customer-a.example", "new", ALICE),
    Try("no header", b"Not a mail\nstill readable", "new", "", says="still readable"),
    Try("every byte", bytes(range(256)), "new", ""),
)  # fmt: skip


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, dict[str, Any]]]:
    """The desk after all of them, and for each: what was taken, how many letters left."""
    clock, path = Clock(), tmp_path_factory.mktemp("redteam") / "sdesk.db"
    with Desk.create(path, setup=setup_operations(), actor="ann", clock=clock) as desk:
        add_ticket(desk, 1001, ALICES_NUMBER, [OURS])
    post, found = open_post(path, clock), {}
    count = "SELECT count(*) FROM letter"
    for one in TRIES:
        clock.forward(3_600)
        before = post.desk.read.reader.one(count)
        taken = post.take(one.raw)
        found[one.name] = (taken, post.desk.read.reader.one(count) != before)
    yield post.desk, found
    post.desk.close()


@pytest.mark.parametrize("one", TRIES, ids=lambda one: one.name[:40].encode("unicode_escape"))
def test_a_variant_ends_as_the_rules_say(fed: tuple[Desk, dict[str, Any]], one: Try) -> None:
    desk, found = fed
    taken, acked = found[one.name]
    kept = desk.read.mail(taken.mail)
    assert (taken.outcome, acked) == (one.outcome, one.ack), kept.told
    assert kept.hint == one.hint
    if one.requester is not None:
        assert kept.author == one.requester
    if taken.outcome == "new":
        _check_ticket(desk, taken.ticket, one)


def _check_ticket(desk: Desk, number: Any, one: Try) -> None:
    ticket, entry = desk.read.ticket(number), desk.read.conversation(number)[0]
    assert clean(entry.text) == entry.text
    assert clean_line(ticket.subject) == ticket.subject
    assert one.says in entry.text
    assert not [word for word in one.hides if word in entry.text]
    assert one.subject in (None, ticket.subject)
    assert (ticket.requester.email.casefold() if ticket.requester else "") == one.requester
    told = [said for e in desk.read.history(number) for said in e.details.get("said", ())]
    assert one.told in " ".join(told)


def test_nothing_of_all_that_came_into_the_ticket_of_another(
    fed: tuple[Desk, dict[str, Any]],
) -> None:
    assert {entry.author for entry in fed[0].read.conversation(1001)} == {"Alice"}
    assert len(fed[0].read.conversation(1001)) == 1


def test_where_nobody_vouches_a_forged_reply_makes_no_reader_of_a_ticket(
    post: Post, ann: Desk
) -> None:
    from sdesk import ops

    ann.apply(None, ops.SaveSetting("mail_require_auth", "off"))
    taken = post.take(mail(NAMED, auth=None, In_Reply_To=OURS, Cc=MALLORY))
    assert (taken.outcome, taken.ticket) == ("append", 1001)
    taken = post.take(mail(NAMED, "And what did they say?", author=MALLORY, auth=None))
    assert taken.outcome == "new"


def test_a_mail_of_nobody_that_an_agent_lets_in_is_not_the_requesters(
    post: Post, ann: Desk
) -> None:
    held = post.take(b"From: mallory@evil.example\r\n" + mail(NAMED))
    deciding(ann).release(held.mail, TicketId(1001))
    assert ann.read.conversation(1001)[-1].author == "unknown sender"


def test_whom_nobody_vouches_for_gets_nothing_that_no_person_has_written(
    post: Post, ann: Desk
) -> None:
    from sdesk import ops

    taken = post.take(mail("Claim now", author="victim@third.example", auth="none"))
    genuine = post.take(mail("Printer", author="dave@customer-a.example"))
    for ticket in (taken.ticket, genuine.ticket):
        ann.apply(ticket, ops.Resolve("solved"))
    ann.apply(None, ops.Announce("outage", "Mail is down", "We work on it.", scope="all"))
    to = [str(row[0]) for row in ann.read.reader.all("SELECT recipients FROM letter WHERE kind <> 'reply'")]  # fmt: skip
    assert not [one for one in to if "victim" in one]
    assert sum("dave" in one for one in to) == 3  # acknowledged, resolved, informed
    ann.apply(taken.ticket, ops.Reply("Did you write this?"))
    ann.apply(taken.ticket, ops.Close("no answer"))
    sql = "SELECT kind FROM letter WHERE recipients LIKE '%victim%' ORDER BY id"
    assert [row[0] for row in ann.read.reader.all(sql)] == ["reply", "closed"]


def test_only_the_requester_confirms_that_it_is_solved(post: Post, ann: Desk) -> None:
    from sdesk import ops

    post.take(mail(NAMED, "Eve looks after it too.", In_Reply_To=OURS, Cc="eve@customer-a.example"))
    ann.apply(TicketId(1001), ops.Resolve("solved"))
    assert (
        post.take(mail(NAMED, "Thanks, it works now", author="eve@customer-a.example")).ticket
        == 1001
    )
    assert ann.read.ticket(TicketId(1001)).category == "resolved"
    post.take(mail(NAMED, "Thank you, it works now"))
    assert ann.read.ticket(TicketId(1001)).category == "closed"


def test_who_takes_part_by_a_merge_does_so_as_long_as_it_lasts(post: Post, ann: Desk) -> None:
    from sdesk import ops

    alice = TicketId(1001)
    theirs = post.take(mail("Mine", author=MALLORY)).ticket
    ann.apply(theirs, ops.Merge(alice))
    asked = mail(NAMED, "And now?", author=MALLORY, Cc="friend@evil.example")
    assert post.take(asked).ticket == alice
    ann.apply(alice, ops.Reply("It is the same trouble."))
    ann.apply(theirs, ops.Unmerge())
    ann.apply(alice, ops.Reply("Your password is new."))
    sql = "SELECT cc FROM letter WHERE kind = 'reply' ORDER BY id DESC LIMIT 2"
    assert [row[0] for row in ann.read.reader.all(sql)] == ["[]", f'["{MALLORY}"]']
    assert post.take(mail(NAMED, "And what now?", author=MALLORY)).outcome == "new"
    assert post.take(mail(NAMED, "Me too", author="friend@evil.example")).outcome == "new"


def test_a_program_that_ends_and_leaves_another_behind_leaves_none(tmp_path: Path) -> None:
    from sdesk.notify import commanding

    script, told = tmp_path / "pager", tmp_path / "pid"
    script.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > {told}.new && mv {told}.new {told}\n")
    script.chmod(0o700)
    with pytest.raises(commanding.Failed):
        commanding.run([str(script)], {}, seconds=1.0)
    deadline = time.monotonic() + 10
    while told.exists() and _is_running(int(told.read_text())):
        assert time.monotonic() < deadline, "it still runs"


def _is_running(number: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return False
