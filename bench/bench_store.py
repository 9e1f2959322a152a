"""What the store answers and takes: pages, counts, searches, single writes, making a demo."""

from __future__ import annotations

import random
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from time import perf_counter

from bench import floors, stores
from bench.figures import Figure, milliseconds, number
from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.text import fold

SEARCHES = {
    "a usual word": "scanner",
    "a very usual word": "the",
    "a prefix": "pri",
    "a phrase": '"paper jam in tray"',
    "words and terms": "vpn queue:network state:closed",
}
MADE = 5_001
"""Enough to be told in few words, as the large stores are."""


def measure(tickets: int) -> Iterator[Figure]:
    path = stores.store(tickets)
    with Desk.open(path) as desk, closing(sqlite3.connect(path)) as plain:
        yield from reading(desk, plain, tickets)
        yield from searching(desk, plain)
    yield from writing(stores.store(min(tickets, 100_000)))
    yield making()


def reading(desk: Desk, plain: sqlite3.Connection, tickets: int) -> Iterator[Figure]:
    least = "SELECT * FROM ticket WHERE live = 1 ORDER BY due_at IS NULL, due_at, id LIMIT 50"
    for name, query, sql in (
        ("page of the queue", "state:open sort:due", least),
        ("page of one queue", "state:open queue:network sort:due", least.replace("live = 1", "live = 1 AND queue = 'network'")),
        ("page of all, newest first", "sort:-created", "SELECT * FROM ticket ORDER BY created_at DESC LIMIT 50"),
    ):  # fmt: skip
        yield Figure(
            f"{name}, {tickets:,}", milliseconds(lambda q=query: desk.read.page(q)), "ms",
            milliseconds(lambda s=sql: plain.execute(s).fetchall()), most=16,
        )  # fmt: skip
    views = [view.query for view in desk.read.views()]
    yield Figure(
        f"counts of {len(views)} views, {tickets:,}", milliseconds(lambda: desk.read.counts(views)), "ms",
        milliseconds(lambda: plain.execute("SELECT count(*) FROM ticket WHERE live = 1").fetchone()),
    )  # fmt: skip
    some = desk.read.ids("state:open", limit=200)
    yield Figure(
        "one ticket with conversation, history, clocks",
        milliseconds(lambda: whole(desk, random.choice(some))), "ms",
    )  # fmt: skip


def whole(desk: Desk, number: int) -> None:
    desk.read.ticket(TicketId(number))
    desk.read.conversation(TicketId(number))
    desk.read.history(TicketId(number))
    desk.read.clocks(TicketId(number))


def searching(desk: Desk, plain: sqlite3.Connection) -> Iterator[Figure]:
    sql = "SELECT rowid FROM ticket_fts WHERE ticket_fts MATCH ? ORDER BY rowid DESC LIMIT 50"
    for name, query in {"a rare word": rare_word(plain), **SEARCHES}.items():
        words = fold(query.partition(" queue:")[0])
        match = f'"{words}"*' if name == "a prefix" else f'"{words}"'
        shown = f"{query}*" if name == "a prefix" else query
        found = desk.read.count(shown, at_most=1_000_000)
        yield Figure(
            f"search: {name}, {number(found)} hits", milliseconds(lambda q=shown: desk.read.page(q), 7), "ms",
            milliseconds(lambda m=match: plain.execute(sql, (m,)).fetchall(), 7), most=50,
        )  # fmt: skip


def rare_word(plain: sqlite3.Connection) -> str:
    """The number of an order that few tickets name."""
    sql = "SELECT subject FROM ticket_text WHERE subject LIKE '%4500______%' ORDER BY ticket_id LIMIT 1"
    row = plain.execute(sql).fetchone()
    return next(
        (word for word in (row[0] if row else "").split() if word.startswith("4500")), "4500"
    )


def writing(path: Path) -> Iterator[Figure]:
    mine = stores.copy(path, "writing.db")
    commits = floors.commits(stores.KEPT, 200)
    with Desk.open(mine) as desk:
        tickets = list(desk.read.ids("state:open", limit=100))
        acts: dict[str, Callable[[int], ops.Op]] = {
            "note": lambda i: ops.AddNote(f"Looked at it for the {i}th time."),
            "priority": lambda i: ops.SetPriority(1 + i % 4),
        }
        for name, act in acts.items():
            spent = []
            for i in range(150):
                begun = perf_counter()
                desk.apply(TicketId(tickets[i % len(tickets)]), act(i))
                spent.append((perf_counter() - begun) * 1e3)
            yield Figure(
                f"one write: {name}",
                statistics.median(spent[20:]),
                "ms",
                statistics.median(commits),
            )
        yield many(desk)
        with Desk.open(mine) as other:
            yield Figure(
                "change known to another window (poll)",
                noticed(desk, other, tickets[0]),
                "ms",
                most=250,
            )
    stores.remove(mine)


def many(desk: Desk) -> Figure:
    """A priority and a tag on a thousand tickets, told as it goes, in one batch."""
    tickets = [TicketId(n) for n in desk.read.ids("", limit=1_000)]
    told: list[int] = []
    begun = perf_counter()
    done = desk.apply_many(
        tickets, ops.SetPriority(1), ops.AddTags(("bulk",)), on_progress=lambda n, _: told.append(n)
    )
    seconds = perf_counter() - begun
    return Figure(
        f"bulk edit of {len(done.changed):,} tickets, told {len(told):,} times",
        seconds,
        "s",
        most=10,
    )


def noticed(desk: Desk, other: Desk, ticket: int) -> float:
    """Milliseconds from a commit until the other desk's watch tells of it, asked as the app asks."""
    watch = other.watch()
    spent = []
    for i in range(20):
        watch.changed()
        desk.apply(TicketId(ticket), ops.AddNote(f"seen {i}"))
        begun = perf_counter()
        while not watch.changed():
            time.sleep(0.001)
        spent.append((perf_counter() - begun) * 1e3)
    watch.close()
    return statistics.median(spent)


def making() -> Figure:
    """Tickets a second of the demo, beside plain rows without clocks, hashes or search."""
    seconds = stores.make_store(stores.KEPT / "making.db", MADE)
    with closing(sqlite3.connect(stores.KEPT / "making.db")) as plain:
        sizes = [
            (plain.execute(f"SELECT count(*) FROM {table}").fetchone()[0], plain.execute(f"SELECT * FROM {table} LIMIT 1").fetchone())
            for table in ("ticket", "event", "entry", "clock", "tag")
        ]  # fmt: skip
    floor = MADE / floors.insert_seconds(stores.KEPT, sizes)
    stores.remove(stores.KEPT / "making.db")
    return Figure("demo tickets made a second", MADE / seconds, "/s", floor)
