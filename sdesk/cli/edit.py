"""`set`, `take`, `assign`: fields of one ticket or of many, as one batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import References, Store
from sdesk.errors import Usage

if TYPE_CHECKING:
    from sdesk.desk import Desk

app = typer.Typer()
NOBODY = ("", "-", "none", "nobody")


@app.command(
    "set",
    epilog="Example: sdesk ls queue:vpn | sdesk set - priority=2 tag=vpn tag=-new field.room=3F",
)
def set_fields(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="REF… FIELD=VALUE…",
            help="Tickets (- reads them from standard input), then what to set: state, queue, "
            "assignee, owner, priority (or 'auto'), impact, urgency, kind, subject, category, "
            "service, channel, requester, restricted, parent, tag (tag=-x takes x away), field.NAME, "
            "due or due.TARGET (a time, with reason=WHY; auto: as the policy has it).",
            show_default=False,
        ),
    ],
    store: Store = None,
) -> None:
    """Set fields of tickets."""
    from sdesk.cli.fields import operations

    refs = [word for word in words if "=" not in word]
    settings = [word for word in words if "=" in word]
    if not refs:
        raise Usage("No ticket is named.", "For example: sdesk set SD-1042 priority=2")
    if not settings:
        raise Usage("Nothing is to be set.", f"For example: sdesk set {refs[0]} priority=2")
    with session.open_desk(store) as desk:
        raise typer.Exit(session.work(desk, refs, *operations(desk, settings)))


@app.command("take", epilog="Example: sdesk take SD-1042")
def take(
    refs: References,
    force: Annotated[bool, typer.Option("--force", help="Also from somebody who has it.")] = False,
    store: Store = None,
) -> None:
    """Take tickets yourself."""
    from sdesk.ops import Take

    session.carry_out(store, refs, Take(force=force))


@app.command("assign", epilog="Example: sdesk assign SD-1042 SD-1043 ben")
def assign(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="REF… AGENT",
            help="Tickets (- reads them from standard input), then a login, 'me' or 'nobody'.",
            show_default=False,
        ),
    ],
    store: Store = None,
) -> None:
    """Give tickets to an agent."""
    from sdesk.ops import Assign

    if len(words) < 2:
        raise Usage("Tickets and an agent are needed.", "For example: sdesk assign SD-1042 ben")
    *refs, login = words
    with session.open_desk(store) as desk:
        raise typer.Exit(session.work(desk, refs, Assign(agent(desk, login))))


def agent(desk: Desk, login: str) -> str:
    """The login meant: "me" is the caller, "nobody" nobody."""
    if login.casefold() in NOBODY:
        return ""
    return desk.actor if login.casefold() == "me" else login
