"""`wait`, `resolve`, `close`, `reopen`, `undo`, `redo`: a ticket's way to its end and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import References, Store
from sdesk.errors import NotFound

if TYPE_CHECKING:
    from sdesk.desk import Desk

app = typer.Typer()
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in the history.", show_default=False)
]  # fmt: skip


@app.command(
    "wait",
    epilog='Example: sdesk wait SD-1042 --for supplier --until "fri 9:00" --reason "part ordered"',
)
def wait(
    refs: References,
    whom: Annotated[
        str | None,
        typer.Option("--for", metavar="STATE", help="customer, supplier, scheduled, or a waiting state of the desk.", show_default=False),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="WHEN", help="2h, 2d, tomorrow 9:00, fri, 2026-12-24 14:00.", show_default=False)
    ] = None,
    reason: Reason = "",
    store: Store = None,
) -> None:  # fmt: skip
    """Let tickets wait, for somebody or until a time."""
    from sdesk.ops import Wait
    from sdesk.present import moment
    from sdesk.rules.when import parse_until

    with session.open_desk(store) as desk:
        now, zone = desk.now(), desk.settings.zone
        at = parse_until(until, now=now, zone=zone) if until else None
        state = _waiting_state(desk, whom or ("scheduled" if until else "customer"))
        if at is not None:
            session.say(f"Until {moment(at, zone, now)} ({zone}).")
        raise typer.Exit(session.work(desk, refs, Wait(state, at, reason)))


def _waiting_state(desk: Desk, text: str) -> str:
    """The waiting state meant by "customer", "waiting-customer" or its name."""
    waiting = {s.key: s.name for s in desk.read.states() if s.category == "waiting"}
    wanted = text.casefold()
    for key, name in waiting.items():
        if wanted in (key.casefold(), name.casefold(), key.casefold().removeprefix("waiting-")):
            return key
    raise NotFound.named("state to wait in", text, waiting)


@app.command(
    "resolve", epilog='Example: sdesk resolve SD-1042 --code solved --text "The VPN works again."'
)
def resolve(
    refs: References,
    code: Annotated[str, typer.Option(metavar="CODE", help="How it ended: solved, workaround, duplicate, …")] = "solved",
    text: Annotated[str, typer.Option(metavar="TEXT", help="What the requester reads.", show_default=False)] = "",
    store: Store = None,
) -> None:  # fmt: skip
    """Mark tickets as done."""
    from sdesk.ops import Resolve

    session.carry_out(store, refs, Resolve(code, text))


@app.command("close", epilog="Example: sdesk ls 'state:resolved updated<-5d' | sdesk close -")
def close(refs: References, reason: Reason = "", store: Store = None) -> None:
    """Close resolved tickets for good."""
    from sdesk.ops import Close

    session.carry_out(store, refs, Close(reason))


@app.command("reopen", epilog='Example: sdesk reopen SD-1042 --reason "It is back."')
def reopen(refs: References, reason: Reason = "", store: Store = None) -> None:
    """Take resolved or closed tickets up again."""
    from sdesk.ops import Reopen

    session.carry_out(store, refs, Reopen(reason))


@app.command("undo", epilog="Example: sdesk undo")
def undo(
    reply_waits: Annotated[
        int | None,
        typer.Option(min=0, metavar="SECONDS", help="Undo nothing: set how long replies wait before they leave.", show_default=False),
    ] = None,
    store: Store = None,
) -> None:  # fmt: skip
    """Take your last change back. A change of many tickets is taken back as one."""
    with session.open_desk(store) as desk:
        if reply_waits is None:
            _print_undone(desk, again=False)
        else:
            _set_waiting(desk, reply_waits)


def _set_waiting(desk: Desk, seconds: int) -> None:
    from sdesk.ops import SaveSetting

    desk.apply(None, SaveSetting("undo_seconds", str(seconds)))
    session.say(f"A reply waits {seconds} s before it leaves." if seconds else "Replies leave at once.")  # fmt: skip


@app.command("redo", epilog="Example: sdesk redo")
def redo(store: Store = None) -> None:
    """Do again what you have just taken back."""
    with session.open_desk(store) as desk:
        _print_undone(desk, again=True)


def _print_undone(desk: Desk, *, again: bool) -> None:
    done = desk.redo() if again else desk.undo()
    for ticket in done.tickets:
        print(desk.ref(ticket))
    session.say(f"{done.sentence}.")
