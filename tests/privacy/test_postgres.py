"""The same on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdesk import privacy
from sdesk.desk import Desk
from sdesk.model import Source
from sdesk.prove.mails.desks import ALICE, CAROL, add_ticket, open_post, setup_operations
from sdesk.prove.mails.person import CANARIES, build
from sdesk.store import chained
from tests.conftest import Clock
from tests.privacy.test_erasing import figures


def test_a_person_is_erased_from_every_table(
    postgres: str, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with Desk.create(postgres, setup=setup_operations(), actor="ann", clock=clock) as made:
        add_ticket(made, 1001, ALICE, ["<sd.1001.1.kq3v9x7c2m@desk.example>"])
        add_ticket(made, 1002, CAROL, [], restricted=True)
    post = open_post(postgres, clock)
    with Desk.open(postgres, actor="ann", source=Source.TUI, clock=clock) as ann:
        scene = build(post, ann, clock)
        post.desk.close()
        before = figures(ann)
        assert privacy.occurrences(postgres, CANARIES).total > 50
        done = privacy.erase_person(ann, scene.person)
        assert (done.left, done.unread, done.purged) == ({}, [], True)
        assert privacy.occurrences(postgres, CANARIES).where == {}
        assert chained.verify(ann.read.reader).is_whole
        assert figures(ann) == before
