"""`mail in` and `mail fetch`: mail handed over by a pipe or as files, and fetched from mailboxes.

A mail server believes the exit status: 0 says that the mail is committed, 75 that it must bring it
again. Any other one would make it send the mail back to its author.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.guard import Unwritten
from sdesk.cli.options import Store
from sdesk.cli.output import put
from sdesk.cli.presenter import forget_output
from sdesk.errors import NotFound, SdeskError, Usage

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.mail.fetch import Fetched
    from sdesk.mail.settings import Mailbox
    from sdesk.mail.taking import Intake, Taken

TEMPORARY = 75
"""EX_TEMPFAIL: try again later."""
PIPE = "pipe"
"""What the mailbox of standard input is called."""


def take_in(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE…", help="Files of one mail each, or folders of them; without one, standard input.", show_default=False)] = None,
    mailbox: Annotated[str, typer.Option(metavar="NAME", help="How the log calls where they come from.")] = PIPE,
    store: Store = None,
) -> None:  # fmt: skip
    """Take in a mail from standard input, or from files; exits 75 when it must be tried again."""
    from sdesk.cli.presenter import complain, fault

    try:
        _take_in(files or [], mailbox, store)
    except SdeskError as error:
        complain(error.message, error.hint)
        raise typer.Exit(TEMPORARY) from None
    except (typer.Exit, KeyboardInterrupt):
        raise
    except Exception as error:
        # A bug must not make the mail server send the mail back: it is brought again.
        fault(error)
        raise typer.Exit(TEMPORARY) from None


def _take_in(files: list[Path], mailbox: str, store: str | None) -> None:
    from sdesk.mail.fetch.eml import files_of, read_some
    from sdesk.mail.fetch.rounds import check_room
    from sdesk.mail.taking import open_desk, open_intake

    place = session.place(store)
    with open_desk(place) as desk:
        intake = open_intake(desk)
        mails = [file for path in files for file in files_of(path)]
        for raw, size in map(read_some, mails) if files else [_from_input()]:
            check_room(desk.place, len(raw))
            number = intake.keep(mailbox, "", raw, size=size)
            _tell(desk, _settled(intake, number))


def _settled(intake: Intake, number: int) -> Taken | None:
    """Decide about a mail that is committed; who can't just now leaves it to the next one."""
    from sdesk.errors import Busy, StoreFault

    try:
        return intake.settle(number)
    except (Busy, StoreFault) as error:
        session.say(f"Mail {number} is kept and will be judged later: {error.message}")
        return None


def _from_input() -> tuple[bytes, int]:
    """Standard input, as much of it as is taken in, and how much it was."""
    import sys

    from sdesk.mail.fetch.source import MOST

    stream = sys.stdin.buffer
    raw, size = stream.read(MOST), 0
    while more := stream.read(1 << 20):
        size += len(more)
    if not raw:
        # No mail is empty: whoever was to write it has died. The mail server brings it again.
        raise Usage("Standard input is empty: there is no mail in it.")
    return raw, len(raw) + size


def _tell(desk: Desk, taken: Taken | None) -> None:
    if taken is None:
        return
    ref = desk.ref(taken.ticket) if taken.ticket is not None else "-"
    try:
        put(f"{taken.outcome}\t{ref}\t{taken.mail}", flush=True)
    except (Unwritten, BrokenPipeError):
        forget_output()  # the mail is kept: that nobody hears of it is no reason to bring it again
    session.say(f"{taken.outcome} {ref}: {desk.read.mail(taken.mail).reason}".replace(" -:", ":"))


def fetch(
    names: Annotated[list[str] | None, typer.Argument(metavar="MAILBOX…", help="Only these; without one, all of config.toml.", show_default=False)] = None,
    store: Store = None,
) -> None:  # fmt: skip
    """Look into the mailboxes once, and take in what is new."""
    from sdesk.mail.fetch.rounds import tell_trouble
    from sdesk.mail.taking import open_desk, open_intake

    boxes, status = _chosen(names or []), 0
    with open_desk(session.place(store)) as desk:
        intake = open_intake(desk)
        if not boxes:
            intake.settle_waiting()
            session.say("config.toml names no mailbox: nothing to fetch. See docs/mail.md.")
        for box in boxes:
            try:
                done = _fetched(intake, box)
            except SdeskError as error:
                session.say(f"{box.name}: {error}")
                tell_trouble(intake, box, error)
                status = status or error.exit_code
                continue
            session.say(f"{box.name}: {done.words or 'nothing new'}")
            for taken in done.taken:
                ref = desk.ref(taken.ticket) if taken.ticket is not None else "-"
                put(f"{taken.outcome}\t{ref}\t{taken.mail}")
    raise typer.Exit(status)


def _fetched(intake: Intake, box: Mailbox) -> Fetched:
    from sdesk.mail.fetch import fetch as look

    return look(intake, box)


def _chosen(names: list[str]) -> list[Mailbox]:
    """The mailboxes meant, all without a name. Raises `NotFound`."""
    from sdesk.mail.settings import load

    boxes = {box.name: box for box in load().mailboxes}
    for name in names:
        if name not in boxes:
            raise NotFound.named("mailbox", name, boxes)
    return [boxes[name] for name in names] or list(boxes.values())
