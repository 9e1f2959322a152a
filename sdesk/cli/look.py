"""`ls` and `show`: the queue and the ticket on standard output, without the desk's screens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import Format, References, RowFormat, Store
from sdesk.cli.output import put
from sdesk.errors import Usage, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sdesk.desk import Desk
    from sdesk.model import TicketRow
    from sdesk.rules.query import Query

app = typer.Typer()
PAGE = 50


def complete_query(incomplete: str) -> list[tuple[str, str]]:
    """What may come next in a query, for the shell; nothing where there is no desk to ask."""
    from sdesk.errors import SdeskError
    from sdesk.rules.query import complete

    try:
        with session.open_desk() as desk:
            found = complete(incomplete, len(incomplete), desk.read.vocabulary())
    except SdeskError:
        return []
    return [(incomplete[: c.start] + c.text + incomplete[c.end :], c.help) for c in found]


@app.command(
    "ls",
    context_settings={"ignore_unknown_options": True},
    epilog="Example: sdesk ls queue:network -tag:vip due<1h --limit 20 --columns number,due,subject",
)
def ls(
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUERY…", help="Terms and words; without one, every live ticket.", show_default=False),
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=0, help="At most so many tickets; 0 for all.")
    ] = PAGE,
    columns: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="Which columns, in which order; 'help' lists them.", show_default=False),
    ] = None,
    view: Annotated[
        str | None,
        typer.Option(metavar="VIEW", help="A view's query and columns; a query narrows it further.", show_default=False),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(metavar="KEYS", help="Order, as in a query: due,-priority.", show_default=False),
    ] = None,
    form: RowFormat = None,
    store: Store = None,
) -> None:  # fmt: skip
    """List the tickets that a query finds."""
    from sdesk.cli.columns import chosen
    from sdesk.cli.output import emit
    from sdesk.looks import fields_of, usual

    text = asked(query)
    with session.open_desk(store) as desk:
        if columns == "help":
            _explain_columns(desk)
            return
        if view is not None:
            text, columns = _in_view(desk, view, query, columns)
        wanted = chosen(columns, desk, every=form in (Format.JSON, Format.JSONL))
        fields = fields_of(usual(column.name) for column in wanted)
        if not emit(_pages(desk, _sorted(desk, text, sort), limit, fields), wanted, form):
            session.say("No tickets.")


def _in_view(
    desk: Desk, name: str, words: list[str] | None, columns: str | None
) -> tuple[str, str | None]:
    """The view's query, narrowed by the words of the command line, and its columns unless some are named."""
    from sdesk.rules import viewing

    view = viewing.named(desk.read.views(), name)
    text = view.query
    if words:
        own = desk.read.parse(view.query)
        bare = str(own.with_sort())
        order = (
            str(own)[len(bare) :].strip()
            if own.sort and not desk.read.parse(asked(words)).sort
            else ""
        )
        text = " ".join(filter(None, (f"({bare})" if bare else "", asked(words), order)))
    return text, columns or ",".join(map(_column, view.columns)) or None


def _column(word: str) -> str:
    """A view's column as `--columns` names it: there "category" is the state's."""
    name = word.rstrip("*").partition(":")[0]
    return "path" if name == "category" else name


def asked(words: list[str] | None) -> str:
    """The query in the words of a command line; every live ticket when there are none."""
    for word in words or ():
        if word.startswith("--"):
            options = ("--limit", "--columns", "--view", "--sort", "--format", "--store")
            raise Usage(f"There is no option {word}.", did_you_mean(word, options))
    return "state:open" if words is None else " ".join(words)


def _sorted(desk: Desk, text: str, sort: str | None) -> Query:
    """The query, in the order of `--sort` where that is given."""
    query = desk.read.parse(text)
    return query.with_sort(*desk.read.parse(f"sort:{sort}").sort) if sort else query


def _pages(desk: Desk, query: Query, limit: int, fields: Sequence[str]) -> Iterator[TicketRow]:
    """Rows in the query's order, read a page at a time so that any number fits in memory."""
    ids = desk.read.ids(query, limit=limit or None)
    for first in range(0, len(ids), 500):
        yield from desk.read.looked_at(ids[first : first + 500], fields=fields)


def _explain_columns(desk: Desk) -> None:
    from sdesk.cli.columns import ticket_columns

    for column in ticket_columns(desk).values():
        put(f"{column.name:<14} {column.help}".rstrip())


@app.command("show", epilog="Example: sdesk show SD-1042 --history")
def show(
    refs: References,
    history: Annotated[bool, typer.Option("--history", help="Every change as well.")] = False,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="Text for people by default; json and jsonl hold everything.", show_default=False),
    ] = None,
    store: Store = None,
) -> None:  # fmt: skip
    """Show tickets whole: fields, clocks, conversation."""
    from sdesk.cli import record

    with session.open_desk(store) as desk:
        tickets = [desk.read.resolve(ref) for ref in session.references(refs)]
        match form:
            case Format.JSON | Format.JSONL:
                record.write_json(desk, tickets, lines=form is Format.JSONL)
            case Format.TSV | Format.CSV:
                from sdesk.cli.columns import chosen
                from sdesk.cli.output import emit

                emit(desk.read.rows(tickets), chosen(None, desk, every=True), form)
            case _:
                for index, ticket in enumerate(tickets):
                    if index:
                        print()
                    record.write_text(desk, ticket, history=history)
