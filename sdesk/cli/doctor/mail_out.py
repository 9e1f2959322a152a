"""Mail that goes out: the server, its secret, and letters that wait or did not arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.cli.doctor.finding import Finding, note, ok, wrong
from sdesk.errors import SdeskError
from sdesk.present import counted
from sdesk.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.desk import Desk
    from sdesk.mail.settings import Smtp

CHECK = "mail out"
STUCK = 900
"""Seconds after which a letter that should have left and was never tried is told."""


def findings(desk: Desk, *, quick: bool) -> Iterator[Finding]:
    from sdesk.mail.settings import load

    address = desk.read.settings().get("mail_address", "")
    try:
        server = load().smtp
    except SdeskError as error:
        yield wrong(CHECK, error.message, error.hint or "See: docs/mail.md")
        return
    if server is not None:
        if not address:
            yield wrong(CHECK, "There is a server that sends, and the desk has no address to write from", "sdesk mail set address desk@example.org")  # fmt: skip
        yield from of_server(server, quick=quick)
    if address:
        yield from of_letters(desk, has_server=server is not None)


def of_server(server: Smtp, *, quick: bool) -> Iterator[Finding]:
    """Its secret can be had by nobody else, and it lets us in."""
    from sdesk.mail.smtp import Courier

    try:
        if server.password:
            server.password.check()
        if quick:
            return
        courier = Courier(server)
        try:
            encrypted = courier.check()
        finally:
            courier.close()
    except SdeskError as error:
        yield wrong(CHECK, clean_line(error.message), error.hint or "See: docs/mail.md")
        return
    who = f" as {server.user}" if server.user else ""
    yield ok(CHECK, f"{server.words}{who}, {encrypted}")


def of_letters(desk: Desk, *, has_server: bool) -> Iterator[Finding]:
    counts, now = desk.read.letter_counts(), desk.now()
    lost = counts.get("failed", 0) + counts.get("bounced", 0)
    if lost:
        yield note(CHECK, f"{counted(lost, 'mail')} did not arrive", "sdesk mail outbox; sdesk mail resend N, or sdesk mail drop N")  # fmt: skip
    oldest, next_at = desk.read.oldest_waiting(), desk.read.next_letter_at()
    if oldest is None or next_at is None:
        yield ok(CHECK, "No mail waits")
    elif now - next_at > STUCK:
        minutes = (now - next_at) // 60
        mend = "Run sdesk worker as the user whose settings have [mail.smtp]." if not has_server else "Run sdesk worker, or sdesk mail send."  # fmt: skip
        yield wrong(CHECK, f"Mail that should have left {minutes:,} minutes ago has not", mend)
    else:
        yield ok(CHECK, f"{counted(counts.get('waiting', 0), 'mail')} to be sent")
