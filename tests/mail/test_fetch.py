"""Maildir, mbox, files and pipes: each mail once, whatever happens to the mailbox meanwhile."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sdesk.cli.program import run
from sdesk.desk import Desk
from sdesk.mail.fetch import fetch
from sdesk.mail.fetch.channel import MailIn
from sdesk.mail.fetch.rounds import Held, mailbox_lock
from sdesk.mail.fetch.source import Trouble
from sdesk.mail.settings import Mailbox
from sdesk.mail.taking import open_desk, open_intake
from sdesk.prove.mails.desks import Post, mail


def maildir(path: Path, *mails: bytes) -> Mailbox:
    for part in ("new", "cur", "tmp"):
        (path / part).mkdir(parents=True, exist_ok=True)
    for number, raw in enumerate(mails):
        (path / "new" / f"{number}.M1.host").write_bytes(raw)
    return Mailbox("box", "maildir", None, "", path, "flag", "", False, "config.toml, line 3")


def mbox(path: Path, *mails: bytes) -> Mailbox:
    with path.open("ab") as file:
        for raw in mails:
            quoted = raw.replace(b"\r\n", b"\n").replace(b"\nFrom ", b"\n>From ")
            file.write(b"From alice Mon Nov  2 09:00:00 2026\n" + quoted + b"\n")
    return Mailbox("spool", "mbox", None, "", path, "leave", "", False, "config.toml, line 9")


def eml(path: Path, *, done: str = "leave") -> Mailbox:
    return Mailbox("files", "eml", None, "", path, done, "done", False, "config.toml, line 20")


def subjects(desk: Desk) -> list[str]:
    return sorted(row.subject for row in desk.read.rows(desk.read.ids("-number:1001 -number:1002")))


def test_a_maildir_is_emptied_into_cur(post: Post, tmp_path: Path) -> None:
    box = maildir(tmp_path / "box", mail("One"), mail("Two"))
    assert fetch(post.intake, box).words == "2 mails: 2 new"
    assert sorted(f.name for f in (tmp_path / "box" / "cur").iterdir()) == [
        "0.M1.host:2,S",
        "1.M1.host:2,S",
    ]
    assert fetch(post.intake, box).words == ""
    assert post.desk.read.mailbox("box").checked_at is not None


def test_a_mail_that_was_committed_and_not_moved_is_only_moved(post: Post, tmp_path: Path) -> None:
    box = maildir(tmp_path / "box", mail("One"))
    post.take(mail("One"), "box", "0.M1.host")
    assert fetch(post.intake, box).words == ""
    assert [f.name for f in (tmp_path / "box" / "cur").iterdir()] == ["0.M1.host:2,S"]
    assert sum(post.desk.read.count_mail().values()) == 1


def test_an_mbox_is_read_on_from_where_it_was(post: Post, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    box = mbox(spool, mail("One", "First\nFrom here on it is text"), mail("Two"))
    before = spool.read_bytes()
    assert fetch(post.intake, box).words == "2 mails: 2 new"
    mbox(spool, mail("Three"))
    assert fetch(post.intake, box).words == "1 mail: 1 new"
    assert spool.read_bytes().startswith(before)
    assert subjects(post.desk) == ["One", "Three", "Two"]
    (entry,) = post.desk.read.conversation(post.desk.read.ids("subject:One")[0])
    assert entry.text == "First\nFrom here on it is text"


def test_an_mbox_that_was_rewritten_gives_no_ticket_twice(post: Post, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    fetch(post.intake, mbox(spool, mail("One"), mail("Two"), mail("Three")))
    spool.unlink()
    assert (
        fetch(post.intake, mbox(spool, mail("Two"), mail("Three"), mail("Four"))).words
        == "1 mail: 1 new"
    )
    assert subjects(post.desk) == ["Four", "One", "Three", "Two"]
    assert sum(post.desk.read.count_mail().values()) == 4
    assert fetch(post.intake, mbox(spool)).words == ""


def test_an_mbox_that_somebody_delivers_into_is_left_alone(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = mbox(tmp_path / "spool", mail("One"))
    (tmp_path / "spool.lock").touch()
    monkeypatch.setattr("sdesk.mail.fetch.mbox.PATIENCE", 0.1)
    with pytest.raises(Trouble, match="locked by another program"):
        fetch(post.intake, box)
    (tmp_path / "spool.lock").unlink()
    assert fetch(post.intake, box).counts["new"] == 1
    assert not (tmp_path / "spool.lock").exists()


@pytest.mark.parametrize("done", ["leave", "move"])
def test_files_of_a_folder_are_taken_once(post: Post, tmp_path: Path, done: str) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("a.eml", "b.eml", ".hidden"):
        (folder / name).write_bytes(mail(name))
    assert fetch(post.intake, eml(folder, done=done)).words == "2 mails: 2 new"
    assert fetch(post.intake, eml(folder, done=done)).words == ""
    assert (folder / "done" / "a.eml").exists() == (done == "move")


def test_two_fetchers_at_once_make_one_ticket(mail_store: Path, tmp_path: Path, clock: Any) -> None:
    box = maildir(tmp_path / "box", *(mail(f"Mail {n}") for n in range(6)))
    together, troubles = threading.Barrier(2), []

    def look() -> None:
        with open_desk(mail_store, clock) as desk:
            together.wait()
            try:
                fetch(open_intake(desk), box)
            except Held as error:
                troubles.append(error)

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_desk(mail_store, clock) as desk:
        assert desk.read.count_mail() == {"new": 6}
        assert subjects(desk) == [f"Mail {n}" for n in range(6)]


def test_a_mailbox_has_one_reader(post: Post, tmp_path: Path) -> None:
    box = maildir(tmp_path / "box", mail("One"))
    with mailbox_lock(post.desk.place, "box"), pytest.raises(Held, match="Another process reads"):
        fetch(post.intake, box)
    assert fetch(post.intake, box).counts["new"] == 1


def test_mail_waits_where_it_is_while_the_disk_is_nearly_full(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = maildir(tmp_path / "box", mail("One"))
    monkeypatch.setattr("sdesk.mail.fetch.rounds.RESERVE", 1 << 62)
    with pytest.raises(Trouble, match="mail waits where it is") as refused:
        fetch(post.intake, box)
    assert refused.value.exit_code == 75
    assert len(list((tmp_path / "box" / "new").iterdir())) == 1
    assert not post.desk.read.count_mail()


class Ending:
    """Ends after so many rounds."""

    def __init__(self, rounds: int, between: Callable[[], object]) -> None:
        self.left, self.between = rounds, between

    def is_set(self) -> bool:
        return self.left <= 0

    def wait(self, timeout: float, /) -> None:
        self.left -= 1
        self.between()


def test_the_worker_tells_of_trouble_once_and_goes_on(mail_store: Path, tmp_path: Path) -> None:
    said: list[str] = []
    box = maildir(tmp_path / "box", mail("One"))
    away = tmp_path / "away"
    (tmp_path / "box").rename(away)
    rounds: list[int] = []

    def between() -> None:
        rounds.append(1)
        if len(rounds) == 2:
            away.rename(tmp_path / "box")

    MailIn(mail_store, box, 1).keep(Ending(3, between), said.append)
    assert [line for line in said if "no Maildir" in line] == said[:1]
    assert said[-1] == "box: 1 mail: 1 new"
    with open_desk(mail_store) as desk:
        assert desk.read.mailbox("box").trouble == ""


def piped(raw: bytes, monkeypatch: pytest.MonkeyPatch, store: Path) -> int:
    """The exit status of `sdesk mail in` with a mail on its standard input."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
    return run(["mail", "in", "--store", str(store)])


def test_a_pipe_ends_with_0_once_it_is_committed_and_with_75_else(
    mail_store: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert piped(mail("Piped"), monkeypatch, mail_store) == 0
    assert capsys.readouterr().out == "new\tSD-1003\t1\n"
    assert piped(mail("Piped"), monkeypatch, tmp_path / "nowhere.db") == 75
    assert "nowhere.db" in capsys.readouterr().err


def test_a_fault_of_ours_lets_the_mail_server_bring_it_again(
    mail_store: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("sdesk.intake.Intake.keep", lambda *_, **__: 1 / 0)
    assert piped(mail("Piped"), monkeypatch, mail_store) == 75


def test_a_mail_that_is_too_large_is_kept_as_far_as_it_goes(
    mail_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdesk.mail.fetch.source.MOST", 1_000)
    assert piped(mail("Large", "x" * 5_000), monkeypatch, mail_store) == 0
    with open_desk(mail_store) as desk:
        kept = desk.read.mail(1)
        assert (kept.outcome, kept.damaged, len(desk.read.mail_bytes(1))) == ("new", True, 1_000)
        assert desk.read.ticket(kept.ticket).tags == ("not-fully-read",)
