"""The tables of mail in config.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdesk.errors import Usage
from sdesk.mail.settings import load

WHOLE = """
[mail]
poll = 30

[[mail.mailbox]]
host = "imap.example.org"
user = "desk@example.org"
password_file = "/etc/sdesk/imap"
done = "move:Done"

[[mail.mailbox]]
kind = "maildir"
path = "/var/mail/desk"

[mail.smtp]
host = "SMTP.example.org"
tls = "starttls"
user = "desk"
password_command = ["pass", "show", "smtp"]
"""


def read(folder: Path, text: str):
    file = folder / "config.toml"
    file.write_text(text)
    return load(file)


def test_servers_and_mailboxes_are_read_with_what_is_usual(tmp_path):
    found = read(tmp_path, WHOLE)
    imap, maildir = found.mailboxes
    assert (imap.name, imap.folder, imap.done, imap.done_folder) == ("desk@example.org@imap.example.org/INBOX", "INBOX", "move", "Done")  # fmt: skip
    assert (imap.server.port, imap.server.tls) == (993, "implicit")
    assert (maildir.name, maildir.path, maildir.done) == ("maildir:/var/mail/desk", Path("/var/mail/desk"), "flag")  # fmt: skip
    assert (found.smtp.words, found.smtp.tls, found.poll) == ("smtp.example.org:587", "starttls", 30)  # fmt: skip
    assert found.smtp.password.command == ("pass", "show", "smtp")


def test_without_a_file_or_a_table_there_is_no_mail(tmp_path):
    assert load(tmp_path / "none.toml").smtp is None
    assert read(tmp_path, "theme = 'dark'\n").mailboxes == ()


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("[mail]\npol = 3", "line 2: there is no setting 'pol' in [mail].", "Did you mean 'poll'?"),
        ("[mail]\nfrom = 'x@y'", "line 2: the desk's address is no setting", "sdesk mail set address"),
        ("[mail.smtp]\nhots = 'x'", "line 2: there is no setting 'hots' in [mail.smtp].", "'host'"),
        ("[mail.smtp]\ntls = 'implicit'", "[mail.smtp] needs the name of a host", ""),
        ("[mail.smtp]\nhost = 'x'\ntls = 'none'", "line 3: 'tls' is", ""),
        ("[mail.smtp]\nhost = 'x'\ntls = 'none-on-localhost'", "this host only, not for x", "unencrypted"),
        ("[mail.smtp]\nhost = 'x'\npassword = 'hunter2'", "no setting 'password'", "password_"),
        ("[mail.smtp]\nhost = 'x'\nuser = 'me'", "has no password_file", "docs/mail.md"),
        ("[mail.smtp]\nhost = 'x'\npassword_env = 'P'", "has no user", ""),
        ("[mail.smtp]\nhost = 'x'\nport = 0", "line 3: 'port' is a number from 1 to 65535", ""),
        ("[mail.smtp]\nhost = 'x'\nport = '25'", "line 3: 'port' is a number", ""),
        ("[mail.smtp]\nhost = 'x'\nhelo = \"a\\r\\nMAIL\"", "don't belong there", ""),
        ("mail = 3", "'mail' is a table", ""),
        ("[mail]\nsmtp = 3", "'smtp' is a table", ""),
        ("[mail.mailbox]\nhost = 'x'", "'mailbox' is written [[mail.mailbox]]", ""),
        ("[[mail.mailbox]]\nkind = 'pop3'\nhost = 'x'", "line 2: 'kind' is 'imap' or", ""),
        ("[[mail.mailbox]]\nkind = 'mbox'", "needs a path", ""),
        ("[[mail.mailbox]]\nkind = 'mbox'\npath='/x'\nhost='y'", "line 4: a mailbox of the kind mbox has no 'host'", ""),
        ("[[mail.mailbox]]\nhost = 'x'\ndone = 'move'", "'done' is 'flag'", ""),
        ("[[mail.mailbox]]\nhost = 'x'\n[[mail.mailbox]]\nhost = 'x'\ndone='dlete'", "line 5: 'done' is", ""),
        ("[[mail.mailbox]]\nhost = 'x'\n[[mail.mailbox]]\nhost = 'x'", "two mailboxes are called '@x/INBOX'", "name"),
    ],
)  # fmt: skip
def test_what_can_not_be_understood_is_refused_with_its_line(tmp_path, text, said, hint):
    with pytest.raises(Usage) as caught:
        read(tmp_path, text)
    assert said in caught.value.message
    assert str(tmp_path / "config.toml") in caught.value.message
    assert hint in caught.value.hint
    assert "hunter2" not in str(caught.value)
