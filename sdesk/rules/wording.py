"""Texts with a ticket's values in them: "Hello {requester.first|there}". Pure.

The names are fixed and stand for text; there is no code in them. A value is put in once and never
looked at again, so that braces in a subject stay braces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from sdesk.errors import Invalid, did_you_mean
from sdesk.ops import Op

VARIABLES: Mapping[str, str] = {
    "ref": "the ticket's number: SD-1042",
    "subject": "its subject",
    "requester": "who asked: the whole name",
    "requester.first": "the first name",
    "requester.email": "the address",
    "requester.phone": "the telephone number",
    "organization": "the requester's organization",
    "kind": "incident, request …",
    "state": "the state's name",
    "priority": "1 to 4",
    "queue": "the queue's name",
    "category": "the category path",
    "service": "the service",
    "assignee": "the login of who has it",
    "assignee.name": "their name",
    "owner": "the owner's login",
    "owner.name": "their name",
    "agent": "my login",
    "agent.name": "my name",
    "due": "when the next clock is due",
    "created": "when it was opened",
    "today": "today's date",
    "now": "the time of day",
    "desk": "the desk's name",
}
"""Name → what stands there afterwards. Beside them `field.NAME`, and what is asked for."""
FIELD, ASK = "field.", "ask"
_NAME = r"[a-z]+(?:\.[\w-]+)?(?:\|[^{}\n]*)?|ask:[^{}\n]+"
_VARIABLE = re.compile(rf"\{{\{{(?P<literal>{_NAME})\}}\}}|\{{(?P<name>{_NAME})\}}")


def names_in(text: str) -> tuple[str, ...]:
    """The variables of a text, in order and each once: "subject", "ask:Which site?", "ask.site"."""
    found = (m["name"] for m in _VARIABLE.finditer(text) if m["name"])
    return tuple(dict.fromkeys(_plain(name) for name in found))


def questions_in(texts: Iterable[str], asks: Mapping[str, str]) -> dict[str, str]:
    """Variable → what is asked for it, of the texts' own questions and of the table's, each once."""
    found: dict[str, str] = {}
    for text in texts:
        for name in names_in(text):
            if name.startswith("ask:"):
                found[name] = name.removeprefix("ask:").strip()
            elif name.startswith("ask."):
                found[name] = asks.get(name.removeprefix("ask."), "")
    return found


def check(text: str, place: str, asks: Iterable[str] = ()) -> None:
    """Refuse a variable that is none, naming the nearest. Raises `Invalid`."""
    known = [*VARIABLES, *(f"ask.{name}" for name in asks)]
    for name in names_in(text):
        if name not in known and not name.startswith(("ask:", FIELD)):
            raise Invalid(
                f"{place}: there is no variable {{{name}}}.",
                did_you_mean(name, known) or "See: docs/macros.md",
            )


def expand(text: str, values: Mapping[str, str]) -> str:
    """The text with its values in it; `{name|words}` stands for the words where the value is empty.

    A name without a value stays as it is written, `{{name}}` is the way to write it so on purpose.
    """

    def value(found: re.Match[str]) -> str:
        if found["literal"]:
            return f"{{{found['literal']}}}"
        name, has_words, words = found["name"].partition("|")
        if name.startswith("ask:"):
            name, has_words = found["name"], ""
        if name not in values and not name.startswith(FIELD):
            return found[0]
        return values.get(name) or (words if has_words else "")

    return _VARIABLE.sub(value, text)


def literal(text: str) -> str:
    """The text, so written that `expand` gives it back as it is."""
    return _VARIABLE.sub(_doubled, text)


def _doubled(found: re.Match[str]) -> str:
    return found[0] if found["literal"] else f"{{{found[0]}}}"


def expand_op(op: Op, values: Mapping[str, str]) -> Op:
    """The operation with a ticket's values in its texts. Raises `Invalid` where one can't be there."""
    changed: dict[str, Any] = {}
    for field in fields(op):
        held = getattr(op, field.name)
        if isinstance(held, str) and "{" in held:
            changed[field.name] = expand(held, values)
        elif isinstance(held, tuple) and any("{" in str(item) for item in held):
            # Tags and people are single words.
            changed[field.name] = tuple("-".join(expand(str(i), values).split()) for i in held)
    return replace(op, **changed) if changed else op


def texts_of(op: Op) -> tuple[str, ...]:
    """Every text of an operation that can hold variables."""
    held = [getattr(op, field.name) for field in fields(op)]
    single = [item for item in held if isinstance(item, str)]
    return (*single, *(str(i) for item in held if isinstance(item, tuple) for i in item))


def _plain(name: str) -> str:
    return name if name.startswith("ask:") else name.partition("|")[0]
