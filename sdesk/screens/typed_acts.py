"""Acts typed on the command line that begin with a time or with people: text to operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.errors import Invalid, NotFound, SdeskError, Usage
from sdesk.model import Instant, StateCategory
from sdesk.ops import Escalate, SetDue, Wait
from sdesk.rules.policy import TARGET_KINDS
from sdesk.rules.when import EXAMPLES, parse_until
from sdesk.screens.dialogs.due import BY_POLICY

if TYPE_CHECKING:
    from sdesk.desk import Desk


def _time(words: list[str], desk: Desk) -> tuple[Instant | None, list[str]]:
    """The time that the words begin with, as many of them as make one, and the rest."""
    for count in range(len(words), 0, -1):
        try:
            at = parse_until(" ".join(words[:count]), now=desk.now(), zone=desk.settings.zone)
        except SdeskError:
            continue
        return at, words[count:]
    return None, words


def wait_from(text: str, desk: Desk) -> Wait:
    """The `Wait` in "2d vendor", "customer", "until fri 9:00 the part comes". Raises `Invalid`."""
    until, rest = _time(text.removeprefix("until ").split(), desk)
    waiting = {s.key: s for s in desk.read.states() if s.category == StateCategory.WAITING}
    short = {key.removeprefix("waiting-"): key for key in waiting} | {"vendor": "waiting-supplier"}
    state = "scheduled" if until is not None and "scheduled" in waiting else "waiting-customer"
    if rest and (key := short.get(rest[0].casefold())) in waiting:
        state, rest = str(key), rest[1:]
    if until is None and state == "scheduled":
        raise Invalid("Scheduled needs a time.", "For example :wait 2d or :wait fri 9:00.")
    return Wait(state, until, " ".join(rest))


def escalate_from(text: str, desk: Desk) -> Escalate:
    """The `Escalate` in "network needs an expert", "@mia @lead the customer is furious"."""
    queue, rest = "", text.split()
    people: list[str] = []
    if rest and not rest[0].startswith("@"):
        queue, rest = rest[0], rest[1:]
        if queue not in (known := [q.key for q in desk.read.queues()]):
            raise NotFound.named("queue", queue, known)
    while rest and rest[0].startswith("@"):
        people += [who for who in rest.pop(0)[1:].split(",") if who]
    if not rest:
        raise Usage("The reason is missing.", "For example :escalate network needs an expert")
    return Escalate(" ".join(rest), queue, tuple(people))


def due_from(text: str, desk: Desk) -> SetDue:
    """The `SetDue` in "resolution tomorrow 12:00 agreed with her", "resolution policy"."""
    target, _, rest = text.partition(" ")
    if target not in TARGET_KINDS:
        raise NotFound.named("clock", target, TARGET_KINDS)
    words = rest.split()
    if words and words[0] in BY_POLICY:
        return SetDue(target, None, " ".join(words[1:]))
    at, words = _time(words, desk)
    if at is None:
        raise Invalid(f"'{rest}' begins with no time.", f"For example {EXAMPLES}; or policy.")
    return SetDue(target, at, " ".join(words))
