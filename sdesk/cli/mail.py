"""`mail`: take mail in, see what became of it and why, and decide about what is held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import mail_in, mail_out, session
from sdesk.cli.options import Format, RowFormat, Store
from sdesk.cli.output import put

if TYPE_CHECKING:
    from sdesk.cli.output import Column
    from sdesk.desk import Desk
    from sdesk.model import KeptMail, TicketId

app = typer.Typer()
mail = typer.Typer(no_args_is_help=True, epilog="Example: sdesk mail fetch")
app.add_typer(mail, name="mail", help="Take mail in, send it, and see what became of it.")
PAGE = 50

Numbers = Annotated[
    list[int], typer.Argument(metavar="N…", help="Numbers of mails, as sdesk mail log has them.", show_default=False)
]  # fmt: skip

mail.command("in", epilog="Example: |sdesk mail in   (in /etc/aliases: desk: \"|sdesk mail in\")")(
    mail_in.take_in
)  # fmt: skip
mail.command("fetch", epilog="Example: sdesk mail fetch inbox")(mail_in.fetch)


@mail.command("log", epilog="Example: sdesk mail log --outcome hold --format json")
def log(
    outcome: Annotated[str | None, typer.Option(metavar="OUTCOME", help="Only these: new, append, hold, machine, bounce, duplicate, drop, rejected, or waiting.", show_default=False)] = None,
    ticket: Annotated[str, typer.Option(metavar="REF", help="Only those of a ticket.", show_default=False)] = "",
    author: Annotated[str, typer.Option(metavar="ADDRESS", help="Only those of a sender.", show_default=False)] = "",
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="At most so many, the newest first.")] = PAGE,
    counts: Annotated[bool, typer.Option("--counts", help="How many of each outcome, and no list.")] = False,
    form: RowFormat = None,
    store: Store = None,
) -> None:  # fmt: skip
    """List the mails that came in, and what became of each."""
    from sdesk.cli.output import emit

    with session.open_desk(store) as desk:
        if counts:
            return _counts(desk, form)
        found = desk.read.mails(
            limit=limit, outcome=_outcome(outcome), author=author,
            ticket=desk.read.resolve(ticket) if ticket else None,
        )  # fmt: skip
        if not emit(found, _columns(desk), form):
            session.say("No mails.")
    return None


def _counts(desk: Desk, form: Format | None) -> None:
    from sdesk.cli.output import Column, emit

    found = [(name or "waiting", count) for name, count in desk.read.count_mail().items()]
    columns: list[Column[tuple[str, int]]] = [
        Column("outcome", lambda row: row[0]),
        Column("mails", lambda row: row[1], right=True),
    ]
    if not emit(found, columns, form):
        session.say("No mails.")


def _outcome(word: str | None) -> str | None:
    """The outcome meant; "" for mails that wait to be judged. Raises `NotFound`."""
    from sdesk.errors import NotFound
    from sdesk.rules.mail import Outcome

    known = [*map(str, Outcome), "waiting"]
    if word is not None and word not in known:
        raise NotFound.named("outcome", word, known)
    return "" if word == "waiting" else word


def _columns(desk: Desk) -> list[Column[KeptMail]]:
    from sdesk.cli.output import Column
    from sdesk.present import stamp

    zone = desk.settings.zone
    return [
        Column("mail", lambda m: m.id, right=True),
        Column("at", lambda m: m.at, lambda m: stamp(m.at, zone)),
        Column("outcome", lambda m: m.outcome or "waiting"),
        Column("ticket", lambda m: desk.ref(m.ticket) if m.ticket is not None else ""),
        Column("author", lambda m: m.author, most=40),
        Column("subject", lambda m: m.subject, most=50),
        Column("reason", lambda m: m.reason, most=90),
        Column("claims", lambda m: desk.ref(m.hint) if m.hint is not None else ""),
        Column("mailbox", lambda m: m.mailbox, most=30),
    ]


@mail.command("show", epilog="Example: sdesk mail show 17 --raw | less")
def show(
    number: Annotated[int, typer.Argument(metavar="N", help="The mail's number.", show_default=False)],
    raw: Annotated[bool, typer.Option("--raw", help="The mail as it came, byte by byte.")] = False,
    form: Annotated[Format | None, typer.Option("--format", help="Text for people by default; json has everything.", show_default=False)] = None,
    store: Store = None,
) -> None:  # fmt: skip
    """Show a mail: what it says, what became of it, and why."""
    import sys

    from sdesk.errors import Usage

    with session.open_desk(store) as desk:
        kept = desk.read.mail(number)
        if raw:
            if sys.stdout.isatty():
                raise Usage(
                    "A mail as it came could make your terminal do things.",
                    f"For example: sdesk mail show {number} --raw > {number}.eml",
                )
            sys.stdout.flush()
            sys.stdout.buffer.write(desk.read.mail_bytes(number))
            sys.stdout.buffer.flush()
        elif form in (Format.JSON, Format.JSONL):
            _show_json(desk, kept, indent=2 if form is Format.JSON else None)
        else:
            _show_text(desk, kept)


def _show_json(desk: Desk, kept: KeptMail, indent: int | None) -> None:
    import json

    from sdesk.model import as_dict

    ref = desk.ref(kept.ticket) if kept.ticket is not None else None
    print(json.dumps({**as_dict(kept), "ref": ref, "why": kept.told.split("\n")}, indent=indent))


def _show_text(desk: Desk, kept: KeptMail) -> None:
    from sdesk.files import file_size
    from sdesk.mail.reading import read
    from sdesk.present import stamp
    from sdesk.text import clean, clean_line

    message, zone = read(desk.read.mail_bytes(kept.id)), desk.settings.zone
    facts = [
        ("Mail", f"{kept.id}, {file_size(kept.size)}, from {kept.mailbox or 'standard input'}"),
        ("Came", stamp(kept.at, zone)),
        ("From", f"{message.author.name} <{message.author.addr}>" if message.author else "nobody who can be named"),
        ("To", ", ".join(box.addr for box in (*message.to, *message.cc))),
        ("Subject", message.subject),
        ("Outcome", kept.outcome or "waiting to be judged"),
        ("Ticket", desk.ref(kept.ticket) if kept.ticket is not None else ""),
        ("Claims", desk.ref(kept.hint) if kept.hint is not None else ""),
        ("Decided", f"{kept.handled_by}, {stamp(kept.handled_at, zone)}" if kept.handled_by else ""),
        ("Files", ", ".join(f"{part.name} ({file_size(len(part.body))})" for part in message.parts[:20])),
    ]  # fmt: skip
    for name, value in facts:
        if value:
            put(f"{name + ':':<9} {clean_line(value)}")
    print("\nWhy")
    for line in kept.told.split("\n"):
        print(f"  {clean_line(line)}")
    print(f"\n{clean(message.text)}")


@mail.command("held", epilog="Example: sdesk mail held")
def held(
    every: Annotated[bool, typer.Option("--all", help="Those that were rejected as well.")] = False,
    form: RowFormat = None,
    store: Store = None,
) -> None:  # fmt: skip
    """List the mails that wait for somebody to decide."""
    from sdesk.cli.output import emit

    with session.open_desk(store) as desk:
        found = desk.read.held_mail(1_000, rejected=every)
        if not emit(found, _columns(desk), form):
            session.say("No mail is held.")


@mail.command("release", epilog="Example: sdesk mail release 17 --to SD-1042")
def release(
    numbers: Numbers,
    to: Annotated[str, typer.Option("--to", metavar="REF", help="Put it into this ticket; else it becomes a new one.", show_default=False)] = "",
    store: Store = None,
) -> None:  # fmt: skip
    """Let held mails in: as new tickets, or into one that is there."""
    from sdesk.mail.taking import deciding

    with session.open_desk(store) as desk:
        into: TicketId | None = desk.read.resolve(to) if to else None
        made = deciding(desk)
        for number in numbers:
            print(desk.ref(made.release(number, into)))


@mail.command("reject", epilog="Example: sdesk mail reject 17 18")
def reject(numbers: Numbers, store: Store = None) -> None:
    """Refuse held mails; they are kept, and can be released still."""
    from sdesk.mail.taking import deciding
    from sdesk.present import counted

    with session.open_desk(store) as desk:
        done = deciding(desk).reject(numbers)
        session.say(f"{counted(done, 'mail')} rejected.")


@mail.command("retry", epilog="Example: sdesk mail retry 17")
def retry(numbers: Numbers, store: Store = None) -> None:
    """Judge mails again, by the rules and settings of now."""
    from sdesk.mail.taking import deciding

    with session.open_desk(store) as desk:
        made = deciding(desk)
        for number in numbers:
            taken = made.judge_again(number)
            where = f" {desk.ref(taken.ticket)}" if taken.ticket is not None else ""
            put(f"{number} {taken.outcome}{where}")


mail_out.add(mail)
