"""The sentence of an event: what happened to a ticket, and who did it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk.files import file_size
from sdesk.model import Source
from sdesk.present.badges import counted, priority_badge
from sdesk.present.mail_events import said_of_mail
from sdesk.present.time import duration, moment
from sdesk.text import clean_line, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sdesk.model import Event


NOTHING_VISIBLE = "changed nothing visible"


class _Telling:
    """One event on its way to a sentence: its values cleaned, and named as the desk names them."""

    def __init__(self, event: Event, zone: str, names: Mapping[str, str]) -> None:
        self.event = event
        self.changes = event.changes
        self._zone = zone
        self._names = names

    def named(self, value: object) -> str:
        """A value in words: a name for a key, a time for an instant, "nothing" for nothing."""
        if value is None or value == "":
            return "nothing"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, list | tuple):
            return ", ".join(self.named(item) for item in value) or "nothing"
        text = str(value)
        return cut(clean_line(self._names.get(text, text)), 120) or "nothing"

    def time(self, value: object) -> str:
        return moment(int(str(value)), self._zone, self.event.at)

    def after(self, *fields: str) -> Any:
        """The new value of the first of these fields that changed."""
        return next((self.changes[name][1] for name in fields if name in self.changes), None)

    def before(self, *fields: str) -> Any:
        return next((self.changes[name][0] for name in fields if name in self.changes), None)

    def detail(self, *names: str) -> str:
        found = (self.event.details.get(name) for name in names)
        return next((self.named(value) for value in found if value not in (None, "", [])), "")

    def reason(self) -> str:
        """The reason given, as an ending: ": vendor looks at it"."""
        given = self.detail("reason", "text") or self._written("wait_reason")
        return f": {given}" if given else ""

    def _written(self, field: str) -> str:
        value = self.after(field)
        return self.named(value) if value else ""


_BEHIND_THE_SCENES = {
    "version", "last_event", "live", "updated_at", "priority_overridden", "first_answered_at",
    "resolved_at", "closed_at", "reopen_count", "state_until", "wait_reason", "due_at", "breach_at",
    "remaining", "breached", "due_target", "binned",
}  # fmt: skip
_FIELD_NAMES = {
    "path": "category", "requester_id": "requester", "parent_id": "parent",
    "external_id": "external number", "resolution_code": "resolution", "merged_into": "merged into",
}  # fmt: skip
_NUMBERED = {"parent_id": "#", "merged_into": "#", "requester_id": "person "}
"""What stands before the numbers that are these fields' values."""
_ROWS = {
    "file": "a file", "item": "the checklist", "check": "the checklist", "watch": "who watches it",
    "stopwatch": "the stopwatch",
}  # fmt: skip
"""What a change of a row of its own is called."""


def _changed(told: _Telling) -> str:
    """Every visible change in words: "changed impact from 2 to 1 and urgency from 3 to 1"."""
    hidden = _BEHIND_THE_SCENES | ({"category", "live"} if "state" in told.changes else set())
    parts = []
    for name, (before, after) in told.changes.items():
        if name in hidden:
            continue
        if name.startswith("link."):
            parts.append(_link_words(name) + ("" if after else " no more"))
            continue
        if name.startswith("due."):
            parts.append(_due_words(told, name, after))
            continue
        if name.partition(".")[0] in _ROWS:
            parts.append(_ROWS[name.partition(".")[0]])
            continue
        called = _FIELD_NAMES.get(name, clean_line(name).removeprefix("field.").replace("_", " "))
        if (sign := _NUMBERED.get(name)) is not None:
            before, after = (value and f"{sign}{value}" for value in (before, after))
        if before in (None, "", []):
            parts.append(f"{called} to {told.named(after)}")
        else:
            parts.append(f"{called} from {told.named(before)} to {told.named(after)}")
    return "changed " + _listed(parts) if parts else NOTHING_VISIBLE


def _listed(parts: Iterable[str]) -> str:
    *most, last = list(parts)
    return f"{', '.join(most)} and {last}" if most else last


def _opened(told: _Telling) -> str:
    channel = told.detail("channel") or told.named(told.after("channel") or "")
    queue = told.after("queue") or told.event.details.get("queue")
    by = f" by {channel}" if channel != "nothing" else ""
    where = f" in {told.named(queue)}" if queue else ""
    split_from = told.detail("split_from")
    return f"opened it{by}{where}" + (f", split off {split_from}" if split_from else "")


def _assigned(told: _Telling) -> str:
    before, after = told.before("assignee"), told.after("assignee")
    if not after:
        return f"took it from {told.named(before)}, for nobody" if before else "left it with nobody"
    return f"assigned it to {told.named(after)}" + (
        f", before {told.named(before)}" if before else ""
    )


def _taken(told: _Telling) -> str:
    before = told.before("assignee")
    return "took it" + (f" from {told.named(before)}" if before else "")


def _moved(told: _Telling) -> str:
    before = told.before("queue")
    return f"moved it to {told.named(told.after('queue'))}" + (
        f" from {told.named(before)}" if before else ""
    )


def _state_changed(told: _Telling) -> str:
    before = told.before("state")
    was = f" (was {told.named(before)})" if before else ""
    return f"set it to {told.named(told.after('state'))}{was}{told.reason()}"


def _prioritized(told: _Telling) -> str:
    before, after = told.before("priority"), told.after("priority")
    weighed = [name for name in ("impact", "urgency") if name in told.changes]
    if after is None or weighed:
        return _changed(told)
    words = priority_badge(int(after), long=True)
    return f"set the priority to {words}" + (f" (was P{before})" if before else "")


def _field_set(told: _Telling) -> str:
    name = told.detail("name", "field") or next(iter(told.changes), "a field")
    name = clean_line(name).removeprefix("field.")
    after = next((after for _, after in told.changes.values()), None)
    return f"set {name} to {told.named(after)}" if after else f"emptied {name}"


def _tags(told: _Telling, index: int) -> str:
    """The tags that stand only on one side of the change (1 added, 0 removed)."""
    given = told.event.details.get("tags")
    if given:
        return told.named(given)
    sides = next(iter(told.changes.values()), ((), ()))
    here, there = sides[index] or (), sides[1 - index] or ()
    if isinstance(here, str) or isinstance(there, str):
        return told.named(here)
    return told.named([tag for tag in here if tag not in there])


def _link_words(name: str) -> str:
    """ "link.caused-by.1042" → "caused by 1042"."""
    return clean_line(name).removeprefix("link.").replace(".", " ").replace("-", " ")


def _link(told: _Telling) -> str:
    return _listed([_link_words(name) for name in told.changes] or ["nothing"])


def _waited(told: _Telling) -> str:
    state = told.after("state")
    until = told.after("state_until") or told.event.details.get("until")
    words = f"set it to {told.named(state)}" if state else "lets it wait"
    return words + (f" until {told.time(until)}" if until else "") + told.reason()


def _due_words(told: _Telling, name: str, after: object) -> str:
    target = clean_line(name).removeprefix("due.")
    return f"the {target} to be due {told.time(after) if after else 'as the policy has it'}"


def _due_set(told: _Telling) -> str:
    name, (before, after) = next(iter(told.changes.items()), ("due.", (None, None)))
    target = clean_line(name).removeprefix("due.")
    was = f", before {told.time(before)}" if before else ""
    if after is None:
        return f"let the policy decide when the {target} is due{was}{told.reason()}"
    return f"set the {target} due {told.time(after)}{was}{told.reason()}"


def _warned(told: _Telling) -> str:
    """A step of a promise's ladder, and who was told."""
    name, place = told.detail("name"), told.detail("level")
    target = told.detail("target")
    what = f"{place} of the {target} time" if place.endswith("%") else f"{target} {place}"
    if place == "breach":
        what = f"the {target} target is missed"
    said = f"reached the level {name} ({what})" if name else f"warned: {what}"
    to = told.detail("told")
    return said + (f", told {to}" if to else ", nobody was there to be told")


def _escalated(told: _Telling) -> str:
    queue, to = told.after("queue"), told.detail("told")
    parts = [f"to {told.named(queue)}"] if queue else []
    parts += [f"to {to}"] if to else []
    return f"escalated it {' and '.join(parts)}".rstrip() + told.reason()


def _wait_ended(told: _Telling) -> str:
    reason = told.detail("reason")
    return "ended the wait" + (f" ({reason})" if reason else "")


def _resolved(told: _Telling) -> str:
    code = told.detail("code") or told.after("resolution_code")
    return "resolved it" + (f" as {told.named(code)}" if code else "")


def _reverted(words: str) -> Callable[[_Telling], str]:
    def tell(told: _Telling) -> str:
        if (changed := _changed(told)) != NOTHING_VISIBLE:
            return f"{words}: {changed.removeprefix('changed ')}"
        did = told.event.details.get("did") or ()
        return f"{words}: {told.named([str(kind).replace('_', ' ') for kind in did])}"

    return tell


def _merged(told: _Telling) -> str:
    return f"merged it into {told.detail('into') or 'another ticket'}"


def _absorbed(told: _Telling) -> str:
    count = told.event.details.get("messages") or 0
    messages = "1 message" if count == 1 else f"{count:,} messages"
    return f"merged {told.detail('ticket')} into it ({messages})"


def _split(told: _Telling) -> str:
    count = len(told.event.details.get("moved") or ())
    return f"split {'a message' if count == 1 else f'{count:,} messages'} off into {told.detail('into')}"


def _unmerged(told: _Telling) -> str:
    """Later messages stay where they were written."""
    left = told.event.details.get("stayed") or 0
    later = "1 later message stays" if left == 1 else f"{left:,} later messages stay"
    return f"took it out of {told.detail('out_of')} again" + (f"; {later} there" if left else "")


def _separated(told: _Telling) -> str:
    """Of the ticket that a merged one comes out of, or of a child that goes back with it."""
    if "absorbed" not in (told.event.details.get("did") or ("absorbed",)):
        return _changed(told)
    return f"took {told.detail('ticket') or 'a merged ticket'} out of it again"


def _ended(word: str) -> Callable[[_Telling], str]:
    return lambda told: f"{word} it{told.reason()}"


def _file(told: _Telling) -> str:
    size = told.event.details.get("size")
    return told.detail("name") + (f" ({file_size(int(size))})" if size else "")


def _spent(told: _Telling) -> str:
    note = told.detail("note")
    return f"spent {duration(int(told.event.details.get('seconds') or 0))}" + (
        f": {note}" if note else ""
    )


def _watching(told: _Telling) -> str:
    """Who watches it from now on, or no more: somebody else may have said so."""
    name = next(iter(told.changes), "").partition(".")[2]
    return "it" if name == told.event.actor else f"it for {told.named(name)}"


def _replied(told: _Telling) -> str:
    if count := told.event.details.get("informed"):
        return f"replied, and told the requesters of {counted(int(count), 'ticket')} below"
    if told.event.details.get("partner"):
        return f"replied with what was written in {told.detail('ticket')}"
    return "replied"


def _surveyed(told: _Telling) -> str:
    answer: list[Any] = told.after("survey") or []
    comment = f" · {told.named(answer[1])}" if len(answer) > 1 and answer[1] else ""
    return f"noted how satisfied the requester is: {told.detail('score')} of 5{comment}"


def _announced(did: str) -> Callable[[_Telling], str]:
    def sentence(told: _Telling) -> str:
        count = int(told.event.details.get("told") or 0)
        to = f", to {counted(count, 'person', 'people')}" if count else ""
        return f"{did}: {told.detail('title')}{to}"

    return sentence


def _posted(did: str) -> Callable[[_Telling], str]:
    def sentence(told: _Telling) -> str:
        to = ", ".join(told.event.details.get("to") or ()) or "nobody"
        answer = told.detail("answer")
        return f"{did.format(to=to)}: {answer}" if answer else did.format(to=to)

    return sentence


_ERASED = {
    "person": "erased a person", "ticket": "erased tickets", "retention": "erased what was old enough",
    "moved": "erased what had moved to another store",
}  # fmt: skip
_TELL: dict[str, Callable[[_Telling], str]] = {
    "opened": _opened,
    "assigned": _assigned,
    "taken": _taken,
    "moved": _moved,
    "state_changed": _state_changed,
    "prioritized": _prioritized,
    "edited": _changed,
    "due_set": _due_set,
    "field_set": _field_set,
    "tagged": lambda told: f"tagged it {_tags(told, 1)}",
    "untagged": lambda told: f"took the tag {_tags(told, 0)} away",
    "linked": lambda told: f"linked it: {_link(told)}",
    "unlinked": lambda told: f"took a link away: {_link(told)}",
    "replied": _replied,
    "surveyed": _surveyed,
    "announced": _announced("announced"),
    "announcement_revised": _announced("wrote how it stands with"),
    "announcement_ended": _announced("ended the announcement"),
    "mail_failed": _posted("could not send the mail to {to}"),
    "mail_bounced": _posted("had the mail to {to} sent back"),
    "mail_resent": _posted("sent the mail to {to} again"),
    "mail_dropped": _posted("gave up the mail to {to}"),
    "noted": lambda _: "wrote a note",
    "called": lambda _: "logged a call",
    "chatted": lambda _: "wrote to the other agents",
    "attached": lambda told: f"attached {_file(told)}",
    "detached": lambda told: f"took {_file(told)} away",
    "worked": _spent,
    "check_added": lambda told: f"put on the checklist: {told.detail('text')}",
    "checked": lambda told: f"ticked off: {told.detail('text')}",
    "unchecked": lambda told: f"took the tick away: {told.detail('text')}",
    "check_dropped": lambda told: f"took off the checklist: {told.detail('text')}",
    "watched": lambda told: f"watches {_watching(told)}",
    "unwatched": lambda told: f"stopped watching {_watching(told)}",
    "waited": _waited,
    "wait_ended": _wait_ended,
    "warned": _warned,
    "delivery_failed": lambda t: f"could not tell {t.detail('target') or 'a target'}{t.reason()}",
    "escalated": _escalated,
    "resolved": _resolved,
    "closed": _ended("closed"),
    "reopened": _ended("reopened"),
    "cancelled": _ended("cancelled"),
    "merged": _merged,
    "absorbed": _absorbed,
    "unmerged": _unmerged,
    "separated": _separated,
    "split": _split,
    "discarded": lambda told: f"put it into the bin{told.reason()}",
    "restored": lambda _: "took it out of the bin",
    "policy_matched": lambda told: f"put it under the policy {told.named(told.after('policy'))}",
    "calendar_matched": lambda told: f"put it under the calendar {told.detail('calendar')}",
    "rule_failed": lambda told: f"could not carry out a rule{told.reason()}",
    "moved_in": lambda _: "moved it here from the other file",
    "moved_out": lambda _: "moved it to where only others may read it",
    "erased": lambda told: _ERASED.get(told.detail("what"), "erased texts"),
    "person_exported": lambda told: f"wrote out what is kept of person {told.detail('id')}",
    "exported": lambda told: f"took out: {told.detail('what')}{_how_many(told)}",
    "backed_up": lambda told: f"made the backup {told.detail('file')}",
    "copy_accepted": lambda _: "took a copy made by hand for the store",
    "damage_found": lambda told: f"found the store damaged{told.reason()}",
    "backup_failed": lambda told: f"could not keep a backup{told.reason()}",
    "undone": _reverted("took back"),
    "redone": _reverted("did again"),
}


def _how_many(told: _Telling) -> str:
    count = told.event.details.get("tickets")
    return f", {counted(count, 'ticket')}" if isinstance(count, int) else ""


_SETUP = ("organization", "person", "agent", "queue", "state", "calendar", "policy", "view", "template", "macro", "category", "setting", "retention")  # fmt: skip


def _set_up(told: _Telling) -> str | None:
    """The sentence of a set-up kind such as `queue_saved` or `view_dropped`."""
    what, _, done = told.event.kind.rpartition("_")
    if what not in _SETUP:
        return None
    name = told.detail("name", "key", "login", "path")
    before, place = told.changes.get("position", (None, None))
    if before is not None and len(told.changes) == 1:
        return f"put the {what} {name} in place {place}".replace("  ", " ")
    return f"{done} the {what} {name}".rstrip()


def event_sentence(event: Event, *, zone: str, names: Mapping[str, str] | None = None) -> str:
    """What happened, who did it first: "ana moved it to Network from Service desk".

    `names` turns logins, queue and state keys into the names people know.
    """
    told = _Telling(event, zone, names or {})
    if event.kind == "received":
        return _received(told)
    teller = _TELL.get(event.kind)
    act = teller(told) if teller else said_of_mail(event) or _set_up(told)
    if act is None:
        act = clean_line(event.kind).replace("_", " ")
        if event.changes:
            act += f": {_changed(told)}"
    by_rule = f' (rule "{clean_line(event.rule)}")' if event.rule else ""
    return f"{told.named(event.actor or 'sdesk')} {act}{by_rule}"


def _received(told: _Telling) -> str:
    """What the requester said; an agent's key or command only took it down."""
    event = told.event
    who = told.detail("author") or "the requester"
    by_hand = event.actor and event.source in (Source.TUI, Source.CLI)
    return f"{who} wrote" + (f", taken down by {told.named(event.actor)}" if by_hand else "")
