"""`sdesk mail`: what came in and why, what is held, and deciding about it, from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk.cli.program import run
from sdesk.desk import Desk
from sdesk.prove.mails.desks import Post, mail, open_post
from tests.conftest import Clock
from tests.mail.test_fetch import maildir

Said = tuple[int, str, str]


@pytest.fixture
def sdesk(
    post: Post,
    mail_store: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Said]:
    """Run `sdesk mail …` as ann: (status, output, narration). Mail 1 is new, 2 is held, 3 is its double."""
    post.take(mail("Printer"))
    post.take(mail("Re: [SD-1001] VPN", "Room 12", auth="fail"))
    post.take(mail("Printer"))
    monkeypatch.setattr("sdesk.desk.system_user", lambda: "ann")

    def call(*words: str) -> Said:
        status = run(["mail", *words, "--store", str(mail_store)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


def test_the_log_tells_what_became_of_each(sdesk: Callable[..., Said]) -> None:
    status, out, _ = sdesk("log", "--format", "jsonl")
    rows = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [(row["mail"], row["outcome"]) for row in rows] == [
        (3, "duplicate"),
        (2, "hold"),
        (1, "new"),
    ]
    assert rows[0]["reason"] == "It is the same mail as number 1, delivered once more."
    assert sdesk("log", "--outcome", "hold", "--format", "tsv")[1].startswith("2\t")
    assert sorted(sdesk("log", "--counts")[1].split()) == [
        "1",
        "1",
        "1",
        "duplicate",
        "hold",
        "new",
    ]
    assert sdesk("log", "--ticket", "SD-1003")[1].startswith("1\t")
    status, _, err = sdesk("log", "--outcome", "holt")
    assert (status, "Did you mean 'hold'?" in err) == (3, True)


def test_a_mail_is_shown_with_what_every_rule_said(sdesk: Callable[..., Said]) -> None:
    out = sdesk("show", "2")[1]
    assert "Outcome:  hold" in out
    assert "  own mail: it is no mail of ours\n" in out
    assert "dmarc=fail" in out
    assert "Room 12" in out
    assert json.loads(sdesk("show", "1", "--format", "json")[1])["ref"] == "SD-1003"
    assert sdesk("show", "99")[0] == 3


def test_held_mail_is_released_rejected_and_judged_again(
    sdesk: Callable[..., Said], ann: Desk
) -> None:
    assert sdesk("held")[1].startswith("2\t")
    assert sdesk("reject", "2")[2] == "1 mail rejected.\n"
    assert sdesk("held")[2] == "No mail is held.\n"
    assert sdesk("held", "--all")[1].startswith("2\t")
    assert sdesk("retry", "2")[1] == "2 hold\n"
    assert sdesk("release", "2", "--to", "SD-1001")[1] == "SD-1001\n"
    assert ann.read.conversation(1001)[-1].text == "Room 12"
    status, _, err = sdesk("release", "2")
    assert (status, "is not held" in err) == (1, True)


def test_mailboxes_are_fetched_by_name(
    sdesk: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maildir(tmp_path / "box", mail("Fetched"))
    settings = tmp_path / "config.toml"
    settings.write_text(
        f'[[mail.mailbox]]\nkind = "maildir"\nname = "box"\npath = "{tmp_path}/box"\n'
    )
    monkeypatch.setenv("SDESK_CONFIG", str(settings))
    assert sdesk("fetch", "bax")[0] == 3
    assert sdesk("fetch", "box") == (0, "new\tSD-1004\t4\n", "box: 1 mail: 1 new\n")
    assert sdesk("fetch")[2] == "box: nothing new\n"
    (tmp_path / "box" / "new").rmdir()
    assert sdesk("fetch")[0] == 75


def test_mail_comes_in_over_postgresql(postgres: str, clock: Clock) -> None:
    from sdesk.mail.taking import deciding
    from sdesk.prove.mails.desks import setup_operations

    Desk.create(postgres, setup=setup_operations(), actor="ann", clock=clock).close()
    post = open_post(postgres, clock)
    assert post.take(mail("One", Cc="Cy <cy@new.example>"), "box", "1").outcome == "new"
    assert post.take(mail("One"), "box", "1").first is False
    assert post.take(mail("One", Cc="Cy <cy@new.example>"), "box", "2").outcome == "duplicate"
    held = post.take(mail("Two", auth="fail"))
    with Desk.open(postgres, actor="ann", clock=clock) as ann:
        ticket = deciding(ann).release(held.mail)
        assert ann.read.ticket(ticket).subject == "Two"
        ann.undo()
        assert ann.read.mail(held.mail).outcome == "hold"
        assert deciding(ann).reject([held.mail]) == 1
        assert ann.read.count_mail() == {"new": 1, "duplicate": 1, "rejected": 1}
    post.desk.close()


def test_the_doctor_looks_at_what_comes_in(
    post: Post, ann: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sdesk import ops
    from sdesk.cli.doctor import mail_in
    from sdesk.mail.fetch import fetch

    box = maildir(tmp_path / "box", mail("Fetched"), mail("Held", auth="fail"))
    settings = tmp_path / "config.toml"
    settings.write_text(
        f'[[mail.mailbox]]\nkind = "maildir"\nname = "box"\npath = "{tmp_path}/box"\n'
    )
    monkeypatch.setenv("SDESK_CONFIG", str(settings))

    def said() -> str:
        return "\n".join(f"{f.verdict} {f.said}" for f in mail_in.findings(ann, quick=False))

    assert "note box was never read" in said()
    fetch(post.intake, box)
    post.intake.keep("box", "x", mail("Left"))
    assert "ok box, last read" in said()
    assert "1 mail kept and not judged" in said()
    assert "1 mail held until somebody lets them in" in said()
    assert "vouches" not in said()
    ann.apply(None, ops.SaveSetting("mail_authserv", ""))
    assert "wrong Nobody is named who vouches for senders" in said()
    ann.apply(None, ops.SaveSetting("mail_require_auth", "off"))
    assert "whoever writes a name into From is believed" in said()
    (tmp_path / "box" / "new").rename(tmp_path / "away")
    assert "is no Maildir" in said()
