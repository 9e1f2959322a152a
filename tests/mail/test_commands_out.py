"""The commands of what goes out by mail, and what the doctor says of it."""

from __future__ import annotations

import json
import threading

import pytest

from sdesk import ops
from sdesk.channels import channels
from sdesk.cli.doctor.mail_out import findings
from sdesk.config import load
from sdesk.desk import Desk
from sdesk.prove.mails.smtp_server import Server
from tests.cli.conftest import Said, isolate


@pytest.fixture
def server():
    made = Server()
    yield made
    made.close()


@pytest.fixture
def sdesk(store, tmp_path, monkeypatch, capsys):
    """One command line at a time, on a store of our own; this user is its admin."""
    from sdesk.cli.program import run
    from sdesk.desk import system_user

    isolate(monkeypatch, tmp_path)
    with Desk.open(store, actor="ana") as desk:
        me = ops.SaveAgent(system_user(), "Me", "admin")
        desk.apply(
            None, me, ops.SaveSetting("undo_seconds", "0"), ops.Open("VPN drops", requester=1)
        )

    def call(*words: str) -> Said:
        capsys.readouterr()
        status = run(["--store", str(store), *words])
        said = capsys.readouterr()
        return Said(status, said.out, said.err)

    return call


@pytest.fixture
def addressed(sdesk, store):
    """The desk has an address."""
    with Desk.open(store, actor="ana") as desk:
        desk.apply(None, ops.SaveSetting("mail_address", "desk@acme.example"))
    return sdesk


@pytest.fixture
def smtp(tmp_path, server):
    """A config.toml that sends by the server."""
    text = f'[mail.smtp]\nhost = "localhost"\ntls = "none-on-localhost"\nport = {server.port}\n'
    (tmp_path / "config.toml").write_text(text)
    return server


def test_a_reply_is_previewed_listed_and_sent(sdesk, smtp):
    assert sdesk("mail", "preview", "SD-1").err.startswith("sdesk: The desk has no address")
    assert sdesk("mail", "set", "address", "desk@acme.example").status == 0
    shown = sdesk("mail", "preview", "SD-1", "--text", "Restart it.").lines
    assert shown[:3] == ["From:    Acme IT <desk@acme.example>", "To:      mikko@acme.example", "Subject: [SD-1] VPN drops"]  # fmt: skip
    assert sdesk("mail", "outbox").err == "No mails.\n"
    assert sdesk("reply", "SD-1", "Restart it.").status == 0
    (row,) = json.loads(sdesk("mail", "outbox", "--json").out)
    assert (row["state"], row["ticket"], row["to"], row["tries"]) == ("waiting", "SD-1", "mikko@acme.example", 0)  # fmt: skip
    done = sdesk("mail", "send")
    assert done.out == "mail 1 to mikko@acme.example sent: 250 kept\n"
    assert done.err == "1 sent, 0 put off, 0 failed.\n"
    assert len(smtp.wires.got) == 1
    assert sdesk("mail", "outbox").err == "No mails.\n"
    assert "sent" in sdesk("mail", "outbox", "--ticket", "SD-1").out


def test_what_failed_is_resent_or_dropped(addressed, smtp):
    smtp.wires.refuse["mikko@acme.example"] = "550 5.1.1 gone"
    addressed("reply", "SD-1", "one")
    assert addressed("mail", "send").status == 1
    assert "550 5.1.1 gone" in addressed("mail", "outbox").out
    assert addressed("mail", "drop", "1").out == "1\n"
    assert addressed("mail", "outbox").out.count("\n") <= 1
    smtp.wires.refuse.clear()
    assert addressed("mail", "resend", "1").status == 0
    assert addressed("mail", "send").status == 0
    assert addressed("mail", "resend", "1").status == 1
    assert addressed("mail", "resend", "99").status == 3


def test_without_a_server_it_says_where_one_is_named(sdesk):
    said = sdesk("mail", "send")
    assert (said.status, "There is no [mail.smtp] in config.toml." in said.err) == (2, True)


def test_a_test_mail_is_sent(addressed, smtp):
    said = addressed("mail", "test", "me@example.org")
    assert said.out == f"Sent by localhost:{smtp.port}: 250 kept\n"
    assert smtp.wires.got[0].recipients == ("me@example.org",)
    smtp.wires.refuse["me@example.org"] = "550 no"
    assert (
        "does not take it: me@example.org: 550 no"
        in addressed("mail", "test", "me@example.org").err
    )


def test_a_test_mail_is_received_where_the_desk_has_a_mailbox(addressed, smtp, tmp_path):
    box = tmp_path / "box"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    with (tmp_path / "config.toml").open("a") as file:
        file.write(f'[[mail.mailbox]]\nkind = "maildir"\nname = "box"\npath = "{box}"\n')
    kept = smtp.wires.got

    class Deliver(list):
        def append(self, got):
            kept.append(got)
            (box / "new" / "1.eml").write_bytes(got.raw)

    smtp.wires.got = Deliver()
    said = addressed("mail", "test")
    assert "Received in box after" in said.out


def test_the_desk_can_have_its_own_wording(addressed, tmp_path):
    assert "acknowledgement" in addressed("mail", "template", "list").out
    shown = addressed("mail", "template", "show", "closed", "fi").out
    assert shown.startswith("Subject: [{ref}] Suljettu")
    own = tmp_path / "closed.txt"
    own.write_text("Subject: [{ref}] Ahoy {requestr}\n\nDone.\n")
    refused = addressed("mail", "template", "edit", "closed", "fi", str(own))
    assert refused.status == 2
    assert "no variable {requestr}" in refused.err
    assert "Did you mean 'requester'?" in refused.err
    own.write_text("Subject: [{ref}] Ahoy\n\nDone.\n\n{signature}\n")
    assert addressed("mail", "template", "edit", "closed", "fi", str(own)).status == 0
    assert addressed("mail", "template", "show", "closed", "fi").out == own.read_text()
    addressed("mail", "set", "language", "fi")
    assert "Subject: [SD-1] Ahoy" in addressed("mail", "preview", "SD-1", "closed").out
    assert addressed("mail", "template", "reset", "closed", "fi").status == 0
    assert "Suljettu" in addressed("mail", "template", "show", "closed", "fi").out
    assert addressed("mail", "template", "show", "clsed").status == 3


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("address", "desk", "'desk' is no address"), ("aliases", "a@b.example, c", "'c' is no address"),
        ("language", "dk", "'dk' is none of"), ("require_auth", "maybe", "neither on nor off"),
        ("base_url", "javascript:x", "no address of a web page"), ("adress", "x", "Did you mean 'address'"),
        ("name", "a\nb", "one line"), ("signature", "x\\n" * 20, "at most ten lines"),
    ],
)  # fmt: skip
def test_settings_of_mail_are_checked_before_they_are_kept(sdesk, name, value, said):
    refused = sdesk("mail", "set", name, value)
    assert refused.status in (2, 3)
    assert said in refused.err.replace("\n", " ")


def test_settings_of_mail_are_shown(sdesk):
    sdesk("mail", "set", "signature", "Acme IT\\n+358 9 1")
    assert sdesk("mail", "set", "signature").out == "Acme IT\n+358 9 1\n"
    assert "mail_address" in sdesk("mail", "set").out


def test_people_and_queues_have_a_language_of_their_own(addressed):
    assert addressed("mail", "language", "mikko@acme.example", "fi").status == 0
    assert addressed("mail", "language", "MIKKO@acme.example").out == "fi\n"
    assert "Suljettu" in addressed("mail", "preview", "SD-1", "closed").out
    assert addressed("mail", "language", "nobody@x.example").status == 3
    assert addressed("mail", "language", "mikko@acme.example", "dk").status == 3
    words = ("queues", "set", "service-desk")
    assert (
        addressed(*words, "address=hilfe@acme.example", "signature=Ihr Team\\nHelsinki").status == 0
    )
    shown = addressed("mail", "preview", "SD-1", "closed").out
    assert "<hilfe@acme.example>" in shown
    assert shown.endswith("-- \nIhr Team\nHelsinki\n")
    assert "'dk' is none of" in addressed(*words, "language=dk").err.replace("\n", " ")
    assert "Of the queue: 'a@b@c'" in addressed(*words, "address=a@b@c").err.replace("\n", " ")


# The doctor and the worker


def said_by_doctor(store, quick=False):
    with Desk.open(store, actor="ana") as desk:
        return [(str(one.verdict), one.said) for one in findings(desk, quick=quick)]


def test_the_doctor_looks_at_server_secret_and_letters(sdesk, smtp, store, tmp_path, monkeypatch):
    assert ("wrong", "There is a server that sends, and the desk has no address to write from") in said_by_doctor(store)  # fmt: skip
    sdesk("mail", "set", "address", "desk@acme.example")
    assert said_by_doctor(store) == [("ok", f"localhost:{smtp.port}, not encrypted"), ("ok", "No mail waits")]  # fmt: skip
    sdesk("reply", "SD-1", "one")
    assert said_by_doctor(store)[-1] == ("ok", "1 mail to be sent")
    with Desk.open(store, actor="ana") as desk, desk.door().writer.write() as session:
        session.connection().exec_driver_sql("UPDATE letter SET next_at = 1")
    assert said_by_doctor(store)[-1][0] == "wrong"
    with Desk.open(store, actor="ana") as desk, desk.door().writer.write() as session:
        session.connection().exec_driver_sql("UPDATE letter SET state = 'failed'")
    assert ("note", "1 mail did not arrive") in said_by_doctor(store)
    loose = tmp_path / "secret"
    loose.write_text("kanarienvogel-7731")
    loose.chmod(0o644)
    with (tmp_path / "config.toml").open("a") as file:
        file.write(f'user = "desk"\npassword_file = "{loose}"\n')
    verdict, said = said_by_doctor(store, quick=True)[0]
    assert (verdict, "its mode is 0644" in said) == ("wrong", True)
    assert "kanarien" not in said
    (tmp_path / "config.toml").write_text("[mail.smtp]\nhots = 'x'\n")
    assert "no setting 'hots'" in said_by_doctor(store)[0][1]


def test_the_worker_sends_what_comes_due(addressed, smtp, store):
    addressed("reply", "SD-1", "one")
    (channel,) = (one for one in channels(load(), store) if one.name == "mail out")
    ending, said = threading.Event(), []

    def tell(words: str) -> None:
        said.append(words)
        ending.set()

    channel.keep(ending, tell)
    assert said == ["mail 1 to mikko@acme.example sent: 250 kept"]
    assert len(smtp.wires.got) == 1
