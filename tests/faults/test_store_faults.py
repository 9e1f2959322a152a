"""Faults of a store at work, each by its row in the list of what must happen (docs/prove.md has the rest).

Where the rows are that are not here: two who edit, take, merge, write at once (B01, B02, B04–B06) in
`test_at_once`, `test_door`, `test_two_agents` and `test_writers`; kills, power cuts, full and failing
disks, read-only places, strange and newer files, links, networks, clocks, users, drafts (B08–B21, B25,
B26, B29–B31) in `tests/prove`; vanished and replaced files (B19, B20, B23, B25, B26) in `test_place`;
the versions of SQLite (B28) in `test_doctor`; shells, streams, settings and paths in `test_at_the_shell`.
"""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sdesk import ops
from sdesk.cli.doctor import files
from sdesk.desk import Desk
from sdesk.errors import StoreFault
from sdesk.model import TicketId
from sdesk.prove import forking, jobs, sound, vfs
from sdesk.prove.model import Skipped
from sdesk.store import place
from sdesk.timers import Timers

Make = Callable[..., TicketId]
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER")


class Traced:
    """Every statement of every connection, in order, and the transaction it stood in."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.begun = 0

    def connection(self, *args: Any, **options: Any) -> sqlite3.Connection:
        made = _CONNECT(*args, **options)
        state = {"in": ""}

        def look(sql: str) -> None:
            word = sql.lstrip().split(None, 1)[0].upper() if sql.strip() else ""
            if word == "BEGIN":
                state["in"] = "immediate" if "IMMEDIATE" in sql.upper() else "deferred"
                self.begun += state["in"] == "immediate"
            elif word in ("COMMIT", "ROLLBACK", "END") and "TO" not in sql.upper().split():
                state["in"] = ""
            elif word in WRITES and state["in"] != "immediate":
                self.wrong.append(f"{state['in'] or 'no transaction'}: {sql[:80]}")

        made.set_trace_callback(look)
        return made


_CONNECT = sqlite3.connect


def test_nothing_is_written_outside_a_transaction_that_began_as_a_writers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B03: a deferred transaction that turns into a writer's fails at once, whatever the patience."""
    traced = Traced()
    monkeypatch.setattr(sqlite3, "connect", traced.connection)
    jobs._import_file(tmp_path)
    for job in jobs.JOBS:
        if job.name not in ("migration", "backup"):
            job.act(tmp_path)
    with jobs.opened(tmp_path) as desk:
        desk.save_draft(TicketId(1), "reply", "half a sentence")
        desk.drop_draft(TicketId(1), "reply")
        desk.mark_seen(TicketId(1))
        desk.apply_many([TicketId(1), TicketId(3)], ops.AddTags(("many",)))
        desk.undo()
        desk.redo()
        desk.start_stopwatch(TicketId(1))
        desk.drop_stopwatch()
        desk.recompute_clocks()
        Timers(desk).run()
    assert traced.begun > 15
    assert not traced.wrong


def test_the_log_does_not_grow_under_a_desk_that_stays_open(
    store: Path, open_desk: Callable[[str], Desk], make_ticket: Make
) -> None:
    """B07: a read that is never ended would keep all that is written after it in the log."""
    tickets = [make_ticket(f"Ticket {n}") for n in range(3)]
    looking = open_desk("ben")
    with closing(looking.watch()) as watch:
        for number in range(60):
            looking.apply(tickets[number % 3], ops.SetField("n", "x" * 9_000 + str(number)))
            looking.read.page("state:open", limit=50)
            watch.changed()
    with closing(sqlite3.connect(store, timeout=0)) as other:
        (busy, _, _) = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert busy == 0, "somebody still reads in an old state of the store"
    assert store.with_name(store.name + "-wal").stat().st_size == 0


def test_a_desk_carried_over_a_fork_makes_its_own_connections(
    store: Path, desk: Desk, make_ticket: Make
) -> None:
    """B27: a connection that crosses a fork damages the file, or lets go of another's locks."""
    ticket = make_ticket()

    def write() -> None:
        desk.apply(ticket, ops.AddNote("in the child"))
        assert desk.read.ticket(ticket).subject

    assert forking.in_child(write) == 0
    desk.apply(ticket, ops.AddNote("in the parent"))
    with Desk.open(store, actor="ben") as other:
        bodies = [e.text for e in other.read.conversation(ticket)]
    assert any("in the child" in body for body in bodies)
    assert any("in the parent" in body for body in bodies)
    assert sound.wrong(store) == ""


def test_a_desk_that_is_stopped_and_never_goes_on_holds_nobody_up(
    store: Path, open_desk: Callable[[str], Desk], make_ticket: Make
) -> None:
    """B32: Ctrl-Z on an idle desk; it has read, written and watches."""
    ticket = make_ticket()
    ready, tell = os.pipe()

    def idle() -> None:
        with Desk.open(store, actor="ben") as desk, closing(desk.watch()) as watch:
            desk.apply(ticket, ops.AddNote("before it stops"))
            desk.read.page("state:open", limit=50)
            watch.changed()
            os.write(tell, b"x")
            signal.pause()

    child = forking.fork(idle)
    os.close(tell)
    try:
        assert os.read(ready, 1) == b"x"
        os.kill(child, signal.SIGSTOP)
        os.waitpid(child, os.WUNTRACED)
        open_desk("lea").apply(ticket, ops.AddNote("while it stands still"))
        with closing(sqlite3.connect(store, timeout=0)) as other:
            (busy, _, _) = other.execute("PRAGMA wal_checkpoint(FULL)").fetchone()
        assert busy == 0
    finally:
        os.kill(child, signal.SIGKILL)
        forking.wait(child)
        os.close(ready)


def test_of_two_that_migrate_at_once_each_finds_the_new_schema_whole(tmp_path: Path) -> None:
    """B35: an update of sdesk, and two agents open their desks in the same moment."""
    assert forking.in_child(lambda: jobs._old_desk(tmp_path)) == 0
    running = [forking.fork(lambda: jobs._migrate(tmp_path)) for _ in range(3)]
    assert [forking.wait(child) for child in running] == [0, 0, 0]
    with closing(sqlite3.connect(tmp_path / "desk.db")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (place.SCHEMA,)
    assert sound.wrong(tmp_path / "desk.db") == ""


def test_what_a_full_disk_refuses_is_not_half_there_and_goes_in_once_there_is_room(
    store: Path, desk: Desk, make_ticket: Make
) -> None:
    """B11, B12: in a desk that stays open, with the text of the agent kept."""
    ticket = make_ticket()
    desk.save_draft(ticket, "reply", "Dear Mikko")
    desk.close()
    try:
        with vfs.watched(store.parent) as disk, Desk.open(store, actor="ana") as full:
            for code in (vfs.FULL, vfs.IOERR_WRITE):
                disk.fail(disk.writes + 3, code, goes_on=True)
                with pytest.raises(StoreFault):
                    full.apply(ticket, ops.Reply("Dear Mikko"), ops.Assign("ben"))
                disk.fail(0, vfs.OK)
                assert full.read.ticket(ticket).assignee == ""
                assert [draft.text for draft in full.read.drafts()] == ["Dear Mikko"]
            full.apply(ticket, ops.Reply("Dear Mikko"), ops.Assign("ben"))
            assert full.read.ticket(ticket).assignee == "ben"
    except Skipped as reason:
        pytest.skip(str(reason))
    assert sound.wrong(store) == ""


def test_a_log_that_others_can_not_write_is_told_with_the_mend(
    store: Path, desk: Desk, make_ticket: Make
) -> None:
    """B17: SQLite opens it for reading then, until everybody has closed it."""
    make_ticket()
    shared = store.with_name(store.name + "-shm")
    shared.chmod(0o644)
    assert any(found.mend == f"chmod 660 {shared}" for found in files.modes(store))
