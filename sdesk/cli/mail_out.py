"""`mail send`, `mail outbox`, `mail resend`, `mail drop`, `mail test`, `mail preview`, `mail set`: what goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import RowFormat, Store
from sdesk.cli.output import put

if TYPE_CHECKING:
    from collections.abc import Callable

    from sdesk.cli.output import Column
    from sdesk.desk import Desk
    from sdesk.mail.settings import Smtp
    from sdesk.ops import Op
    from sdesk.posted import Composed, Posted

Letters = Annotated[
    list[int], typer.Argument(metavar="N…", help="Numbers of letters, as sdesk mail outbox has them.", show_default=False)
]  # fmt: skip


def server() -> Smtp:
    """The server that sends. Raises `Usage` where none is configured."""
    from sdesk.errors import Usage
    from sdesk.mail.settings import load

    if (found := load().smtp) is None:
        raise Usage("There is no [mail.smtp] in config.toml.", "See: docs/mail.md")
    return found


def send(store: Store = None) -> None:
    """Send once all that is due; sdesk worker does so all the time."""
    from sdesk.mail.posting import Outbox

    box = Outbox(session.place(store), server())
    try:
        done = box.send_due(lambda said: put(said, flush=True))
    finally:
        box.close()
    if done.trouble is not None:
        raise done.trouble
    session.say(f"{done.sent} sent, {done.put_off} put off, {done.failed} failed.")
    raise typer.Exit(1 if done.failed else 0)


def outbox(
    every: Annotated[bool, typer.Option("--all", help="What was sent or given up as well.")] = False,
    ticket: Annotated[str, typer.Option(metavar="REF", help="Only those of a ticket, whatever became of them.", show_default=False)] = "",
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="At most so many, the newest first.")] = 200,
    json: Annotated[bool, typer.Option("--json", help="As --format json.")] = False,
    form: RowFormat = None,
    store: Store = None,
) -> None:  # fmt: skip
    """List the mails that wait or did not arrive."""
    from sdesk.cli.options import Format
    from sdesk.cli.output import emit

    with session.open_desk(store) as desk:
        if ticket:
            found = desk.read.letters(desk.read.resolve(ticket), limit=limit)[::-1]
        else:
            states = () if every else ("waiting", "failed", "bounced")
            found = desk.read.outbox(*states, limit=limit)
        if not emit(found, _columns(desk), Format.JSON if json else form):
            session.say("No mails.")


def _columns(desk: Desk) -> list[Column[Posted]]:
    from sdesk.cli.output import Column
    from sdesk.present import stamp

    zone = desk.settings.zone

    def when(at: int | None) -> str:
        return "" if at is None else stamp(at, zone)

    return [
        Column("letter", lambda one: one.id, right=True),
        Column("state", lambda one: one.state, style=lambda one: "bad" if one.is_troubled else ""),
        Column("ticket", lambda one: "" if one.ticket is None else desk.ref(one.ticket)),
        Column("kind", lambda one: one.kind),
        Column("to", lambda one: ", ".join((*one.to, *one.cc)), most=40),
        Column("subject", lambda one: one.subject, most=50),
        Column("written", lambda one: one.at, lambda one: when(one.at)),
        Column("tries", lambda one: one.tries, right=True),
        Column("next", lambda one: one.next_at, lambda one: when(one.next_at)),
        Column("answer", lambda one: one.answer, most=80),
        Column("message_id", lambda one: one.message_id, most=50),
    ]


def resend(numbers: Letters, store: Store = None) -> None:
    """Send letters again that did not arrive, at once and for two days more."""
    from sdesk.ops import Resend

    _each(numbers, store, Resend)


def drop(numbers: Letters, store: Store = None) -> None:
    """Give letters up that did not arrive."""
    from sdesk.ops import DropMail

    _each(numbers, store, DropMail)


def _each(numbers: list[int], store: str | None, made: Callable[[int], Op]) -> None:
    from sdesk.errors import Refused

    with session.open_desk(store) as desk:
        for number in numbers:
            letter = desk.read.letter(number)
            if letter.ticket is None:
                raise Refused(f"The letter {number} belongs to no ticket.", "Announce it again.")
            desk.apply(letter.ticket, made(number))
            put(number)


def preview(
    ref: Annotated[str, typer.Argument(metavar="REF", help="A ticket.", show_default=False)],
    kind: Annotated[str, typer.Argument(metavar="[KIND]", help="reply, acknowledgement, reminder, resolved, closed, survey.")] = "reply",
    text: Annotated[str, typer.Option(metavar="TEXT", help="What an agent would have written.")] = "…",
    raw: Annotated[bool, typer.Option("--raw", help="The mail as it would leave, byte by byte.")] = False,
    store: Store = None,
) -> None:  # fmt: skip
    """Show the mail that would be written now: from, to, subject and text."""
    from sdesk.errors import NotFound, Refused
    from sdesk.rules.letters import KINDS

    known = [
        "reply",
        *(one for one in KINDS if one not in ("update", "planned", "outage", "restored")),
    ]
    if kind not in known:
        raise NotFound.named("kind of letter", kind, known)
    with session.open_desk(store) as desk:
        ticket = desk.read.resolve(ref)
        found = desk.compose_mail(ticket, kind, text=text, agent=desk.actor)
        if found is None:
            raise Refused(_nobody(desk), "See: sdesk mail set, and the requester's address.")
        if raw:
            return _print_raw(desk, found)
        _print_letter(desk, found)
    return None


def _nobody(desk: Desk) -> str:
    if not desk.read.settings().get("mail_address"):
        return "The desk has no address, so that nothing is written to anybody."
    return "Nobody of this ticket can be written to."


def _print_letter(desk: Desk, found: Composed) -> None:
    from sdesk.text import clean, clean_line

    name = desk.read.settings().get("mail_name") or desk.settings.name
    heads = [("From", f"{name} <{found.sender}>"), ("To", ", ".join(found.to)), ("Cc", ", ".join(found.cc)), ("Subject", found.subject)]  # fmt: skip
    for head, value in heads:
        if value:
            put(f"{head + ':':<9}{clean_line(value)}")
    print(f"\n{clean(found.body)}", end="")


def _print_raw(desk: Desk, found: Composed) -> None:
    import sys

    from sdesk.mail.writing import Letter, envelope

    settings = desk.read.settings()
    letter = Letter(
        found.kind, settings.get("mail_name") or desk.settings.name, found.sender, found.to, found.cc,
        found.subject, found.body, f"<preview@{found.sender.rpartition('@')[2]}>", (), desk.now(),
        found.language, settings.get("mail_address", ""),
    )  # fmt: skip
    sys.stdout.flush()
    sys.stdout.buffer.write(envelope(letter).raw)
    sys.stdout.buffer.flush()


def set_custom(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="address, name, aliases, signature, language … or a whole name.")] = "",
    value: Annotated[str | None, typer.Argument(metavar="[VALUE]", help="Empty for the usual.", show_default=False)] = None,
    form: RowFormat = None,
    store: Store = None,
) -> None:  # fmt: skip
    """Show or change the desk's settings of mail; changing them is for admins."""
    from sdesk.errors import NotFound
    from sdesk.ops import SaveSetting
    from sdesk.rules.letters.customs import CUSTOMS

    known = name if name in CUSTOMS else f"mail_{name}"
    if name and known not in CUSTOMS:
        raise NotFound.named(
            "setting of mail", name, [one.removeprefix("mail_") for one in CUSTOMS]
        )
    with session.open_desk(store) as desk:
        if value is None:
            return _print_customs(desk, known if name else "", form)
        change = desk.apply(None, SaveSetting(known, value.replace("\\n", "\n")))
        session.say(f"{known} is {value or 'as usual'} now." if change else "That was so already.")
    return None


def language(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="A person's.", show_default=False)],
    code: Annotated[str | None, typer.Argument(metavar="[LANGUAGE]", help="en, de, fr, fi, es; empty for the queue's or the desk's.", show_default=False)] = None,
    store: Store = None,
) -> None:  # fmt: skip
    """Show or set in which language somebody is written to."""
    from sdesk.errors import NotFound
    from sdesk.ops import SavePerson
    from sdesk.rules.letters import LANGUAGES

    if code and code not in LANGUAGES:
        raise NotFound.named("language", code, LANGUAGES)
    with session.open_desk(store) as desk:
        if (found := desk.read.person_by(email=address)) is None:
            raise NotFound(f"There is nobody with the address '{address}'.")
        if code is None:
            put(found.language)
            return
        told = (
            found.name,
            found.email,
            found.phone,
            found.organization,
            found.vip,
            found.external_id,
        )
        desk.apply(None, SavePerson(*told, found.id, code))


def _print_customs(desk: Desk, only: str, form: RowFormat) -> None:
    from sdesk.cli.output import Column, emit
    from sdesk.rules.letters.customs import CUSTOMS

    settings = desk.read.settings()
    if only:
        put(settings.get(only, ""))
        return
    columns: list[Column[str]] = [
        Column("name", lambda one: one),
        Column("value", lambda one: settings.get(one, "")),
        Column("help", lambda one: CUSTOMS[one].help, most=90),
    ]
    emit(list(CUSTOMS), columns, form)


def add(mail: typer.Typer) -> None:
    """Put these commands beside those of what comes in."""
    from sdesk.cli import mail_template, mail_test

    mail.command("send", epilog="Example: sdesk mail send")(send)
    mail.command("outbox", epilog="Example: sdesk mail outbox --all --ticket SD-1042")(outbox)
    mail.command("resend", epilog="Example: sdesk mail resend 17")(resend)
    mail.command("drop", epilog="Example: sdesk mail drop 17")(drop)
    mail.command("test", epilog="Example: sdesk mail test me@example.org")(mail_test.try_out)
    mail.command("preview", epilog="Example: sdesk mail preview SD-1042 resolved")(preview)
    mail.command("set", epilog="Example: sdesk mail set address desk@example.org")(set_custom)
    mail.command("language", epilog="Example: sdesk mail language eva@example.org de")(language)
    mail.add_typer(
        mail_template.app, name="template", help="List, show and change the wording of letters."
    )
