"""Where each read of a joined desk goes: one row for every public method of `Reads`.

The table is the whole of it: a read that has no row is none that a joined desk may be asked for, and a
test says so.
"""

from __future__ import annotations

from enum import StrEnum
from heapq import merge
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sdesk.joined.reads import JoinedReads


class Route(StrEnum):
    """The way to an answer out of two files."""

    FIRST = "the first file only"
    """Set-up: the second file has a copy of it."""
    NUMBER = "the file of the number that is asked for"
    EACH = "each number asked of its own file; one dictionary"
    CHAIN = "what the first file says, then what the second says"
    SUM = "added up"
    LEAST = "the lesser of two instants"
    MERGED = "in one order"
    WRITTEN = "written out below"
    """In `JoinedReads` itself, or in terms of others that are."""


READS: dict[str, Route] = {
    # One ticket, one message, one file
    "ticket": Route.NUMBER, "conversation": Route.NUMBER, "survivor": Route.NUMBER,
    "family": Route.NUMBER, "entry": Route.NUMBER, "history": Route.NUMBER,
    "withdrawn": Route.NUMBER, "batch": Route.NUMBER, "seen": Route.NUMBER, "facts": Route.NUMBER,
    "clocks": Route.NUMBER, "similar": Route.NUMBER, "similar_live": Route.NUMBER,
    "attachments": Route.NUMBER, "attachment": Route.NUMBER, "file": Route.NUMBER,
    "worked": Route.NUMBER, "checklist": Route.NUMBER, "watchers": Route.NUMBER,
    "person": Route.NUMBER, "alarms_of": Route.NUMBER, "mail": Route.NUMBER,
    "mail_bytes": Route.NUMBER, "letters": Route.NUMBER, "letter": Route.NUMBER,
    "files_of_entry": Route.NUMBER,
    # Many tickets by number
    "stories": Route.EACH, "withdrawn_among": Route.EACH, "clocks_among": Route.EACH,
    "held": Route.EACH, "solutions": Route.EACH,
    # Lists
    "running": Route.CHAIN, "promised": Route.CHAIN, "leaving_due": Route.CHAIN,
    "steps_due": Route.CHAIN, "waits_over": Route.CHAIN, "resolved_before": Route.CHAIN,
    "moments_since": Route.CHAIN, "unjudged_mail": Route.CHAIN, "live_since": Route.CHAIN,
    "leaving": Route.WRITTEN, "notices": Route.MERGED, "drafts": Route.MERGED,
    "mails": Route.MERGED, "held_mail": Route.MERGED, "outbox": Route.MERGED,
    "alarms": Route.MERGED, "mailboxes": Route.MERGED, "company": Route.MERGED,
    # Figures
    "count_held": Route.SUM, "count_mail": Route.SUM, "letter_counts": Route.SUM,
    "spread": Route.SUM,
    "next_leaving_at": Route.LEAST, "next_step_at": Route.LEAST, "next_wait_at": Route.LEAST,
    "next_letter_at": Route.LEAST, "oldest_waiting": Route.LEAST,
    # Set-up
    "views": Route.FIRST, "all_views": Route.FIRST, "agents": Route.FIRST,
    "agent": Route.FIRST, "queues": Route.FIRST, "states": Route.FIRST, "templates": Route.FIRST,
    "macros": Route.FIRST, "calendars": Route.FIRST, "policies": Route.FIRST,
    "agreement_events": Route.FIRST, "dropped_policies": Route.FIRST,
    "calendar_users": Route.FIRST, "settings": Route.FIRST, "context": Route.FIRST, "unseen": Route.FIRST, "is_unseen": Route.NUMBER,
    "ref": Route.FIRST, "setup_stamp": Route.FIRST, "has_new_setup": Route.FIRST,
    # What suggestions are learned from, and where ordinary mailboxes stand
    "solved": Route.FIRST, "solved_since": Route.FIRST, "mail_at": Route.WRITTEN,
    "first_mail_at": Route.FIRST, "last_erasure": Route.FIRST,
    # Written out
    "parse": Route.WRITTEN, "ids": Route.WRITTEN, "count": Route.WRITTEN, "counts": Route.WRITTEN, "rows": Route.WRITTEN,
    "page": Route.WRITTEN, "looked_at": Route.WRITTEN, "board": Route.WRITTEN,
    "resolve": Route.WRITTEN, "requester_tickets": Route.WRITTEN,
    "live_of_requester": Route.WRITTEN, "replies": Route.WRITTEN, "events_since": Route.WRITTEN,
    "last_event": Route.WRITTEN, "touched": Route.WRITTEN, "batches": Route.WRITTEN,
    "draft": Route.WRITTEN, "new_notices": Route.WRITTEN, "mailbox": Route.WRITTEN,
    "time_spent": Route.WRITTEN, "watched": Route.WRITTEN, "stopwatch": Route.WRITTEN,
    "vocabulary": Route.WRITTEN, "people": Route.WRITTEN, "person_by": Route.WRITTEN,
    "organizations": Route.WRITTEN, "categories": Route.WRITTEN, "tags": Route.WRITTEN,
    "field_names": Route.WRITTEN, "first_matching": Route.WRITTEN,
    "seen_as_opened": Route.WRITTEN, "words_of": Route.WRITTEN,
}  # fmt: skip

DESK: dict[str, Route] = {
    # By the ticket they are about
    "apply": Route.WRITTEN, "of": Route.WRITTEN, "compose_mail": Route.NUMBER,
    "ledger": Route.NUMBER, "climbs": Route.NUMBER, "settle": Route.NUMBER,
    "survey": Route.NUMBER, "unfinished_below": Route.NUMBER, "reached": Route.NUMBER,
    "mark_seen": Route.NUMBER, "start_stopwatch": Route.NUMBER, "drop_stopwatch": Route.NUMBER,
    "save_draft": Route.NUMBER, "drop_draft": Route.NUMBER, "release_outbox": Route.NUMBER,
    # Over both
    "apply_many": Route.WRITTEN, "apply_each": Route.WRITTEN, "rehearse": Route.WRITTEN,
    "undo": Route.WRITTEN, "redo": Route.WRITTEN, "judged": Route.WRITTEN,
    "see_notices": Route.EACH, "recompute_clocks": Route.SUM, "scores": Route.SUM,
    "announcements": Route.CHAIN, "watch": Route.MERGED, "places": Route.CHAIN,
    "suggest": Route.WRITTEN, "close": Route.CHAIN,
    # Of the ordinary file
    "door": Route.FIRST, "loader": Route.FIRST, "levels": Route.FIRST, "ref": Route.FIRST,
    "read_file": Route.FIRST, "open": Route.FIRST, "create": Route.FIRST, "copied": Route.FIRST,
    "sees_all": Route.FIRST, "is_read_only": Route.FIRST,
}  # fmt: skip
"""Where each public method of `Desk` goes; they are written out in `acting` and `desk`, or in terms of
others that are."""

ORDERS: dict[str, tuple[Callable[[Any], Any], bool]] = {
    "notices": (lambda notice: notice.at, True),
    "drafts": (lambda draft: draft.saved_at, True),
    "mails": (lambda mail: mail.at, True),
    "held_mail": (lambda mail: mail.at, False),
    "outbox": (lambda letter: letter.at, True),
    "alarms": (lambda alarm: alarm.last_at, True),
    "mailboxes": (lambda box: box.name, False),
    "company": (lambda present: present.ticket, False),
}
"""Of what is merged: by what it is sorted, and whether the greatest comes first."""


def method(name: str, route: Route) -> Callable[..., Any]:
    """The read that goes this way."""
    return _MAKERS[route](name)


def _first(name: str) -> Callable[..., Any]:
    return lambda self, *given, **named: getattr(self.first, name)(*given, **named)


def _by_number(name: str) -> Callable[..., Any]:
    def read(self: JoinedReads, number: int, *given: Any, **named: Any) -> Any:
        return getattr(self.of(number), name)(number, *given, **named)

    return read


def _each(name: str) -> Callable[..., Any]:
    def read(self: JoinedReads, numbers: Any, *given: Any, **named: Any) -> Any:
        here, there = self.parted(numbers)
        found = getattr(self.first, name)(here, *given, **named) if here else {}
        if there:
            found |= getattr(self.second, name)(there, *given, **named)
        return found

    return read


def _both(self: JoinedReads, name: str, given: Any, named: Any) -> tuple[Any, Any]:
    return getattr(self.first, name)(*given, **named), getattr(self.second, name)(*given, **named)


def _chain(name: str) -> Callable[..., Any]:
    def read(self: JoinedReads, *given: Any, **named: Any) -> Any:
        one, other = _both(self, name, given, named)
        return [*one, *other]

    return read


def _sum(name: str) -> Callable[..., Any]:
    def read(self: JoinedReads, *given: Any, **named: Any) -> Any:
        one, other = _both(self, name, given, named)
        return added(one, other) if isinstance(one, dict) else one + other

    return read


def _least(name: str) -> Callable[..., Any]:
    def read(self: JoinedReads, *given: Any, **named: Any) -> Any:
        return min((at for at in _both(self, name, given, named) if at is not None), default=None)

    return read


def _merged(name: str) -> Callable[..., Any]:
    key, down = ORDERS[name]

    def read(self: JoinedReads, *given: Any, **named: Any) -> Any:
        found = tuple(merge(*_both(self, name, given, named), key=key, reverse=down))
        most = named.get("limit", given[0] if name == "held_mail" and given else None)
        return found if most is None else found[:most]

    return read


_MAKERS: dict[Route, Callable[[str], Callable[..., Any]]] = {
    Route.FIRST: _first, Route.NUMBER: _by_number, Route.EACH: _each, Route.CHAIN: _chain,
    Route.SUM: _sum, Route.LEAST: _least, Route.MERGED: _merged,
}  # fmt: skip


def added(one: dict[Any, int], other: dict[Any, int]) -> dict[Any, int]:
    """Two counts by the same things as one."""
    return {key: one.get(key, 0) + other.get(key, 0) for key in {**one, **other}}
