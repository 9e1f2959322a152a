"""`views`: saved queries with their columns and colours, one's own and everybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import RowFormat, Store
from sdesk.cli.output import put
from sdesk.errors import Usage

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import View
    from sdesk.ops import Op

app = typer.Typer()
views = typer.Typer(no_args_is_help=True, epilog="Example: sdesk views list")
app.add_typer(views, name="views", help="List, show, save, share and drop views.")
Name = Annotated[str, typer.Argument(metavar="VIEW", help="Its name.", show_default=False)]
Shared = Annotated[bool, typer.Option("--shared", help="Everybody's; without it one of your own.")]


@views.command("list", epilog="Example: sdesk views list --format json")
def show_list(form: RowFormat = None, store: Store = None) -> None:
    """List the views you have, with how many tickets each holds."""
    from sdesk.cli.output import Column, emit

    with session.open_desk(store) as desk:
        columns: list[Column[View]] = [
            Column("name", lambda v: v.name),
            Column("whose", lambda v: v.owner or "everybody"),
            Column("tickets", lambda v: desk.read.count(v.query), right=True),
            Column("query", lambda v: v.query),
            Column("columns", lambda v: ",".join(v.columns)),
        ]
        emit(desk.read.views(), columns, form)


@views.command("show", epilog="Example: sdesk views show Mine")
def show(name: Name, store: Store = None) -> None:
    """Show one view: query, columns, colours."""
    with session.open_desk(store) as desk:
        view = _named(desk, name)
        session.say(f"{view.name} · {view.owner or 'everybody'}")
        put(f"query    {view.query}")
        if view.columns:
            put(f"columns  {','.join(view.columns)}")
        for tone, query in view.colours:
            put(f"colour   {tone}: {query}")


@views.command(
    "save",
    epilog='Example: sdesk views save VPN "state:open tag:vpn sort:due" --columns number,due,subject*,queue:12',
)
def save(
    name: Name,
    query: Annotated[str | None, typer.Argument(metavar="QUERY", help="What it finds; without it, as it was.", show_default=False)] = None,
    columns: Annotated[str | None, typer.Option(metavar="A,B:12,C*", help="Its columns: :12 cells, * what is left; 'usual' for those by width.", show_default=False)] = None,
    colour: Annotated[list[str] | None, typer.Option(metavar="TONE:QUERY", help="Colour the rows a query finds; may be repeated; 'off' for none.", show_default=False)] = None,
    place: Annotated[int | None, typer.Option(metavar="N", min=1, help="Its place among the views.", show_default=False)] = None,
    shared: Shared = False,
    store: Store = None,
) -> None:  # fmt: skip
    """Make a view, or change the one of that name."""
    from sdesk.looks import parse_columns, words
    from sdesk.ops import SaveView
    from sdesk.rules import viewing

    with session.open_desk(store) as desk:
        owner = "" if shared else desk.actor
        known = desk.read.all_views()
        had = next((v for v in known if (v.name, v.owner) == (name, owner)), None)
        if query is None and had is None:
            raise Usage(f"The view '{name}' is new: give its query.", f'For example: sdesk views save {name} "state:open"')  # fmt: skip
        wanted = None if columns is None else () if columns == "usual" else words(parse_columns(columns))  # fmt: skip
        text = query if query is not None else had.query if had else ""
        op = SaveView(name, text, shared=shared, columns=wanted, colours=_colours(colour))
        _apply(desk, name, op)
        if place is not None:
            ordered = desk.read.views()
            moved = viewing.reorder(ordered, viewing.named(ordered, name), place)
            desk.apply(None, *moved)


@views.command("share", epilog="Example: sdesk views share VPN")
def share(name: Name, store: Store = None) -> None:
    """Make a view of yours everybody's."""
    from sdesk.rules import viewing

    with session.open_desk(store) as desk:
        view = viewing.named(desk.read.all_views(), name, shared=False)
        _apply(desk, view.name, *viewing.share(view))


@views.command("unshare", epilog="Example: sdesk views unshare VPN")
def unshare(name: Name, store: Store = None) -> None:
    """Make a shared view yours alone."""
    from sdesk.rules import viewing

    with session.open_desk(store) as desk:
        view = viewing.named(desk.read.all_views(), name, shared=True)
        _apply(desk, view.name, *viewing.unshare(view))


@views.command("rename", epilog='Example: sdesk views rename VPN "VPN and Wi-Fi"')
def rename(
    name: Name,
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its new name.", show_default=False)],
    store: Store = None,
) -> None:
    """Give a view another name."""
    from sdesk.rules import viewing

    with session.open_desk(store) as desk:
        _apply(desk, new, *viewing.rename(_named(desk, name), new, desk.read.all_views()))


@views.command("drop", epilog="Example: sdesk views drop VPN")
def drop(name: Name, shared: Shared = False, store: Store = None) -> None:
    """Drop a view; the tickets stay as they are."""
    from sdesk.ops import DropView
    from sdesk.rules import viewing

    with session.open_desk(store) as desk:
        view = viewing.named(desk.read.all_views(), name, shared=shared)
        _apply(desk, view.name, DropView(view.name, shared=shared))


def _named(desk: Desk, name: str) -> View:
    from sdesk.rules import viewing

    return viewing.named(desk.read.views(), name)


def _apply(desk: Desk, name: str, *operations: Op) -> None:
    desk.apply(None, *operations)
    put(name)


def _colours(given: list[str] | None) -> tuple[tuple[str, str], ...] | None:
    if given is None:
        return None
    pairs = [word.partition(":") for word in given if word != "off"]
    return tuple((tone.strip(), query.strip()) for tone, _, query in pairs)
