"""`restricted`: the second file, for tickets that only the members of a Unix group may read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import RowFormat, Store
from sdesk.errors import Missing
from sdesk.text import clean_line

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.restricted.members import Member

app = typer.Typer()
restricted = typer.Typer(
    no_args_is_help=True, epilog="Example: sdesk restricted init --group sdesk-sec"
)
app.add_typer(
    restricted,
    name="restricted",
    help="Keep restricted tickets in a file of their own, for a Unix group.",
)


@restricted.command("init", epilog="Example: sudo sdesk restricted init --group sdesk-sec")
def init(
    path: Annotated[str | None, typer.Argument(metavar="[PATH]", help="Else beside the desk's folder: NAME-restricted/desk.db.", show_default=False)] = None,
    group: Annotated[str, typer.Option(metavar="NAME", help="The Unix group of those who may see restricted tickets.", show_default=False)] = "",
    store: Store = None,
) -> None:  # fmt: skip
    """Make the file for restricted tickets, and name it in the desk.

    Its folder and its file belong to the group: the kernel keeps everybody else out. From then on
    restricted tickets are put there, and only there.
    """
    from sdesk.desk import Desk
    from sdesk.restricted.making import make
    from sdesk.restricted.members import group_of

    with Desk.open(session.place(store)) as desk:
        made = make(desk, group, Path(path) if path else None)
        old = desk.read.count("is:restricted")
    print(clean_line(str(made)))
    name, users = group_of(made)
    session.say(
        f"Restricted tickets lie in {made} from now on, for the group {name}: {_some(sorted(users))}."
    )
    if old:
        session.say(
            f"{old:,} restricted {'ticket lies' if old == 1 else 'tickets lie'} in the ordinary file still: sdesk ls is:restricted --format tsv | sdesk set - restricted=yes"
        )
    session.say("The user of sdesk worker should be a member, too: see docs/restricted.md.")


@restricted.command("status", epilog="Example: sdesk restricted status")
def status(store: Store = None) -> None:
    """Say where restricted tickets lie, whose file that is, and what you may do with it.

    Ends with 1 where the desk has no such file.
    """
    with session.open_desk(store) as desk:
        for line in _status(desk):
            print(clean_line(line))
        if not desk.restricted_store:
            raise typer.Exit(1)


def _status(desk: Desk) -> list[str]:
    from sdesk import restricted as files

    if "://" in str(desk.place):
        return ["PostgreSQL keeps restricted tickets row by row: by the role of each agent."]
    path = files.named(Path(desk.place), desk.restricted_store)
    if path is None:
        return [
            "Restricted tickets lie in the same file as all others: a convention.",
            "Who can open that file can read them. sdesk restricted init makes them a file of their own.",
        ]
    standing = files.standing(path)
    if not standing.is_there:
        return [
            f"{path} is gone: restricted tickets can be neither read nor made.",
            "Restore its backup; see docs/restricted.md.",
        ]
    if not standing.is_open:
        return [
            f"Restricted tickets lie in a file of their own: {path}",
            "You are not among those who can open it.",
        ]
    return _of_member(desk, path)


def _of_member(desk: Desk, path: Path) -> list[str]:
    from sdesk.restricted import queues
    from sdesk.restricted.members import group_of
    from sdesk.restricted.mirror import differences

    name, users = group_of(path)
    lines = [
        f"Restricted tickets lie in a file of their own: {path}",
        f"Its group is {name}: {_some(sorted(users))}.",
    ]
    second = desk.of(_ABOVE)
    if second is desk:
        return lines
    lines.append(f"{second.read.count('state:open'):,} open, {second.read.count(''):,} in all.")
    kept = queues(desk.read.settings())
    lines.append(f"Queues whose new tickets go there: {', '.join(kept) or 'none'}.")
    behind = len(differences(desk.read, second.read))
    if behind:
        lines.append(
            f"{behind} of the desk's settings are not copied there yet; the next ticket brings them."
        )
    return lines


_ABOVE = 1 << 40
"""Some number of the second file."""


@restricted.command("members", epilog="Example: sdesk restricted members --format csv")
def members(form: RowFormat = None, store: Store = None) -> None:
    """List who can open the file for restricted tickets, and which agents should or should not."""
    from sdesk import restricted as files
    from sdesk.cli.output import Column, emit
    from sdesk.restricted.members import members as known

    with session.open_desk(store) as desk:
        path = files.named(Path(str(desk.place)), desk.restricted_store)
        if path is None:
            raise Missing(
                "This desk has no file for restricted tickets.",
                "Make one with: sdesk restricted init --group NAME",
            )
        if not files.standing(path).is_open:
            raise Missing(f"You can't open {path}.", "Ask a member of its group.")
        columns: list[Column[Member]] = [
            Column("login", lambda one: one.login),
            Column("opens", lambda one: one.can_open),
            Column("role", lambda one: one.agent),
            Column("queues", lambda one: list(one.queues)),
            Column("said", lambda one: one.said, most=80),
        ]
        emit(list(known(desk, path)), columns, form)


def _some(logins: list[str]) -> str:
    more = f" and {len(logins) - 8} more" if len(logins) > 8 else ""
    return (", ".join(logins[:8]) or "nobody yet") + more
