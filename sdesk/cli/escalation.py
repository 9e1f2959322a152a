"""`escalate` and `notices`: refer tickets to others, and read what one is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import References, RowFormat, Store
from sdesk.errors import Usage

if TYPE_CHECKING:
    from sdesk.cli.output import Column
    from sdesk.desk import Desk
    from sdesk.model import Notice

app = typer.Typer()
PAGE = 1_000


@app.command(
    "escalate",
    epilog='Example: sdesk escalate SD-1042 --queue network --to lead --reason "needs a router expert"',
)
def escalate(
    refs: References,
    queue: Annotated[str, typer.Option(metavar="QUEUE", help="Another line, which takes it from its queue; the owner stays.", show_default=False)] = "",
    to: Annotated[list[str] | None, typer.Option(metavar="WHO,WHO", help="Whom to tell: logins, or lead, admin, owner, assignee, queue, oncall.", show_default=False)] = None,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; required.", show_default=False)] = "",
    store: Store = None,
) -> None:  # fmt: skip
    """Refer tickets to another line, tell people of them, or both."""
    from sdesk.cli.fields import queue as queue_key
    from sdesk.ops import Escalate

    people = tuple(who.strip() for words in to or () for who in words.split(",") if who.strip())
    example = 'For example: --queue network --reason "needs an expert"'
    if not queue and not people:
        raise Usage("Escalate to what? --queue or --to is missing.", example)
    if not reason.strip():
        raise Usage("Why? --reason is missing.", example)
    with session.open_desk(store) as desk:
        op = Escalate(reason, queue_key(desk, queue) if queue else "", people)
        raise typer.Exit(session.work(desk, refs, op))


@app.command("notices", epilog="Example: sdesk notices --all --format json")
def notices(
    every: Annotated[bool, typer.Option("--all", help="Those that have been seen as well.")] = False,
    seen: Annotated[bool, typer.Option("--seen", help="From now on they have been seen.")] = False,
    form: RowFormat = None,
    store: Store = None,
) -> None:  # fmt: skip
    """Show what you are told: mentions, warnings, escalations."""
    from sdesk.cli.output import emit

    with session.open_desk(store) as desk:
        found = desk.read.notices(limit=PAGE, seen=every)
        if not emit(found, _columns(desk), form):
            session.say("No notices." if every else "No new notices.")
        new = [notice.id for notice in found if notice.seen_at is None]
        if seen and new:
            desk.see_notices(new)


def _columns(desk: Desk) -> list[Column[Notice]]:
    from sdesk.cli.output import Column
    from sdesk.present import stamp

    zone = desk.settings.zone
    return [
        Column("at", lambda n: n.at, lambda n: stamp(n.at, zone)),
        Column("number", lambda n: desk.ref(n.ticket) if n.ticket is not None else ""),
        Column("kind", lambda n: n.kind),
        Column("text", lambda n: n.text, most=90),
        Column("seen", lambda n: n.seen_at, lambda n: stamp(n.seen_at, zone)),
    ]
