"""What becomes of a mail: the rules of intake, in their order, and the sentence that says why. Pure.

`clues_of` says what a mail points at; the store looks that up and fills a `World`; `judge` decides.
Nothing of a mail is believed but what our own mail server vouches for.
"""

from __future__ import annotations

from sdesk.rules.mail.clues import Clues, clues_of, names_restricted
from sdesk.rules.mail.judging import addressed, judge, queue_of
from sdesk.rules.mail.vouching import Vouched, vouched
from sdesk.rules.mail.words import (
    Customs,
    Incoming,
    Mailbox,
    Outcome,
    Reported,
    Sent,
    Standing,
    Step,
    Verdict,
    World,
    seconds_of_window,
)

__all__ = [
    "Clues",
    "Customs",
    "Incoming",
    "Mailbox",
    "Outcome",
    "Reported",
    "Sent",
    "Standing",
    "Step",
    "Verdict",
    "Vouched",
    "World",
    "addressed",
    "clues_of",
    "judge",
    "names_restricted",
    "queue_of",
    "seconds_of_window",
    "vouched",
]
