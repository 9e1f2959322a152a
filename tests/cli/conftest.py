"""The command line on a real store made by `init`, in this process, with what it says caught."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sdesk.cli.program import run


@dataclass
class Said:
    """What one command did."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Sdesk = Callable[..., Said]


def isolate(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Settings, data and state of nobody but this test."""
    patch.setenv("SDESK_CONFIG", str(folder / "config.toml"))
    patch.setenv("XDG_DATA_HOME", str(folder / "data"))
    patch.setenv("XDG_STATE_HOME", str(folder / "state"))
    patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    patch.setenv("NO_COLOR", "1")
    patch.setenv("COLUMNS", "160")
    for name in ("SDESK_STORE", "SDESK_THEME", "SDESK_MOUSE", "SDESK_EDITOR", "VISUAL", "EDITOR"):
        patch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that `init` made, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, folder)
        path = folder / "desk" / "desk.db"
        words = ["init", "--name", "Acme IT", "--zone", "Europe/Helsinki", "--country", "FI"]
        assert run(["--store", str(path), *words]) == 0
    # Only now: what is patched here must not hold for all the tests after it.
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    isolate(monkeypatch, tmp_path)
    return tmp_path


@pytest.fixture
def store(home: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of this test's own, and the one that commands find by default."""
    folder = home / "desk"
    folder.mkdir()
    folder.chmod(0o2770)
    for file in made.parent.glob(made.name + "*"):
        shutil.copy2(file, folder / file.name)
    monkeypatch.setenv("SDESK_STORE", str(folder / made.name))
    return folder / made.name


@pytest.fixture
def sdesk(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sdesk:
    """Run one command line in this process: `sdesk("ls", "queue:network", stdin="…")`."""

    assert home.exists(), "settings and data of this test's own"

    def call(*words: str, stdin: str = "") -> Said:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        status = run(list(words))
        out, err = capsys.readouterr()
        return Said(status, out, err)

    return call
