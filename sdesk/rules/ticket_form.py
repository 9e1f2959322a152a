"""A ticket's fields as text that a person edits, and the operations that the edited text asks for. Pure.

The text is TOML. What is taken out of it stays as it was; what is left empty is emptied.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sdesk.errors import Invalid, SdeskError, did_you_mean
from sdesk.model import IMPACTS, PRIORITIES, URGENCIES, Channel, Kind, Ticket
from sdesk.ops import (
    AddTags,
    Assign,
    Edit,
    Move,
    Op,
    RemoveTags,
    SetField,
    SetPriority,
    SetState,
)

FIELDS = "fields"
AUTO = "auto"
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def form_of(ticket: Ticket) -> str:
    """The ticket as text."""
    person = ticket.requester
    asked = f"  # {_comment(person.name or person.email)}" if person else ""
    lines = [
        f"# {ticket.ref}. Change what you want and leave the editor; without a change nothing happens.",
        '# impact, urgency: 1 high, 2 medium, 3 low. priority: 1 to 4, or "auto".',
        "",
    ]
    for name, value in _values(ticket).items():
        lines.append(f"{name} = {_toml(value)}" + (asked if name == "requester" else ""))
    lines += ["", f"[{FIELDS}]", *(f"{_key(n)} = {_toml(v)}" for n, v in ticket.fields.items())]
    return "\n".join(lines) + "\n"


def _values(ticket: Ticket) -> dict[str, Any]:
    return {
        "subject": ticket.subject, "kind": str(ticket.kind), "state": ticket.state,
        "queue": ticket.queue, "assignee": ticket.assignee, "owner": ticket.owner,
        "impact": ticket.impact, "urgency": ticket.urgency,
        "priority": ticket.priority if ticket.priority_overridden else AUTO,
        "category": ticket.path, "service": ticket.service, "channel": str(ticket.channel),
        "requester": ticket.requester.id if ticket.requester else 0,
        "parent": ticket.parent or 0, "restricted": ticket.restricted, "tags": list(ticket.tags),
    }  # fmt: skip


def changes_in(text: str, ticket: Ticket) -> tuple[Op, ...]:
    """The operations that make the ticket what the text says. Raises `Invalid`, naming the line."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"The text can't be read: {error}.", "Texts stand in quotes.") from None
    before, own = _values(ticket), found.pop(FIELDS, {})
    if not isinstance(own, dict):
        raise Invalid(f"{_place(text, FIELDS)}: the custom fields are a table: [{FIELDS}].")
    made: list[Op] = []
    for name, value in found.items():
        if name not in before:
            raise Invalid(
                f"{_place(text, name)}: there is no field '{name}'.", did_you_mean(name, before)
            )
        if value != before[name]:
            made += _guarded(text, name, partial(_ops, name, value, before[name]))
    for name, value in own.items():
        if str(value) != ticket.fields.get(name, ""):
            made += _guarded(text, name, partial(_field, name, value))
    return tuple(made)


def differences(text: str, ticket: Ticket) -> Iterator[tuple[str, str, str]]:
    """(field, before, after) of what the text changes; it must be readable."""
    found = tomllib.loads(text)
    own = found.pop(FIELDS, {})
    before = _values(ticket)
    for name, value in found.items():
        if value != before.get(name):
            yield name, _shown(before.get(name)), _shown(value)
    for name, value in own.items():
        if str(value) != ticket.fields.get(name, ""):
            yield name, ticket.fields.get(name, ""), str(value)


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _guarded(text: str, name: str, make: Callable[[], list[Op]]) -> list[Op]:
    try:
        return make()
    except SdeskError as error:
        raise Invalid(f"{_place(text, name)}: {error.message}", error.hint) from None


def _ops(name: str, value: Any, before: Any) -> list[Op]:
    match name:
        case "tags":
            return _tags(value, before)
        case "priority":
            return [SetPriority(None if value in (AUTO, 0, "") else _number(value, PRIORITIES))]
        case "impact":
            return [Edit(name, _number(value, IMPACTS))]
        case "urgency":
            return [Edit(name, _number(value, URGENCIES))]
        case "requester" | "parent":
            return [Edit(name, _number(value) or None)]
        case "restricted":
            return [Edit(name, value)]
        case _ if not isinstance(value, str):
            raise Invalid(f"'{name}' is a text: it stands in quotes.")
        case "state":
            return [SetState(value)]
        case "queue":
            return [Move(value)]
        case "assignee":
            return [Assign(value)]
        case "kind":
            return [Edit(name, _one_of(value, Kind))]
        case "channel":
            return [Edit(name, _one_of(value, Channel))]
        case _:
            return [Edit(name, value)]


def _field(name: str, value: Any) -> list[Op]:
    return [SetField(name, str(value))]


def _tags(value: Any, before: list[str]) -> list[Op]:
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise Invalid('Tags are a list of texts: ["vpn", "printer"].')
    made: list[Op] = []
    if fresh := [tag for tag in value if tag not in before]:
        made.append(AddTags(tuple(fresh)))
    if gone := [tag for tag in before if tag not in value]:
        made.append(RemoveTags(tuple(gone)))
    return made


def _number(value: Any, known: tuple[int, ...] = ()) -> int:
    if type(value) is not int or (known and value not in known):
        among = ", ".join(map(str, known))
        raise Invalid(f"'{value}' is no number" + (f" of {among}." if known else "."))
    return value


def _one_of(value: str, known: Any) -> str:
    names = [str(item) for item in known]
    if value not in names:
        raise Invalid(f"'{value}' is not known.", did_you_mean(value, names))
    return value


def _place(text: str, name: str) -> str:
    """ "Line 7", the first line that sets the name."""
    start = re.compile(rf'^\s*\[?\s*["\']?{re.escape(name)}["\']?\s*[=\]]')
    lines = text.splitlines()
    return next((f"Line {n}" for n, line in enumerate(lines, 1) if start.match(line)), "The text")


def _toml(value: Any) -> str:
    """JSON's way to write texts, numbers, claims and lists of texts is TOML's, too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _toml(name)


def _comment(text: str) -> str:
    return " ".join(text.split())
