"""What a mail does to the desk: tickets, messages, people, files; and what agents decide."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Refused
from sdesk.intake import Intake
from sdesk.mail.taking import deciding
from sdesk.model import TicketId
from sdesk.prove.mails.desks import Post, mail
from tests.conftest import Clock

OURS = "<sd.1001.1.kq3v9x7c2m@desk.example>"
MALLORY = "Mallory <m@evil.example>"
HOUR, DAY = 3_600, 86_400


def letters(desk: Desk, kind: str = "acknowledgement") -> list[tuple[Any, ...]]:
    sql = "SELECT ticket_id, recipients, subject, body FROM letter WHERE kind = :kind ORDER BY id"
    return desk.read.reader.all(sql, {"kind": kind})


def kinds(desk: Desk, ticket: int) -> list[str]:
    return [event.kind for event in desk.read.history(ticket)]


def test_a_new_mail_becomes_a_ticket_of_a_person_it_makes(post: Post) -> None:
    taken = post.take(
        mail("Scanner", "It blinks.", author="Bea Bo <Bea@new.example>", Cc="Cy <cy@new.example>")
    )
    ticket = post.desk.read.ticket(taken.ticket)
    assert ticket.requester is not None
    assert (ticket.subject, ticket.channel, ticket.owner) == ("Scanner", "mail", "")
    assert (ticket.requester.name, ticket.requester.email) == ("Bea Bo", "Bea@new.example")
    (entry,) = post.desk.read.conversation(taken.ticket)
    assert (entry.text, entry.author, entry.kind, entry.mail) == (
        "It blinks.",
        "Bea Bo",
        "inbound",
        taken.mail,
    )
    assert letters(post.desk)[0][:2] == (taken.ticket, json.dumps(["Bea@new.example"]))
    sql = "SELECT address, name FROM participant WHERE ticket_id = :ticket"
    assert post.desk.read.reader.all(sql, {"ticket": taken.ticket}) == [("cy@new.example", "Cy")]


def test_an_acknowledgement_repeats_nothing_of_the_sender(post: Post) -> None:
    post.take(mail("Buy https://spam.example", "FREE", author="Free Stuff <bea@new.example>"))
    ((_, _, subject, body),) = letters(post.desk)
    assert not {word for word in ("spam", "FREE", "Free", "Stuff") if word in subject + body}


def test_one_sender_gets_three_acknowledgements_an_hour(post: Post, clock: Clock) -> None:
    for number in range(5):
        post.take(mail(f"Request {number}"))
    assert len(letters(post.desk)) == 3
    clock.forward(HOUR + 1)
    post.take(mail("Request 6"))
    assert len(letters(post.desk)) == 4


def test_a_name_that_passes_for_somebody_else_is_shown_as_the_address(post: Post) -> None:
    one = post.take(mail("a", author='"alice@customer-a.example" <m@evil.example>'))
    two = post.take(mail("b", author="Ann <ann@evil.example>"))
    names = [post.desk.read.ticket(t.ticket).requester for t in (one, two)]
    assert [person.name for person in names if person] == [
        "m@evil.example",
        "Ann (ann@evil.example)",
    ]


def test_a_reply_wakes_its_ticket_and_folds_what_it_quotes(
    post: Post, ann: Desk, clock: Clock
) -> None:
    ann.apply(TicketId(1001), ops.Wait(reason="for Alice"))
    text = "It is room 12.\n\nOn Mon, 2 Nov 2026 at 09:00, Ann <help@desk.example> wrote:\n> which room?\n"
    taken = post.take(mail("Re: VPN", text, In_Reply_To=OURS))
    assert (taken.outcome, taken.ticket) == ("append", 1001)
    entry = post.desk.read.conversation(1001)[-1]
    (start, end), *_ = entry.folds
    assert "which room" in entry.text[start:end]
    assert entry.text[:start].strip() == "It is room 12."
    assert post.desk.read.ticket(1001).state == "open"


def test_thanks_are_read_and_the_ticket_stays_resolved(post: Post, ann: Desk) -> None:
    ann.apply(TicketId(1001), ops.Resolve())
    post.take(mail("Re: [SD-1001] VPN", "Thank you very much!\nAlice"))
    assert post.desk.read.ticket(1001).state == "resolved"
    assert post.desk.read.conversation(1001)[-1].text.startswith("Thank you")
    post.take(mail("Re: [SD-1001] VPN", "It still fails."))
    assert post.desk.read.ticket(1001).state == "open"


def test_after_the_window_a_reply_opens_a_linked_ticket(
    post: Post, ann: Desk, clock: Clock
) -> None:
    ann.apply(TicketId(1001), ops.Resolve())
    clock.forward(15 * DAY)
    taken = post.take(mail("Re: [SD-1001] VPN", "Again!"))
    assert taken.outcome == "new"
    assert post.desk.read.ticket(taken.ticket).links == (("relates", 1001),)
    assert post.desk.read.ticket(1001).state == "resolved"


def test_a_reply_to_a_merged_ticket_goes_to_the_one_that_goes_on(post: Post, ann: Desk) -> None:
    other = ann.apply(None, ops.Open("The same", "x", requester=2)).ticket  # type: ignore[arg-type]
    assert other is not None
    ann.apply(TicketId(1001), ops.Merge(other))
    taken = post.take(mail("Re: [SD-1001] VPN", "More of it."))
    assert (taken.outcome, taken.ticket) == ("append", other)


def test_a_machines_word_is_noted_and_moves_nothing(post: Post, ann: Desk) -> None:
    ann.apply(TicketId(1001), ops.Resolve())
    taken = post.take(mail("Out of office", In_Reply_To=OURS, Auto_Submitted="auto-replied"))
    ticket = post.desk.read.ticket(1001)
    assert (taken.outcome, taken.ticket, ticket.state) == ("machine", 1001, "resolved")
    assert kinds(ann, 1001)[-1] == "mail_noted"
    assert len(post.desk.read.conversation(1001)) == 1


def test_a_stranger_with_a_number_is_told_nothing_and_agents_are_warned(post: Post) -> None:
    before = kinds(post.desk, 1002)
    taken = post.take(mail("Re: [SD-1002]", author=MALLORY))
    assert kinds(post.desk, 1002) == before
    assert post.desk.read.mail(taken.mail).hint == 1002
    assert "mail_doubted" in kinds(post.desk, taken.ticket)
    assert "1002" not in letters(post.desk)[0][2] + letters(post.desk)[0][3]


def test_headers_and_words_of_a_mail_set_nothing(post: Post) -> None:
    control = {
        "X_Sdesk_Queue": "security",
        "X_Sdesk_Priority": "1",
        "X_Sdesk_Owner": "ann",
        "Importance": "high",
    }
    ticket = post.desk.read.ticket(post.take(mail("{{7*7}} ${x} {0.a}", **control)).ticket)
    assert (ticket.queue, ticket.priority, ticket.owner, ticket.assignee) == (
        "service-desk",
        3,
        "",
        "",
    )
    assert ticket.subject == "{{7*7}} ${x} {0.a}"


def test_a_bounce_marks_the_letter_it_speaks_of(post: Post) -> None:
    report = (
        b"From: MAILER-DAEMON@mx.example\r\nTo: help@desk.example\r\nReturn-Path: <>\r\nSubject: Undelivered\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        b"--B\r\nContent-Type: text/plain\r\n\r\nNo such user\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; alice@customer-a.example\r\nAction: failed\r\n"
        b"Status: 5.1.1\r\n\r\n--B\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: "
        + OURS.encode()
        + b"\r\n\r\n--B--\r\n"
    )
    taken = post.take(report)
    assert (taken.outcome, taken.ticket) == ("bounce", 1001)
    assert post.desk.read.reader.one("SELECT state FROM letter WHERE ticket_id = 1001") == (
        "bounced",
    )


def test_a_mail_over_which_we_stumble_becomes_a_ticket_that_says_so(post: Post) -> None:
    def stumble(raw: bytes) -> Any:
        raise RecursionError("too deep")

    intake = Intake(post.desk, stumble)
    taken = intake.settle(intake.keep("in", "", mail("Lost?", "Important words")))
    ticket = post.desk.read.ticket(taken.ticket)
    assert taken.outcome == "new"
    assert ticket.tags == ("not-fully-read",)
    assert "Important words" in post.desk.read.conversation(taken.ticket)[0].text
    assert post.desk.read.mail_bytes(taken.mail) == mail("Lost?", "Important words")


def test_what_even_as_plain_text_can_t_be_taken_in_is_held(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdesk.intake.settling.Settling.open", lambda *_: 1 / 0)
    taken = post.take(mail("Cursed"))
    monkeypatch.undo()
    assert taken.outcome == "hold"
    assert "ZeroDivisionError" in post.desk.read.mail(taken.mail).reason
    assert post.take(mail("The next")).outcome == "new"


def test_a_file_that_is_too_large_stays_in_the_mail_only(post: Post, ann: Desk) -> None:
    ann.apply(None, ops.SaveSetting("attachment_limit", "10"))
    head = mail("Files", MIME_Version="1.0", Content_Type='multipart/mixed; boundary="B"')
    body = b"--B\r\n\r\nSee.\r\n--B\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n%s\r\n--B--\r\n"
    taken = post.take(head.replace(b"Please help.\r\n", body % (b"x" * 50)))
    assert not post.desk.read.attachments(taken.ticket)
    assert "mail_doubted" in kinds(post.desk, taken.ticket)


def test_a_released_mail_becomes_a_ticket_and_undo_holds_it_again(post: Post, ann: Desk) -> None:
    held = post.take(mail("Refund", author="Bob <bob@desk.example>"))
    ticket = deciding(ann).release(held.mail)
    assert ann.read.ticket(ticket).subject == "Refund"
    kept = ann.read.mail(held.mail)
    assert (kept.outcome, kept.handled_by, kept.ticket) == ("new", "ann", ticket)
    assert not letters(ann)
    ann.undo()
    again = ann.read.mail(held.mail)
    assert (again.outcome, again.handled_by, again.ticket) == ("hold", "", None)
    ann.redo()
    assert ann.read.mail(held.mail).outcome == "new"


def test_a_held_mail_goes_into_the_ticket_that_an_agent_names(post: Post, ann: Desk) -> None:
    held = post.take(mail("Re: [SD-1001] VPN", "Room 12", auth="fail"))
    assert deciding(ann).release(held.mail, TicketId(1001)) == 1001
    assert ann.read.conversation(1001)[-1].text == "Room 12"
    ann.undo()
    assert ann.read.mail(held.mail).outcome == "hold"
    assert len(ann.read.conversation(1001)) == 1


def test_rejected_mail_stays_and_can_still_be_let_in(post: Post, ann: Desk) -> None:
    held = post.take(mail("Spam", auth="fail"))
    made = deciding(ann)
    assert made.reject([held.mail]) == 1
    assert [m.outcome for m in ann.read.held_mail(9, rejected=True)] == ["rejected"]
    assert not ann.read.held_mail(9)
    assert made.hold_again([held.mail]) == 1
    made.release(held.mail)
    with pytest.raises(Refused, match="is not held"):
        made.release(held.mail)


def test_held_mail_is_judged_again_by_the_settings_of_now(post: Post, ann: Desk) -> None:
    held = post.take(mail("A request", author="Bob <bob@desk.example>"))
    ann.apply(None, ops.SaveAgent("bob", "Bob", "agent", "robert@desk.example"))
    taken = deciding(ann).judge_again(held.mail)
    assert (taken.outcome, taken.first) == ("new", True)


def test_whoever_is_no_agent_decides_nothing(post: Post, mail_store: Any, clock: Clock) -> None:
    held = post.take(mail("x", auth="fail"))
    with Desk.open(mail_store, actor="stranger", clock=clock) as desk:
        for act in (
            lambda: deciding(desk).release(held.mail),
            lambda: deciding(desk).reject([held.mail]),
        ):
            with pytest.raises(Refused, match="not an agent"):
                act()


def test_what_a_crash_has_left_behind_is_decided_about_later(post: Post) -> None:
    number = post.intake.keep("in", "7", mail("Left"))
    assert post.intake.keep("in", "7", mail("Left")) == number
    assert [one.outcome for one in post.intake.settle_waiting()] == ["new"]
    again = post.intake.settle(number)
    assert (again.outcome, again.first) == ("new", False)


def test_reading_the_log_needs_nothing_but_the_store(post: Post) -> None:
    one, two = post.take(mail("One")), post.take(mail("One"))
    assert post.desk.read.count_mail() == {"new": 1, "duplicate": 1}
    assert [m.id for m in post.desk.read.mails(limit=9)] == [two.mail, one.mail]
    assert post.desk.read.mail(two.mail).duplicate_of == one.mail
    assert (
        post.desk.read.mails(limit=9, author="ALICE@customer-a.example", outcome="new")[0].id
        == one.mail
    )


def test_a_forged_mail_that_came_first_keeps_nobody_s_own_out(post: Post) -> None:
    forged = mail("Request", message_id="<known@customer-a.example>", auth="fail")
    genuine = mail("Request", message_id="<known@customer-a.example>")
    assert [post.take(raw).outcome for raw in (forged, forged, genuine, genuine, forged)] == [
        "hold", "duplicate", "new", "duplicate", "duplicate",
    ]  # fmt: skip


def test_a_doubtful_mail_in_a_ticket_makes_its_author_no_reader_of_it(
    post: Post, ann: Desk
) -> None:
    held = post.take(mail("Re: [SD-1001] VPN", "Room 12", author=MALLORY, auth="fail"))
    deciding(ann).release(held.mail, TicketId(1001))
    assert post.take(mail("Re: [SD-1001] VPN", "And now?", author=MALLORY)).outcome == "new"
