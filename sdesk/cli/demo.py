"""`demo`: a desk with a believable small company in it, to look at and to measure."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.errors import Missing, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sdesk.desk import Desk

app = typer.Typer()
TICKETS, SEED = 250, 1
MOST = 1_000_000
SHOWN = 50
STALE_AFTER = 24 * 3600
"""Seconds after which the times of a demo store no longer look like today's."""


@app.command("demo", epilog="Example: sdesk demo --tickets 1000")
def demo(
    tickets: Annotated[int, typer.Option(min=1, max=MOST, help="How many; up to a million for measuring.")] = TICKETS,
    seed: Annotated[int, typer.Option(help="Another number makes another company.")] = SEED,
    fresh: Annotated[bool, typer.Option("--fresh", help="Make it anew, even if there is one from today.")] = False,
    store: Annotated[str | None, typer.Option(metavar="PATH", help="Where; else in the platform's data folder.", show_default=False)] = None,
) -> None:  # fmt: skip
    """Make a desk with a believable company in it.

    You become its administrator and have tickets of your own. A demo desk made in the last day is
    used again. On a terminal the desk opens; elsewhere its queue is printed as a table.
    """
    path = _place(store)
    if fresh or not _is_as_wanted(path, tickets, seed):
        _make(path, tickets, seed)
    session.choose(str(path))
    if sys.stdin.isatty() and sys.stdout.isatty():
        from sdesk.cli.start import start

        raise typer.Exit(start(tour=True))
    _print_queue()


def _print_queue() -> None:
    """Every live ticket by its due time, as a table even in a pipe: this is for looking."""
    from sdesk.cli.columns import chosen
    from sdesk.cli.options import Format
    from sdesk.cli.output import emit

    with session.open_desk() as desk:
        rows = desk.read.page("state:open", limit=SHOWN)
        emit(rows, chosen(None, desk, every=False), Format.TABLE)
        total = desk.read.count("state:open", at_most=10_000)
        session.say(
            f"{len(rows)} of {total:,} open tickets. On a terminal, sdesk demo opens the desk."
        )


def _place(store: str | None) -> Path | str:
    """The store's file, or an address. Never the configured desk: that one is for work."""
    from sdesk.locations import default_store
    from sdesk.store.place import real

    if store and "://" in store:
        return session.place(store)
    return real(store or default_store().with_name("demo.db"))


def _is_as_wanted(path: Path | str, tickets: int, seed: int) -> bool:
    """Whether there is a demo store of that size and seed, young enough. Raises `Refused` for a desk of work."""
    from sdesk.store.place import is_there, shown

    if not isinstance(path, str) and not is_there(path):
        return False
    from sdesk.demo.mark import made_of
    from sdesk.desk import Desk, now_seconds

    try:
        desk = Desk.open(path)
    except Missing:
        return False
    with desk:
        made = made_of(desk)
        if made is None and (isinstance(path, str) or desk.read.count("", at_most=1)):
            raise Refused(f"{shown(path)} is no demo desk.", "Name another place with --store.")
    return (
        made is not None and made[:2] == (tickets, seed) and now_seconds() - made[2] < STALE_AFTER
    )


def _make(path: Path | str, tickets: int, seed: int) -> None:
    # Here, not above: writing loads SQLModel.
    from sdesk.demo.making import make
    from sdesk.store.place import shown

    _is_as_wanted(path, tickets, seed)
    if not isinstance(path, str):
        for suffix in ("", "-wal", "-shm", ".lock"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    login, name = session.me(str(path))
    with _progress(tickets) as tell:
        desk: Desk = make(
            path, tickets=tickets, seed=seed, caller=login, caller_name=name, on_progress=tell
        )
    with desk:
        session.say(f"{desk.settings.name}: {tickets:,} tickets in {shown(path)}")
    if not isinstance(path, str):
        from sdesk.upkeep.backing import settle_down

        settle_down(path)


@contextmanager
def _progress(tickets: int) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on standard error, where that is a terminal and the wait is worth one."""
    if tickets <= 5_000 or not sys.stderr.isatty():
        yield None
        return
    with typer.progressbar(length=tickets, label="Making tickets", file=sys.stderr) as bar:
        yield lambda done, _total: bar.update(done - bar.pos)
