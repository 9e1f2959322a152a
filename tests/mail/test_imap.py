"""IMAP: from a real Dovecot, and from a server that breaks at every step."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sdesk import credentials
from sdesk.errors import Refused
from sdesk.mail.fetch import fetch
from sdesk.mail.fetch.imap import ImapSource
from sdesk.mail.fetch.source import Trouble
from sdesk.mail.settings import Mailbox, Server
from sdesk.prove.mails.desks import Post, mail
from sdesk.prove.mails.imap_server import Script, ScriptedServer
from tests.mail.dovecot import PASSWORD, USER, Dovecot


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    server = Dovecot()
    yield server
    server.close()


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    server = ScriptedServer(Script({3: mail("Three"), 5: mail("Five")}))
    yield server
    server.close()


def account(
    dovecot: Dovecot, tmp_path: Path, *, password: str = PASSWORD, **fields: Any
) -> Mailbox:
    secret = tmp_path / "secret"
    secret.write_text(password)
    secret.chmod(0o600)
    place = credentials.place({"password_file": str(secret)}, "config.toml, line 5")
    server = Server(
        "localhost",
        dovecot.port,
        "implicit",
        USER,
        place,
        10,
        str(dovecot.certificate),
        "config.toml, line 5",
    )
    box = Mailbox("inbox", "imap", server, "INBOX", None, "flag", "", True, "config.toml, line 5")
    return replace(box, **fields)


def plain(server: ScriptedServer, **fields: Any) -> Mailbox:
    nobody = credentials.place({}, "config.toml, line 7")
    made = Server(
        "127.0.0.1", server.port, "none-on-localhost", "", nobody, 5, "", "config.toml, line 7"
    )
    return replace(
        Mailbox("script", "imap", made, "INBOX", None, "flag", "", True, "config.toml, line 7"),
        **fields,
    )


def test_a_real_server_is_read_flagged_and_read_on(
    post: Post, dovecot: Dovecot, tmp_path: Path
) -> None:
    box = account(dovecot, tmp_path)
    dovecot.put("1.old", mail("Years old"), seen=True, at=1_000_000_000)
    dovecot.put("2.new", mail("Fresh"))
    assert fetch(post.intake, box).words == "1 mail: 1 new"
    assert next(name for name in dovecot.names() if name.startswith("2.new")).endswith("S")
    # Read by a person before we came: it is new all the same.
    dovecot.put("3.read", mail("Read at once"), seen=True)
    assert fetch(post.intake, box).words == "1 mail: 1 new"
    assert fetch(post.intake, box).words == ""
    dovecot.renumber()
    assert fetch(post.intake, box).words == ""
    dovecot.put("4.new", mail("After renumbering"))
    assert fetch(post.intake, box).words == "1 mail: 1 new"
    assert sum(post.desk.read.count_mail().values()) == 3
    assert post.desk.read.mailbox("inbox").uidvalidity == 1_999_999_999


def test_a_fetched_mail_is_moved(post: Post, dovecot: Dovecot, tmp_path: Path) -> None:
    (dovecot.mail / ".Done").mkdir()
    dovecot.give()
    box = account(dovecot, tmp_path, done="move", done_folder="Done", name="moving")
    dovecot.put("5.move", mail("Move me"))
    assert fetch(post.intake, box).counts["new"] == 1
    assert len(dovecot.names(".Done/cur") + dovecot.names(".Done/new")) == 1
    assert not [
        name for name in dovecot.names() + dovecot.names("new") if name.startswith("5.move")
    ]


def test_the_server_tells_of_new_mail_at_once(dovecot: Dovecot, tmp_path: Path) -> None:
    source = ImapSource(account(dovecot, tmp_path))
    assert source.can_idle
    ending, done = threading.Event(), threading.Event()

    def wait() -> None:
        source.wait(ending)
        done.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    for number in range(100):
        dovecot.put(f"6.{number}.idle", mail(f"Idle {number}"))
        if done.wait(0.3):
            break
    assert done.is_set()
    ending.set()
    waiting.join()
    source.close()


@pytest.mark.parametrize(("fields", "words"), [
    ({"password": "wrong"}, "refuses the user 'desk'"),
    ({"folder": "Nowhere"}, "has no such folder"),
])  # fmt: skip
def test_what_a_real_server_refuses_is_told(
    dovecot: Dovecot, tmp_path: Path, fields: dict[str, Any], words: str
) -> None:
    with pytest.raises(Trouble, match=words):
        ImapSource(account(dovecot, tmp_path, **fields))


def test_a_certificate_that_nobody_vouches_for_ends_it(dovecot: Dovecot, tmp_path: Path) -> None:
    box = account(dovecot, tmp_path)
    assert box.server is not None
    with pytest.raises(Trouble, match="certificate can't be trusted"):
        ImapSource(replace(box, server=replace(box.server, ca_file="")))


def test_starttls_that_the_server_has_not_is_no_reason_to_go_without(
    scripted: ScriptedServer,
) -> None:
    box = plain(scripted)
    assert box.server is not None
    scripted.script.greeting, scripted.script.refuse = "OK", "STARTTLS"
    with pytest.raises(Trouble):
        ImapSource(replace(box, server=replace(box.server, tls="starttls")))
    assert not [c for c in scripted.script.commands if c.startswith(("LOGIN", "SELECT"))]


def test_a_connection_cut_in_the_middle_of_a_mail_loses_and_doubles_nothing(
    post: Post, scripted: ScriptedServer
) -> None:
    scripted.script.cut_in_body = 2
    for _ in range(2):
        with pytest.raises(Trouble):
            fetch(post.intake, plain(scripted))
        assert not post.desk.read.count_mail()
    assert fetch(post.intake, plain(scripted)).words == "2 mails: 2 new"


@pytest.mark.parametrize("step", ["CAPABILITY", "SELECT", "NOOP", "UID SEARCH", "RFC822.SIZE", "BODY.PEEK", "UID STORE"])  # fmt: skip
def test_broken_at_any_step_the_next_look_makes_one_ticket_each(
    post: Post, scripted: ScriptedServer, step: str
) -> None:
    scripted.script.drop_before = step
    with pytest.raises(Trouble):
        fetch(post.intake, plain(scripted))
    fetch(post.intake, plain(scripted))
    assert post.desk.read.count_mail() == {"new": 2}
    assert scripted.script.seen == {3, 5}


def test_renumbered_mails_are_known_by_their_bytes(post: Post, scripted: ScriptedServer) -> None:
    script = scripted.script
    assert fetch(post.intake, plain(scripted)).counts.total() == 2
    script.uidvalidity = 8
    script.mails = {1: mail("Five"), 2: mail("Three"), 9: mail("Nine")}
    assert fetch(post.intake, plain(scripted)).words == "1 mail: 1 new"
    assert fetch(post.intake, plain(scripted)).words == ""
    assert post.desk.read.count_mail() == {"new": 3}


def test_words_of_a_server_are_cleaned_before_they_are_shown(scripted: ScriptedServer) -> None:
    scripted.script.refuse = "SELECT"
    with pytest.raises(Trouble) as refused:
        ImapSource(plain(scripted))
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize("name", ["IN\r\nBOX", 'a" DELETE "b', "x\x00", "", "a*", "y" * 300])
def test_a_folder_s_name_is_never_a_command(scripted: ScriptedServer, name: str) -> None:
    with pytest.raises(Refused, match="no folder's name may have"):
        ImapSource(plain(scripted, folder=name))
    assert not scripted.script.commands


def test_nothing_is_fetched_but_with_peek(post: Post, scripted: ScriptedServer) -> None:
    fetch(post.intake, plain(scripted))
    said = [c for c in scripted.script.commands if "BODY" in c]
    assert said
    assert all("BODY.PEEK[]" in command for command in said)
