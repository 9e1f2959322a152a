"""`sla verify`, `sla recompute`, `sla report`: the clocks of many tickets at once."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdesk.cli import session
from sdesk.cli.options import RowFormat, Store
from sdesk.errors import Usage
from sdesk.rules.attainment import By

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sdesk.desk import Desk
    from sdesk.recount import Difference
    from sdesk.rules.attainment import Judged, Kept
    from sdesk.rules.periods import Span

TIMES = ("started_at", "stopped_at", "due_at", "breach_at")


def verify(
    query: Annotated[str, typer.Argument(metavar="[QUERY]", help="Which tickets; without one, all.", show_default=False)] = "",
    form: RowFormat = None,
    store: Store = None,
) -> None:  # fmt: skip
    """Compare the stored clocks with the events they follow from."""
    from sdesk.cli.output import Column, emit
    from sdesk.recount import differences

    with session.open_desk(store) as desk:
        tickets = desk.read.ids(query)
        with progress("Comparing clocks", len(tickets)) as tell:
            found = list(
                differences(desk.read, desk.levels(), tickets, desk.now(), lambda: tell(1))
            )
        columns: list[Column[Difference]] = [
            Column("number", lambda d: desk.ref(d.ticket)),
            Column("target", lambda d: d.target or "ticket"),
            Column("what", lambda d: d.name),
            Column("stored", lambda d: d.stored, text=lambda d: _value(desk, d.name, d.stored)),
            Column("computed", lambda d: d.computed, text=lambda d: _value(desk, d.name, d.computed)),
        ]  # fmt: skip
        if found:
            emit(found, columns, form)
        wrong = len({difference.ticket for difference in found})
        session.say(f"{len(tickets):,} tickets compared, {wrong:,} with differences.")
        if found:
            session.say("Set right by: sdesk sla recompute")
            raise typer.Exit(1)


def _value(desk: Desk, name: str, value: Any) -> str:
    from sdesk.present import stamp

    if value is None:
        return "–"
    return stamp(value, desk.settings.zone) if name in TIMES else str(value)


def recompute(
    query: Annotated[str, typer.Argument(metavar="[QUERY]", help="Which tickets; without one, all that are open.", show_default=False)] = "state:open",
    store: Store = None,
) -> None:  # fmt: skip
    """Let the policies and calendars of now count for what runs."""
    with session.open_desk(store) as desk:
        recount(desk, query)


def recount(desk: Desk, query: str = "state:open") -> None:
    """Renew the clocks behind a bar, and say how many tickets it changed."""
    from sdesk.present import counted

    with progress("Computing clocks", desk.read.count(query)) as tell:
        before = 0

        def step(done: int, _total: int) -> None:
            nonlocal before
            tell(done - before)
            before = done

        changed = desk.recompute_clocks(query, step)
    session.say(f"{counted(changed, 'ticket')} changed; what has stopped keeps its verdict.")


@contextmanager
def progress(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, where that is a terminal and the wait is worth one."""
    if length <= 2_000 or not sys.stderr.isatty():
        yield lambda _steps: None
        return
    with typer.progressbar(length=length, label=label, file=sys.stderr) as bar:
        yield bar.update


def report(
    query: Annotated[str, typer.Argument(metavar="[QUERY]", help="Only of these tickets.", show_default=False)] = "",
    by: Annotated[By, typer.Option(help="A row for each of these, and each kind of target.")] = By.POLICY,
    start: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day; else the last 30 days.", show_default=False)] = "",
    end: Annotated[str, typer.Option("--to", metavar="DATE", help="The last day; else today.", show_default=False)] = "",
    form: RowFormat = None,
    store: Store = None,
) -> None:  # fmt: skip
    """Count which promises were kept and which were broken."""
    from sdesk.cli.output import emit
    from sdesk.rules.attainment import attainment

    with session.open_desk(store) as desk:
        days = _span(desk, start, end)
        tickets = list(desk.read.promised(days.start, days.end))
        if query:
            wanted = set(desk.read.ids(query))
            tickets = [ticket for ticket in tickets if ticket in wanted]
        with progress("Reading the clocks", len(tickets)) as tell:
            rows = attainment(_told(desk.judged(tickets), tell), by, days.start, days.end)
        emit(rows, _columns(desk, by), form)


def _told(found: Iterator[Judged], tell: Callable[[int], None]) -> Iterator[Judged]:
    for one in found:
        yield one
        tell(1)


def _span(desk: Desk, start: str, end: str) -> Span:
    from sdesk.cli.times import day
    from sdesk.present import local
    from sdesk.rules.periods import Span, midnight, span

    zone = desk.settings.zone
    last = day(end) if end else local(desk.now(), zone).date()
    days = Span.of(day(start), last, zone) if start else span("30 days", midnight(last, zone), zone)
    if days.start >= days.end:
        raise Usage(f"--from {start} lies after --to {end or last}.")
    return days


def _columns(desk: Desk, by: By) -> list[Any]:
    from sdesk.cli.output import Column
    from sdesk.present import duration

    def worst(kept: Kept) -> str:
        return desk.ref(kept.worst_ticket) if kept.worst_ticket else ""

    columns: list[Column[Kept]] = [
        Column(by.value, lambda k: k.group),
        Column("target", lambda k: k.target),
        Column("met", lambda k: k.met, right=True),
        Column("breached", lambda k: k.breached, right=True),
        Column("attainment", lambda k: round(k.attainment, 4), text=lambda k: f"{k.attainment:.1%}", right=True),
        Column("median_use", lambda k: round(k.median_use, 4), text=lambda k: f"{k.median_use:.0%}", right=True),
        Column("worst_seconds", lambda k: k.worst, text=lambda k: f"+{duration(k.worst)}" if k.breached else "", right=True),
        Column("worst", worst),
        Column("pauses", lambda k: dict(k.pauses.most_common()), text=_pauses, most=60),
    ]  # fmt: skip
    return columns


def _pauses(kept: Kept) -> str:
    from sdesk.present import duration

    return ", ".join(f"{cause} {duration(s)}" for cause, s in kept.pauses.most_common(3))
