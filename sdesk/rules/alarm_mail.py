"""Mails of monitors: which thing is down or up, by the subjects and bodies they are known to send.

What is read is what the mail says of itself. Whether it is a monitor's is for the rules of mail to
decide: `alarm.is_monitor`, and a sender that is verified as they want it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from sdesk.model import Instant
from sdesk.rules.alarm import Alert, AlertState, key_of
from sdesk.rules.alarm_words import severity_of_state, state_of
from sdesk.text import clean, clean_line, cut

MOST_LINES, MOST_TEXT = 200, 20_000
DOWN, UP, ACK = AlertState.DOWN, AlertState.UP, AlertState.ACK


class Mail(Protocol):
    """What is looked at of a mail that was read."""

    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...


class Head(NamedTuple):
    """What a subject says."""

    kind: str = ""
    """The word of the notification: PROBLEM, RECOVERY, FIRING …"""
    state: str = ""
    host: str = ""
    service: str = ""
    title: str = ""
    source: str = ""


def recognise(message: Mail) -> Alert | None:
    """The alert that a monitor's mail is; None for any other mail."""
    return from_words(message.subject, message.text)


def from_words(subject: str, text: str, source: str = "") -> Alert | None:
    """The same from a subject and a text."""
    subject, text = clean_line(subject[:1_000]), clean(text[:MOST_TEXT])
    if _REPLY.match(subject):
        return None
    head, facts = _head(subject), _facts(text)
    if head is None and not _tells_alone(facts):
        return None
    head = head or Head(title=subject)
    # "db1 (db1.example)": the name, and what it is called besides.
    host = facts.get("host", "").partition(" (")[0] or head.host
    service = facts.get("service", "") or head.service
    said = facts.get("state", "") or head.state
    state = _state(head.kind, facts.get("type", ""), said)
    if state is None or not (host or service or head.title):
        return None
    whose = source or head.source or _source(text, facts)
    title = head.title or _title(host, service, said)
    return Alert(
        whose, _key(whose, head, facts, host, service), state, cut(title, 200),
        text=_body(text, facts), severity=_severity(facts, said, state), host=host, service=service,
        at=_at(facts.get("when", "")),
    )  # fmt: skip


def _key(source: str, head: Head, facts: dict[str, str], host: str, service: str) -> str:
    """As the payloads of the same monitor have it, so that both fold into one."""
    if source in ("alertmanager", "grafana") and not service:
        return key_of("mail", head.title or host)
    if source == "zabbix":
        name = facts.get("problem", "") or head.title or service
        return key_of(host, name)
    return key_of(host, service) if host or service else key_of("mail", head.title)


def _title(host: str, service: str, said: str) -> str:
    what = f"{service} on {host}" if service and host else service or host
    return f"{what} is {said}" if said else what


def _state(kind: str, notified: str, said: str) -> AlertState | None:
    """What the state says goes before the word of the notification: a "PROBLEM" whose state is OK is
    a recovery. An acknowledgement is one whatever the state."""
    kinds = [state_of(word) for word in (notified, kind) if word]
    if ACK in kinds:
        return ACK
    if any(word in f"{kind} {notified}".casefold() for word in ("flapping", "downtime")):
        return None
    return (state_of(said) if said else None) or next((k for k in kinds if k is not None), None)


def _severity(facts: dict[str, str], said: str, state: AlertState) -> str:
    given = facts.get("severity", "").casefold()
    if given == "not classified" or state_of(given) == UP:
        given = ""
    return given or ("" if state == UP else severity_of_state(said))


# Subjects

_KINDS = (
    "problem|recovery|acknowledgement|acknowledgment|custom|flappingstart|flappingstop|flappingend"
)
_STATES = "critical|crit|warning|warn|unknown|ok|up|down|unreachable|unreach|pending"
_REPLY = re.compile(r"(?:re|fw|fwd|aw|wg) ?:", re.IGNORECASE)
"""Somebody answers a monitor's mail, or passes it on: that is a person's."""
_SUBJECTS = (
    # [PROBLEM] Ping on db1 is CRITICAL!   [RECOVERY] Host db1 is UP!
    ("icinga", rf"\[(?P<kind>{_KINDS})\] (?:host (?P<host2>\S+)|(?P<service>.+) on (?P<host>\S+)) is (?P<state>{_STATES})!?"),
    # PROBLEM - db1 - CPU Load is WARNING   RECOVERY - db1 is UP
    ("icinga", rf"(?P<kind>{_KINDS}) - (?P<host>\S+)(?: - (?P<service>.+))? is (?P<state>{_STATES})!?"),
    # ** PROBLEM Service Alert: db1/CPU Load is CRITICAL **   ** PROBLEM Host Alert: db1 is DOWN **
    ("nagios", rf"\*{{1,4}} ?(?P<kind>{_KINDS}) (?:service|host) alert: (?P<host>[^/ ]+)(?:/(?P<service>.+))? is (?P<state>{_STATES}) ?\*{{0,4}}"),
    # Check_MK: db1/CPU load OK -> CRIT   Checkmk: db1 - UP -> DOWN   Check_MK: db1/CPU load Acknowledged
    ("checkmk", r"check_?mk: (?P<host>[^/ ]+)(?:/(?P<service>.+?))?(?: -)? (?P<state>\w+ ?(?:->|→) ?\w+|acknowledged)"),
    ("checkmk", rf"\*\*\* (?P<kind>{_KINDS}) \*\*\* (?P<host>[^/ ]+)(?: ?/ ?(?P<service>.+))?"),
    # Problem: High CPU   Resolved in 5m 2s: High CPU   Updated problem in 3m: High CPU
    ("zabbix", r"(?P<kind>problem|resolved|updated problem|acknowledged)(?: in [0-9dhms ]{1,20})?: (?P<title>.+)"),
    ("zabbix", r"(?P<kind>problem|ok): (?P<title>.+)"),
    # [FIRING:1] HighCPU (db1 node critical)   [RESOLVED] HighCPU …   [FIRING:1, RESOLVED:2] …
    ("alertmanager", r"\[(?P<kind>firing|resolved)(?::\d{1,6})?(?:, ?resolved:\d{1,6})?\] (?P<title>.+)"),
    # [Alerting] CPU alert   [OK] CPU alert   [No Data] CPU alert
    ("grafana", r"\[(?P<kind>alerting|ok|no data)\] (?P<title>.+)"),
)  # fmt: skip
_PATTERNS = tuple((source, re.compile(pattern, re.IGNORECASE)) for source, pattern in _SUBJECTS)


def _head(subject: str) -> Head | None:
    for source, pattern in _PATTERNS:
        if (found := pattern.fullmatch(subject[:400])) is not None:
            named = found.groupdict()
            host = named.get("host") or named.get("host2") or ""
            return Head(
                named.get("kind") or "", named.get("state") or "", host.strip(),
                (named.get("service") or "").strip(), (named.get("title") or "").strip(), source,
            )  # fmt: skip
    return None


# Bodies

_NAMES = {
    "service": "service", "host": "host", "hostname": "host", "host name": "host", "state": "state",
    "status": "state", "event": "state", "notification type": "type", "date/time": "when",
    "when": "when", "date": "when", "time": "when", "info": "info", "additional info": "info",
    "output": "info", "summary": "info", "problem name": "problem", "severity": "severity",
    "original problem id": "event", "trigger": "problem", "trigger status": "state",
    "trigger severity": "severity", "address": "address", "ipv4": "address", "comment": "comment",
    "operational data": "info",
}  # fmt: skip
_FACT = re.compile(r"([A-Za-z][A-Za-z0-9/_ ]{1,24})[ \t]*:[ \t]*(.*)")
_SHOWN = re.compile(r' ?\(Display Name: "[^"]{0,200}"\)')


def _facts(text: str) -> dict[str, str]:
    """ "Name: value" lines under the names that monitors use; the first of each counts."""
    found: dict[str, str] = {}
    waiting = ""
    for written in text.splitlines()[:MOST_LINES]:
        line = written.strip()[:1_000]
        match = _FACT.fullmatch(line)
        name = _NAMES.get(match[1].strip().casefold(), "") if match else ""
        if match and name:
            value = clean_line(_SHOWN.sub("", match[2]))
            waiting = name if not value and name == "info" else ""
            if value:
                found.setdefault(name, value)
        elif waiting and line:
            # Nagios writes the information below its name.
            found.setdefault(waiting, clean_line(line))
            waiting = ""
    return found


def _tells_alone(facts: dict[str, str]) -> bool:
    """Whether a body is a monitor's whatever its subject: it has kind, host and state."""
    return "type" in facts and "host" in facts and state_of(facts.get("state", "")) is not None


def _source(text: str, facts: dict[str, str]) -> str:
    beginning = text[:2_000].casefold()
    for source in ("icinga", "nagios", "checkmk", "check_mk", "zabbix", "alertmanager", "grafana"):
        if source in beginning:
            return source.replace("_", "")
    return "icinga" if "type" in facts else "monitor"


def _body(text: str, facts: dict[str, str]) -> str:
    kept = [line.rstrip() for line in text.strip().splitlines()[:MOST_LINES]]
    info = facts.get("info", "")
    said = "\n".join(kept)
    return cut(said or info, MOST_TEXT)


_WHEN = re.compile(r"(\d{4})[-.](\d\d)[-.](\d\d)[ T](\d\d):(\d\d):(\d\d) ?([+-]\d\d):?(\d\d)")


def _at(text: str) -> Instant | None:
    """A time with its distance to UTC; None for one without, which could be anywhere's."""
    if (found := _WHEN.match(text[:40])) is None:
        return None
    try:
        made = datetime(*(int(found[n]) for n in range(1, 7)), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        return None
    hours, minutes = int(found[7]), int(found[8])
    away = abs(hours) * 3600 + minutes * 60
    seconds = int(made.timestamp()) + (away if found[7][0] == "-" else -away)
    return seconds if 631_152_000 <= seconds < 4_102_444_800 else None
