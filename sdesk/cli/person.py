"""`person`: what the desk keeps of somebody, given to them, erased."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdesk.cli import session
from sdesk.cli.options import RowFormat, Store
from sdesk.errors import NotFound, Usage
from sdesk.files import expanded
from sdesk.text import clean_line

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.privacy import Erased, PersonRow

app = typer.Typer()
person = typer.Typer(
    no_args_is_help=True, epilog="Example: sdesk person erase mikko@acme.example --dry-run"
)
app.add_typer(person, name="person", help="Show, export and erase what is kept of a person.")
Who = Annotated[str, typer.Argument(metavar="WHO", help="A name, an address, a number or an external id.", show_default=False)]  # fmt: skip


@person.command("show", epilog="Example: sdesk person show mikko@acme.example")
def show(who: Who, form: RowFormat = None, store: Store = None) -> None:
    """Show who somebody is to the desk, and which copies of what is theirs exist where."""
    with session.open_desk(store) as desk:
        for one, row in _found(desk, who):
            _show(one, row, form)


def _show(desk: Desk, row: PersonRow, form: Any) -> None:
    from sdesk.cli.output import Column, emit
    from sdesk.privacy import counts

    said = [("name", row.name), ("number", f"#{row.id}"), ("address", row.email), ("phone", row.phone),
            ("organization", row.organization), ("external id", row.external_id)]  # fmt: skip
    if row.erased_at is not None:
        said.append(("erased", _day(desk, row.erased_at)))
    counted = [(name, str(count)) for name, count in counts(desk, row).items()]
    rows = [(name, value) for name, value in (*said, *counted) if value and value != "0"]
    columns: list[Column[Any]] = [
        Column("what", lambda row: row[0]), Column("kept", lambda row: row[1]),
    ]  # fmt: skip
    emit(rows, columns, form)


@person.command("export", epilog="Example: sdesk person export mikko@acme.example --to mikko.zip")
def export(
    who: Who,
    to: Annotated[str, typer.Option("--to", metavar="PATH", help="A .zip file or a folder that isn't there yet; else person-N.zip here.", show_default=False)] = "",
    with_notes: Annotated[bool, typer.Option("--with-notes", help="Agents' internal notes on their tickets as well.")] = False,
    store: Store = None,
) -> None:  # fmt: skip
    """Write everything kept of somebody to a file: as text, as JSON, with files and mails."""
    from sdesk.privacy import export_person

    with session.open_desk(store) as desk:
        _warn_outsider(desk)
        for number, (one, row) in enumerate(_found(desk, who)):
            target = expanded(to or f"person-{row.id}.zip")
            if number:
                target = target.with_name(f"{target.stem}-restricted{target.suffix}")
            done = export_person(one, row, target, with_notes=with_notes)
            session.say(f"Wrote {_counted(done.counts)} to {done.to}; only you can read it.")
            print(clean_line(str(done.to)))


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing"


@person.command("erase", epilog="Example: sdesk person erase mikko@acme.example --dry-run")
def erase(
    who: Who,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be erased.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    later: Annotated[bool, typer.Option("--later", help="Write the store's files anew later: sdesk person finish, or the worker at night.")] = False,
    store: Store = None,
) -> None:  # fmt: skip
    """Erase somebody: their texts, files and mails everywhere, their name in others' tickets."""
    from sdesk.privacy import erase_person

    with session.open_desk(store) as desk:
        found = _found(desk, who)
        _say_what(desk, found)
        if dry_run or not (yes or _agreed()):
            session.say("Nothing was changed.")
            return
        for one, row in found:
            _said(one, erase_person(one, row.id, later=later, on_progress=_Told()))


def _say_what(desk: Desk, found: list[tuple[Desk, PersonRow]]) -> None:
    """What would be erased, and where it could still be read."""
    from sdesk.privacy.people import check_admin, described

    _warn_outsider(desk)
    for one, row in found:
        check_admin(one, "Erasing a person")
        session.say(f"This erases {described(row)} for good:")
        _show(one, row, None)
        _say_backups(one)


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise Usage("Erasing can't be taken back, and nobody can be asked here.", "Say --yes.")
    return typer.confirm("Erase?", default=False, err=True)


def _warn_outsider(desk: Desk) -> None:
    if getattr(desk, "restricted_store", "") and len(_desks(desk)) == 1:
        session.say(
            "Restricted tickets lie in a file that you may not open: a member of its group must do the same."
        )


class _Told:
    """Each step in a line, on a terminal; how far it is would be a line too much."""

    def __init__(self) -> None:
        self._step = ""

    def __call__(self, step: str, _done: int, total: int) -> None:
        if step != self._step and sys.stderr.isatty():
            session.say(f"{step}{f': {total}' if total > 1 else ''} …")
        self._step = step


def _said(desk: Desk, done: Erased) -> None:
    """What was done, what is left, and where it can still be read."""
    from sdesk.present import counted

    session.say(
        f"Erased person #{done.person}: {counted(done.tickets, 'ticket')},"
        f" {counted(done.messages, 'message')} elsewhere, {counted(done.mails, 'more mail')},"
        f" {counted(done.mentions, 'mention')} in others' texts, {counted(done.events, 'event')}."
    )
    for file in done.unread:
        session.say(f"Left: {file} holds their name in a form that can't be written anew; look at it yourself.")  # fmt: skip
    for table, count in done.left.items():
        session.say(f"Left: {count} in {table}.")
    if not done.purged:
        session.say("The words can be read from the store's files until: sdesk person finish")
        return
    words = [*done.known.names, *done.known.addresses, *done.known.phones]
    _say_found(desk, words)


def _say_found(desk: Desk, words: list[str]) -> None:
    from sdesk.privacy import occurrences

    found = occurrences(desk.place, words)
    where = f" ({', '.join(f'{name}: {count}' for name, count in found.where.items())})"
    session.say(f"{found.total} occurrences left in the store{where if found.total else ''}.")


def _say_backups(desk: Desk) -> None:
    """Backups keep what was erased until they are thrown away."""
    for manifest in _backups(desk):
        until = f"until {_day(desk, manifest.expires_at)}" if manifest.expires_at else "until you remove it"  # fmt: skip
        session.say(f"The backup {manifest.path} keeps them {until}.")
    for path in _copies(desk):
        session.say(f"The copy {path}, made before an upgrade, keeps them until you remove it.")


def _copies(desk: Desk) -> list[Path]:
    from sdesk.store.place import is_postgres

    if is_postgres(desk.place):
        return []
    place = Path(desk.place)
    return sorted(place.parent.glob(f"{place.name}.schema-*"))


def _backups(desk: Desk) -> list[Any]:
    from sdesk.transfer.backup import folder_of
    from sdesk.transfer.manifest import in_folder
    from sdesk.upkeep.settings import load

    folders = dict.fromkeys(folder_of(desk.place, folder) for folder in ("", load().to))
    return [manifest for folder in folders for manifest in in_folder(folder)]


def _day(desk: Desk, at: int) -> str:
    from sdesk.present import local

    return local(at, desk.settings.zone).date().isoformat()


@person.command("finish", epilog="Example: sdesk person finish")
def finish(store: Store = None) -> None:
    """Finish an erasure that was interrupted or put off."""
    from sdesk.privacy import finish as finish_all

    with session.open_desk(store) as desk:
        said = [line for one in _desks(desk) for line in finish_all(one)]
        for line in said or ["Nothing is left to be finished."]:
            session.say(line)


def _desks(desk: Desk) -> list[Desk]:
    """The desks of both files, where the restricted tickets have one of their own."""
    first, second = getattr(desk, "first", None), getattr(desk, "second", None)
    return [desk] if first is None or second is None else [first, second]


def _found(desk: Desk, who: str) -> list[tuple[Desk, PersonRow]]:
    """The person in every file that knows them. Raises `NotFound`, `Refused`."""
    from sdesk.privacy import find_person

    found: list[tuple[Desk, PersonRow]] = []
    missed: NotFound | None = None
    for one in _desks(desk):
        known = found[0][1] if found else None
        try:
            found.append((one, find_person(one, _alike(known) if known else who)))
        except NotFound as error:
            missed = missed or error
    if missed is not None and not found:
        raise missed
    return found


def _alike(person: PersonRow) -> str:
    """By what the second file knows them: numbers are others there."""
    return person.email or person.external_id or person.name
