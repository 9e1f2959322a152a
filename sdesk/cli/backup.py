"""`backup` and `restore`: verified copies of the store, where they go, which stay, and whether they come back."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import RowFormat, Store
from sdesk.cli.output import put
from sdesk.errors import Usage

if TYPE_CHECKING:
    from sdesk.transfer.backup import Made
    from sdesk.transfer.manifest import Manifest
    from sdesk.transfer.restoring import Restored
    from sdesk.upkeep.settings import Settings

app = typer.Typer()


@app.command("backup", epilog="Example: sdesk backup --to /var/backups/desk --keep '7d 4w 12m'")
def backup(
    to: Annotated[str, typer.Option("--to", metavar="DIR", help="The folder; else the configured one, else backups beside the store.", show_default=False)] = "",
    to_command: Annotated[str, typer.Option("--to-command", metavar="ARGV", help="A program that gets the verified copy on its standard input; {name} stands for the copy's name.", show_default=False)] = "",
    keep: Annotated[str, typer.Option("--keep", metavar="RULE", help="Which earlier ones stay: 7d 4w 12m. Else the configured rule; without one, all.", show_default=False)] = "",
    verify: Annotated[str, typer.Option("--verify", metavar="FILE", help="Make none: verify this backup, page by page, and against its manifest.", show_default=False)] = "",
    listed: Annotated[bool, typer.Option("--list", help="Make none: list those that lie in the folder.")] = False,
    form: RowFormat = None,
    store: Store = None,
) -> None:  # fmt: skip
    """Copy the store, verified, while others write.

    The copy is of one moment and checked page by page and event by event before it gets its name.
    """
    if verify:
        return _verify(verify)
    from sdesk.upkeep.settings import load

    settings = load()
    place = session.place(store)
    if listed:
        return _list(place, to or settings.to, form)
    return _make(place, to, to_command, keep, settings)


def _make(place: str, to: str, to_command: str, keep: str, settings: Settings) -> None:
    from sdesk.desk import now_seconds
    from sdesk.rules.keeping import Keep
    from sdesk.upkeep.backing import back_up

    command = _words(to_command) if to_command else () if to else settings.command
    done = back_up(
        place, to or settings.to, now_seconds(), command=command,
        keep=Keep.parse(keep) if keep else settings.keep,
    )  # fmt: skip
    for made in (done.made, done.restricted):
        if made is not None:
            _say(made)
    if done.missed:
        session.say(done.missed)
    if done.trouble:
        session.say(done.trouble)


def _say(made: Made) -> None:
    sent = made.manifest.sent
    put(made.path.name if sent else str(made.path))
    session.say(f"{made.size / 1e6:,.1f} MB, verified{f', taken by {sent}' if sent else ''}.")
    for name in made.removed:
        session.say(f"Removed, as its time was over: {name}")


def _words(text: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise Usage(f"--to-command '{text[:60]}': {error}.") from None
    if not words:
        raise Usage("--to-command names no program.")
    return words


def _verify(file: str) -> None:
    from sdesk.transfer.restoring import verify

    _tell(verify(file), "whole")


def _tell(done: Restored, word: str) -> None:
    from sdesk.present import counted

    facts, known = done.facts, done.manifest
    head = facts.chain.head
    tickets, events = facts.counts["ticket"], head.event if head else 0
    put(f"{facts.name}: {counted(tickets, 'ticket')}, {counted(events, 'event')}, {word}")
    session.say("As its manifest says." if known else "There is no manifest beside it to hold it against.")  # fmt: skip


def _list(place: str, folder: str, form: RowFormat) -> None:
    from sdesk.cli.output import Column, emit
    from sdesk.present import stamp
    from sdesk.upkeep.backing import backups

    def day(at: int) -> str:
        return stamp(at, "UTC")[:10] if at else ""

    columns: list[Column[Manifest]] = [
        Column("file", lambda m: m.file),
        Column("made", lambda m: stamp(m.made_at, "UTC")),
        Column("bytes", lambda m: m.bytes),
        Column("events", lambda m: m.event),
        Column("tickets", lambda m: m.counts.get("ticket", 0)),
        Column("where", lambda m: f"taken by {m.sent}" if m.sent else "here" if m.is_here else "gone"),
        Column("restored", lambda m: day(m.rehearsed_at)),
        Column("expires", lambda m: day(m.expires_at)),
    ]  # fmt: skip
    emit(backups(place, folder), columns, form)


@app.command("restore", epilog="Example: sdesk restore desk.jsonl.gz --store /srv/desk/desk.db")
def restore(
    file: Annotated[str, typer.Argument(metavar="FILE", help="An archive made by dump, or a backup; - reads an archive from standard input.", show_default=False)],
    check: Annotated[bool, typer.Option("--check", help="A rehearsal: restore into a private folder, verify, throw away.")] = False,
    store: Store = None,
) -> None:  # fmt: skip
    """Make a store from an archive or a backup.

    All or nothing, and only where there is no desk with work in it.
    """
    from sdesk.cli.transfer import progress
    from sdesk.store.place import shown
    from sdesk.transfer import restoring

    place = session.place(store)
    if check:
        return _rehearse(file, place)
    with progress() as tell:
        rows = restoring.restore(file, place, tell)
    session.say(f"{rows:,} {'row' if rows == 1 else 'rows'} restored to {shown(place)}.")
    return None


def _rehearse(file: str, place: str) -> None:
    from sdesk.desk import now_seconds
    from sdesk.errors import SdeskError
    from sdesk.transfer import restoring

    now = now_seconds()
    done = restoring.check(file, place, now)
    _tell(done, "restored, verified, thrown away")
    try:
        if not restoring.remember(place, done, now):
            session.say("It is a backup of another store than this one.")
    except SdeskError as error:
        session.say(f"That it went well could not be kept in the store: {error.message}")
