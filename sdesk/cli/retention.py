"""`retention`: what the desk erases by itself, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdesk.cli import session
from sdesk.cli.options import RowFormat, Store

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.privacy import Ran

app = typer.Typer()
retention = typer.Typer(no_args_is_help=True, epilog="Example: sdesk retention run --dry-run")
app.add_typer(
    retention, name="retention", help="Rules by which closed tickets are erased when they are old."
)


@retention.command("list", epilog="Example: sdesk retention list")
def listed(form: RowFormat = None, store: Store = None) -> None:
    """List the rules, and when they were carried out last."""
    from sdesk.cli.output import Column, emit
    from sdesk.privacy.people import hold_tag
    from sdesk.privacy.retaining import last_run, rules_of

    with session.open_desk(store) as desk:
        columns: list[Column[Any]] = [
            Column("name", lambda r: r.name), Column("query", lambda r: r.query),
            Column("after", lambda r: r.after), Column("action", lambda r: r.action),
        ]  # fmt: skip
        if not emit(rules_of(desk), columns, form):
            session.say("No rules: nothing is erased by itself.")
        if (last := last_run(desk)) is not None:
            session.say(f"Last run {_stamp(desk, last.at)}: {last.value}.")
        session.say(f"Tickets with the tag {hold_tag(desk)} are always kept.")


@retention.command(
    "set", epilog='Example: sdesk retention set old-requests "kind:request" --after 3y'
)
def put(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    query: Annotated[str, typer.Argument(metavar="[QUERY]", help="Only of these tickets; else of all.", show_default=False)] = "",
    after: Annotated[str, typer.Option("--after", metavar="AGE", help="So long after closing: 3y, 18m, 6w, 90d.", show_default=False)] = "",
    store: Store = None,
) -> None:  # fmt: skip
    """Make or change a rule. It is carried out by the worker, or by: sdesk retention run."""
    from sdesk.errors import Usage
    from sdesk.ops import SaveRetention
    from sdesk.privacy import run_retention

    if not after:
        raise Usage("After what time? --after is missing.", "For example: --after 3y")
    with session.open_desk(store) as desk:
        desk.apply(None, SaveRetention(name, query, after))
        ran = run_retention(desk, dry_run=True)
        count = next((rule.count for rule in ran.rules if rule.name == name), 0)
        session.say(
            f"Saved. As of now it would erase {_tickets(count)}: sdesk retention run --dry-run"
        )


@retention.command("drop", epilog="Example: sdesk retention drop old-requests")
def drop(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)], store: Store = None
) -> None:
    """Drop a rule. What it has erased stays erased."""
    from sdesk.ops import DropRetention

    with session.open_desk(store) as desk:
        desk.apply(None, DropRetention(name))
        session.say(f"Dropped '{name}'.")


@retention.command("hold", epilog="Example: sdesk retention hold court-case")
def hold(
    tag: Annotated[str, typer.Argument(metavar="[TAG]", help="Else it is shown.", show_default=False)] = "",
    store: Store = None,
) -> None:  # fmt: skip
    """Show or set the tag of tickets that are never erased."""
    from sdesk.ops import SaveSetting
    from sdesk.privacy.people import HOLD, hold_tag

    with session.open_desk(store) as desk:
        if tag:
            desk.apply(None, SaveSetting(HOLD, tag.strip().lower().replace(" ", "-")))
        session.say(f"Tickets with the tag {hold_tag(desk)} are always kept.")


@retention.command("run", epilog="Example: sdesk retention run --dry-run")
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what each rule would erase.")] = False,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many tickets; a later run goes on.")] = 5_000,
    trust_clock: Annotated[bool, typer.Option("--trust-clock", help="Although nothing happened for a month.")] = False,
    form: RowFormat = None,
    store: Store = None,
) -> None:  # fmt: skip
    """Erase what the rules find, fifty tickets at a time."""
    from sdesk.privacy import purge_due, run_retention

    with session.open_desk(store) as desk:
        ran = run_retention(desk, dry_run=dry_run, limit=limit, trust_clock=trust_clock)
        _show(desk, ran, form)
        if ran.refused:
            session.say(ran.refused)
            session.say("If it is right: sdesk retention run --trust-clock")
            raise typer.Exit(1)
        if dry_run:
            session.say("Nothing was changed.")
            return
        session.say(f"Erased {_tickets(ran.done)}." + ("" if ran.finished else " There is more: run it again."))  # fmt: skip
        if purge_due(desk):
            session.say("The words can be read from the store's files until: sdesk person finish")


def _show(desk: Desk, ran: Ran, form: Any) -> None:
    from sdesk.cli.output import Column, emit

    columns: list[Column[Any]] = [
        Column("name", lambda r: r.name), Column("query", lambda r: r.query), Column("after", lambda r: r.after),
        Column("found", lambda r: r.count, right=True), Column("held", lambda r: r.held, right=True),
        Column("erased", lambda r: r.done, right=True),
        Column("sample", lambda r: [desk.ref(number) for number in r.sample]),
        Column("trouble", lambda r: r.trouble),
    ]  # fmt: skip
    if not emit(ran.rules, columns, form):
        session.say("No rules: nothing is erased by itself.")


def _tickets(count: int) -> str:
    from sdesk.present import counted

    return counted(count, "ticket")


def _stamp(desk: Desk, at: int) -> str:
    from sdesk.present import stamp

    return stamp(at, desk.settings.zone)
