"""P15: of a person who is erased, nothing is left in the store."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.prove.mails.shared import needs_mail
from sdesk.prove.model import ENGINES, POSTGRESQL, Promise, Verdict

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.prove.model import Bench

HERS = ("Quackenbush", "xylocanary", "zelda.q@canary", "Oldenborough", "0401234567")
"""What is looked for byte by byte, beside what the desk itself looks for."""


def run(bench: Bench) -> Verdict:
    """Her mails, files, notes, chats, drafts, letters, tickets merged and split, others' words of her."""
    needs_mail()
    from sdesk import privacy
    from sdesk.desk import Desk
    from sdesk.model import Source
    from sdesk.prove.mails.clock import Clock
    from sdesk.prove.mails.desks import ALICE, CAROL, add_ticket, open_post, setup_operations
    from sdesk.prove.mails.outsiders import IDS
    from sdesk.prove.mails.person import CANARIES, build

    clock = Clock()
    with Desk.create(bench.store, setup=setup_operations(), actor="ann", clock=clock) as desk:
        add_ticket(desk, 1001, ALICE, [IDS[1001]])
        add_ticket(desk, 1002, CAROL, [IDS[1002]], restricted=True)
    post = open_post(bench.store, clock)
    with Desk.open(bench.store, actor="ann", source=Source.TUI, clock=clock) as ann:
        scene = build(post, ann, clock)
        post.desk.close()
        before = privacy.occurrences(bench.store, CANARIES).total + sum(in_files(bench).values())
        figures = columns(ann)
        erased = privacy.erase_person(ann, scene.person)
        kept = columns(ann) == figures
    found = privacy.occurrences(bench.store, CANARIES).where | in_files(bench)
    left, wrong = sum(found.values()), unsound(bench.store)
    said = (
        f"{before:,} occurrences in {erased.tickets} tickets of theirs,"
        f" {erased.mentions} mentions by others and {erased.events} events: {left} left"
    )
    told = "".join(f"; {where}: {count}" for where, count in list(found.items())[:5])
    told += f"; the store: {wrong}" if wrong else ""
    told += "" if kept else "; states or times of tickets have changed"
    holds = before > 100 and not left and not wrong and kept
    return Verdict(holds, said + told, {"before": before, "left": left, "events": erased.events})


def in_files(bench: Bench) -> dict[str, int]:
    """The same by plain reading: every file below the folder, as it is and in base64.

    By a process of its own: closing a file of SQLite's would let go of its locks.
    """
    if bench.engine == POSTGRESQL:
        return {}
    notes = bench.room("looked") / "found"
    if child := os.fork():
        os.waitpid(child, 0)
        lines = notes.read_text(encoding="utf-8").splitlines()
        notes.unlink()
        return {name: int(count) for count, _, name in (line.partition(" ") for line in lines)}
    try:
        notes.write_text("".join(_looked(bench.folder)), encoding="utf-8")
    finally:
        os._exit(0)


def _looked(folder: Path) -> list[str]:
    words = [word.encode() for word in HERS]
    words += [base64.b64encode(word)[:-4] for word in words]
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            raw = path.read_bytes()
            if count := sum(raw.count(word) for word in words):
                found.append(f"{count} {path.relative_to(folder)}\n")
    return found


def unsound(store: str) -> str:
    """What is wrong with pages, references, history or files; "" for nothing."""
    from sdesk.errors import StoreFault
    from sdesk.store.backup import check
    from sdesk.store.reader import open_reader

    reader = open_reader(store)
    try:
        check(reader)
    except StoreFault as error:
        return error.message
    finally:
        reader.close()
    return ""


def columns(desk: Desk) -> object:
    """What reports stand on: it stays as it was."""
    sql = (
        "SELECT id, state, category, queue, path, priority, assignee, policy, due_at, breached,"
        " resolved_at, closed_at, reopen_count FROM ticket ORDER BY id"
    )
    return desk.read.reader.all(sql), desk.read.reader.all("SELECT * FROM clock ORDER BY 1, 2")


PROMISE = Promise(
    "erase", 15,
    "After a person is erased who has left every kind of copy: 0 occurrences in any file of the store,"
    " and its history and figures as they were.",
    run,
    engines=ENGINES,
    on_disk=False,
)  # fmt: skip
