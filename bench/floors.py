"""Programs and loops that do the least that could be done: what the figures are held against."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import perf_counter

TYPER = """
import typer
app = typer.Typer(pretty_exceptions_enable=False)
@app.command()
def main() -> None:
    print("one line")
app()
"""
TEXTUAL = """
from rich.segment import Segment
from textual.app import App
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

class Rows(ScrollView, can_focus=True):
    BINDINGS = [("j", "move(1)"), ("ctrl+d", "page")]
    cursor = 0
    def on_mount(self): self.virtual_size = Size(self.size.width, 1_000_000)
    def render_line(self, y):
        number = self.scroll_offset.y + y
        mark = ">" if number == self.cursor else " "
        return Strip([Segment(f"{mark} SD-{number:<10} the subject of the ticket with that number")])
    def action_move(self, by):
        self.cursor += by
        if self.cursor >= self.scroll_offset.y + self.size.height:
            self.scroll_to(y=self.cursor - self.size.height // 2, animate=False)
        self.refresh()
    def action_page(self):
        self.cursor += self.size.height
        self.scroll_to(y=self.cursor, animate=False)
        self.refresh()

class Least(App):
    ENABLE_COMMAND_PALETTE = False
    def compose(self): yield Rows()
    def on_mount(self): self.query_one(Rows).focus()

Least().run()
"""


def programs(folder: Path) -> tuple[list[str], list[str]]:
    """(a Typer program that prints a line, a Textual program with a list), as command lines."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for name, text in (("least_typer.py", TYPER), ("least_textual.py", TEXTUAL)):
        path = folder / name
        path.write_text(text, encoding="utf-8")
        found.append([sys.executable, str(path)])
    return found[0], found[1]


def commits(folder: Path, times: int) -> list[float]:
    """Milliseconds of single commits, each a changed row and two new ones, with synchronous=FULL."""
    path = folder / "least.db"
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 0);"
        "CREATE TABLE e (id INTEGER PRIMARY KEY, t INTEGER, payload TEXT)"
    )
    spent = []
    for _ in range(times):
        begun = perf_counter()
        db.execute("BEGIN IMMEDIATE")
        db.execute("UPDATE t SET n = n + 1 WHERE id = 1")
        db.executemany("INSERT INTO e (t, payload) VALUES (1, ?)", [("x" * 200,)] * 2)
        db.execute("COMMIT")
        spent.append((perf_counter() - begun) * 1e3)
    db.close()
    path.unlink()
    return spent


def insert_seconds(folder: Path, tables: Iterable[tuple[int, Sequence[object]]]) -> float:
    """Seconds of a plain `executemany` of so many rows like these, one table each, two indexes."""
    path = folder / "least.db"
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    begun = perf_counter()
    for number, (count, values) in enumerate(tables):
        columns = ", ".join(f"c{i}" for i in range(len(values)))
        db.execute(f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY, {columns})")
        db.execute(f"CREATE INDEX i{number} ON t{number} (c0)")
        marks = ", ".join("?" * len(values))
        db.execute("BEGIN IMMEDIATE")
        db.executemany(
            f"INSERT INTO t{number} ({columns}) VALUES ({marks})",
            ((i, *values[1:]) for i in range(count)),
        )
        db.execute("COMMIT")
    spent = perf_counter() - begun
    db.close()
    path.unlink()
    return spent
