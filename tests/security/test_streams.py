"""The command line's last cleaner: no command, library or fault writes a sequence of its own."""

from __future__ import annotations

import io
import logging
import os
import pty
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from sdesk.cli.guard import Guarded, guard, guarded
from sdesk.cli.presenter import fault, present
from sdesk.cli.program import run
from tests.e2e.hostile import HOSTILE
from tests.each import each
from tests.security.strict import refused, scrambled


def test_of_any_text_only_characters_and_colours_pass() -> None:
    for given in (*HOSTILE, *map(scrambled, range(800))):
        assert not refused(guarded(given)), given[:80]
        assert not refused(guarded(f"\x1b[1m{given}\x1b[0m\n")), given[:80]


@each(
    "given",
    ["\x1b[1;31mred\x1b[0m\n", "a,b\r\nc,d\r\n", "\r\x1b[2K\x1b[1A\x1b[2K\x1b[38;5;237m━━\x1b[0m", "\x1b[?25l", "日本 é ✓\t👍🏽\n"],
)  # fmt: skip
def test_what_the_program_itself_writes_passes_whole(given: str) -> None:
    assert guarded(given) == given


def test_a_carriage_return_cannot_write_over_a_line() -> None:
    assert guarded("COMMIT\rOVER") == "COMMIT\nOVER"
    assert guarded("\x1b[8mhidden") == "hidden"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_bytes_are_as_they_are_in_a_pipe_and_text_on_a_terminal() -> None:
    raw = "Subject: é\x1b]52;c;aGk=\x07!\tb\r\n".encode()
    pipe = io.TextIOWrapper(io.BytesIO())
    Guarded(pipe).buffer.write(raw)
    assert pipe.buffer.getvalue() == raw  # type: ignore[attr-defined]
    terminal = _Terminal()
    shown = Guarded(terminal).buffer
    for byte in raw:
        shown.write(bytes([byte]))
    assert not refused(terminal.getvalue())
    assert terminal.getvalue().startswith("Subject: é")
    assert "    b" in terminal.getvalue()


def test_warnings_logs_and_faults_of_libraries_are_cleaned(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def act() -> int:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = lambda message, *_: print(message, file=sys.stderr)
            warnings.warn("\x1b]0;w\x07warned", stacklevel=1)
        logging.getLogger("elsewhere").handlers = [logging.StreamHandler(sys.stderr)]
        logging.getLogger("elsewhere").error("\x1b[2Jlogged")
        print("\x9b31mprinted")
        return 0

    shown = warnings.showwarning
    try:
        assert present(act) == 0
    finally:
        warnings.showwarning = shown
        logging.getLogger("elsewhere").handlers = []
    fault(ValueError("\x1b]52;c;aGk=\x07broken \u202e"))
    said = capsys.readouterr()
    assert not refused(said.out + said.err)
    assert all(word in said.out + said.err for word in ("warned", "logged", "printed", "broken"))
    log = (tmp_path / "sdesk" / "sdesk.log").read_text()
    assert "broken" in log
    assert not refused(log)


def test_the_streams_are_whole_again_afterwards() -> None:
    before = sys.stdout, sys.stderr
    with guard(), guard():
        assert isinstance(sys.stdout, Guarded)
    assert (sys.stdout, sys.stderr) == before


EVIL = "\x1b]52;c;aGk=\x07\x9b2J\u202eevil\x08"


@pytest.mark.parametrize(
    "words",
    [
        (EVIL,),
        ("ls", f"queue:{EVIL}"),
        ("ls", f"--{EVIL}"),
        ("ls", "--format", EVIL),
        ("ls", "--limit", EVIL),
        ("ls", EVIL, "--store", f"/nowhere/{EVIL}"),
        ("show", EVIL, EVIL),
        ("assign", "1", "--to", EVIL),
        ("import", EVIL),
        ("import", "/dev/null", "--map", f"{EVIL}={EVIL}"),
        ("export", "", "-o", f"/nowhere/{EVIL}"),
        ("restore", EVIL),
        ("keys", EVIL),
        ("--theme", EVIL, "ls"),
        ("config", "show", EVIL),
    ],
)
def test_words_of_the_command_line_come_back_clean(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDESK_STORE", "/nowhere/at/all.db")
    assert run(words) != 0 or words[0] == "keys"  # which only filters
    said = capsys.readouterr()
    assert not refused(said.out + said.err), said


def test_a_raw_mail_or_an_export_on_a_terminal_is_cleaned() -> None:
    code = (
        "import sys; from sdesk.cli.presenter import present\n"
        "from sdesk.transfer.output import whole_file\n"
        "def act():\n"
        "    with whole_file('-') as out: out.write(b'a\\x1b]0;t\\x07b\\n')\n"
        "    return 0\n"
        "present(act)"
    )
    master, slave = pty.openpty()
    subprocess.run([sys.executable, "-c", code], stdout=slave, check=True)
    os.close(slave)
    assert os.read(master, 100) == b"ab\r\n"
    os.close(master)
    piped = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    assert piped.stdout == b"a\x1b]0;t\x07b\n"
