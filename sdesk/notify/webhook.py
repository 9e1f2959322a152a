"""What a webhook is told: an event as JSON, signed. Its form is documented in docs/notify.md; `VERSION`
changes when a field changes its meaning or goes, never when one is added."""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sdesk.errors import SdeskError
from sdesk.notify.address import Resolve, checked, resolved
from sdesk.notify.posting import Answer, NoAnswer, post
from sdesk.text import clean

if TYPE_CHECKING:
    from sdesk.credentials import Secret
    from sdesk.model import Event, Ticket
    from sdesk.notify.settings import Hook

VERSION = 1
AGENT = "sdesk-webhook/1"
_TOLD = frozenset(
    ("kind", "subject", "state", "category", "impact", "urgency", "priority", "path", "queue", "owner",
     "assignee", "service", "resolution_code", "tags", "parent_id", "merged_into", "state_until",
     "wait_reason", "restricted", "binned")
)  # fmt: skip
"""Changes of a ticket that are told; custom fields and due dates by hand are, too."""
_NAMES = {"category": "state_category", "path": "category"}
"""As a ticket's fields are called outside."""


def value_of(event: Event, ticket: Ticket, due_at: int | None, desk: str) -> dict[str, Any]:
    """What is told of an event: never the text of a message or a note."""
    person = ticket.requester
    return {
        "version": VERSION,
        "id": event.id,
        "event": event.kind,
        "at": _time(event.at),
        "actor": event.actor,
        "source": event.source,
        "rule": event.rule,
        "batch": event.batch,
        "desk": desk,
        "ticket": {
            "id": ticket.id, "number": ticket.ref, "kind": ticket.kind, "subject": ticket.subject,
            "state": ticket.state, "state_category": ticket.category, "priority": ticket.priority,
            "impact": ticket.impact, "urgency": ticket.urgency, "category": ticket.path,
            "queue": ticket.queue, "owner": ticket.owner, "assignee": ticket.assignee,
            "service": ticket.service, "channel": ticket.channel, "tags": list(ticket.tags),
            "fields": dict(ticket.fields), "restricted": ticket.restricted,
            "requester": {"name": person.name, "email": person.email, "organization": person.organization} if person else None,
            "created_at": _time(ticket.created_at), "updated_at": _time(ticket.updated_at),
            "resolved_at": _time(ticket.resolved_at), "closed_at": _time(ticket.closed_at),
            "due_at": _time(due_at),
        },
        "changes": {
            _NAMES.get(name, name): list(pair) for name, pair in event.changes.items() if _is_told(name)
        },
    }  # fmt: skip


def _is_told(name: str) -> bool:
    return name in _TOLD or name.startswith(("field.", "due.", "link."))


def _time(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def body_of(value: Mapping[str, Any]) -> str:
    """The text that is sent; kept as it is, so that every try sends the same bytes."""
    return json.dumps(_cleaned(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(key)): _cleaned(item) for key, item in value.items()}
    return [_cleaned(item) for item in value] if isinstance(value, list | tuple) else value


def signature(secret: Secret, at: int, delivery: int, body: bytes) -> str:
    """What a receiver compares: over the time, the delivery's number and the body, with dots between."""
    signed = b"%d.%d.%s" % (at, delivery, body)
    return "v1=" + hmac.new(secret.reveal().encode(), signed, hashlib.sha256).hexdigest()


def headers(secret: Secret, event: str, delivery: int, body: bytes, now: int) -> dict[str, str]:
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": AGENT,
        "X-Sdesk-Event": event,
        "X-Sdesk-Delivery": str(delivery),
        "X-Sdesk-Timestamp": str(now),
        "X-Sdesk-Signature": signature(secret, now, delivery, body),
    }


class Rejected(Exception):
    """The receiver will never take it: another try would end the same."""


class NotNow(Exception):
    """The receiver did not take it this time."""


def send(
    hook: Hook,
    event: str,
    delivery: int,
    text: str,
    now: int,
    *,
    resolve: Resolve = resolved,
    posted: Callable[..., Answer] = post,
) -> str:
    """Send it and return what the receiver said. Raises `Rejected` or `NotNow` with the reason."""
    body = text.encode()
    try:
        believed = context(hook)
    except OSError as error:
        raise NotNow(f"{hook.ca_file} can't be used: {error.strerror or error}") from None
    try:
        secret = hook.secret.read()
        address = checked(hook.where, hook.allow, resolve)
        answer = posted(
            hook.where, address, body, headers(secret, event, delivery, body, now),
            context=believed,
        )  # fmt: skip
    except SdeskError as error:
        raise NotNow(f"{error.message} {error.hint}".strip()) from None
    except NoAnswer as error:
        raise NotNow(str(error)) from None
    except OSError as error:
        raise NotNow(f"{hook.where.host} can't be resolved: {error.strerror or error}") from None
    said = f"status {answer.status}" + (f": {answer.said}" if answer.said else "")
    if 200 <= answer.status < 300:
        return said
    if 300 <= answer.status < 400:
        raise Rejected(f"{said}; redirects are not followed")
    if answer.status in (400, 410, 413, 415, 422):
        raise Rejected(said)
    raise NotNow(said)


def context(hook: Hook) -> ssl.SSLContext | None:
    """What its certificate is held against; None for http. Raises `OSError` for a file that is none."""
    if hook.where.scheme != "https":
        return None
    made = ssl.create_default_context(cafile=hook.ca_file or None)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made
