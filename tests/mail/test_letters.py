"""Letters: their wording, whom they go to, and that they are written and taken back with the reply."""

from __future__ import annotations

import json

import pytest

from sdesk import ops
from sdesk.errors import Invalid, NotFound, Refused
from sdesk.rules import letters
from sdesk.rules.letters import address
from sdesk.store import letters as stored
from tests.each import each


@pytest.fixture
def mailing(desk):
    """The desk, with an address of its own."""
    desk.apply(
        None, ops.SaveSetting("mail_address", "desk@acme.example"),
        ops.SaveSetting("mail_signature", "Acme IT\n+358 9 1"), ops.SaveSetting("undo_seconds", "12"),
    )  # fmt: skip
    return desk


COLUMNS = "id, ticket_id, entry_id, kind, language, sender, recipients, cc, subject, body, message_id, refs, send_after, state"


def rows(desk, where="1 = 1"):
    found = desk.read.reader.all(f"SELECT {COLUMNS} FROM letter WHERE {where} ORDER BY id")
    return [dict(zip(COLUMNS.split(", "), row, strict=True)) for row in found]


def put(desk, *args, **values):
    with desk.door().transaction() as work:
        number = values.pop("ticket", None)
        ticket = work.tx.ticket(number) if number else None
        return stored.put(work.tx, *args, ticket, **values)


# The wording


@each("code", letters.LANGUAGES)
def test_every_letter_is_worded_in_every_language_and_holds_what_it_must(code):
    english = {kind: letters.built_in(kind, "en") for kind in letters.KINDS}
    for kind in letters.KINDS:
        template = letters.built_in(kind, code)
        letters.check(kind, template)
        assert code == "en" or template.subject != english[kind].subject or kind == "update"
        same = [set(letters.template_names(t)) for t in (template, english[kind])]
        names = [found - {"requester", "requester.first"} for found in same]
        assert names[0] == names[1], f"{kind} in {code} says something else"


def test_a_value_is_put_in_once_and_lines_without_any_are_left_out():
    template = letters.Template(
        "[{ref}] {subject|nothing}", "{text}\n\nOr here: {link}\n\n{{ref}} {requester|},\n"
    )
    said = letters.write(
        template,
        {"ref": "SD-7", "subject": "{text} {0.__class__} {{7*7}}", "text": "a {link}\n\n\n\nb"},
    )
    assert said.subject == "[SD-7] {text} {0.__class__} {{7*7}}"
    assert said.text == "a {link}\n\n\n\nb\n\n{ref},\n"


def test_nothing_in_a_value_makes_a_second_line_of_the_subject():
    said = letters.write(
        letters.built_in("update", "en"),
        {"ref": "SD-7", "subject": "a\r\nBcc: x@y.example\x1b]0;t\x07"},
    )
    assert said.subject == "[SD-7] a Bcc: x@y.example"


@each(
    ("kind", "subject", "text", "said"),
    [
        ("update", "[{ref}] {subjekt}", "{text}", "no variable {subjekt}"),
        ("update", "{subject}", "{text}", "[{ref}] is missing"),
        ("update", "[{ref}]", "Hello", "{text} is missing"),
        ("acknowledgement", "[{ref}] {subject}", "x", "the sender's word"),
        ("acknowledgement", "[{ref}]", "Hello {requester.first}", "the sender's word"),
        ("closed", "[{ref}]", "{title}", "is for announcements"),
        ("outage", "{title}", "{text} {requester}", "has no {requester}"),
        ("closed", "", "x", "a subject and a text"),
        ("closed", "[{ref}]\nBcc: x", "x", "one line"),
        ("closed", "[{ref}]", "x" * 20_001, "at most"),
    ],
)  # fmt: skip
def test_what_no_letter_can_say_is_refused(kind, subject, text, said):
    with pytest.raises(Invalid) as caught:
        letters.to_setting(kind, letters.Template(subject, text))
    assert said in caught.value.message


def test_the_desks_own_wording_counts_and_a_broken_one_does_not():
    own = letters.Template("[{ref}] Ahoy", "{text}")
    settings = {letters.setting_name("update", "de"): letters.to_setting("update", own)}
    assert letters.find("update", "de", settings) == own
    assert letters.find("update", "en", settings) == letters.built_in("update", "en")
    settings[letters.setting_name("update", "de")] = '{"subject": "x"}'
    assert letters.find("update", "de", settings) == letters.built_in("update", "de")
    with pytest.raises(NotFound, match="Did you mean 'closed'"):
        letters.built_in("closd", "en")


@each(("wanted", "code"), [(("de-AT",), "de"), (("", "FR"), "fr"), (("xx", "fi_FI"), "fi"), ((), "en")])  # fmt: skip
def test_the_first_language_that_the_desk_can_write_is_taken(wanted, code):
    assert letters.language(*wanted) == code


def test_days_are_written_as_the_language_has_them():
    assert [letters.day(0, "UTC", code) for code in letters.LANGUAGES] == [
        "01 Jan 1970", "01.01.1970", "01/01/1970", "1.1.1970", "01/01/1970",
    ]  # fmt: skip
    assert letters.moment(0, "Europe/Helsinki", "fi") == "1.1.1970 2.00 EET"


# Addresses


@each(
    ("given", "used"),
    [
        ("Eva.Lind@Firma.DE", "Eva.Lind@firma.de"), ("x@bücher.example", "x@xn--bcher-kva.example"),
        ("o'neil+vpn@a-b.example", "o'neil+vpn@a-b.example"), ("x@localhost", "x@localhost"),
        ("", ""), ("nobody", ""), ("a b@x.example", ""), ('"a@b"@x.example', ""), ("<x@y.example>", ""),
        ("x@y.example, z@y.example", ""), ("x@y.example\nBcc: z", ""), ("ä@x.example", ""),
        ("x@127.0.0.1", ""), ("x@[127.0.0.1]", ""), ("x@-a.example", ""), ("x@", ""), ("@x.example", ""),
        ("x..y@z.example", ""), (".x@z.example", ""), ("x@a..b", ""), ("a" * 65 + "@x.example", ""),
    ],
)  # fmt: skip
def test_an_address_is_one_plain_address_or_none(given, used):
    assert address.usable(given) == used


@each("given", ["no-reply@x", "noreply+5@x", "MAILER-DAEMON@x", "owner-list@x", "list-request@x"])  # fmt: skip
def test_nobody_reads_there(given):
    assert address.is_nobody(given)
    assert not address.is_nobody("anna@x")


def test_a_thread_names_sane_ids_only_and_not_all_of_a_long_one():
    ids = ["<a@b>", "c@d", "<x\r\nBcc: y@z>", "<no at>", "<a@b>", "<é@x>", ""]
    assert address.thread(ids) == "<a@b> <c@d>"
    many = address.thread(f"<{n}@x>" for n in range(500)).split()
    assert (len(many), many[0], many[-1]) == (10, "<0@x>", "<499@x>")


# In the store


def test_without_an_address_of_the_desk_nothing_is_written(desk, make_ticket):
    desk.apply(make_ticket(), ops.Reply("Try again."))
    assert put(desk, "closed", ticket=1) is None
    assert rows(desk) == []


def test_a_reply_is_a_letter_that_waits_for_the_moment_of_undo(mailing, make_ticket, clock):
    ticket = make_ticket("VPN is slow")
    mailing.apply(ticket, ops.Reply("Restart the client."))
    (row,) = rows(mailing)
    assert json.loads(row["recipients"]) == ["mikko@acme.example"]
    assert row["sender"] == "desk@acme.example"
    assert row["subject"] == "[SD-1] VPN is slow"
    assert row["body"] == "Restart the client.\n\n-- \nAcme IT\n+358 9 1\n"
    assert row["send_after"] == clock() + 12
    assert row["state"] == "waiting"
    assert row["message_id"].startswith("<sd.1.1.")
    assert row["message_id"].endswith("@acme.example>")


def test_undo_forgets_the_letter_and_redo_writes_it_again(mailing, make_ticket):
    mailing.apply(make_ticket(), ops.Reply("Restart the client."))
    (before,) = rows(mailing)
    mailing.undo()
    assert rows(mailing) == []
    mailing.redo()
    (again,) = rows(mailing)
    same = {"subject", "body", "recipients", "entry_id", "ticket_id"}
    assert {n: again[n] for n in same} == {n: before[n] for n in same}


def test_a_letter_that_has_not_begun_to_leave_can_still_be_taken_back(mailing, make_ticket, clock):
    mailing.apply(make_ticket(), ops.Reply("one"))
    clock.forward(60)
    assert mailing.release_outbox() == 1
    mailing.undo()
    assert rows(mailing) == []
    mailing.redo()
    with mailing.door().writer.write() as session:
        session.connection().exec_driver_sql("UPDATE letter SET tries = 1")
    clock.forward(60)
    mailing.release_outbox()
    with pytest.raises(Refused, match="was sent"):
        mailing.undo()


def test_the_thread_is_named_both_ways(mailing, make_ticket):
    ticket = make_ticket()
    with mailing.door().writer.write() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO mail (at, ticket_id, outcome, message_id, author, sha256) VALUES"
            " (1, 1, 'new', '<first@acme.example>', 'mikko@acme.example', ''),"
            " (2, 1, 'append', '<x\r\nBcc: y@z>', 'jun@acme.example', ''),"
            " (3, 1, 'hold', '<held@acme.example>', 'evil@x.example', '')"
        )
    mailing.apply(ticket, ops.Reply("one"))
    mailing.apply(ticket, ops.Reply("two"))
    first, second = rows(mailing)
    assert first["refs"] == "<first@acme.example>"
    assert second["refs"] == f"<first@acme.example> {first['message_id']}"


def test_copies_go_to_who_has_written_and_never_to_the_desk_itself(mailing, make_ticket):
    ticket = make_ticket()
    with mailing.door().writer.write() as session:
        run = session.connection().exec_driver_sql
        for name in (
            "jun@acme.example",
            "named@x.example",
            "desk@acme.example",
            "mikko@acme.example",
        ):
            run(f"INSERT INTO participant (ticket_id, address) VALUES (1, '{name}')")
            if not name.startswith("named"):
                run(
                    f"INSERT INTO mail (at, ticket_id, outcome, author) VALUES (1, 1, 'append', '{name.title()}')"
                )
    mailing.apply(ticket, ops.Reply("one"))
    assert json.loads(rows(mailing)[0]["cc"]) == ["jun@acme.example"]


def test_queues_have_an_address_a_signature_and_a_language_and_a_person_has_their_own(
    mailing, make_ticket
):
    mailing.apply(None, ops.SaveQueue("network", "Netz", 2, address="netz@acme.example", signature="Ihr Netzteam", language="de"))  # fmt: skip
    ticket = make_ticket(queue="network")
    put(mailing, "closed", ticket=ticket)
    mailing.apply(
        None, ops.SavePerson("Mikko Korhonen", "mikko@acme.example", id=1, language="fi-FI")
    )
    put(mailing, "closed", ticket=ticket)
    german, finnish = rows(mailing)
    assert german["sender"] == "netz@acme.example"
    assert german["subject"].startswith("[SD-1] Geschlossen: ")
    assert german["body"].endswith("-- \nIhr Netzteam\n")
    assert finnish["body"].startswith("Hei Mikko,")


def test_a_stranger_can_have_nothing_said_to_anybody(mailing, make_ticket):
    ticket = make_ticket("BUY GOLD [SD-99] at evil.example", channel="mail")
    put(mailing, "acknowledgement", ticket=ticket)
    mailing.apply(ticket, ops.Reply("We do not know what you mean."))
    put(mailing, "closed", ticket=ticket)
    for row in rows(mailing):
        assert "evil" not in row["subject"] + row["body"]
        assert "Mikko" not in row["subject"] + row["body"]
    mailing.apply(None, ops.SavePerson("Mikko Korhonen", "mikko@acme.example", id=1, verified_at=1))
    put(mailing, "closed", ticket=ticket)
    put(mailing, "acknowledgement", ticket=ticket)
    *_, closed, acknowledged = rows(mailing)
    assert closed["subject"] == "[SD-1] Closed: BUY GOLD at evil.example"
    assert "GOLD" not in acknowledged["subject"] + acknowledged["body"]


def test_nobody_is_written_to_who_cannot_be(mailing, make_ticket):
    ticket = make_ticket()
    for wrong in ((), ("x y@z",), ("desk@acme.example",), ("DESK@ACME.example",)):
        assert put(mailing, "closed", ticket=ticket, to=wrong) is None
    assert put(mailing, "closed", ticket=ticket, to=("noreply@x.example",)) is None
    assert put(mailing, "reply", ticket=ticket, to=("noreply@x.example",)) is not None


def test_an_announcement_needs_no_ticket(mailing):
    values = {"title": "Mail server", "starts": "today", "text": "It stands still."}
    put(
        mailing,
        "announcement",
        template="outage",
        to=("a@x.example",),
        values=values,
        language="es",
    )
    put(
        mailing,
        "announcement",
        template="outage",
        to=("b@x.example",),
        values={**values, "ends": "noon"},
    )
    row, expected = rows(mailing)
    assert row["subject"] == "Avería: Mail server"
    assert "Fin" not in row["body"]
    assert "Expected to end: noon" in expected["body"]
    assert "It stands still." in row["body"]
    assert row["message_id"].startswith("<sd.0.")


def test_a_mail_that_names_one_of_our_letters_is_known(mailing, make_ticket):
    mailing.apply(make_ticket(), ops.Reply("one"))
    (row,) = rows(mailing)
    bare = row["message_id"].strip("<>")
    with mailing.door().transaction() as work:
        assert stored.of_ticket(work.tx, [bare, "<other@x>"]) == [(1, 1)]
        assert stored.of_ticket(work.tx, [row["message_id"]]) == [(1, 1)]
