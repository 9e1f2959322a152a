"""`merge`, `unmerge`, `split`, `link`, `bin`, `unbin`: whole threads, and what hangs together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import Reference, References, Store
from sdesk.errors import Invalid, NotFound, Usage, did_you_mean

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import EntryId, TicketId
    from sdesk.ops import Op

app = typer.Typer()
KIN = ("parent", "child")
"""What hangs together by a field of the ticket, not by a link."""


@app.command("merge", epilog="Example: sdesk merge SD-1043 SD-1050 --into SD-1042")
def merge(
    refs: References,
    into: Annotated[str, typer.Option(metavar="REF", help="The ticket that goes on for all of them.", show_default=False)],
    reveal: Annotated[bool, typer.Option("--reveal", help="Also where a restricted thread becomes readable for all.")] = False,
    store: Store = None,
) -> None:  # fmt: skip
    """Merge tickets into one that goes on."""
    from sdesk.ops import Merge

    with session.open_desk(store) as desk:
        raise typer.Exit(session.work(desk, refs, Merge(desk.read.resolve(into), reveal)))


@app.command("unmerge", epilog="Example: sdesk unmerge SD-1043")
def unmerge(refs: References, store: Store = None) -> None:
    """Take merged tickets apart again, each with its own thread."""
    from sdesk.ops import Unmerge

    session.carry_out(store, refs, Unmerge())


@app.command("split", epilog='Example: sdesk split SD-1042 3 --subject "The printer as well"')
def split(
    ref: Reference,
    message: Annotated[int, typer.Argument(metavar="N", help="The message: 1 is the first of the thread, -- -1 the last.", show_default=False)],
    subject: Annotated[str, typer.Option(metavar="TEXT", help="Of the new ticket.", show_default=False)],
    following: Annotated[bool, typer.Option("--following", help="With all messages after it.")] = False,
    store: Store = None,
) -> None:  # fmt: skip
    """Make a new ticket of a message. Prints its number."""
    from sdesk.ops import Split

    with session.open_desk(store) as desk:
        ticket = desk.read.resolve(ref)
        change = desk.apply(ticket, Split(_message(desk, ticket, message), subject, following))
        print(desk.ref(next(e.details["to"] for e in change.events if e.kind == "split")))


def _message(desk: Desk, ticket: TicketId, number: int) -> EntryId:
    thread = desk.read.conversation(ticket, limit=100_000)
    index = number - 1 if number > 0 else number
    if number == 0 or not -len(thread) <= index < len(thread):
        raise NotFound(
            f"{desk.ref(ticket)} has no message {number}.", f"It has 1 to {len(thread)}."
        )
    return thread[index].id


@app.command("link", epilog="Example: sdesk link SD-1042 caused-by SD-1040")
def link(
    ref: Reference,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="relates, duplicates, caused-by, blocks; parent or child.", show_default=False)],
    to: Annotated[str, typer.Argument(metavar="REF", help="The other ticket; 'none' for no parent.", show_default=False)],
    remove: Annotated[bool, typer.Option("--remove", help="Take the link away.")] = False,
    store: Store = None,
) -> None:  # fmt: skip
    """Link a ticket with another one, or make it its parent or child."""
    with session.open_desk(store) as desk:
        ticket = desk.read.resolve(ref)
        concerned, op = _kin(desk, ticket, kind, to, remove=remove) if kind in KIN else (
            ticket, _link(desk, kind, to, remove=remove),
        )  # fmt: skip
        raise typer.Exit(session.work(desk, [desk.ref(concerned)], op))


def _link(desk: Desk, kind: str, to: str, *, remove: bool) -> Op:
    from sdesk.model import LinkKind
    from sdesk.ops import AddLink, RemoveLink

    if kind not in list(LinkKind):
        raise Invalid(f"Link: '{kind}' is not known.", did_you_mean(kind, [*LinkKind, *KIN]))
    other = desk.read.resolve(to)
    return RemoveLink(kind, other) if remove else AddLink(kind, other)


def _kin(desk: Desk, ticket: TicketId, kind: str, to: str, *, remove: bool) -> tuple[TicketId, Op]:
    """Which ticket gets which parent."""
    from sdesk.ops import Edit

    if to == "none" and kind == "child":
        raise Usage("child none: name the child that shall be none any more, with --remove.")
    other = None if to == "none" else desk.read.resolve(to)
    child, parent = (ticket, other) if kind == "parent" else (other or ticket, ticket)
    return child, Edit("parent", None if remove else parent)


@app.command("bin", epilog='Example: sdesk bin SD-1043 --reason "spam"')
def discard(
    refs: References,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; it is kept in the history.", show_default=False)] = "",
    store: Store = None,
) -> None:  # fmt: skip
    """Put tickets into the bin: out of every list, kept in the store."""
    from sdesk.ops import Discard

    session.carry_out(store, refs, Discard(reason))


@app.command("unbin", epilog="Example: sdesk ls is:binned | sdesk unbin -")
def restore(refs: References, store: Store = None) -> None:
    """Take tickets out of the bin, as they were."""
    from sdesk.ops import Restore

    session.carry_out(store, refs, Restore())
