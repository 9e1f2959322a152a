"""Operations on what hangs on a ticket: files, time spent, a checklist, those who watch it."""

from __future__ import annotations

from dataclasses import dataclass

from sdesk.errors import Invalid
from sdesk.ops.checks import some_text

LONGEST = 31 * 86_400
"""Seconds that one record of time may hold: more is a slip of the finger."""


@dataclass(frozen=True, slots=True)
class Attach:
    """Keep a file with the ticket; with the message that was said right before it, if one was."""

    name: str
    body: bytes

    def __post_init__(self) -> None:
        some_text("File name", self.name, 1_000)
        if not self.body:
            raise Invalid(f"{self.name} is empty.")


@dataclass(frozen=True, slots=True)
class Detach:
    """Take a file away from the ticket again; undo brings it back."""

    file: int


@dataclass(frozen=True, slots=True)
class LogTime:
    """Record time spent; with `stop` it is what the actor's stopwatch came to, which is put back."""

    seconds: int
    note: str = ""
    stop: bool = False

    def __post_init__(self) -> None:
        some_text("Note on the time", self.note, 2_000, empty=True)
        if not 1 <= self.seconds <= LONGEST:
            raise Invalid("Time spent: from a second to 31 days.", "For example 15m or 1h30m.")


@dataclass(frozen=True, slots=True)
class AddCheck:
    """Add a line to the ticket's checklist."""

    text: str
    done: bool = False

    def __post_init__(self) -> None:
        some_text("Line of the checklist", self.text, 500)


@dataclass(frozen=True, slots=True)
class Check:
    """Tick a line of the checklist."""

    item: int


@dataclass(frozen=True, slots=True)
class Uncheck:
    """Take the tick away."""

    item: int


@dataclass(frozen=True, slots=True)
class DropCheck:
    """Take a line off the checklist."""

    item: int


@dataclass(frozen=True, slots=True)
class Watch:
    """Be told of public messages and changes of state; `agent` empty: the acting one."""

    agent: str = ""


@dataclass(frozen=True, slots=True)
class Unwatch:
    """Be told no more."""

    agent: str = ""
