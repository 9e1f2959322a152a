"""The environment of somebody else steers nothing, and nothing of ours goes where it should not."""

from __future__ import annotations

import ast
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sdesk import editing, surroundings
from sdesk.desk import system_user
from sdesk.surroundings import for_programs, for_services, scrub
from tests.each import each

PACKAGE = Path(__file__).parents[2] / "sdesk"
RUNS_CODE = {
    "PYTHONPATH": "/evil", "PYTHONSTARTUP": "/evil/x.py", "PYTHONHOME": "/evil", "PYTHONINSPECT": "1",
    "PYTHONBREAKPOINT": "evil.main", "PYTHONWARNINGS": "error", "TEXTUAL": "devtools,debug", "TEXTUAL_DRIVER": "evil:Driver",
    "TEXTUAL_PRESS": "Q", "TEXTUAL_LOG": "/evil/log", "LD_PRELOAD": "/evil.so", "LD_LIBRARY_PATH": "/evil", "BROWSER": "/evil",
    "EDITOR": "/evil", "VISUAL": "/evil", "PAGER": "/evil", "SDESK_EDITOR": "/evil", "SDESK_CONFIG": "/evil.toml",
    "BASH_ENV": "/evil", "ENV": "/evil", "PERL5OPT": "-Mevil", "GIT_SSH_COMMAND": "/evil", "GCONV_PATH": "/evil",
    "SSL_CERT_FILE": "/evil.pem", "SSLKEYLOGFILE": "/evil", "OPENSSL_CONF": "/evil", "TMPDIR": "/evil",
}  # fmt: skip
FOR_THE_CALLER = {
    "HOME": "/home/evil", "PATH": "/evil", "USER": "bob", "LOGNAME": "bob", "XDG_CONFIG_HOME": "/evil",
    "XDG_STATE_HOME": "/evil", "HTTPS_PROXY": "http://evil", "CREDENTIALS_DIRECTORY": "/evil", "GNUPGHOME": "/evil",
}  # fmt: skip
HARMLESS = {"TERM": "xterm", "LANG": "C.UTF-8", "LC_TIME": "C", "TZ": "UTC", "SDESK_STORE": "/srv/desk.db", "NO_COLOR": "1"}  # fmt: skip


@pytest.fixture(autouse=True)
def _paths(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, "/evil"])
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@each("mark", ["SUDO_UID", "SUDO_USER", "SUDO_COMMAND", "DOAS_USER", "PKEXEC_UID"])
def test_under_sudo_little_more_than_the_terminals_kind_is_left(mark: str) -> None:
    environ = {**RUNS_CODE, **FOR_THE_CALLER, **HARMLESS, "PGSERVICEFILE": "/srv/pg", mark: "1000"}
    scrub(environ)
    assert not RUNS_CODE.keys() & environ.keys()
    assert {name: environ[name] for name in HARMLESS} == HARMLESS
    assert environ["USER"] == environ["LOGNAME"] == system_user()
    assert environ["PATH"] == surroundings.PATH
    assert "evil" not in " ".join(environ.values())
    assert set(environ) == {*HARMLESS, "PGSERVICEFILE", "USER", "LOGNAME", "PATH", "HOME"}
    assert "/evil" not in sys.path


def test_a_raised_process_is_as_under_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    environ = {**RUNS_CODE, **HARMLESS}
    scrub(environ)
    assert not RUNS_CODE.keys() & environ.keys()


def test_after_su_what_runs_code_goes_and_the_settings_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(surroundings, "_is_another", lambda: True)
    environ = {**RUNS_CODE, **HARMLESS, "XDG_CONFIG_HOME": "/etc/desk"}
    scrub(environ)
    assert not RUNS_CODE.keys() & environ.keys()
    assert environ["XDG_CONFIG_HOME"] == "/etc/desk"
    assert "/evil" not in sys.path


def test_ones_own_environment_stays_but_for_what_textual_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(surroundings, "_is_another", lambda: False)
    environ = {**RUNS_CODE, **HARMLESS}
    scrub(environ)
    assert environ == {
        n: v for n, v in {**RUNS_CODE, **HARMLESS}.items() if not n.startswith("TEXTUAL")
    }
    develops = {"SDESK_DEVELOPER": "1", "TEXTUAL_LOG": "/tmp/log"}
    scrub(develops)
    assert "TEXTUAL_LOG" in develops
    scrub(develops := {**develops, "SUDO_UID": "1"})
    assert "TEXTUAL_LOG" not in develops


def test_who_somebody_is_comes_from_the_number_of_the_user_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = system_user()
    for name in ("USER", "LOGNAME", "SUDO_USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "bob")
    assert system_user() == mine


def test_programs_get_neither_what_is_ours_nor_secrets() -> None:
    environ = {
        **HARMLESS, "EDITOR": "vim", "PGPASSWORD": "x", "CREDENTIALS_DIRECTORY": "/run", "SDESK_MAIL_PASSWORD": "x",
        "TEXTUAL_LOG": "x", "PATH": "/usr/bin",
    }  # fmt: skip
    assert set(for_programs(environ)) == {
        "TERM",
        "LANG",
        "LC_TIME",
        "TZ",
        "NO_COLOR",
        "EDITOR",
        "PATH",
    }
    assert for_services({**environ, "X": "1", "HOME": "/root"}, "X") == {
        "PATH": surroundings.PATH, "LANG": "C.UTF-8", "TZ": "UTC", "X": "1",
    }  # fmt: skip


# Modules


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A folder whose modules would be run if anything imported them."""
    folder = tmp_path / "trap"
    folder.mkdir()
    for name in (
        "rich",
        "typer",
        "textual",
        "__future__",
        "re",
        "json",
        "sqlite3",
        "platformdirs",
        "pwd",
        "errors",
    ):
        (folder / f"{name}.py").write_text("open('hit', 'a').write(__name__ + '\\n')\n")
    return folder


def _console_script(folder: Path) -> list[str]:
    """As an installer writes it."""
    script = folder.parent / "bin" / "sdesk"
    script.parent.mkdir()
    script.write_text("import sys\nfrom sdesk.__main__ import main\nsys.exit(main())\n")
    return [sys.executable, str(script)]


@pytest.mark.parametrize("way", ["module", "script", "script and an empty path"])
def test_nothing_of_the_current_folder_is_imported(trap: Path, way: str) -> None:
    command = [sys.executable, "-m", "sdesk"] if way == "module" else _console_script(trap)
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": ""}
    if way == "script and an empty path":
        environ["PYTHONPATH"] = f"{trap.parent / 'bin'}:"
        (trap / "re.py").unlink()  # a path that names the folder is read before this program is
    ran = subprocess.run(
        [*command, "keys"], cwd=trap, env=environ, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, "list.down" in ran.stdout) == (0, True), ran.stderr
    assert not (trap / "hit").exists(), (trap / "hit").read_text()


def test_nothing_is_imported_before_the_environment_is_scrubbed() -> None:
    code = "import sys; before = set(sys.modules); import sdesk.__main__; print(sorted(set(sys.modules) - before))"
    ran = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert set(ast.literal_eval(ran.stdout)) <= {"gc", "sdesk", "sdesk.__main__"}
    code = code.replace("__main__", "surroundings")
    ran = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert set(ast.literal_eval(ran.stdout)) <= {"__future__", "sdesk", "sdesk.surroundings"}


def _trees(*words: str) -> Iterator[tuple[Path, ast.AST]]:
    """Every node of the modules in which one of the words stands."""
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if any(word in text for word in words):
            for node in ast.walk(ast.parse(text)):
                yield path, node


def test_every_python_that_we_start_leaves_the_current_folder_alone() -> None:
    bare = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path, node in _trees("sys.executable")
        if "prove" not in path.parts  # starts them in an empty folder of its own
        and isinstance(node, ast.List) and node.elts and ast.unparse(node.elts[0]) == "sys.executable"
        and not (len(node.elts) > 1 and ast.unparse(node.elts[1]) == "'-P'")
    ]  # fmt: skip
    assert not bare, f"use surroundings.python in {bare}"


SHELLS = ("os.system", "os.popen", "asyncio.create_subprocess_shell", "eval", "exec")


def test_no_command_is_given_to_a_shell() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path, node in _trees("shell", "system(", "popen(", "eval(", "exec(")
        if isinstance(node, ast.Call)
        and (ast.unparse(node.func) in SHELLS or any(k.arg == "shell" for k in node.keywords))
    ]
    assert not found


# The editor's file


def test_the_editors_file_is_private_says_nothing_and_goes() -> None:
    with editing.written("text", ".toml") as path:
        assert path.read_text() == "text"
        assert path.name == "text.toml"
        assert [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent, path.parent.parent)] == [0o600, 0o700, 0o700]  # fmt: skip
    assert not path.parent.exists()


def test_a_refused_text_is_kept_for_some_weeks_and_what_died_is_swept() -> None:
    with editing.written("text") as path:
        kept = editing.keep(path)
    folder = kept.parent
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    dead, elsewhere = folder / "999999999-x", folder.parent / "elsewhere"
    dead.mkdir()
    (dead / "text.txt").write_text("left by a process that was killed")
    elsewhere.mkdir()
    (folder / "link").symlink_to(elsewhere)
    editing.sweep()
    assert (kept.exists(), dead.exists()) == (True, False)
    editing.sweep(time.time() + 40 * 86_400)
    assert (kept.exists(), elsewhere.exists()) == (False, True)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_hang_up_while_the_editor_is_open_leaves_no_text_behind(
    tmp_path: Path, number: int
) -> None:
    script = tmp_path / "editor"
    script.write_text('#!/bin/sh\necho "$1"\nexec sleep 60\n')
    script.chmod(0o700)
    code = (
        # A program that was started with nohup has this signal ignored.
        f"import signal; signal.signal({int(number)}, signal.SIG_DFL)\n"
        "from sdesk import editing\n"
        "with editing.written('secret') as path:\n"
        f"    editing.run([{str(script)!r}], path)\n"
    )
    running = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    path = Path(running.stdout.readline().strip())
    assert path.read_text() == "secret"
    running.send_signal(number)
    assert running.wait(60) == -number
    assert not path.parent.exists()
