"""Names after an `@` while text is typed: which are meant, and how the text goes on. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_BEGUN = re.compile(r"(?<![\w@./+-])@([\w.-]*)$")
MOST = 6


@dataclass(frozen=True, slots=True)
class Callee:
    """An agent, or a queue for all who work it."""

    key: str
    name: str


def begun(before: str) -> str | None:
    """What has been typed of a name at the end of the text; None where none is being typed."""
    found = _BEGUN.search(before[-80:])
    return found[1] if found else None


def fitting(typed: str, people: Sequence[Callee]) -> list[Callee]:
    """Whose login, or a word of whose name, begins so; logins first."""
    wanted = typed.casefold()
    by_key = [one for one in people if one.key.casefold().startswith(wanted)]
    words = [
        one
        for one in people
        if one not in by_key
        and any(word.casefold().startswith(wanted) for word in one.name.split())
    ]
    return (by_key + words)[:MOST]
