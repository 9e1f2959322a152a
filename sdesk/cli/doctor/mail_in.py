"""Mail that comes in: the mailboxes, what waits to be judged or decided, and whose word counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.cli.doctor.finding import Finding, note, ok, wrong
from sdesk.errors import SdeskError
from sdesk.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.desk import Desk
    from sdesk.mail.settings import Mailbox

CHECK = "mail in"
LATE = 3_600
"""Seconds since a mailbox was last read after which it is told."""
FIX = "See: docs/mail.md"


def findings(desk: Desk, *, quick: bool) -> Iterator[Finding]:
    """Nothing where no mail comes in."""
    from sdesk.mail.settings import load

    try:
        boxes = load().mailboxes
    except SdeskError as error:
        yield wrong(CHECK, error.message, error.hint or FIX)
        return
    counts = desk.read.count_mail()
    if not boxes and not counts:
        return
    yield from extra()
    yield from authentication(desk)
    for box in boxes:
        yield from of_mailbox(desk, box, quick=quick)
    yield from waiting(desk)


def extra() -> Iterator[Finding]:
    from sdesk.mail.taking import check_extra

    try:
        check_extra()
    except SdeskError as error:
        yield wrong(CHECK, "What reads mail is not installed", error.message)


def authentication(desk: Desk) -> Iterator[Finding]:
    """Whether anything vouches for who a mail is from."""
    settings = desk.read.settings()
    lax = settings.get("mail_require_auth", "").casefold() in ("off", "no", "false", "0")
    if lax:
        yield note(CHECK, "mail_require_auth is off: whoever writes a name into From is believed", "Where your mail server writes Authentication-Results: sdesk mail set authserv NAME, sdesk mail set require_auth on")  # fmt: skip
    elif not settings.get("mail_authserv", "").strip():
        yield wrong(CHECK, "Nobody is named who vouches for senders: nobody gets an acknowledgement, and replies are believed by their From alone", "sdesk mail set authserv mx.example.org, the name in your server's Authentication-Results; without such a server: sdesk mail set require_auth off")  # fmt: skip


def of_mailbox(desk: Desk, box: Mailbox, *, quick: bool) -> Iterator[Finding]:
    from sdesk.present import moment

    name, now = clean_line(box.name), desk.now()
    state = desk.read.mailbox(box.name)
    if not quick and (trouble := reach(box)) is not None:
        yield trouble
        return
    if state.trouble:
        yield wrong(CHECK, f"{name}: {clean_line(state.trouble)}", "sdesk mail fetch tries again.")
    elif state.checked_at is None:
        yield note(CHECK, f"{name} was never read", "Run sdesk worker, or sdesk mail fetch.")
    elif now - state.checked_at > LATE:
        last = moment(state.checked_at, desk.settings.zone, now)
        yield note(CHECK, f"{name} was last read {last}", "Run sdesk worker.")
    else:
        yield ok(CHECK, f"{name}, last read {moment(state.checked_at, desk.settings.zone, now)}")


def reach(box: Mailbox) -> Finding | None:
    """What keeps the mailbox from being opened now."""
    from sdesk.mail.fetch import open_source

    try:
        if box.server is not None and box.server.password:
            box.server.password.check()
        open_source(box).close()
    except SdeskError as error:
        return wrong(
            CHECK, f"{clean_line(box.name)}: {clean_line(error.message)}", error.hint or FIX
        )
    return None


def waiting(desk: Desk) -> Iterator[Finding]:
    from sdesk.present import counted

    unjudged, held = len(desk.read.unjudged_mail()), desk.read.count_held()
    if unjudged:
        yield note(CHECK, f"{counted(unjudged, 'mail')} kept and not judged", "sdesk mail fetch, or sdesk worker, does it.")  # fmt: skip
    if held:
        yield note(CHECK, f"{counted(held, 'mail')} held until somebody lets them in", "g h in the desk, or sdesk mail held.")  # fmt: skip
