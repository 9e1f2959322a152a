"""Closing with the requester: they confirm, they say how it was, or it still fails."""

from __future__ import annotations

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.prove.mails.desks import Post, mail


def letter_of(desk: Desk, kind: str) -> str:
    """The Message-ID of the newest letter of that kind."""
    sql = "SELECT message_id FROM letter WHERE kind = :kind ORDER BY id DESC LIMIT 1"
    row = desk.read.reader.one(sql, {"kind": kind})
    assert row is not None
    return str(row[0])


def test_who_confirms_by_reply_closes_the_ticket(post: Post, ann: Desk) -> None:
    ann.apply(TicketId(1001), ops.Resolve("solved", "Restart it."))
    answer = mail("Re: Solved?", "Thanks, it works now!", In_Reply_To=letter_of(ann, "resolved"))
    assert post.take(answer).ticket == 1001
    ticket = ann.read.ticket(TicketId(1001))
    assert (ticket.state, ticket.reopen_count) == ("closed", 0)


def test_bare_thanks_leave_it_to_silence(post: Post, ann: Desk) -> None:
    ann.apply(TicketId(1001), ops.Resolve("solved", "Restart it."))
    post.take(mail("Re: Solved?", "Thanks!", In_Reply_To=letter_of(ann, "resolved")))
    assert ann.read.ticket(TicketId(1001)).state == "resolved"


def test_it_still_fails_takes_it_up_again(post: Post, ann: Desk) -> None:
    ann.apply(TicketId(1001), ops.Resolve("solved", "Restart it."))
    said = "Thanks, but it does not work now."
    post.take(mail("Re: Solved?", said, In_Reply_To=letter_of(ann, "resolved")))
    assert ann.read.ticket(TicketId(1001)).state == "open"


def test_the_answer_to_the_survey_is_kept_and_opens_nothing(post: Post, ann: Desk) -> None:
    ann.door().enforce = False
    ann.apply(None, ops.SaveSetting("mail_letters", "survey"))
    ann.apply(TicketId(1001), ops.Resolve(), ops.Close())
    asked = letter_of(ann, "survey")
    taken = post.take(mail("Re: How did we do?", "4 - quick and kind", In_Reply_To=asked))
    said = ann.survey(TicketId(1001))
    assert said is not None
    assert (taken.outcome, taken.ticket, said.score, said.comment) == (
        "append", 1001, 4, "quick and kind",
    )  # fmt: skip
    assert ann.read.ticket(TicketId(1001)).state == "closed"
    again = post.take(mail("Re: How did we do?", "It is broken again.", In_Reply_To=asked))
    assert again.outcome == "new"


def test_a_stranger_answers_no_survey(post: Post, ann: Desk) -> None:
    ann.door().enforce = False
    ann.apply(None, ops.SaveSetting("mail_letters", "survey"))
    ann.apply(TicketId(1001), ops.Resolve(), ops.Close())
    post.take(mail("1", "1", author="m@evil.example", In_Reply_To=letter_of(ann, "survey")))
    assert ann.survey(TicketId(1001)) is None


def test_a_vouched_authors_own_subject_comes_back_and_nobody_elses(post: Post, ann: Desk) -> None:
    vouched = post.take(mail("Scanner blinks", author="Bea Bo <bea@new.example>")).ticket
    forged = post.take(mail("Buy pills", author="cy@new.example", auth="none")).ticket
    for ticket in (vouched, forged):
        assert ticket is not None
        ann.apply(ticket, ops.Reply("Which one?"))
    sql = "SELECT subject FROM letter WHERE kind = 'reply' ORDER BY id DESC LIMIT 2"
    theirs, own = (subject for (subject,) in ann.read.reader.all(sql))
    assert "Scanner blinks" in own
    assert "pills" not in theirs
