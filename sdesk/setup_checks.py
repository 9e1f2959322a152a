"""What of the desk's set-up is refused before it is kept: what can't be read, what names nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk import files, ops
from sdesk.errors import NotFound, Refused
from sdesk.levels import ROUND_THE_CLOCK
from sdesk.model import Macro
from sdesk.rules import closing, correspondence, letters, macro, oncall, retention, wording
from sdesk.rules.letters import customs
from sdesk.store import notices, outbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from sdesk.door import Work
    from sdesk.rules.sla import Policy

SETTING_CHECKS: dict[str, Callable[[str], object]] = {
    files.SETTING: files.check_limit, closing.SETTING: closing.Closing.parse,
    outbox.SETTING: outbox.seconds, **correspondence.CHECKS, **customs.CHECKS,
}  # fmt: skip
"""The desk's settings that are more than a word, and what refuses a value they can't have."""


def check_setup(work: Work, op: ops.Op) -> None:
    """A calendar, policy or view that can't be read is refused before it is kept, and so is a
    calendar that nobody has made."""
    from sdesk.rules.calendar import Calendar
    from sdesk.rules.query import parse
    from sdesk.rules.sla import Policy

    if isinstance(op, ops.SaveCalendar):
        Calendar.from_json({**op.spec, "name": op.name})
    elif isinstance(op, ops.SavePolicy):
        policy = Policy.from_json({**op.spec, "name": op.name})
        parse(policy.when, work.flushed().vocabulary() if work.door.enforce else None)
        _check_calendar(work, policy.calendar)
        _check_ladder(work, policy)
    elif isinstance(op, ops.SaveView):
        for query in (op.query, *(query for _, query in op.colours or ())):
            parse(query, work.flushed().vocabulary() if work.door.enforce else None)
    elif isinstance(op, ops.SaveRetention):
        retention.Age.parse(op.after)
        parse(op.query, work.flushed().vocabulary() if work.door.enforce else None)
    elif isinstance(op, ops.SaveMacro):
        _check_macro(work, op)
    elif isinstance(op, ops.SaveTemplate):
        wording.check(op.text, f"Template '{op.name}'")
    elif isinstance(op, ops.SaveQueue | ops.SaveOrganization):
        _check_calendar(work, op.calendar)
        if isinstance(op, ops.SaveQueue):
            customs.check_queue(op.address, op.signature, op.language)
    elif isinstance(op, ops.DropCalendar):
        _refuse_used(work, op.name)
    elif isinstance(op, ops.SaveSetting):
        _check_setting(work, op)


def _check_setting(work: Work, op: ops.SaveSetting) -> None:
    if (op.name + ".").startswith("calendar."):
        _check_calendar(work, op.value)
    elif op.name in SETTING_CHECKS:
        SETTING_CHECKS[op.name](op.value)
    elif op.name.startswith(oncall.SETTING):
        oncall.Rota.parse(op.value)
    elif op.name.startswith(letters.OWN_WORDING) and op.value:
        letters.check(op.name.split(".")[1], letters.template(op.value))


def _check_macro(work: Work, op: ops.SaveMacro) -> None:
    made = Macro(op.name, op.text, op.acts, asks=op.asks, send=op.send, note=op.note)
    words = work.flushed().vocabulary()
    macro.check(
        made,
        macro.Known(words.queues, words.agents, words.states) if work.door.enforce else None,
    )


def _refuse_used(work: Work, name: str) -> None:
    if name == ROUND_THE_CLOCK:
        raise Refused(f"The calendar '{name}' is what everything without a calendar counts by.")
    if users := work.flushed().calendar_users(name):
        named = ", ".join(f"{kind} '{user}'" if user else f"the {kind}" for kind, user in users)
        raise Refused(f"The calendar '{name}' is used by {named}.", "Give them another first.")


def _check_ladder(work: Work, policy: Policy) -> None:
    """Whom its levels name must be there: nobody else would find out until it is too late."""
    named = {word for t in policy.targets for level in t.ladder for word in level.tell}
    unknown = sorted(named - set(notices.WORDS))
    if not unknown or not work.door.enforce:
        return
    known = [agent.login for agent in work.flushed().agents()]
    for word in unknown:
        if word not in known:
            raise NotFound.named("agent", word, [*known, *notices.WORDS])


def _check_calendar(work: Work, name: str) -> None:
    if name in ("", ROUND_THE_CLOCK) or not work.door.enforce:
        return
    known = work.flushed().calendars()
    if name not in known:
        raise NotFound.named("calendar", name, known)
