"""`announce`, `inform`: telling many people at once; `survey`: what they thought of the help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import Reference, RowFormat, Store
from sdesk.cli.output import put
from sdesk.errors import NotFound, Usage

if TYPE_CHECKING:
    from sdesk.announced import Announcement
    from sdesk.cli.output import Column
    from sdesk.desk import Desk
    from sdesk.ops import Op

app = typer.Typer()
announce = typer.Typer(
    invoke_without_command=True, epilog="Example: sdesk announce list --all --format json"
)
app.add_typer(announce, name="announce")
Text = Annotated[
    str | None,
    typer.Argument(metavar="[TEXT]", help="The text; - or a pipe: standard input; else $EDITOR opens.", show_default=False),
]  # fmt: skip
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="As `announce list` has it.", show_default=False)]  # fmt: skip
Starts = Annotated[str, typer.Option("--starts", metavar="TIME", help="When it begins: 'fri 20:00', '2026-12-01 06:00', '2h'.", show_default=False)]  # fmt: skip
Ends = Annotated[str, typer.Option("--ends", metavar="TIME", help="When it ends.", show_default=False)]  # fmt: skip
ToOrganization = Annotated[str, typer.Option("--organization", metavar="NAME", help="Only its people.", show_default=False)]  # fmt: skip
ToSite = Annotated[str, typer.Option("--site", metavar="NAME", help="Only who had to do with its queues in the last year.", show_default=False)]  # fmt: skip
ToTickets = Annotated[str, typer.Option("--tickets", metavar="REF", help="Only the requesters of this ticket, of those below it and linked to it.", show_default=False)]  # fmt: skip
Silent = Annotated[bool, typer.Option("--silent", help="Show it in the desk; write to nobody.")]


@announce.callback()
def overview(context: typer.Context, form: RowFormat = None, store: Store = None) -> None:
    """Tell people of planned work, an outage, and its end."""
    if context.invoked_subcommand is None:
        _list(store, form, every=False)


@announce.command("list", epilog="Example: sdesk announce list --all")
def list_them(
    every: Annotated[bool, typer.Option("--all", help="Past ones as well.")] = False,
    form: RowFormat = None,
    store: Store = None,
) -> None:
    """List what is announced."""
    _list(store, form, every=every)


def _list(store: str | None, form: RowFormat, *, every: bool) -> None:
    from sdesk.cli.output import emit

    with session.open_desk(store) as desk:
        if not emit(desk.announcements(all_of_them=every), _columns(desk), form):
            session.say("Nothing is announced.")


@announce.command(
    "planned",
    epilog='Example: sdesk announce planned "Mail moves" "No mail for an hour." --starts "sat 20:00" --ends "sat 21:00"',
)
def planned(
    title: Annotated[str, typer.Argument(metavar="TITLE", show_default=False)],
    text: Text = None,
    starts: Starts = "",
    ends: Ends = "",
    organization: ToOrganization = "",
    site: ToSite = "",
    tickets: ToTickets = "",
    silent: Silent = False,
    store: Store = None,
) -> None:  # fmt: skip
    """Tell people ahead of planned work."""
    _announce("planned", title, text, (starts, ends), (organization, site, tickets), silent, store)


@announce.command(
    "outage",
    epilog='Example: sdesk announce outage "VPN" "No access from outside since ten." --tickets SD-1042',
)
def outage(
    title: Annotated[str, typer.Argument(metavar="TITLE", show_default=False)],
    text: Text = None,
    starts: Starts = "",
    ends: Ends = "",
    organization: ToOrganization = "",
    site: ToSite = "",
    tickets: ToTickets = "",
    silent: Silent = False,
    store: Store = None,
) -> None:  # fmt: skip
    """Tell people of an outage."""
    _announce("outage", title, text, (starts, ends), (organization, site, tickets), silent, store)


def _announce(
    kind: str, title: str, given: str | None, span: tuple[str, str], to: tuple[str, str, str],
    silent: bool, store: str | None,
) -> None:  # fmt: skip
    from sdesk.cli.texts import text_for
    from sdesk.ops import Announce

    organization, site, tickets = to
    if sum(map(bool, to)) > 1:
        raise Usage("To whom? Only one of --organization, --site and --tickets can be given.")
    with session.open_desk(store) as desk:
        ticket = desk.read.resolve(tickets) if tickets else None
        scope = (
            "organization" if organization else "site" if site else "tickets" if ticket else "all"
        )
        starts, ends = (_instant(text, desk) for text in span)
        with text_for(given, f"Announcement: {title}") as text:
            op = Announce(
                kind, title, text, scope, organization or site, starts, ends, ticket, silent=silent
            )
            _tell(desk, op)
            newest = max(desk.announcements(), key=lambda a: a.id)
            put(newest.id)


def _instant(text: str, desk: Desk) -> int | None:
    from sdesk.cli.times import instant

    return instant(text, desk) if text else None


def _tell(desk: Desk, op: Op, otherwise: str = "It is shown in the desk.") -> None:
    """Apply it, and say to how many people letters go."""
    from sdesk.present import counted

    change = desk.apply(None, op)
    told = sum(int(event.details.get("told") or 0) for event in change.events)
    session.say(f"A mail goes to {counted(told, 'person', 'people')}." if told else otherwise)


@announce.command(
    "update", epilog='Example: sdesk announce update 3 "The fault is found." --ends 2h'
)
def update(
    number: Number,
    text: Text = None,
    starts: Starts = "",
    ends: Ends = "",
    silent: Silent = False,
    store: Store = None,
) -> None:
    """Tell the same people how it stands now."""
    from sdesk.cli.texts import text_for
    from sdesk.ops import ReviseAnnouncement

    with session.open_desk(store) as desk:
        title = _title(desk, number)
        with text_for(text, f"How it stands with: {title}") as said:
            span = _instant(starts, desk), _instant(ends, desk)
            _tell(desk, ReviseAnnouncement(number, said, *span, silent=silent))


@announce.command("end", epilog='Example: sdesk announce end 3 "It works again."')
def end(
    number: Number,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", show_default=False)] = "",
    cancelled: Annotated[bool, typer.Option("--cancelled", help="It does not take place.")] = False,
    silent: Silent = False,
    store: Store = None,
) -> None:
    """It works again, the work is done, or it does not take place."""
    from sdesk.ops import EndAnnouncement

    with session.open_desk(store) as desk:
        _title(desk, number)
        op = EndAnnouncement(number, text, cancelled=cancelled, silent=silent)
        _tell(desk, op, "The desk shows it no more.")


def _title(desk: Desk, number: int) -> str:
    known = {one.id: one.title for one in desk.announcements(all_of_them=True)}
    if number not in known:
        raise NotFound(f"There is no announcement {number}.", "See: sdesk announce list --all")
    return known[number]


def _columns(desk: Desk) -> list[Column[Announcement]]:
    from sdesk.cli.output import Column
    from sdesk.present import stamp

    zone = desk.settings.zone
    return [
        Column("id", lambda a: a.id, right=True),
        Column("kind", lambda a: a.kind),
        Column("state", lambda a: a.state),
        Column("title", lambda a: a.title, most=50),
        Column("starts", lambda a: a.starts_at, lambda a: stamp(a.starts_at, zone)),
        Column("ends", lambda a: a.ends_at, lambda a: stamp(a.ends_at, zone)),
        Column("to", lambda a: a.scope, lambda a: a.target or a.scope),
        Column("ticket", lambda a: desk.ref(a.ticket) if a.ticket else ""),
        Column("agent", lambda a: a.agent),
        Column("text", lambda a: a.text, most=60),
    ]


@app.command(
    "inform", epilog='Example: sdesk inform SD-1042 "We have found the fault; an hour more."'
)
def inform(ref: Reference, text: Text = None, store: Store = None) -> None:
    """Answer the requester and those of all unfinished tickets below: a major incident."""
    from sdesk.cli.texts import text_for
    from sdesk.ops import Inform
    from sdesk.present import counted

    with session.open_desk(store) as desk:
        ticket = desk.read.ticket(desk.read.resolve(ref))
        many = counted(desk.unfinished_below(ticket.id), "ticket")
        with text_for(
            text, f"An update of {ticket.ref} and {many} below: {ticket.subject}"
        ) as said:
            raise typer.Exit(session.work(desk, [ticket.ref], Inform(said)))


@app.command("survey", epilog='Example: sdesk survey SD-1042 4 "quick help"')
def survey(
    ref: Reference,
    score: Annotated[int | None, typer.Argument(metavar="[1-5]", min=1, max=5, help="What the requester has said; without it what is kept is shown.", show_default=False)] = None,
    comment: Annotated[str, typer.Argument(metavar="[COMMENT]", show_default=False)] = "",
    store: Store = None,
) -> None:  # fmt: skip
    """Show or note how satisfied the requester of a ticket is, from 1 to 5."""
    from sdesk.ops import RecordSurvey
    from sdesk.text import clean_line

    with session.open_desk(store) as desk:
        ticket = desk.read.ticket(desk.read.resolve(ref))
        if score is not None:
            raise typer.Exit(session.work(desk, [ticket.ref], RecordSurvey(score, comment)))
        said = desk.survey(ticket.id)
        if said is None or said.score is None:
            session.say(f"The requester of {ticket.ref} has not said how satisfied they are.")
        else:
            print(clean_line(f"{said.score} of 5 {said.comment}"))
