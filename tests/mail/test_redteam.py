"""What an attacker tries beside the cases of `sdesk prove corpus`, with an agent who answers."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from sdesk.desk import Desk
from sdesk.mail.taking import deciding
from sdesk.model import TicketId
from sdesk.prove.cases.mails import MALLORY, NAMED, OURS
from sdesk.prove.mails.desks import Post, mail


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
    script.write_text(f"#!/bin/sh\nsleep 600 &\necho $! > {told}.new && mv {told}.new {told}\n")
    script.chmod(0o700)
    with pytest.raises(commanding.Failed):
        commanding.run([str(script)], {}, seconds=1.0)
    deadline = time.monotonic() + 60
    while told.exists() and _is_running(int(told.read_text())):
        assert time.monotonic() < deadline, "it still runs"


def _is_running(number: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return False
