"""The sentences of what mail does to a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.text import clean_line, cut

if TYPE_CHECKING:
    from sdesk.model import Event

LONGEST = 400


def said_of_mail(event: Event) -> str | None:
    """What happened, without who did it; None for an event that mail has nothing to do with."""
    details = event.details
    match event.kind:
        case "mail_doubted":
            said = [str(one).removeprefix("It ") for one in details.get("said") or ()]
            return "warns: " + _plain(" ".join(said))
        case "mail_noted":
            subject = _plain(details.get("subject"), 80)
            return (
                f"noted an automatic mail of {_plain(details.get('author')) or 'nobody'}: {subject}"
            )
        case "mail_released":
            author = _plain(details.get("author")) or "nobody who can be named"
            return f"let a held mail in: from {author}"
        case "letter_bounced":
            words = _plain(details.get("said"), 160)
            return "was told that a mail of the desk did not arrive" + (
                f": {words}" if words else ""
            )
        case "joined":
            names = [_joined(name, after) for name, (_, after) in event.changes.items()]
            return f"let {_plain(', '.join(names))} take part"
    return None


def _joined(change: str, name: object) -> str:
    address = change.partition(".")[2]
    return f"{name} <{address}>" if name else address


def _plain(value: object, most: int = LONGEST) -> str:
    return cut(clean_line(str(value or "")), most)
