"""`audit`: is the history what it was, and what does it say?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import RowFormat, Store
from sdesk.cli.output import put

if TYPE_CHECKING:
    from sdesk.audit import Report
    from sdesk.desk import Desk
    from sdesk.model import Event

app = typer.Typer()
audit = typer.Typer(no_args_is_help=True, epilog="Example: sdesk audit verify")
app.add_typer(audit, name="audit", help="Check the history and its anchors, or show it.")


@audit.command("verify", epilog="Example: journalctl -t sdesk | sdesk audit verify --against -")
def verify(
    against: Annotated[list[str] | None, typer.Option("--against", metavar="ANCHOR", help="EVENT:HASH, a file with syslog's lines, or - for standard input; may be given several times.", show_default=False)] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Only what was added since the last hour's anchor.")] = False,
    store: Store = None,
) -> None:  # fmt: skip
    """Check every event, and against every anchor in reach. Exit status 1 on any fault.

    Whoever can write the store's file can make its history anew: an anchor that lies elsewhere shows it.
    Those of the manifests in the backup folders are looked at by themselves. Set-up and access are held
    against what the history made of them.
    """
    from sdesk.audit import report

    wrong = False
    with session.open_desk(store) as desk:
        for number, one in enumerate(_files(desk)):
            given = against or () if number == 0 else ()
            found = report(one, _folders(one), given, quick=quick)
            _tell(one, found, quick=quick)
            wrong = wrong or not found.is_whole
    raise typer.Exit(1 if wrong else 0)


def _files(desk: Desk) -> list[Desk]:
    """The desk of each file."""
    second = getattr(desk, "second", None)
    return [desk] if second is None else [getattr(desk, "first", desk), second]


def _folders(desk: Desk) -> list[Path]:
    """Where backups of it are: as configured, beside the store, and where the last one went."""
    from sdesk.upkeep.backing import folders

    return folders(desk)


def _tell(desk: Desk, found: Report, *, quick: bool) -> None:
    from sdesk.present import counted

    chain = found.chain
    since = " since the last anchor" if quick else ""
    for broken in chain.broken:
        put(f"{broken.fault}: {broken.said}")
    if chain.more:
        put(f"and {counted(chain.more, 'fault')} more")
    if chain.is_whole:
        erased = (
            f"; {counted(chain.erased, 'payload')} erased, each told of" if chain.erased else ""
        )
        put(f"{counted(chain.events, 'event')}{since}, the chain is whole{erased}.")
        for said in found.unfounded:
            put(f"changed past the history: {said}")
        if found.newest is not None or not quick:
            put(_of_anchors(desk, found))


def _of_anchors(desk: Desk, found: Report) -> str:
    """How far rewriting is ruled out."""
    from sdesk.present import counted, duration, moment

    newest, head = found.newest, found.chain.head
    if newest is None:
        return "No anchor that lies elsewhere agrees: whoever can write the store could have made its history anew. See: docs/audit.md"  # fmt: skip
    now, zone = desk.now(), desk.settings.zone
    age = f" of {moment(newest.at, zone, now)}, {duration(max(0, now - newest.at))} old" if newest.at else ""  # fmt: skip
    later = (head.event if head else newest.event) - newest.event
    rest = f"; the {counted(later, 'event')} since could have been" if later else ""
    return f"Held against {counted(len(found.anchors), 'anchor')}; the newest is event {newest.event:,}{age}: up to it nothing can have been rewritten{rest}."  # fmt: skip


@audit.command("show", epilog="Example: sdesk audit show --kind agent_saved --since 2026-01-01")
def show(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Only events of the tickets that it finds.", show_default=False)] = "",
    ticket: Annotated[list[str] | None, typer.Option("--ticket", metavar="REF", help="Only of this ticket; may be given several times.", show_default=False)] = None,
    actor: Annotated[str, typer.Option("--actor", metavar="LOGIN", help="Only what this one did.", show_default=False)] = "",
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="Only events of this kind, such as exported.", show_default=False)] = "",
    since: Annotated[str, typer.Option("--since", metavar="TIME", help="From then on.", show_default=False)] = "",
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="Before then.", show_default=False)] = "",
    setup: Annotated[bool, typer.Option("--setup", help="Only what concerns no ticket: set-up, access, people, exports, erasures.")] = False,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1_000_000, help="The newest so many.")] = 200,
    form: RowFormat = None,
    store: Store = None,
) -> None:  # fmt: skip
    """Show events of tickets, set-up and access, oldest first, each with its number."""
    from sdesk.cli.times import instant
    from sdesk.store.reads.audit import Asked, events

    with session.open_desk(store) as desk:
        tickets = _tickets(desk, query, ticket or [])
        asked = Asked(
            tickets, actor, kind, instant(since, desk) if since else None,
            instant(until, desk) if until else None, setup,
        )  # fmt: skip
        found = [event for one in _files(desk) for event in events(one.read, asked, limit=limit)]
        found.sort(key=lambda event: (event.at, event.id))
        _emit(desk, found[-limit:], form)


def _tickets(desk: Desk, query: str, references: list[str]) -> list[int] | None:
    if not query and not references:
        return None
    named = [int(desk.read.resolve(reference)) for reference in references]
    return named + ([int(number) for number in desk.read.ids(query)] if query else [])


def _emit(desk: Desk, found: list[Event], form: RowFormat) -> None:
    from sdesk.cli.output import Column, emit
    from sdesk.present import event_sentence, stamp

    zone, names = desk.settings.zone, session.names(desk)
    columns: list[Column[Event]] = [
        Column("event", lambda e: e.id),
        Column("at", lambda e: stamp(e.at, zone)),
        Column("ticket", lambda e: desk.ref(e.ticket) if e.ticket is not None else ""),
        Column("actor", lambda e: e.actor),
        Column("kind", lambda e: e.kind),
        Column("source", lambda e: str(e.source)),
        Column("said", lambda e: event_sentence(e, zone=zone, names=names), most=120),
    ]
    emit(found, columns, form)
