"""What the desk suggests for a ticket: learned from its own solved tickets, kept in the user's cache.

The model is learned from the newest solved tickets in a few seconds and lies in one file a store in
the user's cache folder, with a checksum: a file that is damaged, or of another version, is learned
again. When many tickets were solved since, it is learned anew. Nothing leaves this machine.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdesk import locations
from sdesk.errors import StoreFault
from sdesk.rules.suggestion import Example, Model, Suggestions
from sdesk.rules.suggestion.likeness import (
    DAY,
    DUPLICATE,
    SIMILAR,
    Likeness,
    Report,
    likeness,
    rarity,
)
from sdesk.surroundings import python

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sdesk.model import TicketRow
    from sdesk.rules.suggestion import Reason
    from sdesk.store.reads import Reads
    from sdesk.store.reads.lessons import Seen, Solution

LEARNED = 10_000
"""The newest solved tickets that are learned from."""
RENEW_AFTER, RENEW_SHARE = 10, 50
"""Learned anew when so many were solved since, and one in so many of what was learned."""
WINDOW = 14 * DAY
"""Open tickets of so long are looked at for duplicates."""
MOST_COMPARED = 60
_HEAD = "sdesk suggestions 1"
_FACTS = ("kind", "queue", "channel", "service", "impact", "urgency", "priority")
_BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What reading a file that somebody else wrote, or half of one, may end in."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An open ticket that is probably the same report."""

    ticket: TicketRow
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Similar:
    """A finished ticket with much the same words, and how it ended."""

    ticket: TicketRow
    category: str
    code: str
    """The resolution code."""
    text: str
    """The last reply."""
    near: float


@dataclass(frozen=True, slots=True)
class Advice:
    """All that the desk can say of a ticket to whoever triages it."""

    suggestions: Suggestions
    duplicates: tuple[Duplicate, ...]
    similar: tuple[Similar, ...]
    names: dict[str, str]
    """What people call the values in reasons, such as a requester's number."""
    learning: bool = False
    """The model is being learned at this moment; asked again later there is more."""

    def why(self, question: str) -> str:
        """The reasons of a suggestion in one line."""
        made = getattr(self.suggestions, question)
        return " · ".join(self._reason(reason) for reason in made.reasons) if made else ""

    def _reason(self, reason: Reason) -> str:
        seen = f"({reason.support:,} of {reason.of:,})"
        if reason.family in ("word", "subject", "pair"):
            return f"“{reason.text}” {seen}"
        said = self.names.get(f"{reason.family} {reason.text}", reason.text)
        return f"{reason.family.replace('_', ' ').replace('.', ' ')} {said} {seen}"


# Tickets as examples


def example_to_learn(seen: Seen) -> Example:
    """A solved ticket as it came in, with what it came to."""
    now = seen.now
    answers = {"category": now["path"], "queue": now["queue"], "assignee": now["assignee"]}
    return _example(seen, seen.opened, answers | {"priority": str(now["priority"])})


def example_to_judge(seen: Seen) -> Example:
    """A ticket as it is now."""
    return _example(seen, seen.now, {})


def _example(seen: Seen, known: dict[str, Any], answers: dict[str, str]) -> Example:
    facts = {name: str(known[name]) for name in _FACTS if known.get(name)}
    facts |= {"category": known.get("path") or "", "organization": seen.organization}
    facts["opened_by"] = seen.opened_by
    if requester := seen.now["requester_id"]:
        facts["requester"] = str(requester)
    for name, value in (known.get("fields") or {}).items():
        facts[f"field.{name}"] = str(value)
    return Example(known.get("subject") or seen.now["subject"], seen.text, facts, answers)


def lessons(read: Reads, limit: int = LEARNED) -> Iterator[Example]:
    return (example_to_learn(seen) for seen in read.solved(limit=limit))


# The model and its file


class Learned:
    """The model of one store: in memory, in its file, or to be learned. Safe from several threads."""

    def __init__(self, place: str | Path, read: Reads) -> None:
        self._place, self._read = place, read
        self._lock = threading.Lock()
        self._model: Model | None = None
        self._event = 0
        """The store's newest event when the model was learned."""
        self._stamp: tuple[int, int] | None = None
        """Time and size of the file that the model is from."""
        self._child: subprocess.Popen[bytes] | None = None

    def model(self, *, wait: bool) -> tuple[Model | None, bool]:
        """The model, and whether a newer one is being learned.

        With `wait` it is learned here and now where it is missing or old; else by a process of its
        own, so that a desk's keys never wait, and None or the old one is returned meanwhile.
        """
        with self._lock:
            self._load()
            if not self.is_stale():
                return self._model, False
            if wait:
                self._learn()
                return self._model, False
            return self._model, self._start()

    def is_stale(self) -> bool:
        if self._model is None or self._event > self._read.last_event():
            return True
        if self._event < self._read.last_erasure():
            return True
        enough = max(RENEW_AFTER, self._model.learned // RENEW_SHARE)
        if not self._model.judges:
            enough = 1
        return self._read.solved_since(self._event, at_most=enough) >= enough

    def _learn(self) -> None:
        event = self._read.last_event()
        self._model, self._event = Model.learn(lessons(self._read)), event
        self._save()

    def _start(self) -> bool:
        """Have it learned by a process of its own; whether one is at work."""
        if self._child is not None and self._child.poll() is None:
            return True
        if self._child is not None and self._child.returncode:
            # It can't be learned or kept there: not again and again.
            return False
        command = python("-m", "sdesk", "suggest", "--learn")
        # In the environment, not the command: an address may hold a password.
        surroundings = os.environ | {"SDESK_STORE": str(self._place)}
        try:
            self._child = subprocess.Popen(
                command, env=surroundings, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        except OSError:
            return False  # no process to be had: another time
        return True

    def _load(self) -> None:
        """Take the file's model where it is another than the one in memory."""
        try:
            path = cache_file(self._place)
            found = path.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if stamp == self._stamp:
                return
            head, _, body = path.read_bytes().partition(b"\n")
            if head.decode() != f"{_HEAD} {hashlib.sha256(body).hexdigest()}":
                return
            said = json.loads(body)
            model, event = Model.from_json(said["model"]), int(said["event"])
            if event < self._read.last_erasure():
                # It knows words that somebody had a right to have forgotten.
                path.unlink()
                return
        except (*_BROKEN, StoreFault):
            return
        self._model, self._event, self._stamp = model, event, stamp

    def _save(self) -> None:
        """Keep the model; where that can't be done it lives as long as this process."""
        assert self._model is not None
        said = {"event": self._event, "model": self._model.to_json()}
        body = json.dumps(said, separators=(",", ":")).encode()
        head = f"{_HEAD} {hashlib.sha256(body).hexdigest()}\n".encode()
        try:
            path = cache_file(self._place)
            new = path.with_suffix(f".{os.getpid()}.new")
            new.touch(mode=0o600)
            new.write_bytes(head + body)
            new.replace(path)
            found = path.stat()
        except (OSError, StoreFault):
            return
        self._stamp = (found.st_mtime_ns, found.st_size)


def cache_file(place: str | Path) -> Path:
    """Where a store's model lies. Raises `StoreFault`."""
    name = hashlib.sha256(str(place).encode()).hexdigest()[:24]
    return locations.cache_folder() / f"suggestions-{name}.json"


def learn_once(learned: Learned, place: str | Path) -> None:
    """Learn where it is needed and nobody else is at it: what the desk's child process does."""
    lock = cache_file(place).with_suffix(".lock")
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        learned.model(wait=True)


# What is said of a ticket


def advise(read: Reads, learned: Learned, ticket: int, *, wait: bool = True) -> Advice:
    """Suggestions, likely duplicates and similar solved tickets. Raises `NotFound`."""
    whole = read.ticket(ticket)
    model, learning = learned.model(wait=wait)
    seen = read.seen_as_opened([ticket])[0]
    suggestions = Suggestions()
    if model is not None:
        suggestions = model.suggest(example_to_judge(seen), _allowed(read))
    person = whole.requester
    names = {f"requester {person.id}": person.name} if person else {}
    near = compared(read, ticket)
    return Advice(suggestions, near[0], near[1], names, learning)


def _allowed(read: Reads) -> dict[str, frozenset[str]]:
    """Values that a suggestion may have today."""
    words = read.vocabulary()
    return {
        "category": frozenset(words.categories),
        "queue": frozenset(words.queues),
        "assignee": frozenset(agent.login for agent in read.agents()),
    }


def compared(read: Reads, ticket: int) -> tuple[tuple[Duplicate, ...], tuple[Similar, ...]]:
    """Likely duplicates among open tickets, and finished ones that are much alike, the nearest first."""
    own = next(iter(read.words_of([ticket])), None)
    if own is None:
        return (), ()
    live = read.similar_live(ticket, limit=MOST_COMPARED)
    live += read.live_since(own.created_at - WINDOW, limit=MOST_COMPARED)
    if own.requester is not None:
        live += read.live_of_requester(own.requester)
    done = [row.id for row in read.similar(ticket, limit=MOST_COMPARED)]
    words = read.words_of(sorted({*live, *done} - {ticket}))
    rare = rarity(f"{one.subject} {one.body}" for one in (own, *words))
    report = Report(*own[1:])
    like = {one.ticket: likeness(report, Report(*one[1:]), rare) for one in words}
    return _duplicates(read, live, like), _similar(read, done, like)


def _duplicates(
    read: Reads, live: Sequence[int], like: dict[int, Likeness], most: int = 5
) -> tuple[Duplicate, ...]:
    near = _nearest(live, like, DUPLICATE, most)
    return tuple(Duplicate(row, like[row.id]) for row in read.rows(near))


def _similar(
    read: Reads, done: Sequence[int], like: dict[int, Likeness], most: int = 5
) -> tuple[Similar, ...]:
    near = _nearest(done, like, SIMILAR, most)
    ends: dict[int, Solution] = read.solutions(near)
    return tuple(Similar(row, *ends[row.id], like[row.id].near) for row in read.rows(near))


def _nearest(
    tickets: Sequence[int], like: dict[int, Likeness], least: float, most: int
) -> list[int]:
    found = [number for number in set(tickets) if number in like and like[number].near >= least]
    return sorted(found, key=lambda number: (-like[number].near, -number))[:most]
