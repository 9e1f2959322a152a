"""Acts typed on the command line that begin with a time or with people: text to operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.errors import Invalid, NotFound
from sdesk.macros import circumstances
from sdesk.ops import Escalate, SetDue, Wait
from sdesk.rules import acting
from sdesk.rules.policy import TARGET_KINDS
from sdesk.rules.when import EXAMPLES
from sdesk.screens.dialogs.due import BY_POLICY

if TYPE_CHECKING:
    from sdesk.desk import Desk


def wait_from(text: str, desk: Desk) -> Wait:
    """The `Wait` in "2d vendor", "customer", "until fri 9:00 the part comes". Raises `Invalid`."""
    return acting.wait_from(text, circumstances(desk))


def escalate_from(text: str, desk: Desk) -> Escalate:
    """The `Escalate` in "network needs an expert", "@mia @lead the customer is furious"."""
    op = acting.escalate_from(text)
    known = [queue.key for queue in desk.read.queues()]
    if op.queue and op.queue not in known:
        raise NotFound.named("queue", op.queue, known)
    return op


def due_from(text: str, desk: Desk) -> SetDue:
    """The `SetDue` in "resolution tomorrow 12:00 agreed with her", "resolution policy"."""
    target, _, rest = text.partition(" ")
    if target not in TARGET_KINDS:
        raise NotFound.named("clock", target, TARGET_KINDS)
    words = rest.split()
    if words and words[0] in BY_POLICY:
        return SetDue(target, None, " ".join(words[1:]))
    at, words = acting.time_of(words, circumstances(desk))
    if at is None:
        raise Invalid(f"'{rest}' begins with no time.", f"For example {EXAMPLES}; or policy.")
    return SetDue(target, at, " ".join(words))
