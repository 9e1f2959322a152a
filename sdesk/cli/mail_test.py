"""`mail test`: one mail sent, and received where the desk can look into its own mailbox."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.mail_out import server
from sdesk.cli.options import Store
from sdesk.cli.output import put
from sdesk.errors import Refused, SdeskError

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.mail.settings import Mailbox
    from sdesk.mail.writing import Letter

PAUSE = 2.0
"""Seconds between two looks into the mailboxes."""


def try_out(
    address: Annotated[str, typer.Argument(metavar="[ADDRESS]", help="Whom to write to; the desk itself without one.")] = "",
    wait: Annotated[int, typer.Option("--wait", metavar="SECONDS", min=0, help="For how long to look for it in our mailboxes; 0: not.")] = 60,
    store: Store = None,
) -> None:  # fmt: skip
    """Send one mail now, and see it come in where it goes to one of our mailboxes."""
    from sdesk.mail.settings import load

    with session.open_desk(store) as desk:
        letter = _letter(desk, address)
        put(f"Sent by {server().words}: {_send(letter)}", flush=True)
        boxes = load().mailboxes
        if not boxes or not wait or not _is_ours(desk, letter.to[0]):
            session.say("It is not looked for: it goes to none of our mailboxes." if wait else "")
            return
    _receive(session.place(store), boxes, letter.message_id, wait)


def _letter(desk: Desk, address: str) -> Letter:
    from sdesk.mail.writing import Letter

    settings = desk.read.settings()
    if not (own := settings.get("mail_address", "")):
        raise Refused("The desk has no address.", "sdesk mail set address desk@example.org")
    name = settings.get("mail_name") or desk.settings.name
    key = f"<sd.0.test.{secrets.token_hex(8)}@{own.rpartition('@')[2]}>"
    body = "This is a test of the desk's mail. Nobody needs to answer it.\n"
    return Letter(
        "test", name, own, (address or own,), (), f"Test of {name}", body, key, (), desk.now(),
        loop=own,
    )  # fmt: skip


def _send(letter: Letter) -> str:
    from sdesk.mail.smtp import Courier, Later, Never
    from sdesk.mail.writing import envelope

    courier = Courier(server())
    try:
        return courier.send(envelope(letter)).answer
    except (Later, Never) as error:
        raise Refused(f"{server().words} does not take it: {error.message}") from None
    finally:
        courier.close()


def _is_ours(desk: Desk, address: str) -> bool:
    settings = desk.read.settings()
    ours = [
        settings.get("mail_address", ""),
        *settings.get("mail_aliases", "").replace(",", " ").split(),
    ]
    ours += [queue.address for queue in desk.read.queues()]
    return address.casefold() in {one.casefold() for one in ours if one}


def _receive(place: str, boxes: tuple[Mailbox, ...], key: str, wait: int) -> None:
    """Look until it is there. What else is found on the way is taken in as always."""
    begun, trouble = time.monotonic(), ""
    while time.monotonic() - begun < wait:
        for box in boxes:
            try:
                if _came(place, box, key):
                    put(f"Received in {box.name} after {time.monotonic() - begun:.0f} s.")
                    return
            except SdeskError as error:
                trouble = f" {error.message}"
        time.sleep(PAUSE)
    raise Refused(f"It has not come within {wait} s.{trouble}", "See: sdesk mail log")


def _came(place: str, box: Mailbox, key: str) -> bool:
    from sdesk.mail.fetch.rounds import fetch
    from sdesk.mail.taking import open_desk, open_intake

    with open_desk(place) as desk:
        fetch(open_intake(desk), box)
        newest = desk.read.mails(limit=100, since=desk.now() - 3_600)
        return any(one.message_id.strip("<>") == key.strip("<>") for one in newest)
