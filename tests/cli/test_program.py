"""The program as it is started: what it loads, how it ends, what it documents."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from sdesk import __version__
from sdesk.cli import COMMANDS
from sdesk.cli import presenter as presenting
from sdesk.cli.program import app
from tests.each import each

ROOT = Path(__file__).parents[2]
HEAVY = ("sqlmodel", "sqlalchemy", "textual", "pydantic", "rich", "holidays")


def started(
    *words: str, stdin: str | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sdesk", *words], capture_output=True, text=True, cwd=ROOT, check=False,
        input=stdin, env={**os.environ, **(env or {})}, timeout=300,
    )  # fmt: skip


def loaded(*words: str) -> set[str]:
    script = (
        "import sys, os\n"
        f"sys.argv = ['sdesk', *{list(words)!r}]\n"
        "from sdesk import __main__ as m\n"
        "m._leave = lambda status: (sys.stdout.flush(), print('MODULES', *sorted({n.split('.')[0] for n in sys.modules})))\n"
        "m.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert "MODULES" in done.stdout, done.stderr
    return set(done.stdout.rpartition("MODULES ")[2].split())


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    "words", [("--version",), ("--help",), ("ls",), ("show", "1"), ("ls", "--help")]
)
def test_what_only_looks_loads_nothing_heavy(words, sdesk):
    sdesk("new", "x")
    assert not loaded(*words) & set(HEAVY)


def test_the_version_is_told_without_typer():
    assert "typer" not in loaded("--version")
    assert started("--version").stdout == f"sdesk {__version__}\n"


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    context = typer.Context(command)
    names = command.list_commands(context) if hasattr(command, "list_commands") else []
    for name in names:
        child = command.get_command(context, name)
        yield (*path, name), child
        yield from walk(child, (*path, name))


ALL = list(walk(typer.main.get_command(app)))


@each(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_command_has_help_with_an_example(path, command):
    assert command.help
    assert re.search(rf"Example: .*sdesk.*{path[-1]}", command.epilog or ""), (
        "an example is missing"
    )


@each(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_command_and_option_is_documented(path, command):
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    section = re.search(rf"^### {re.escape(path[0])}$(.*?)(?=^##|\Z)", text, re.M | re.S)
    assert section, f"docs/cli.md has no section '{path[0]}'"
    if len(path) > 1:
        assert f"sdesk {' '.join(path)}" in section[1]
    everywhere = {"--store", "--format", "--help"}
    for parameter in command.params:
        for option in parameter.opts:
            if option.startswith("--") and option not in everywhere:
                assert f"`{option}" in section[1], f"{option} is missing"


def test_the_table_of_commands_says_what_their_help_says():
    for path, command in ALL:
        if len(path) == 1:
            first = (command.help or "").partition("\n")[0]
            assert first.startswith(COMMANDS[path[0]][1].rstrip(".")), path


def test_a_refusal_is_one_sentence_on_standard_error(store):
    done = started("show", "99", env={"SDESK_STORE": str(store)})
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "sdesk: There is no ticket SD-99.\n"


@pytest.mark.parametrize(
    "words", [("shw",), ("ls", "--limit", "x"), ("show",), ("set", "1"), ("assign", "1")]
)
def test_a_wrong_command_line_exits_2(words, store):
    done = started(*words, env={"SDESK_STORE": str(store)})
    assert done.returncode == 2
    assert done.stderr.startswith("sdesk: ")
    assert "Traceback" not in done.stderr


def test_a_fault_writes_a_log_and_no_traceback(home, capsys):
    assert presenting.fault(RuntimeError("boom \x1b]52;c;x\x07")) == 70
    said = capsys.readouterr().err
    log = home / "state" / "sdesk" / "sdesk.log"
    assert str(log) in said
    assert "Traceback" not in said
    assert "\x1b" not in said
    assert "RuntimeError: boom" in log.read_text()


@pytest.mark.usefixtures("store")
def test_a_reader_that_leaves_is_no_error_to_see(sdesk):
    for number in range(3):
        sdesk("new", f"Ticket {number}" + "x" * 400)
    script = (
        f"set -o pipefail; for i in 1 2 3; do {sys.executable} -m sdesk show 1 2 3 1 2 3 --format json; done"
        " | head -c 1; echo ${PIPESTATUS[0]}"
    )
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.stderr == ""
    assert done.stdout.endswith("141\n")


def test_a_shell_can_ask_for_completions(home):
    env = {"_SDESK_COMPLETE": "complete_bash", "COMP_WORDS": "sdesk reo", "COMP_CWORD": "1"}
    assert started(env=env).stdout == "reopen\n"
    assert home.exists()


def test_names_that_the_locale_cannot_write_do_not_stop_the_list(store, sdesk):
    sdesk("new", "Käyttäjä ei pääse sisään 日本")
    done = started(
        "ls", env={"SDESK_STORE": str(store), "PYTHONIOENCODING": "ascii:strict", "LC_ALL": "C"}
    )
    assert done.returncode == 0
    assert "SD-1" in done.stdout
