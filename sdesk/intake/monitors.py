"""Mails of monitors: those of listed, verified senders are alerts, and folded as all others are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.rules import mail as rules
from sdesk.rules.alarm import SENDERS, is_monitor
from sdesk.rules.alarm_mail import recognise
from sdesk.rules.mail import Outcome, Verdict
from sdesk.store import incoming

if TYPE_CHECKING:
    from sdesk.alarms import Folded
    from sdesk.intake.letter import Letter
    from sdesk.rules.alarm import Alert
    from sdesk.store.transaction import Tx

ANSWERED = (Outcome.DROP, Outcome.BOUNCE)
"""What was decided for good, whoever wrote it."""


def alert_of(tx: Tx, mail: Letter, author: str, verdict: Verdict) -> Alert | None:
    """The alert that a mail is, if its author is listed as a monitor and is who they say.

    How many mails a sender may send in some minutes is no matter here: a storm is folded.
    """
    if verdict.outcome in ANSWERED or not is_monitor(author, tx.settings.get(SENDERS, "")):
        return None
    if verdict.outcome == Outcome.DUPLICATE and (mail.message_id or mail.date is not None):
        # Without either it may as well be the same news once more, which folding can tell.
        return None
    customs = incoming.customs_of(tx)
    named = mail.headers.get("authentication-results", ())
    found = rules.vouched(named, customs.authserv, author)
    if found.failed or (customs.require_auth and not found.genuine):
        return None
    if mail.from_headers > 1 or author in customs.own | customs.agents:
        return None
    return recognise(mail)


def told(verdict: Verdict, folded: Folded) -> Verdict:
    """The verdict on a mail that was folded as an alert."""
    alert = folded.alert
    reason = f"A monitor says that {alert.title!r} is {alert.state}: {folded.act}."
    step = rules.Step("monitor", reason, decided=True)
    trace = (*(one._replace(decided=False) for one in verdict.trace), step)
    return Verdict(Outcome.MACHINE, reason, ticket=folded.ticket, trace=trace)
