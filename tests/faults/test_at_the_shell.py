"""What a shell, a disk and a careless hand do to the command line: one clear line, never a trace."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from sdesk import channels, config
from sdesk.cli import demo, presenter, session
from sdesk.cli.program import run
from sdesk.errors import Busy, SdeskError, StoreFault
from sdesk.files import expanded
from sdesk.store import lock, place
from sdesk.store.engine import SqliteWriter
from sdesk.store.packed import unpacked
from sdesk.store.reader import SqliteReader, fault
from sdesk.surroundings import python
from sdesk.transfer.output import whole_file
from tests.each import each


def _refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the command line says; it must be one line and its mend."""
    status = run(words)
    said = capsys.readouterr().err
    assert status in (1, 2, 3), (words, status, said)
    assert said.startswith("sdesk: "), said
    assert len(said.splitlines()) <= 2, said
    return said


def test_a_place_that_is_none_is_named_with_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "round.db").symlink_to("round.db")
    (tmp_path / "file").touch()
    for given, said in {
        str(tmp_path / "round.db"): "circle",
        "~nobody-has-this-name/desk.db": "no such user's home",
        f"{tmp_path}/{'x' * 300}": "File name too long",
        f"{tmp_path}/a\0b": "null byte",
        f"{tmp_path}/\udcff.db": "is no text",
        str(tmp_path / "file" / "desk.db"): "Not a directory",
    }.items():
        for words in (["ls"], ["init", "--yes"], ["demo"]):
            assert said in _refusal(capsys, *words, "--store", given), (given, words)


@each("version", [0, -1])
def test_a_store_without_a_schema_is_not_whole(store: Path, version: int) -> None:
    with closing(sqlite3.connect(store)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(StoreFault, match="not whole"):
        SqliteReader(store)


def test_a_demo_may_be_named_from_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert demo._place("here.db") == tmp_path / "here.db"


def test_a_store_that_is_gone_before_its_writer_opens_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="is gone"):
        SqliteWriter(tmp_path / "desk.db")


def test_what_the_engine_says_of_the_host_is_a_sentence_and_what_of_us_is_a_bug() -> None:
    with closing(sqlite3.connect(":memory:")) as connection, pytest.raises(sqlite3.Error) as ours:
        connection.execute("SELECT nonsense")
    assert fault(ours.value, "desk.db") is ours.value
    of_host = sqlite3.OperationalError("locking protocol")
    of_host.sqlite_errorcode = sqlite3.SQLITE_PROTOCOL
    assert isinstance(fault(of_host, "desk.db"), StoreFault)


def test_a_damaged_value_names_what_it_belongs_to() -> None:
    with pytest.raises(StoreFault, match="event 7 can't be read"):
        unpacked('{"changes": \x00}', "event 7")


def test_a_file_system_for_reading_only_is_called_so(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class ReadOnly:
        f_flag = os.ST_RDONLY

    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
    monkeypatch.setattr(os, "statvfs", lambda _: ReadOnly)
    with pytest.raises(StoreFault, match="mounted for reading only"):
        place.find(store)


def test_who_waits_in_vain_is_told_for_whom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B32: a writer that was stopped and never goes on; from another host's view it can't be named."""
    monkeypatch.setattr(lock, "PATIENCE", 0.01)
    path = tmp_path / "desk.db.lock"
    with lock.FileLock(path).held():
        with pytest.raises(Busy, match=rf"process {os.getpid()} \("), lock.FileLock(path).held():
            pass
        monkeypatch.setattr(lock, "LOCKS", tmp_path / "none")
        with pytest.raises(Busy, match="another process"), lock.FileLock(path).held():
            pass


# Streams


FULL = "No space left on device"


@each("words", [["views", "list"], ["dump"]])
def test_a_full_standard_output_is_told_and_is_no_success(
    store: Path, capfd: pytest.CaptureFixture[str], words: list[str]
) -> None:
    full = os.fdopen(os.open("/dev/full", os.O_WRONLY), "w")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", full)
        assert run([*words, "--store", str(store)]) == 1
    with suppress(OSError):  # what it has not taken is still on its way
        full.close()
    said = capfd.readouterr().err
    assert said.startswith("sdesk: Standard output"), said
    assert FULL in said


def test_closed_streams_and_a_folder_that_is_gone_end_in_no_trace(tmp_path: Path) -> None:
    """The number of a closed stream would go to the next file that is opened: the store, perhaps."""
    (tmp_path / "gone").mkdir()
    there = f"cd {tmp_path}/gone && rmdir ../gone"
    command = " ".join(python("-m", "sdesk", "--version"))
    ran = subprocess.run(
        ["/bin/sh", "-c", f"{there}; {command}; {command} <&- >&-; echo $?; {command} <&- >&- 2>&-; echo $?"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(place.__file__).parents[2])},
    )  # fmt: skip
    assert ran.stdout.splitlines()[1:] == ["1", "1"]
    assert ran.stderr == "sdesk: Standard output can't be written: Bad file descriptor.\n"


@each(
    ("error", "said"),
    [
        (OSError(28, FULL, "/srv/x"), f"/srv/x can't be used: {FULL}."),
        (OSError(5, "Input/output error"), "The host refuses: Input/output error."),
        (MemoryError(), "not enough memory"),
    ],
)
def test_what_the_host_refuses_is_told_and_its_trace_kept(
    error: Exception, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def act() -> int:
        raise error

    assert presenter.present(act) == 1
    assert said in capsys.readouterr().err
    assert type(error).__name__ in (tmp_path / "sdesk" / "sdesk.log").read_text()


def test_an_interrupt_ends_a_command_with_a_word(
    store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "place", interrupted)
    assert run(["ls", "--store", str(store)]) == 130
    assert capsys.readouterr().err == "sdesk: Stopped.\n"


def test_an_export_that_can_not_be_named_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="can't be written"), whole_file("/"):
        pass
    assert expanded("~nobody-has-this-name/x") == Path("~nobody-has-this-name/x")


# Settings


def _deep(path: Path) -> None:
    path.write_text("a=" + "[" * 5_000)


def _large(path: Path) -> None:
    path.write_bytes(b"# " + b"x" * config.MOST)


STRANGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "folder": (Path.mkdir, "not a file"),
    "pipe": (os.mkfifo, "not a file"),
    "circle": (lambda path: path.symlink_to(path.name), "symbolic links"),
    "endless": (lambda path: path.symlink_to("/dev/zero"), "not a file"),
    "large": (_large, "at most"),
    "deep": (_deep, "too deep"),
    "digits": (lambda path: path.write_text("a=" + "9" * 5_000), "digits"),
    "latin": (lambda path: path.write_bytes(b"theme='\xe9'"), "not UTF-8"),
    "twice": (lambda path: path.write_text("theme='a'\ntheme='b'\n"), "line 2"),
}


@each("kind", sorted(STRANGE))
def test_strange_settings_are_refused_and_never_waited_for(tmp_path: Path, kind: str) -> None:
    make, said = STRANGE[kind]
    path = tmp_path / kind
    make(path)
    with pytest.raises(SdeskError, match=said):
        config.load(file=path, environ={})


def test_the_mark_that_some_editors_begin_a_text_with_is_none_of_the_settings(
    tmp_path: Path,
) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbftheme = 'sdesk-light'\r\n")
    assert config.load(file=path, environ={}).theme == "sdesk-light"


def test_a_channel_that_the_host_ends_is_told_and_opened_again() -> None:
    class Refused:
        name = "mail in"
        times = 0

        def round(self, tell: Callable[[str], None]) -> None: ...

        def keep(self, ending: channels.Ending, tell: Callable[[str], None]) -> None:
            self.times += 1
            if self.times == 1:
                raise OSError(24, "Too many open files", "/srv/mail")
            tell("open again")

    class AtOnce(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            assert timeout == channels.REST
            return False

    said: list[str] = []
    assert channels.Running([Refused()], AtOnce(), said.append).join(10) == []
    assert said == [
        "mail in: /srv/mail: Too many open files. It is tried again in a minute.",
        "open again",
    ]
