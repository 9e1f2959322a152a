"""`chat`, `attach`, `attachments`, `time`, `check`, `watch`: working together on tickets."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import Reference, References, RowFormat, Store
from sdesk.cli.output import put
from sdesk.errors import NotFound, Usage

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import Attachment, CheckItem, Worked

app = typer.Typer()


class By(StrEnum):
    """What time spent is added up by."""

    AGENT = "agent"
    ORGANIZATION = "organization"
    QUEUE = "queue"


@app.command("chat", epilog='Example: sdesk chat SD-1042 "@lea can you look at the switch?"')
def chat(
    ref: Reference,
    text: Annotated[str, typer.Argument(metavar="TEXT", show_default=False)],
    store: Store = None,
) -> None:
    """Write a line to the other agents in a ticket."""
    from sdesk.ops import Chat

    with session.open_desk(store) as desk:
        raise typer.Exit(session.work(desk, [ref], Chat(text)))


# Files


@app.command("attach", epilog="Example: sdesk attach SD-1042 vpn.log screenshot.png")
def attach(
    ref: Reference,
    files: Annotated[list[str], typer.Argument(metavar="FILE...", show_default=False)],
    store: Store = None,
) -> None:
    """Attach files to a ticket."""
    with session.open_desk(store) as desk:
        found = [desk.read_file(file) for file in files]
        raise typer.Exit(session.work(desk, [ref], *found))


@app.command("attachments", epilog="Example: sdesk attachments SD-1042 --save /tmp")
def attachments(
    ref: Reference,
    save: Annotated[str | None, typer.Option(metavar="DIR", help="Save them into this folder, under clean names; nothing is overwritten.", show_default=False)] = None,
    show: Annotated[int | None, typer.Option("--open", metavar="N", help="Print the text of file N.", show_default=False)] = None,
    form: RowFormat = None,
    store: Store = None,
) -> None:  # fmt: skip
    """List, save or print the files of a ticket."""
    if save and show is not None:
        raise Usage("--save and --open can't both be given.", "Save them all, or print one.")
    with session.open_desk(store) as desk:
        found = desk.read.attachments(desk.read.resolve(ref))
        if show is not None:
            _print(desk, found, show)
        elif save:
            _save(desk, found, save)
        else:
            _list(desk, found, form)


def _list(desk: Desk, found: tuple[Attachment, ...], form: RowFormat) -> None:
    from sdesk.cli.output import Column, emit
    from sdesk.files import file_size
    from sdesk.present import stamp

    columns: list[Column[Attachment]] = [
        Column("file", lambda f: f.id, right=True),
        Column("name", lambda f: f.name),
        Column("size", lambda f: f.size, lambda f: file_size(f.size), right=True),
        Column("type", lambda f: f.media),
        Column("agent", lambda f: f.agent),
        Column("at", lambda f: f.at, lambda f: stamp(f.at, desk.settings.zone)),
    ]
    emit(found, columns, form)


def _save(desk: Desk, found: tuple[Attachment, ...], folder: str) -> None:
    from sdesk.files import save_file

    for file in found:
        put(save_file(folder, file.name, desk.read.file(file.id)))


def _print(desk: Desk, found: tuple[Attachment, ...], number: int) -> None:
    from sdesk.files import as_text
    from sdesk.text import clean

    file = next((file for file in found if file.id == number), None)
    if file is None:
        known = ", ".join(str(file.id) for file in found) or "none"
        raise NotFound(f"The ticket has no file {number}.", f"It has: {known}.")
    text = as_text(desk.read.file(number))
    if text is None:
        raise Usage(f"{file.name} is no text ({file.media}).", "Save it: --save DIR")
    print(clean(text), end="" if text.endswith("\n") else "\n")


# Time spent

REPORT = "report"


@app.command(
    "time",
    epilog='Example: sdesk time SD-1042 15m "on the phone"; sdesk time report --by organization --format csv',
)
def time(
    what: Annotated[str, typer.Argument(metavar="REF|report", help="A ticket; or the word report.", show_default=False)],
    spent: Annotated[str, typer.Argument(metavar="[TIME]", help="As 15m, 1h, 1h30m, 1:30 or 1.5h.", show_default=False)] = "",
    note: Annotated[str, typer.Argument(metavar="[NOTE]", help="What it was for.", show_default=False)] = "",
    start: Annotated[str, typer.Option("--from", metavar="DATE", help="Report: the first day; else the first of this month.", show_default=False)] = "",
    end: Annotated[str, typer.Option("--to", metavar="DATE", help="Report: the last day; else today.", show_default=False)] = "",
    by: Annotated[By, typer.Option("--by", help="Report: whose time.", case_sensitive=False)] = By.AGENT,
    form: RowFormat = None,
    store: Store = None,
) -> None:  # fmt: skip
    """Record time spent on a ticket, or report it."""
    from sdesk.ops import LogTime
    from sdesk.rules.spent import parse_spent

    with session.open_desk(store) as desk:
        if what == REPORT and not spent:
            _report(desk, _days(desk, start, end), by, form)
        elif spent:
            seconds, more = parse_spent(spent)
            raise typer.Exit(session.work(desk, [what], LogTime(seconds, note or more)))
        else:
            _list_time(desk, what, form)


def _report(desk: Desk, days: tuple[int, int], by: By, form: RowFormat) -> None:
    from sdesk.cli.output import Column, emit
    from sdesk.present import duration

    columns: list[Column[tuple[str, int, int, int]]] = [
        Column(by.value, lambda row: row[0]),
        Column("minutes", lambda row: round(row[1] / 60), right=True),
        Column("time", lambda row: duration(row[1]), right=True),
        Column("tickets", lambda row: row[2], right=True),
        Column("records", lambda row: row[3], right=True),
    ]
    emit(desk.read.time_spent(*days, by.value), columns, form)


def _list_time(desk: Desk, ref: str, form: RowFormat) -> None:
    """What has been recorded on one ticket."""
    from sdesk.cli.output import Column, emit
    from sdesk.present import duration, stamp

    columns: list[Column[Worked]] = [
        Column("agent", lambda one: one.agent),
        Column("at", lambda one: one.at, lambda one: stamp(one.at, desk.settings.zone)),
        Column("minutes", lambda one: round(one.seconds / 60), right=True),
        Column("time", lambda one: duration(one.seconds), right=True),
        Column("note", lambda one: one.note, most=100),
    ]
    emit(desk.read.worked(desk.read.resolve(ref)), columns, form)


def _days(desk: Desk, start: str, end: str) -> tuple[int, int]:
    """From the beginning of the first day to the end of the last one, in the desk's zone."""
    from datetime import date, datetime, time, timedelta
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(desk.settings.zone)
    today = datetime.fromtimestamp(desk.now(), zone).date()

    def day(text: str, option: str, default: date) -> date:
        try:
            return date.fromisoformat(text) if text else default
        except ValueError:
            raise Usage(f"{option} '{text}' is no date.", "For example 2026-11-30.") from None

    first, last = day(start, "--from", today.replace(day=1)), day(end, "--to", today)
    if last < first:
        raise Usage(f"--to {last} is before --from {first}.")
    bounds = (first, last + timedelta(days=1))
    low, high = (int(datetime.combine(at, time(), zone).timestamp()) for at in bounds)
    return low, high


# Checklist and watching


@app.command("check", epilog='Example: sdesk check SD-1042 --add "order a laptop" --done 1')
def check(
    ref: Reference,
    add: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="Add a line; may be given several times.", show_default=False)] = None,
    done: Annotated[list[int] | None, typer.Option(metavar="N", help="Tick line N.", show_default=False)] = None,
    undone: Annotated[list[int] | None, typer.Option(metavar="N", help="Take the tick of line N away.", show_default=False)] = None,
    drop: Annotated[list[int] | None, typer.Option(metavar="N", help="Take line N off.", show_default=False)] = None,
    form: RowFormat = None,
    store: Store = None,
) -> None:  # fmt: skip
    """Show or change a ticket's checklist."""
    from sdesk.ops import AddCheck, Check, DropCheck, Op, Uncheck

    with session.open_desk(store) as desk:
        items = desk.read.checklist(desk.read.resolve(ref))
        ops: list[Op] = [Check(_item(items, number)) for number in done or ()]
        ops += [Uncheck(_item(items, number)) for number in undone or ()]
        ops += [DropCheck(_item(items, number)) for number in drop or ()]
        ops += [AddCheck(text) for text in add or ()]
        if ops:
            raise typer.Exit(session.work(desk, [ref], *ops))
        _show_list(items, form)


def _item(items: tuple[CheckItem, ...], number: int) -> int:
    if not 1 <= number <= len(items):
        raise NotFound(f"The checklist has no line {number}.", f"It has {len(items)}.")
    return items[number - 1].id


def _show_list(items: tuple[CheckItem, ...], form: RowFormat) -> None:
    from sdesk.cli.output import Column, emit

    columns: list[Column[tuple[int, CheckItem]]] = [
        Column("line", lambda row: row[0], right=True),
        Column("done", lambda row: row[1].is_done),
        Column("text", lambda row: row[1].text, most=100),
    ]
    emit(list(enumerate(items, 1)), columns, form)


@app.command("watch", epilog="Example: sdesk watch SD-1042 SD-1043")
def watch(
    refs: References,
    agent: Annotated[str, typer.Option(metavar="AGENT", help="Else you.", show_default=False)] = "",
    off: Annotated[bool, typer.Option("--off", help="Be told no more.")] = False,
    store: Store = None,
) -> None:
    """Watch tickets: be told of public messages and new states."""
    from sdesk.cli.edit import agent as known
    from sdesk.ops import Unwatch, Watch

    with session.open_desk(store) as desk:
        login = known(desk, agent) if agent else ""
        op = Unwatch(login) if off else Watch(login)
        raise typer.Exit(session.work(desk, refs, op))
