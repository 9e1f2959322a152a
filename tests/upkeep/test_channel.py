"""What the worker does for the store: when, once, and what it says."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from sdesk import audit
from sdesk.cli.doctor.backups import _failed as backups_failed
from sdesk.desk import Desk
from sdesk.errors import StoreFault, Usage
from sdesk.model import TicketId
from sdesk.prove.mails.clock import Clock
from sdesk.store import chained, upkeep
from sdesk.store.archive import settle
from sdesk.upkeep import child, pages
from sdesk.upkeep.backing import known
from sdesk.upkeep.channel import Upkeep
from sdesk.upkeep.settings import Settings, load

HOUR, DAY = 3_600, 86_400


class House:
    """A worker's channel whose processes are played."""

    def __init__(self, store: Path, clock: Clock, settings: Settings | None = None) -> None:
        self.said: list[str] = []
        self.logged: list[str] = []
        self.asked: list[str] = []
        self.found: tuple[str, ...] = ()
        self.fails = ""
        self.store, self.clock = store, clock
        settings = settings or Settings(every=DAY, at=time(2, 30), verify_every=7 * DAY)
        self.channel = Upkeep(store, settings, clock=clock, ask=self._ask, log=self._log)

    def _ask(self, work: dict[str, Any], _: Callable[[], bool]) -> Any:
        self.asked.append(work["act"])
        if work["act"] == self.fails:
            raise StoreFault("The disk is full.")
        if work["act"] == "pages":
            return asdict(pages.Seen(self.found, "", (), ("event", "ticket")))
        name = upkeep.BACKUP if work["act"] == "backup" else upkeep.VERIFIED
        upkeep.remember(self.store, name, "{}", self.clock())
        if work["act"] == "rehearse":
            return "a.db"
        return {"file": "a.db", "size": 5_000_000, "removed": ["b.db"], "trouble": ""}

    def _log(self, line: str, *, loud: bool = False) -> None:
        self.logged.append(f"{'!' if loud else ''}{line}")

    def turn(self) -> list[str]:
        self.asked.clear()
        self.channel.turn(self.said.append)
        return self.asked


@pytest.fixture
def house(store: Path, clock: Clock) -> Iterator[House]:
    made = House(store, clock)
    yield made
    made.channel.close()


def notices(desk: Desk) -> list[str]:
    rows = desk.read.reader.all("SELECT agent, body FROM notice WHERE kind = 'trouble' ORDER BY id")
    return [f"{agent}: {body}" for agent, body in rows]


def test_each_thing_has_its_turn(house: House, clock: Clock) -> None:
    assert house.turn() == ["pages", "backup", "rehearse"]
    clock.forward(600)
    assert house.turn() == []
    clock.forward(HOUR)
    assert house.turn() == ["pages"]
    clock.forward(DAY)
    assert house.turn() == ["pages", "backup"]
    clock.forward(7 * DAY)
    assert house.turn() == ["pages", "backup", "rehearse"]
    assert house.said[0] == "upkeep: backup a.db, 5.0 MB, verified, 1 old removed"


def test_without_a_schedule_nothing_is_copied(store: Path, clock: Clock) -> None:
    house = House(store, clock, Settings())
    assert house.turn() == ["pages"]
    house.channel.close()


def test_of_two_workers_one_does_it(store: Path, house: House, clock: Clock) -> None:
    other = House(store, clock)
    assert house.turn() == ["pages", "backup", "rehearse"]
    assert other.turn() == []
    assert len(house.logged) + len(other.logged) == 1
    other.channel.close()


def test_what_fails_is_told_once_and_tried_again_later(
    house: House, clock: Clock, desk: Desk
) -> None:
    house.fails = "backup"
    house.turn()
    assert [str(error) for error in house.channel._trouble] == ["The disk is full."]
    clock.forward(60)
    assert "backup" not in house.turn(), "not at once"
    clock.forward(HOUR)
    assert "backup" in house.turn()
    assert house.channel._trouble == [], "it was told"
    assert notices(desk) == ["ana: The backup by schedule failed: The disk is full."]
    (failed,) = backups_failed(desk, known(desk))
    assert failed.said == "The last backup by schedule failed 0m ago: The disk is full"
    house.fails = ""
    clock.forward(HOUR)
    assert "backup" in house.turn()
    assert list(backups_failed(desk, known(desk))) == []
    house.fails = "backup"
    clock.forward(DAY)
    house.turn()
    assert len(notices(desk)) == 2, "told anew after it went well"


def test_one_run_does_the_rest_and_then_says_what_failed(house: House) -> None:
    house.fails = "pages"
    with pytest.raises(StoreFault, match="disk is full"):
        house.channel.round(house.said.append)
    assert house.asked == ["pages", "backup", "rehearse"]


def test_the_head_goes_to_syslog_each_hour(house: House, desk: Desk, clock: Clock) -> None:
    house.turn()
    clock.forward(1_200)
    house.turn()
    assert len(house.logged) == 1
    head = chained.head(desk.read.reader)
    assert head is not None
    own = chained.store_id(desk.read.reader)
    lines = [f"Nov 26 09:40:00 host sdesk: {house.logged[0]}", "something else"]
    ((event, found),) = [(a.event, a.hash) for a in audit.anchors_in(lines, own, "log")]
    assert (event, found) == (head.event, head.hash)
    assert audit.anchors_in(lines, "0" * 16, "log") == []
    clock.forward(HOUR)
    house.turn()
    assert len(house.logged) == 2


def test_a_history_that_was_changed_since_the_last_anchor_is_told_once(
    house: House, desk: Desk, make_ticket: Callable[..., TicketId], clock: Clock, store: Path
) -> None:
    house.turn()
    number = desk.read.last_event()
    make_ticket()
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("DROP TRIGGER event_is_not_changed")
        connection.execute("UPDATE event SET actor = 'bob' WHERE id = ?", (number + 1,))
        connection.commit()
    for _ in range(2):
        clock.forward(HOUR)
        house.turn()
    told = f"the history was changed from outside: event {number + 1} was changed: it does not fit the one before it"
    assert [said for said in house.said if "history" in said] == [f"upkeep: {told}"]
    assert f"!sdesk-alarm: {told}" in house.logged
    assert notices(desk) == [f"ana: {told}"]


def test_damaged_pages_are_told_once_to_the_admins(house: House, desk: Desk, clock: Clock) -> None:
    house.found = ("ticket: row 3 missing from index ticket_queue",)
    for _ in range(3):
        house.turn()
        clock.forward(HOUR)
    assert notices(desk) == ["ana: the store is damaged: ticket: row 3 missing from index ticket_queue"]  # fmt: skip
    kept = upkeep.known(desk.read.reader, upkeep.PAGES)
    assert kept is not None
    assert json.loads(kept.value)["found"] == list(house.found)


def _damage(store: Path, table: str) -> None:
    with closing(sqlite3.connect(store)) as connection:
        sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        ((page,),) = connection.execute(sql, (table,)).fetchall()
        ((size,),) = connection.execute("PRAGMA page_size").fetchall()
    data = bytearray(store.read_bytes())
    data[(page - 1) * size : (page - 1) * size + 24] = b"\xff" * 24
    store.write_bytes(data)


def test_a_spoilt_page_is_found_and_the_others_are_still_looked_at(desk: Desk, store: Path) -> None:
    desk.close()
    settle(store)
    assert pages.look(store).found == ()
    _damage(store, "template")
    seen = pages.look(store)
    assert seen.found
    assert all(said.startswith("template: ") for said in seen.found)
    assert "view" in seen.looked


def test_it_goes_on_where_it_had_to_end(store: Path) -> None:
    ticks = iter(range(10_000))
    first = pages.look(store, in_all=3, longest=10_000, clock=lambda: float(next(ticks)))
    assert first.last
    assert first.looked
    ticks = iter(range(10_000))
    second = pages.look(store, first.last, in_all=3, longest=10_000, clock=lambda: float(next(ticks)))  # fmt: skip
    assert min(second.looked) > first.last
    assert second.after(pages.Seen(("agent: bad",), "")).found == ("agent: bad",)
    assert pages.look(store).last == ""


def test_a_process_does_the_work_and_is_ended_with_the_worker(store: Path, tmp_path: Path) -> None:
    done = child.ask({"act": "pages", "place": str(store), "after": ""})
    assert done["found"] == []
    work = {"act": "backup", "place": str(store), "to": str(tmp_path), "keep": "", "now": 0, "command": ["/nowhere"], "actor": "sdesk"}  # fmt: skip
    with pytest.raises(StoreFault, match="can't be run"):
        child.ask(work)
    assert child.ask({"act": "pages", "place": str(store), "after": ""}, lambda: True, pause=0) is None  # fmt: skip


def settings(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "config.toml"
    file.write_text(f"[backup]\n{text}")
    return load(file)


def test_the_table_is_read(tmp_path: Path) -> None:
    found = settings(tmp_path, 'every = "12h"\nat = "03:15"\nto = "/b"\nkeep = "7d 4w"\nverify_every = "off"')  # fmt: skip
    assert (found.every, found.at, found.to, str(found.keep), found.verify_every) == (43_200, time(3, 15), "/b", "7d 4w", 0)  # fmt: skip
    assert settings(tmp_path, 'to = "/b"').every == DAY
    assert load(tmp_path / "none.toml") == Settings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('every = "soon"', "line 2: every: 'soon'"),
        ('every = "1m"', "at least 15 minutes"),
        ('at = "2.30"', "a time of the day"),
        ('keep = "7"', "line 2: '7' says not how many"),
        ('to = "backups"', "named from / or ~"),
        ('too = "/b"', "there is no setting 'too' in \\[backup\\]"),
        ("to_command = []", "a command has a program"),
    ],
)
def test_what_can_not_be_understood_is_refused_with_its_line(
    text: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(Usage, match=said):
        settings(tmp_path, text)
