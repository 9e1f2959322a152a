"""`new`, `reply`, `note`: what is said about a ticket."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import Reference, Store
from sdesk.errors import Usage

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import PersonId

app = typer.Typer()
Text = Annotated[
    str | None,
    typer.Argument(metavar="[TEXT]", help="The text; - or a pipe: standard input; else $EDITOR opens.", show_default=False),
]  # fmt: skip


@app.command("reply", epilog='Example: sdesk reply SD-1042 "It works again; please try."')
def reply(ref: Reference, text: Text = None, store: Store = None) -> None:
    """Answer the requester in public."""
    _say(ref, text, store, note=False)


@app.command("note", epilog="Example: journalctl -u vpn -n 20 | sdesk note SD-1042")
def note(ref: Reference, text: Text = None, store: Store = None) -> None:
    """Write a note that only agents see."""
    _say(ref, text, store, note=True)


def _say(ref: str, given: str | None, store: str | None, *, note: bool) -> None:
    from sdesk.cli.texts import text_for
    from sdesk.ops import AddNote, Reply

    with session.open_desk(store) as desk:
        ticket = desk.read.ticket(desk.read.resolve(ref))
        what = "A note on" if note else "A public reply to"
        with text_for(given, f"{what} {ticket.ref}: {ticket.subject}") as text:
            op = AddNote(text) if note else Reply(text)
            raise typer.Exit(session.work(desk, [ticket.ref], op))


@app.command(
    "new",
    epilog='Example: sdesk new "Printer on 3F jams" --requester jun@acme.example --queue workplace --tag printer',
)
def new(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", show_default=False)],
    text: Annotated[str, typer.Option(metavar="TEXT", help="What was reported; - reads it from standard input.", show_default=False)] = "",
    kind: Annotated[str, typer.Option(metavar="KIND", help="incident, request, question, complaint, problem, change or release.")] = "incident",
    requester: Annotated[str | None, typer.Option(metavar="WHO", help="A known person's name, address or number.", show_default=False)] = None,
    new_requester: Annotated[str | None, typer.Option(metavar='"NAME <ADDRESS>"', help="Somebody the desk does not know.", show_default=False)] = None,
    queue: Annotated[str, typer.Option(metavar="QUEUE", help="Else the desk's intake.", show_default=False)] = "",
    impact: Annotated[int, typer.Option(min=1, max=3, metavar="1-3", help="1 high, 3 low.")] = 2,
    urgency: Annotated[int, typer.Option(min=1, max=3, metavar="1-3", help="1 high, 3 low.")] = 2,
    priority: Annotated[int | None, typer.Option(min=1, max=4, metavar="1-4", help="Else it follows from impact and urgency.", show_default=False)] = None,
    category: Annotated[str, typer.Option(metavar="PATH", help='As in "Network / VPN".', show_default=False)] = "",
    service: Annotated[str, typer.Option(metavar="NAME", show_default=False)] = "",
    channel: Annotated[str, typer.Option(metavar="CHANNEL", help="phone, mail, web, chat, walk-in or monitoring.")] = "phone",
    assignee: Annotated[str, typer.Option(metavar="AGENT", help="A login, or 'me'.", show_default=False)] = "",
    tag: Annotated[list[str] | None, typer.Option(metavar="TAG", help="May be given several times.", show_default=False)] = None,
    field: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A custom field; may be given several times.", show_default=False)] = None,
    restricted: Annotated[bool, typer.Option("--restricted", help="Into the file for restricted tickets; without one, only for the queue's agents.")] = False,
    store: Store = None,
) -> None:  # fmt: skip
    """Open a new ticket. Prints its number."""
    from sdesk.cli import fields
    from sdesk.cli.edit import agent
    from sdesk.ops import Open

    if text == "-":
        text = sys.stdin.read()
    with session.open_desk(store) as desk:
        change = desk.apply(
            None,
            Open(
                subject, text, kind, _requester(desk, requester, new_requester),
                fields.queue(desk, queue) if queue else "", impact, urgency, priority, category,
                service, channel, agent(desk, assignee), tags=tuple(tag or ()),
                fields=_custom(field or []), restricted=restricted,
            ),
        )  # fmt: skip
        assert change.ticket is not None
        print(desk.ref(change.ticket))


def _requester(desk: Desk, known: str | None, unknown: str | None) -> PersonId | None:
    from sdesk.cli import fields

    if known and unknown:
        raise Usage("--requester and --new-requester can't both be given.")
    if known:
        return fields.person(desk, known)
    return _make_person(desk, unknown) if unknown else None


def _make_person(desk: Desk, text: str) -> PersonId:
    from email.utils import parseaddr

    from sdesk.ops import SavePerson

    name, address = parseaddr(text)
    if not name and "@" not in text:
        name, address = text, ""
    change = desk.apply(None, SavePerson(name or address, address))
    number: PersonId = change.events[-1].details["id"]
    session.say(f"{name or address} is known as person {number} from here on.")
    return number


def _custom(given: list[str]) -> dict[str, str]:
    for word in given:
        if "=" not in word:
            raise Usage(f"--field {word}: write it as NAME=VALUE.")
    return {
        name.strip(): value.strip() for name, _, value in (word.partition("=") for word in given)
    }
