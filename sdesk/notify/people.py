"""One message to one target of a person: what it says, and the way it goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sdesk.credentials import Secret
from sdesk.errors import SdeskError
from sdesk.notify import commanding, phones
from sdesk.notify.wording import Message, Words, words_of
from sdesk.present import moment

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import TicketRow
    from sdesk.notify.settings import Target
    from sdesk.store.reads.deliveries import Delivery

URGENT = ("escalation", "warning")


class Failed(Exception):
    """It could not be told; the sentence says why."""


def send(desk: Desk, target: Target, found: Sequence[Delivery]) -> str:
    """Tell a target of these as one message; what it answered. Raises `Failed`."""
    rows = _rows(desk, found)
    words = words_of([message_of(desk, one, rows) for one in found], desk.settings.name)
    urgent = any(one.kind in URGENT for one in found)
    return pass_on(target, words, value_of(desk, target, found, words), urgent=urgent)


def pass_on(target: Target, words: Words, value: dict[str, Any], *, urgent: bool = False) -> str:
    """Send by the way that the target has. Raises `Failed`."""
    try:
        if target.command:
            return commanding.run(target.command, value) or "done"
        secret = Secret(target.url) if target.url else target.place.read()
        return phones.send(secret, words.title, words.body, urgent=urgent)
    except (commanding.Failed, phones.Failed) as error:
        raise Failed(str(error)) from None
    except SdeskError as error:
        raise Failed(f"{error.message} {error.hint}".strip()) from None


def _rows(desk: Desk, found: Sequence[Delivery]) -> dict[int, TicketRow]:
    numbers = list(dict.fromkeys(one.ticket for one in found if one.ticket is not None))
    return {row.id: row for row in desk.read.rows(numbers)}


def message_of(desk: Desk, one: Delivery, rows: dict[int, TicketRow]) -> Message:
    row = rows.get(one.ticket or 0)
    if row is None:
        return Message("", "", one.body, kind=one.kind)
    due = moment(row.due_at, desk.settings.zone, desk.now()) if row.due_at is not None else ""
    return Message(row.ref, row.subject, one.body, due, one.kind, row.restricted)


def value_of(desk: Desk, target: Target, found: Sequence[Delivery], words: Words) -> dict[str, Any]:
    """What a command reads on its input. Version 1; documented in docs/notify.md."""
    rows = _rows(desk, found)
    return {
        "version": 1,
        "target": target.name,
        "agent": target.agent,
        "queue": target.queue,
        "title": words.title,
        "text": words.body,
        "notices": [_notice(one, rows.get(one.ticket or 0)) for one in found],
    }


def _notice(one: Delivery, row: TicketRow | None) -> dict[str, Any]:
    hidden = row is not None and row.restricted
    return {
        "kind": one.kind,
        "number": row.ref if row else "",
        "subject": "" if row is None or hidden else row.subject,
        "text": "" if hidden else one.body,
        "priority": row.priority if row else None,
        "queue": row.queue if row else "",
        "due_at": row.due_at if row else None,
        "at": one.at,
    }


def trial(desk: Desk, target: Target) -> tuple[Words, dict[str, Any]]:
    """What `sdesk notify test` sends."""
    words = Words(
        f"{desk.settings.name}: test", f"sdesk can reach {target.name}. Nothing is to be done."
    )
    return words, value_of(desk, target, (), words)
