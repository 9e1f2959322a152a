"""Alarms: what a monitor says, what the desk knows of it by then, and what follows. Pure.

An alarm is one thing that one monitor watches (`source` and `key`). However often it goes down, up
and down again, it is one ticket at a time: repetitions are counted, a recovery resolves what nobody
has touched, and many new alarms at once become one parent with quiet children.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import NamedTuple

from sdesk.errors import Invalid, did_you_mean
from sdesk.model import Instant
from sdesk.text import clean_line, cut

HOUR, DAY = 3_600, 86_400
AGAIN = 300
"""Seconds within which the very same words are one delivery, however often they arrive."""
MOST_KEY = 200
MOST_TITLE = 200
STORM = "storm"
"""The source of the alarms that stand for many."""
TAG_FLAPPING, TAG_STORM = "flapping", "storm"


class AlertState(StrEnum):
    """What a monitor says of a thing."""

    DOWN = "down"
    UP = "up"
    ACK = "ack"
    """Down still, and somebody has said in the monitor that they know."""


class Alert(NamedTuple):
    """One saying of a monitor about one thing; every text clean and bounded."""

    source: str
    """The kind of monitor: alertmanager, grafana, zabbix, icinga …"""
    key: str
    """The thing, the same for down and up; unique within the source."""
    state: AlertState
    title: str
    text: str = ""
    severity: str = ""
    """The monitor's own word, in lower case."""
    host: str = ""
    service: str = ""
    at: Instant | None = None
    """Since when, by the monitor's clock."""
    labels: Mapping[str, str] = {}


PRIORITIES: Mapping[str, int] = {
    "critical": 1, "crit": 1, "disaster": 1, "emergency": 1, "fatal": 1, "page": 1, "down": 1, "p1": 1,
    "high": 2, "major": 2, "error": 2, "urgent": 2, "unreachable": 2, "p2": 2,
    "warning": 3, "warn": 3, "average": 3, "medium": 3, "moderate": 3, "minor": 3, "degraded": 3,
    "unknown": 3, "none": 3, "": 3, "p3": 3,
    "low": 4, "info": 4, "informational": 4, "information": 4, "notice": 4, "debug": 4, "ok": 4,
    "p4": 4, "p5": 4,
}  # fmt: skip
"""A monitor's severity, or the state of a check, → priority; `[alerts.priorities]` adds to it."""
OTHERWISE = 3
"""The priority of a severity that is not in the table."""


class Route(NamedTuple):
    """Where alarms go of which every pattern holds; the first route that fits counts."""

    match: tuple[tuple[str, str], ...]
    """(source, host, service, severity, title, key or a label; a pattern with * and ?)."""
    queue: str = ""
    priority: int | None = None


class Plan(NamedTuple):
    """How the desk takes alarms."""

    queue: str = ""
    """Of alarms that no route names one for; empty: the desk's intake queue."""
    routes: tuple[Route, ...] = ()
    priorities: Mapping[str, int] = PRIORITIES
    reopen: int = DAY
    """Seconds after a recovery in which going down again takes the same ticket up."""
    settle: int = HOUR
    """Seconds that an agent's "resolved" is believed while the monitor still says down."""
    note_every: int = 6 * HOUR
    """Seconds between two messages of one alarm in its ticket."""
    storm: int = 20
    """More new alarms than so many within `storm_seconds` are a storm; 0: never."""
    storm_seconds: int = 300
    storm_by: tuple[str, ...] = ()
    """What the alarms of a storm have in common: source, host, service, queue; nothing: all count."""

    def route(self, alert: Alert) -> Route:
        return next((route for route in self.routes if fits(route, alert)), Route(()))

    def queue_of(self, alert: Alert) -> str:
        return self.route(alert).queue or self.queue

    def priority_of(self, alert: Alert) -> int:
        given = self.route(alert).priority
        return given or self.priorities.get(alert.severity.casefold(), OTHERWISE)

    def group_of(self, alert: Alert) -> str:
        """What an alert's storm is called: the alarms of one storm have the same."""
        known = {
            "source": alert.source, "host": alert.host, "service": alert.service,
            "queue": self.queue_of(alert),
        }  # fmt: skip
        return " · ".join(known[word] or "none" for word in self.storm_by) or "all"


STORM_WORDS = ("source", "host", "service", "queue")


def fits(route: Route, alert: Alert) -> bool:
    """Whether every pattern of a route holds; a label that is missing is empty."""
    return all(
        fnmatchcase(_part(alert, name).casefold(), pattern.casefold())
        for name, pattern in route.match
    )


PARTS = ("source", "host", "service", "severity", "title", "key")


def _part(alert: Alert, name: str) -> str:
    return str(getattr(alert, name)) if name in PARTS else alert.labels.get(name, "")


class Memory(NamedTuple):
    """What the desk keeps of an alarm beside its columns."""

    digest: str = ""
    """Of what was said last, …"""
    heard_at: Instant = 0
    """… and when it was last taken."""
    noted_at: Instant = 0
    """When a message was last written into the ticket."""
    recovered_at: Instant | None = None
    said_at: Instant | None = None
    """The monitor's own time of what was said last."""
    priority: int = 0
    """The ticket's priority as the alarm has set it."""
    serial: int = 0
    """How many tickets it has had."""
    acked: bool = False
    group: str = ""
    host: str = ""
    service: str = ""
    severity: str = ""

    def to_json(self) -> str:
        return json.dumps(self._asdict(), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Memory:
        found = json.loads(text or "{}")
        return cls(**{name: found[name] for name in cls._fields if name in found})


class Known(NamedTuple):
    """An alarm as it is stored."""

    state: str
    times: int
    flaps: int
    first_at: Instant
    last_at: Instant
    ticket: int | None
    memory: Memory


class Standing(NamedTuple):
    """An alarm's ticket, as far as it matters here."""

    live: bool
    touched: bool
    """Somebody works on it, or has done anything to it."""
    dismissed: bool = False
    """An agent has cancelled it or put it into the bin."""
    ended_at: Instant = 0
    """When it was resolved or closed; 0 while it is live."""


class Act(StrEnum):
    """What follows from an alert."""

    OPEN = "opened"
    REOPEN = "reopened"
    REPEAT = "repeated"
    """Down still: counted."""
    DOWN_AGAIN = "down again"
    """Down after a recovery, in a ticket that is still being worked on."""
    RESOLVE = "resolved"
    RECOVER = "recovered"
    """Up, in a ticket that belongs to somebody: noted, and told."""
    OVER = "over"
    """Up, after the ticket was finished by hand."""
    ACKNOWLEDGE = "acknowledged"
    NOTHING = "known"
    """It was said before."""
    UNHEARD = "no alarm"
    """The recovery of what never was reported."""


def digest(alert: Alert) -> str:
    """The same for the same words."""
    text = json.dumps([*alert[:-1], sorted(alert.labels.items())], ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def is_again(alert: Alert, known: Known, now: Instant) -> bool:
    """The very words that were taken a moment ago: one delivery, however often it arrives."""
    return known.memory.digest == digest(alert) and 0 <= now - known.memory.heard_at < AGAIN


def decide(
    alert: Alert, known: Known | None, standing: Standing | None, plan: Plan, now: Instant
) -> Act:
    """What an alert means, given the alarm and its ticket (None: there is none)."""
    if known is None:
        return Act.UNHEARD if alert.state == AlertState.UP else Act.OPEN
    if is_again(alert, known, now):
        return Act.NOTHING
    if alert.state == AlertState.UP:
        return _up(known, standing)
    if known.state == AlertState.DOWN:
        return _still_down(alert, standing, plan, now)
    if standing is None:
        return Act.NOTHING if _is_overtaken(alert, known, now) else Act.OPEN
    if standing.live:
        return Act.DOWN_AGAIN
    recovered = max(known.memory.recovered_at or 0, standing.ended_at)
    return Act.REOPEN if now - recovered <= plan.reopen else Act.OPEN


def _up(known: Known, standing: Standing | None) -> Act:
    if known.state == AlertState.UP:
        return Act.NOTHING
    if standing is None or not standing.live:
        return Act.OVER
    return Act.RECOVER if standing.touched else Act.RESOLVE


def _still_down(alert: Alert, standing: Standing | None, plan: Plan, now: Instant) -> Act:
    if standing is None:
        return Act.OPEN
    if standing.live:
        return Act.ACKNOWLEDGE if alert.state == AlertState.ACK else Act.REPEAT
    ago = now - standing.ended_at
    if standing.dismissed or ago < plan.settle or alert.state == AlertState.ACK:
        return Act.REPEAT
    return Act.REOPEN if ago <= plan.reopen else Act.OPEN


def _is_overtaken(alert: Alert, known: Known, now: Instant) -> bool:
    """A problem that arrives after its own recovery, as two mails may; only where the recovery was
    the first that was heard of it."""
    if alert.at is None or known.memory.said_at is None:
        return False
    return alert.at < known.memory.said_at and now - known.last_at < AGAIN


# Words


def subject(alert: Alert) -> str:
    return cut(clean_line(alert.title), MOST_TITLE) or "(no title)"


def story(alert: Alert, *, long: bool = True) -> str:
    """What is written into the ticket: the monitor's words, and the facts it named."""
    facts = [("Severity", alert.severity), ("Host", alert.host), ("Service", alert.service)]
    told = {alert.title, alert.text, *(value for _, value in facts)}
    others = [(name, value) for name, value in alert.labels.items() if value not in told]
    lines = [f"{name}: {value}" for name, value in (*facts, *(others if long else ())) if value]
    said = alert.text or alert.title
    return "\n\n".join(filter(None, (said, "\n".join(lines))))


def key_of(*parts: str) -> str:
    """A key of these parts: as they are while they are short, else with a hash in place of the rest."""
    text = "!".join(clean_line(part) for part in parts if part)
    if len(text) <= MOST_KEY:
        return text
    return f"{text[: MOST_KEY - 25]}#{hashlib.sha256(text.encode()).hexdigest()[:24]}"


# Settings

SENDERS = "alert_senders"
"""The desk's setting: addresses and domains whose mails are a monitor's."""


def senders(text: str) -> tuple[str, ...]:
    """The addresses and domains of the setting. Raises `Invalid` for what is neither."""
    found = [word.casefold() for word in text.replace(",", " ").split()]
    for word in found:
        name, at, domain = word.rpartition("@")
        if not domain or "." not in domain or " " in word or (at and "@" in name):
            raise Invalid(
                f"alert_senders: '{clean_line(word)}' is neither an address nor a domain.",
                "For example icinga@example.org or monitoring.example.org",
            )
    return tuple(dict.fromkeys(found))


def is_monitor(address: str, listed: str) -> bool:
    """Whether a mail address is one that the setting lists, itself or by its whole domain."""
    address = address.casefold()
    if "@" not in address or not listed:
        return False
    domain = address.rpartition("@")[2]
    return any(
        word in (address, domain, f"@{domain}") for word in listed.casefold().replace(",", " ").split()
    )  # fmt: skip


def check_words(words: tuple[str, ...], place: str) -> None:
    """What storms are told apart by. Raises `Invalid`."""
    for word in words:
        if word not in STORM_WORDS:
            raise Invalid(
                f"{place}: a storm can't be told by '{clean_line(word)}'.",
                did_you_mean(word, STORM_WORDS),
            )
