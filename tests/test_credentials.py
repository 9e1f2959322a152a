"""Secrets: where they come from, what is refused, and that they show themselves nowhere."""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from pathlib import Path

import pytest

from sdesk import credentials
from sdesk.errors import Refused, Usage
from tests.each import each

CANARY = "kanarienvogel-7731"


def of(**values):
    return credentials.place(values, "config.toml, line 3")


def test_a_secret_comes_from_the_command_the_file_the_credential_or_the_environment(tmp_path):
    kept = tmp_path / "smtp"
    kept.write_text(f"{CANARY}\nsecond line\n")
    kept.chmod(0o600)
    environ = {**os.environ, "CREDENTIALS_DIRECTORY": str(tmp_path), "SMTP_PASSWORD": CANARY}
    ways = {
        "password_command": [sys.executable, "-c", f"print({CANARY!r})"],
        "password_file": str(kept),
        "password_credential": "smtp",
        "password_env": "SMTP_PASSWORD",
    }
    assert set(ways) == set(credentials.kinds())
    for name, value in ways.items():
        assert of(**{name: value}).read(environ).reveal() == CANARY


def test_two_places_for_one_secret_are_refused():
    with pytest.raises(Usage, match="password_file and password_env are both set"):
        of(password_file="/x", password_env="Y")


@each("name", ["../smtp", "a/b", ""])
def test_a_credential_has_a_plain_name(name):
    if name:
        with pytest.raises(Usage, match="no name of a systemd credential"):
            of(password_credential=name)
    else:
        assert not of(password_credential=name)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused_and_the_mend_is_named(tmp_path, mode):
    loose = tmp_path / "smtp"
    loose.write_text(CANARY)
    loose.chmod(mode)
    with pytest.raises(Refused, match=f"its mode is {mode:04o}") as caught:
        of(password_file=str(loose)).read()
    assert caught.value.hint == f"chmod 600 {loose}"


def test_a_file_of_somebody_else_a_folder_and_a_missing_one_are_refused(tmp_path, monkeypatch):
    kept = tmp_path / "smtp"
    kept.write_text(CANARY)
    kept.chmod(0o600)
    with pytest.raises(Refused, match="is not a file"):
        of(password_file=str(tmp_path)).check()
    with pytest.raises(Refused, match="No such file"):
        of(password_file=str(tmp_path / "none")).check()
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    with pytest.raises(Refused, match="belongs to somebody else"):
        of(password_file=str(kept)).check()


def test_a_command_gets_no_shell_and_little_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("OTHER_TOKEN", CANARY)
    listed = of(password_command=[sys.executable, "-c", "import os; print(sorted(os.environ))"])
    said = listed.read().reveal()
    assert "PYTHONPATH" not in said
    assert "OTHER_TOKEN" not in said
    marked = tmp_path / "mark"
    spoken = of(password_command=[sys.executable, "-c", "print('x')", f"; touch {marked}"])
    assert spoken.read().reveal() == "x"
    assert not marked.exists()


@each(
    ("command", "said"),
    [
        ([sys.executable, "-c", f"print('{CANARY}'); raise SystemExit(3)"], "ended with status 3"),
        ([sys.executable, "-c", f"print('{CANARY}', flush=True); input(); import time; time.sleep(60)"], "ended with status 1"),
        (["/no/such/program", "x"], "can't be run: No such file"),
        ([sys.executable, "-c", "pass"], "holds no secret"),
    ],
)  # fmt: skip
def test_a_command_that_fails_is_told_without_what_it_said(command, said):
    with pytest.raises(Refused, match=said) as caught:
        of(password_command=command).read()
    told = "".join(traceback.format_exception(caught.value))
    assert CANARY not in told.replace(" ".join(command), "")
    assert caught.value.__cause__ is None


def test_a_slow_command_is_given_up(monkeypatch):
    monkeypatch.setattr(credentials, "SECONDS", 0.05)
    hung = of(password_command=[sys.executable, "-c", "import time; time.sleep(60)"])
    with pytest.raises(Refused, match="did not answer within") as caught:
        hung.read()
    assert caught.value.__context__ is None


def test_a_secret_shows_itself_nowhere():
    secret = credentials.Secret(CANARY)
    shown = f"{secret} {secret!r} {[secret]} {secret.__reduce_ex__!r} {dir(secret)}"
    assert CANARY not in shown
    assert not hasattr(secret, "__dict__")
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    try:
        raise ValueError(secret)
    except ValueError:
        assert CANARY not in traceback.format_exc()


def test_without_a_place_there_is_no_secret():
    assert not of()
    with pytest.raises(Refused, match="no secret in nowhere"):
        of().read()
    with pytest.raises(Refused, match="no secret in the variable NONE"):
        of(password_env="NONE").read({})
    with pytest.raises(Refused, match="no systemd credentials here"):
        of(password_credential="smtp").read({})


def test_paths_may_begin_at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "s").write_text(CANARY)
    Path(tmp_path / "s").chmod(0o600)
    assert of(password_file="~/s").read().reveal() == CANARY
