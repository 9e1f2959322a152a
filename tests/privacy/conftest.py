"""A store in which one person has left every kind of copy, made once and copied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sdesk.desk import Desk
from sdesk.model import Source
from sdesk.prove.mails.desks import open_post
from sdesk.prove.mails.person import Scene, build
from sdesk.store.archive import settle
from tests.conftest import Clock, fresh_store
from tests.mail.conftest import mail_template

__all__ = ["mail_template"]


@pytest.fixture(scope="session")
def told(mail_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Scene, int]:
    """The store, what is in it, and when it was made."""
    path = fresh_store(mail_template, tmp_path_factory.mktemp("privacy"))
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        post = open_post(path, clock)
        with Desk.open(path, actor="ann", source=Source.TUI, clock=clock) as ann:
            scene = build(post, ann, clock)
        post.desk.close()
    settle(path)
    return path, scene, clock()


@pytest.fixture
def scene(told: tuple[Path, Scene, int]) -> Scene:
    return told[1]


@pytest.fixture
def told_store(told: tuple[Path, Scene, int], tmp_path: Path) -> Path:
    return fresh_store(told[0], tmp_path / "desk")


@pytest.fixture
def told_clock(told: tuple[Path, Scene, int]) -> Clock:
    made = Clock()
    made.forward(told[2] - made() + 60)
    return made


@pytest.fixture
def ann(
    told_store: Path, told_clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """The administrator's desk, with a cache folder of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with Desk.open(told_store, actor="ann", source=Source.TUI, clock=told_clock) as desk:
        yield desk
