"""`import`, `export`, `dump`: tickets and whole desks from and to files."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import Store
from sdesk.errors import NotFound, Refused, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sdesk.desk import Desk
    from sdesk.transfer.importer import Report

    Tell = Callable[[str, float], None]

app = typer.Typer()
TEXTS_SHOWN = 12


class Preset(StrEnum):
    """Whose file it is; docs/import.md tells what each reads."""

    GENERIC = "generic"
    EVENTLOG = "servicenow-eventlog"
    SERVICENOW = "servicenow"
    JIRA = "jira"
    OSTICKET = "osticket"
    ZENDESK = "zendesk"


class Dates(StrEnum):
    """What 3/4/2026 means."""

    DMY = "dmy"
    MDY = "mdy"


class FileFormat(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"


@app.command(
    "import", epilog="Example: sdesk import incidents.csv.gz --preset servicenow-eventlog --dry-run"
)
def import_(
    file: Annotated[str, typer.Argument(metavar="FILE", help="CSV or JSON lines, also gzipped; - reads standard input.", show_default=False)],
    preset: Annotated[Preset, typer.Option(help="Whose file it is.")] = Preset.GENERIC,
    map_: Annotated[list[str] | None, typer.Option("--map", metavar="COLUMN=FIELD", help="Which field a column is; field.NAME for a custom field, - to leave it out, '*=field' or '*=-' for the rest.", show_default=False)] = None,
    state: Annotated[list[str] | None, typer.Option("--state", metavar="WORD=STATE", help="Which state of the desk a word in the file means.", show_default=False)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    rejects: Annotated[str | None, typer.Option("--rejects", metavar="FILE", help="Write rows that can't go in there, with line and reason.", show_default=False)] = None,
    encoding: Annotated[str, typer.Option(metavar="NAME", help="utf-8, cp1252, …; found by itself as a rule.", show_default=False)] = "",
    dates: Annotated[Dates | None, typer.Option(help="Day or month first; found by itself where the file tells.", show_default=False)] = None,
    zone: Annotated[str, typer.Option(metavar="ZONE", help="Of times without one, such as Europe/Lisbon; else the desk's.", show_default=False)] = "",
    source: Annotated[str, typer.Option(metavar="NAME", help="The system it comes from; with the number there it tells tickets apart.", show_default=False)] = "",
    store: Store = None,
) -> None:  # fmt: skip
    """Bring tickets in from a file.

    The same file again adds nothing: tickets are known by their source and number there. Rows that
    can't go in are told with line and reason, and the rest goes in.
    """
    from sdesk.desk import Desk
    from sdesk.model import Source
    from sdesk.transfer import presets
    from sdesk.transfer.importer import Import, Options
    from sdesk.transfer.mapping import parse_choices
    from sdesk.transfer.rejects import Rejects

    options = Options(
        parse_choices(map_ or ()),
        _states(state or ()),
        encoding,
        dates or "",
        _zone(zone),
        source,
        dry_run,
    )
    with Desk.open(session.place(store), source=Source.IMPORT) as desk:
        session.warn_of_copy(desk)
        _check_states(options.states, {each.key for each in desk.read.states()})
        work = Import(desk, file, presets.find(preset), options)
        aside = (
            Rejects(rejects, work.file.kind, work.file.header, work.file.delimiter)
            if rejects
            else None
        )
        if aside and aside.path.exists() and file != "-" and aside.path.samefile(file):
            raise Usage("--rejects names the file that is imported.", "Choose another one.")
        work.reject = aside
        try:
            with progress() as tell:
                report = work.run(tell)
        finally:
            if aside:
                aside.close()
    _print_report(report, dry_run=dry_run)
    if aside and aside.number:
        session.say(f"Rejected rows: {aside.path}")
    if report.rejected and not report.tickets:
        raise Refused("Not one row could go in.", "See the reasons above.")


def _states(texts: list[str] | tuple[str, ...]) -> dict[str, str]:
    chosen = {}
    for text in texts:
        word, sep, key = text.rpartition("=")
        if not sep or not word.strip() or not key.strip():
            raise Usage(
                f"--state '{text}': write it as WORD=STATE.",
                "For example: --state 'In triage=open'",
            )
        chosen[word.strip()] = key.strip()
    return chosen


def _check_states(chosen: Mapping[str, str], known: set[str]) -> None:
    for key in chosen.values():
        if key not in known:
            raise NotFound.named("state", key, sorted(known))


def _zone(name: str) -> str:
    if name:
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise Usage(
                f"There is no time zone '{name}'.", "Zones are named like Europe/Helsinki."
            ) from None
    return name


def _print_report(report: Report, *, dry_run: bool) -> None:
    from sdesk.text import clean_line, cut

    def line(text: str) -> None:
        print(clean_line(text))

    if dry_run and report.mapping is not None:
        line(f"File       {report.layout}; {_count(report.rows, 'row')}")
        order = {"dmy": "day first", "mdy": "month first"}.get(report.dates or "", "of one meaning")
        line(f"Dates      {order}")
        for column, target in report.mapping.used:
            line(f"Column     {column} → {target}")
        if report.mapping.left_out:
            line("Left out   " + ", ".join(cut(name, 40) for name in report.mapping.left_out))
    would = "would be " if dry_run else ""
    line(
        f"Tickets    {report.added:,} {would}added, {report.updated:,} {would}updated, {report.unchanged:,} unchanged"
    )
    if report.queues:
        line(f"Queues     {len(report.queues):,} {would}made: " + _some(report.queues))
    if report.agents:
        line(f"Agents     {len(report.agents):,} {would}made, inactive: " + _some(report.agents))
    if report.people:
        line(f"People     {report.people:,} named that were new to this import")
    if report.with_nul:
        line(
            f"Cleaned    {_count(report.with_nul, 'row')} held NUL characters, which were taken out"
        )
    for problem in report.problems:
        line(f"Problem    line {problem.line}: {problem.reason}")
    for note in report.notes:
        line(f"Kept       {note}")
    line(f"Rejected   {_count(report.rejected, 'row')}")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _some(names: list[str]) -> str:
    shown = ", ".join(sorted(names)[:TEXTS_SHOWN])
    return shown + (", …" if len(names) > TEXTS_SHOWN else "")


@contextmanager
def progress() -> Iterator[Tell | None]:
    """A bar on the terminal behind standard error; nothing where there is none."""
    if not sys.stderr.isatty():
        yield None
        return
    # Here, not above: 80 ms that a pipe need not pay.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=1.0)

        def tell(what: str, share: float) -> None:
            progress.update(task, description=what, completed=min(share, 1.0))

        yield tell


@app.command(
    "export", epilog="Example: sdesk export 'state:closed created>=2026-01-01' -o closed.csv"
)
def export(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Which tickets; without one, all.", show_default=False)] = "",
    columns: Annotated[str, typer.Option(metavar="NAMES", help="Which columns, parted by commas; else all that an import takes.", show_default=False)] = "",
    form: Annotated[FileFormat | None, typer.Option("--format", help="csv, or jsonl with the whole conversation; else by the name of the file.", show_default=False)] = None,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Where to; - is standard output.")] = "-",
    store: Store = None,
) -> None:  # fmt: skip
    """Write the tickets that a query finds to a file.

    Cells that a spreadsheet would run as formulas get an apostrophe before them, which our own import
    takes away again.
    """
    from sdesk.transfer.exporter import Export, choose
    from sdesk.transfer.output import output as open_output

    chosen = form or (
        FileFormat.JSONL
        if output.removesuffix(".gz").endswith((".jsonl", ".ndjson"))
        else FileFormat.CSV
    )
    with session.open_desk(store) as desk:
        names = choose(columns, desk.read.field_names(), chosen)
        work = Export(desk, query, names)
        with open_output(output) as write:
            work.csv(write) if chosen == FileFormat.CSV else work.jsonl(write)
        _record(desk, "tickets", tickets=work.written, form=str(chosen))
    session.say(f"{_count(work.written, 'ticket')} exported.")
    if work.withheld:
        session.say(f"{_count(work.withheld, 'restricted ticket')} left out: not for you.")


def _record(desk: Desk, what: str, **details: object) -> None:
    from sdesk.audit import took_out

    if trouble := took_out(desk, what, **details):
        session.say(f"That this was taken out could not be kept in the history: {trouble}")


@app.command("dump", epilog="Example: sdesk dump desk.jsonl.gz")
def dump(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to; packed when it ends in .gz; - is standard output.")] = "-",
    store: Store = None,
) -> None:  # fmt: skip
    """Write the whole store as an archive.

    The same content makes the same archive, byte for byte: history, hashes and drafts with it.
    """
    from sdesk.transfer.archive import dump as write

    if file == "-" and sys.stdout.isatty():
        raise Usage("An archive is not for a terminal.", "Name a file: sdesk dump desk.jsonl.gz")
    from sdesk.audit import DUMP
    from sdesk.desk import Desk as Opened

    place = session.place(store)
    with Opened.open(place) as desk:
        # Before, so that the archive tells of itself and a second one is the same.
        _record(desk, DUMP)
    lines = write(place, file)
    session.say(f"{_count(lines, 'line')} written.")
