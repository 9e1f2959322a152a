"""The same verifier, the same backup, at a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdesk import audit, ops
from sdesk.desk import Desk
from sdesk.model import PersonId
from sdesk.prove.mails.clock import Clock
from sdesk.store.chained import Fault
from sdesk.transfer import restoring
from sdesk.upkeep.backing import back_up
from sdesk.upkeep.channel import Upkeep
from sdesk.upkeep.settings import Settings
from tests.conftest import setup_operations

psycopg = pytest.importorskip("psycopg")


def test_a_server_is_looked_after_too(postgres: str, tmp_path: Path, clock: Clock) -> None:
    with Desk.create(postgres, setup=setup_operations(), actor="ana", clock=clock) as desk:
        desk.apply(None, ops.Open("Printer jams", requester=PersonId(1), text="x"))
        done = back_up(postgres, str(tmp_path), clock(), actor="ana")
        assert done.trouble == ""
        assert done.made.path.name == "sdesk-2025-11-26T094000Z.jsonl.gz"
        known = restoring.check(str(done.made.path), postgres, clock())
        assert known.manifest is not None
        assert restoring.remember(postgres, known, clock())
        said: list[str] = []
        logged: list[str] = []
        Upkeep(postgres, Settings(), clock=clock, log=lambda line, **_: logged.append(line)).round(said.append)  # fmt: skip
        assert [line.split()[0] for line in logged] == ["sdesk-anchor"]
        assert audit.report(desk, [tmp_path], []).newest is not None
        with psycopg.connect(postgres, autocommit=True) as owner:
            owner.execute("ALTER TABLE event DISABLE TRIGGER ALL")
            owner.execute("UPDATE event SET actor = 'bob' WHERE id = 5")
        faults = audit.report(desk, [tmp_path], []).chain.broken
    assert [(one.event, one.fault) for one in faults] == [(5, Fault.COLUMN)]
