"""Sending: leased once, tried again, given up in time, and told; whatever the server does."""

from __future__ import annotations

import os
import socket
import threading

import pytest

from sdesk import ops
from sdesk.credentials import Place
from sdesk.errors import Refused
from sdesk.mail.posting import Outbox
from sdesk.mail.settings import Smtp
from sdesk.mail.smtp import Courier, Later, Never, NoServer
from sdesk.mail.writing import envelope
from sdesk.prove.mails.certificate import certificate
from sdesk.prove.mails.smtp_server import BEFORE, STEPS, Fault, Server
from sdesk.sending import GIVE_UP, LEASE, PAUSES, Sending, bounced
from sdesk.store import letters
from tests.each import each
from tests.mail.test_writing import PLAIN


@pytest.fixture
def server():
    made = Server()
    yield made
    made.close()


@pytest.fixture(scope="module")
def trusted(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def safe(trusted, monkeypatch):
    """A server with STARTTLS that wants a password."""
    monkeypatch.setenv("SDESK_TEST_SMTP", "secret")
    made = Server(trusted)
    yield made
    made.close()


def plain(port: int, **values) -> Smtp:
    known = {
        "host": "127.0.0.1", "port": port, "tls": "none-on-localhost", "user": "",
        "password": Place(origin="test"), "timeout": 30, "ca_file": "", "origin": "test", "helo": "here",
    }  # fmt: skip
    return Smtp(**{**known, **values})


def encrypted(port: int, trusted, **values) -> Smtp:
    password = Place(env="SDESK_TEST_SMTP", origin="test")
    known = {"host": "localhost", "tls": "starttls", "user": "desk", "password": password}
    return plain(port, **{**known, "ca_file": str(trusted), **values})


@pytest.fixture
def mailing(desk, make_ticket):
    """A desk with an address and one ticket, assigned to ben."""
    desk.apply(None, ops.SaveSetting("mail_address", "desk@acme.example"), ops.SaveSetting("undo_seconds", "0"))  # fmt: skip
    desk.apply(make_ticket("VPN drops"), ops.Assign("ben"))
    return desk


@pytest.fixture
def outbox(mailing, server, clock):
    made = Outbox(mailing.place, plain(server.port), clock=clock)
    yield made
    made.close()


def go(outbox):
    said: list[str] = []
    return outbox.send_due(said.append), said


def only(desk):
    (found,) = desk.read.letters(1)
    return found


# A round


def test_a_reply_is_sent_once_and_says_so(mailing, outbox, server, clock):
    mailing.apply(1, ops.Reply("Restart it."), ops.Attach("log.txt", b"line\n"))
    done, said = go(outbox)
    assert (done.sent, done.put_off, done.failed) == (1, 0, 0)
    assert said == ["mail 1 to mikko@acme.example sent: 250 kept"]
    (got,) = server.wires.got
    assert (got.sender, got.recipients) == ("desk@acme.example", ("mikko@acme.example",))
    assert b"log.txt" in got.raw
    letter = only(mailing)
    assert (letter.state, letter.sent_at, letter.answer, letter.tries) == ("sent", clock(), "250 kept", 1)  # fmt: skip
    assert go(outbox)[0].sent == 0
    with pytest.raises(Refused, match="was sent"):
        mailing.undo()


def test_a_reply_leaves_not_before_its_moment_and_not_when_it_was_taken_back(
    mailing, outbox, server, clock
):
    mailing.apply(None, ops.SaveSetting("undo_seconds", "12"))
    mailing.apply(1, ops.Reply("one"))
    assert go(outbox)[0].sent == 0
    mailing.undo()
    clock.forward(60)
    assert go(outbox)[0].sent == 0
    mailing.redo()
    assert go(outbox)[0].sent == 0
    clock.forward(12)
    assert go(outbox)[0].sent == 1
    assert len(server.wires.got) == 1


def test_a_mail_put_off_comes_again_later_and_later_and_fails_after_two_days(
    mailing, outbox, server, clock
):
    server.wires.refuse["mikko@acme.example"] = "451 4.7.1 try later\x1b[31m"
    mailing.apply(1, ops.Reply("one"))
    begun, ids, waits = clock(), set(), []
    while only(mailing).state == "waiting":
        letter = only(mailing)
        waits.append(letter.next_at - clock())
        clock.at = letter.next_at
        go(outbox)
        ids.add(only(mailing).message_id)
    assert waits[1 : len(PAUSES) + 1] == list(PAUSES)
    assert clock() - begun == GIVE_UP
    assert len(ids) == 1
    assert only(mailing).answer == "mikko@acme.example: 451 4.7.1 try later"
    assert server.wires.got == []


def test_a_failed_mail_is_said_on_the_ticket_and_to_whoever_has_it(
    mailing, outbox, server, open_desk
):
    server.wires.refuse["mikko@acme.example"] = "550 5.1.1 no such user"
    mailing.apply(1, ops.Reply("one"))
    assert go(outbox)[0].failed == 1
    event = mailing.read.history(1)[-1]
    assert (event.kind, event.actor) == ("mail_failed", "sdesk")
    assert event.details["answer"] == "mikko@acme.example: 550 5.1.1 no such user"
    for login in ("ana", "ben"):
        (notice,) = (n for n in open_desk(login).read.notices() if n.kind == "mail")
        assert notice.text.startswith("the mail to mikko@acme.example did not arrive: mikko")
    assert mailing.read.letter_counts() == {"failed": 1}


def test_one_bad_letter_keeps_no_other_waiting(mailing, outbox, server, clock):
    server.wires.refuse = {"a@slow.example": "451 4.7.1 later", "b@bad.example": "550 no"}
    with mailing.door().transaction() as work:
        for to in ("a@slow.example", "b@bad.example", "c@good.example"):
            letters.put(
                work.tx,
                "announcement",
                template="outage",
                to=[to],
                values={"title": "x", "text": "y"},
            )
        work.session.connection().exec_driver_sql(
            "UPDATE letter SET message_id = 'broken' WHERE id = 2"
        )
    done, _ = go(outbox)
    assert (done.sent, done.put_off, done.failed) == (1, 1, 1)
    states = {one.to[0]: one.state for one in mailing.read.outbox()}
    assert states == {
        "a@slow.example": "waiting",
        "b@bad.example": "failed",
        "c@good.example": "sent",
    }


def test_a_domain_that_asks_for_a_pause_gets_one(mailing, outbox, server, clock):
    server.wires.refuse = {"a@slow.example": "451 4.7.1 later"}
    with mailing.door().transaction() as work:
        for to in ("a@slow.example", "b@slow.example", "c@good.example"):
            letters.put(
                work.tx,
                "announcement",
                template="outage",
                to=[to],
                values={"title": "x", "text": "y"},
            )
    assert go(outbox)[0].sent == 1
    waiting = mailing.read.outbox("waiting")
    assert [(one.to[0], one.tries, one.next_at - clock()) for one in waiting] == [
        ("b@slow.example", 0, 60), ("a@slow.example", 1, 60),
    ]  # fmt: skip


def test_a_mail_to_several_reaches_whom_it_can(mailing, outbox, server, clock, open_desk):
    server.wires.refuse = {"gone@x.example": "550 gone", "slow@x.example": "451 later"}
    with mailing.door().transaction() as work:
        ticket = work.tx.ticket(1)
        letters.put(work.tx, "closed", ticket, cc=["gone@x.example"])
    assert go(outbox)[0].sent == 1
    assert only(mailing).state == "sent"
    assert mailing.read.history(1)[-1].details["to"] == ["gone@x.example"]
    with mailing.door().transaction() as work:
        letters.put(work.tx, "closed", work.tx.ticket(1), cc=["slow@x.example"])
    assert go(outbox)[0].put_off == 1
    while mailing.read.letter_counts().get("waiting"):
        clock.at = mailing.read.next_letter_at()
        go(outbox)
    assert [got.recipients for got in server.wires.got] == [("mikko@acme.example",)] * 2


def test_without_a_server_nothing_is_lost_and_replies_can_still_be_taken_back(mailing, clock):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        outbox = Outbox(mailing.place, plain(taken.getsockname()[1], timeout=30), clock=clock)
        mailing.apply(1, ops.Reply("one"))
        done, said = go(outbox)
        assert done.trouble is not None
        assert "Connection refused" in said[0]
        letter = only(mailing)
        assert (letter.state, letter.tries, letter.next_at) == ("waiting", 0, clock() + 60)
        mailing.undo()
        assert mailing.read.letters(1) == ()
        mailing.redo()
        clock.forward(GIVE_UP)
        go(outbox)
        assert only(mailing).state == "failed"
        outbox.close()


# Leases


def test_of_two_senders_one_has_the_letter(mailing, clock):
    mailing.apply(1, ops.Reply("one"))
    one, two = Sending(mailing.place, clock=clock), Sending(mailing.place, clock=clock)
    letter = one.lease()
    assert letter is not None
    assert two.lease() is None
    clock.forward(LEASE)
    assert two.lease() is not None
    one.sent(letter, "250 late")
    assert only(mailing).state == "waiting"
    one.close()
    two.close()


def test_the_lease_of_a_process_that_died_is_over_at_once(mailing, clock):
    mailing.apply(1, ops.Reply("one"))
    sending = Sending(mailing.place, clock=clock)
    number = os.fork()
    if number == 0:
        os._exit(0)
    os.waitpid(number, 0)
    sending.holder = f"{socket.gethostname()}:{number}:aa"
    assert sending.lease() is not None
    sending.holder = "elsewhere:1:bb"
    assert sending.lease() is not None
    sending.holder = "here:1:cc"
    assert sending.lease() is None
    clock.at -= 100_000
    with sending.desk.door().writer.write() as session:
        session.connection().exec_driver_sql("UPDATE letter SET next_at = 1")
    assert sending.lease() is not None
    sending.close()


def test_ten_letters_and_three_senders_at_once_make_ten_mails(mailing, server, clock):
    with mailing.door().transaction() as work:
        for number in range(10):
            letters.put(
                work.tx,
                "announcement",
                template="outage",
                to=[f"p{number}@x.example"],
                values={"title": "x", "text": "y"},
            )
    boxes = [Outbox(mailing.place, plain(server.port), clock=clock) for _ in range(3)]
    threads = [threading.Thread(target=go, args=(box,)) for box in boxes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for box in boxes:
        box.close()
    assert sorted(got.recipients[0] for got in server.wires.got) == sorted(f"p{n}@x.example" for n in range(10))  # fmt: skip
    assert mailing.read.letter_counts() == {}


# Bounces


def test_a_bounce_marks_the_letter_and_is_said_on_the_ticket(mailing, outbox):
    mailing.apply(1, ops.Reply("one"))
    go(outbox)
    fate = ("mikko@acme.example", "failed", "5.1.1", "smtp; 550 no such user\x1b]0;x\x07")
    delayed = ("mikko@acme.example", "delayed", "4.4.1", "later")
    with mailing.door().transaction() as work:
        assert not bounced(work, 1, [delayed])
        assert not bounced(work, 99, [fate])
        assert bounced(work, 1, [fate])
        assert bounced(work, 1, [fate])
    assert only(mailing).state == "bounced"
    assert only(mailing).answer == "mikko@acme.example: 5.1.1 smtp; 550 no such user"
    assert [e.kind for e in mailing.read.history(1)].count("mail_bounced") == 1


# The conversation


def test_encryption_and_password_are_held_to(safe, trusted):
    courier = Courier(encrypted(safe.port, trusted))
    assert courier.check().startswith("TLSv1")
    assert courier.send(envelope(PLAIN)).answer == "250 kept"
    assert courier.send(envelope(PLAIN)).answer == "250 kept"
    courier.close()
    assert len(safe.wires.got) == 2


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"ca_file": ""}, "its certificate is not to be trusted"),
        ({"host": "127.0.0.1"}, "its certificate is not to be trusted"),
        ({"password": Place(env="WRONG", origin="test")}, "does not let 'desk' in: 535"),
        ({"password": Place(env="NONE", origin="here")}, "here: there is no secret in the variable NONE"),
        ({"password": Place(env="ODD", origin="test")}, "must be ASCII"),
        ({"tls": "none-on-localhost"}, "not supported by server"),
        ({"tls": "implicit"}, "[SSL"),
        ({"ca_file": "/no/such/file"}, "No such file"),
    ],
)  # fmt: skip
def test_nothing_falls_back_to_less_safety(safe, trusted, monkeypatch, values, said):
    monkeypatch.setenv("WRONG", "kanarienvogel-7731")
    monkeypatch.setenv("ODD", "kanarienvögel")
    with pytest.raises(NoServer) as caught:
        Courier(encrypted(safe.port, trusted, **values)).send(envelope(PLAIN))
    assert said in caught.value.message
    assert "kanarienv" not in caught.value.message
    assert safe.wires.got == []


def test_the_password_is_nowhere_afterwards(mailing, trusted, monkeypatch, clock, capfd):
    canary = "kanarienvogel-7731"
    monkeypatch.setenv("SDESK_TEST_SMTP", canary)
    server = Server(trusted, accepts=canary)
    outbox = Outbox(mailing.place, encrypted(server.port, trusted), clock=clock)
    mailing.apply(1, ops.Reply("one"))
    done, said = go(outbox)
    assert done.sent == 1
    server.accepts = "another"
    mailing.apply(1, ops.Reply("two"))
    done, more = go(outbox)
    assert "does not let 'desk' in: 535" in str(done.trouble)
    outbox.close()
    server.close()
    kept = [file.read_bytes() for file in mailing.place.parent.iterdir() if file.is_file()]
    shown = "".join([*said, *more, str(done.trouble), repr(vars(outbox)), *capfd.readouterr()])
    assert canary not in shown
    assert not [raw for raw in kept if canary.encode() in raw]


def test_a_server_without_starttls_gets_nothing(server):
    with pytest.raises(NoServer, match="offers no STARTTLS"):
        Courier(plain(server.port, host="localhost", tls="starttls")).send(envelope(PLAIN))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("manner", ["drop", "4xx", "5xx"])
def test_every_break_is_somebodys(safe, trusted, step, manner):
    faults = iter([Fault(step, manner)])
    safe.wires.faults = lambda *, is_new: next(faults, None) if is_new else None
    courier = Courier(encrypted(safe.port, trusted))
    if step == "QUIT":
        courier.send(envelope(PLAIN))
        courier.close()
    else:
        expected = NoServer if step in BEFORE else Never if manner == "5xx" else Later
        with pytest.raises(expected):
            courier.send(envelope(PLAIN))
        # The next letter has another connection, or the same one begun anew.
        assert courier.send(envelope(PLAIN)).answer == "250 kept"
        courier.close()
    assert set(safe.wires.steps) == {step}


def scripted(*answers: bytes) -> tuple[int, threading.Thread]:
    """A server that says what it is told and then nothing."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, listening:
            try:
                for answer in answers:
                    connection.sendall(answer)
                    connection.recv(65_536)
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return listening.getsockname()[1], thread


@each(
    ("answers", "said"),
    [
        ((b"220 " + b"x" * 5_000_000,), "an endless line"), ((b"220-x\r\n" * 5_000,), "has no end"),
        ((b"HTTP/1.1 400\r\n",), "does not speak SMTP"), ((b"220 hi\r\n", b"500 no\r\n"), "refuses EHLO: 500 no"),
        ((b"554 \x1b]0;go away\x07\r\n",), "it greets with 554"), ((), "nothing more"),
        ((b"220 hi\r\n", b"250-x\r\n250 STARTTLS\r\n", b"220 go\r\n250 injected\r\n"), "SSL"),
    ],
)  # fmt: skip
def test_a_strange_server_is_told_of_in_clean_words(answers, said):
    port, thread = scripted(*answers)
    tls = "starttls" if len(answers) == 3 else "none-on-localhost"
    with pytest.raises(NoServer) as caught:
        Courier(plain(port, host="localhost", tls=tls, timeout=60)).send(envelope(PLAIN))
    assert said in caught.value.message
    assert caught.value.message.isprintable()
    thread.join(60)


def test_a_server_that_says_nothing_is_given_up(monkeypatch):
    port, _ = scripted(b"2")
    with pytest.raises(NoServer, match="does not answer in time"):
        Courier(plain(port, timeout=0.05)).send(envelope(PLAIN))


def test_a_mail_that_is_too_large_is_not_begun(server):
    courier = Courier(plain(server.port))
    with pytest.raises(Never, match="the server takes"):
        courier.send(envelope(PLAIN)._replace(raw=b"x" * 40_000_000))
    courier.close()


# Once more, or given up


def test_a_mail_that_failed_is_sent_again_or_given_up_and_both_can_be_undone(
    mailing, outbox, server, clock
):
    mailing.apply(None, ops.SaveSetting("undo_seconds", "60"))
    server.wires.refuse["mikko@acme.example"] = "550 5.1.1 no such user"
    mailing.apply(1, ops.Reply("one"))
    clock.forward(60)
    go(outbox)
    mailing.apply(1, ops.DropMail())
    assert only(mailing).state == "dropped"
    mailing.undo()
    assert only(mailing).state == "failed"
    mailing.apply(1, ops.Resend())
    assert (only(mailing).state, only(mailing).tries) == ("waiting", 0)
    mailing.undo()
    assert only(mailing).state == "failed"
    mailing.redo()
    server.wires.refuse.clear()
    before = only(mailing).message_id
    assert go(outbox)[0].sent == 1
    assert only(mailing).message_id == before
    with pytest.raises(Refused, match=r"letter\.1 has been changed since"):
        mailing.undo()
    with pytest.raises(Refused, match="no mail of it that did not arrive"):
        mailing.apply(1, ops.Resend())
    with pytest.raises(Refused, match="SD-1 has no mail 9"):
        mailing.apply(1, ops.Resend(9))


def test_a_mail_that_waits_for_its_next_try_is_sent_at_once_when_an_agent_wants_it(
    mailing, outbox, server, clock
):
    server.wires.refuse["mikko@acme.example"] = "451 later"
    mailing.apply(1, ops.Reply("one"))
    go(outbox)
    server.wires.refuse.clear()
    mailing.apply(1, ops.Resend())
    assert go(outbox)[0].sent == 1
