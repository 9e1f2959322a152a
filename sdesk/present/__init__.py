"""Values as people read them: countdowns, ages, badges, durations and the sentence of an event.

Pure functions to plain text, without colour: a state is told by a sign first, and a screen chooses
its colour by `urgency` and `tone`. Everything that came from outside passes `clean_line`.
"""

from typing import TYPE_CHECKING, Any

from sdesk.present.badges import (
    NOBODY,
    company_words,
    counted,
    person_or_nobody,
    priority_badge,
    state_badge,
    tone,
    urgency,
)
from sdesk.present.time import (
    AT_RISK,
    adding_up,
    age,
    countdown,
    countdown_cell,
    countdown_parts,
    duration,
    local,
    moment,
    next_change,
    stamp,
)

if TYPE_CHECKING:
    from sdesk.present.events import event_sentence

__all__ = [
    "AT_RISK",
    "NOBODY",
    "adding_up",
    "age",
    "company_words",
    "countdown",
    "countdown_cell",
    "countdown_parts",
    "counted",
    "duration",
    "event_sentence",
    "local",
    "moment",
    "next_change",
    "person_or_nobody",
    "priority_badge",
    "stamp",
    "state_badge",
    "tone",
    "urgency",
]


def __getattr__(name: str) -> Any:
    """The sentences are loaded when one is wanted: no list shows any."""
    if name == "event_sentence":
        from sdesk.present.events import event_sentence

        return event_sentence
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
