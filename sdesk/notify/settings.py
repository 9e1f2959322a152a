"""What `[notify]` and `[webhook]` of config.toml say: who is told of what by which way.

Secrets are named by their place and read when something is sent. Whether the agents and queues that
are named are there is the store's to say: `unknown_names`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sdesk import credentials
from sdesk.config import Table, table
from sdesk.credentials import Place
from sdesk.errors import SdeskError, Usage, did_you_mean
from sdesk.notify.address import Endpoint, Network, checked, endpoint, networks
from sdesk.rules.budget import parse_duration
from sdesk.rules.query import parse
from sdesk.rules.quiet import Quiet

if TYPE_CHECKING:
    from pathlib import Path

NEW = "new"
"""A ticket that has come into a queue: of targets that ask for it only, never in the desk."""
NOTICES = ("mention", "assigned", "warning", "escalation", "wait", "watch", "trouble")
"""The kinds of notices an agent has in the desk."""
KINDS = (*NOTICES, NEW)
USUAL = ("mention", "assigned", "warning", "escalation")
"""What a target is for unless it says otherwise."""
LOUD = ("escalation",)
"""What breaks a target's quiet hours: a level of escalation has quiet hours of its own."""
LONGEST_BATCH = 3_600
NOWHERE = Place()
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_TARGET: dict[str, type] = {
    "agent": str, "queue": str, "kinds": list, "min_priority": int, "quiet": str, "loud": list,
    "batch": str, "on_call": str, "unless_seen": bool, "command": list, "url": str,
    **credentials.kinds("url"),
}  # fmt: skip
_HOOK: dict[str, type] = {
    "url": str, "events": list, "query": str, "allow": list, "ca_file": str, "restricted": bool,
    **credentials.kinds("secret"),
}  # fmt: skip
BEFORE_HOOK = "webhook."
"""A webhook's name among the targets of deliveries."""


@dataclass(frozen=True, slots=True)
class Target:
    """One way to one agent, or to those who work a queue."""

    name: str
    origin: str
    agent: str = ""
    queue: str = ""
    """With `agent` empty: what concerns any ticket of it, once for all whom it concerns."""
    kinds: frozenset[str] = frozenset(USUAL)
    min_priority: int = 4
    """4 for every ticket, 1 for critical ones only."""
    quiet: Quiet | None = None
    loud: frozenset[str] = frozenset(LOUD)
    batch: int = 0
    """Seconds for which messages are gathered into one."""
    on_call: str = ""
    """A queue: only while its agent is on call for it."""
    unless_seen: bool = True
    """Whether what was read in the desk meanwhile is not sent."""
    command: tuple[str, ...] = ()
    url: str = ""
    """In the file itself, which nobody else may read then."""
    place: Place = NOWHERE
    """Of the URL, which is a secret: it has the tokens of the service in it."""

    @property
    def way(self) -> str:
        """How it is told, in words without a secret."""
        return f"the command '{self.command[0]}'" if self.command else "a service"

    @property
    def who(self) -> str:
        return self.agent or f"queue {self.queue}"


@dataclass(frozen=True, slots=True)
class Hook:
    """A program elsewhere that is told of events."""

    name: str
    origin: str
    where: Endpoint
    secret: Place
    events: frozenset[str] = frozenset()
    """Empty: all that concern a ticket."""
    query: str = ""
    allow: tuple[Network, ...] = ()
    ca_file: str = ""
    restricted: bool = False
    """Whether it is told of restricted tickets, too."""

    @property
    def target(self) -> str:
        return BEFORE_HOOK + self.name


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it."""

    targets: tuple[Target, ...] = ()
    hooks: tuple[Hook, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.targets or self.hooks)

    def target(self, name: str) -> Target | Hook | None:
        every: list[Target | Hook] = [*self.targets, *self.hooks]
        found = {(one.target if isinstance(one, Hook) else one.name): one for one in every}
        return found.get(name)

    @property
    def names(self) -> list[str]:
        return [*(t.name for t in self.targets), *(h.target for h in self.hooks)]


def load(file: Path | None = None) -> Settings:
    """What the file says. Raises `Usage` with the line of what can't be understood."""
    notify, hooks = table("notify", file=file), table("webhook", file=file)
    if "oncall" in notify.values:
        raise Usage(
            f"{notify.place('oncall')}: who is on call is kept in the desk, for all to see.",
            "See: sdesk oncall --help",
        )
    notify.checked({"targets": dict})
    return Settings(
        tuple(_target(one) for one in _named(notify.inner("targets"))),
        tuple(_hook(one) for one in _named(hooks)),
    )


def _named(outer: Table) -> Iterable[Table]:
    """The tables inside one, each under its own name."""
    for name, value in outer.values.items():
        if not isinstance(value, dict):
            raise Usage(f"{outer.place(name)}: '{name}' is a table: [{outer.name}.{name}].")
        if not _NAME.fullmatch(name):
            raise Usage(
                f"{outer.place(name)}: '{name}' is no name.", "Use letters, digits and '-'."
            )
        yield outer.inner(name)


def _target(given: Table) -> Target:
    values, name = given.checked(_TARGET), given.name.rpartition(".")[2]
    if not values.get("agent") and not values.get("queue"):
        raise Usage(f"{given.place()}: '{name}' says neither agent nor queue.")
    if values.get("agent") and values.get("queue"):
        raise Usage(f"{given.place('queue')}: '{name}' is of an agent or of a queue, not both.")
    if values.get("on_call") and not values.get("agent"):
        raise Usage(f"{given.place('on_call')}: 'on_call' needs an agent.")
    place = _place(given, values, "url")
    ways = [way for way in ("command", "url") if values.get(way)] + (["place"] if place else [])
    if len(ways) != 1:
        raise Usage(
            f"{given.place()}: '{name}' has {'no way' if not ways else 'two ways'} to be told.",
            "Set one of url_file, url_command, url_credential, url_env, url or command.",
        )
    settings = {key: values[key] for key in ("agent", "queue", "on_call", "unless_seen", "url") if key in values}  # fmt: skip
    return Target(
        name, given.place(), **settings, **_when(given, values), place=place,
        command=_command(given, values),
    )  # fmt: skip


def _when(given: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Of what a target is told, and at which hours."""
    found: dict[str, Any] = {}
    for key in ("kinds", "loud"):
        if key in values:
            found[key] = frozenset(_words(given, key, values[key], KINDS))
    if "min_priority" in values:
        if values["min_priority"] not in (1, 2, 3, 4):
            raise Usage(f"{given.place('min_priority')}: a priority is 1, 2, 3 or 4.")
        found["min_priority"] = values["min_priority"]
    if values.get("quiet"):
        found["quiet"] = _read(given, "quiet", lambda: Quiet.parse(values["quiet"]))
    if values.get("batch"):
        found["batch"] = _read(given, "batch", lambda: parse_duration(values["batch"], "'batch'"))
        if found["batch"] > LONGEST_BATCH:
            raise Usage(f"{given.place('batch')}: 'batch' is an hour at most.")
    return found


def _command(given: Table, values: Mapping[str, Any]) -> tuple[str, ...]:
    command = tuple(values.get("command", ()))
    if command and not command[0].startswith("/"):
        raise Usage(
            f"{given.place('command')}: '{command[0]}' is no full path.",
            "For example: command = ['/usr/local/bin/page', 'ana']",
        )
    if any("\0" in word for word in command):
        raise Usage(f"{given.place('command')}: a word of 'command' holds a zero byte.")
    return command


def _hook(given: Table) -> Hook:
    values, name = given.checked(_HOOK), given.name.rpartition(".")[2]
    place = _place(given, values, "secret")
    if not place:
        raise Usage(
            f"{given.place()}: '{name}' has no secret to sign with.",
            "Set secret_file, for example.",
        )
    where = _read(given, "url", lambda: endpoint(values.get("url", "")))
    _read(given, "query", lambda: parse(values.get("query", "")))
    hook = Hook(
        name, given.place(), where, place,
        events=frozenset(_event(given, event) for event in values.get("events", ())),
        query=values.get("query", ""), allow=networks(values.get("allow", ()), given.place("allow")),
        ca_file=values.get("ca_file", ""), restricted=values.get("restricted", False),
    )  # fmt: skip
    if _is_literal(where):
        # What needs no name to be resolved is told before anything is sent.
        _read(given, "url", lambda: checked(where, hook.allow, lambda host, _: [host]))
    elif where.scheme == "http" and not hook.allow:
        raise Usage(f"{given.place('url')}: http without TLS goes to allowed addresses only.", "Use https.")  # fmt: skip
    return hook


def _is_literal(where: Endpoint) -> bool:
    return ":" in where.host or where.host.replace(".", "").isdigit()


def _event(given: Table, name: str) -> str:
    if not re.fullmatch(r"[a-z_]{1,40}", name):
        raise Usage(f"{given.place('events')}: '{name}' is no event.", "See: docs/notify.md")
    return name


def _words(given: Table, key: str, words: Iterable[str], known: tuple[str, ...]) -> Iterable[str]:
    for word in words:
        if word not in known:
            raise Usage(
                f"{given.place(key)}: there is no kind '{word}' of notices.",
                did_you_mean(word, known),
            )
        yield word


def _place(given: Table, values: Mapping[str, Any], name: str) -> Place:
    return credentials.place(values, given.place(), name)


def _read(given: Table, key: str, read: Any) -> Any:
    """What a value is read as; its refusal says where it stands."""
    try:
        return read()
    except SdeskError as error:
        raise Usage(f"{given.place(key)}: {error.message}", error.hint) from None


def unknown_names(
    settings: Settings, agents: Iterable[str], queues: Iterable[str]
) -> Iterable[tuple[str, str]]:
    """What targets name that is not there: the sentence, and its mend."""
    logins, keys = list(agents), list(queues)
    for target in settings.targets:
        if target.agent and target.agent not in logins:
            yield f"{target.origin}: no active agent '{target.agent}'", did_you_mean(target.agent, logins)  # fmt: skip
        for key in filter(None, (target.queue, target.on_call)):
            if key not in keys:
                yield f"{target.origin}: no queue '{key}'", did_you_mean(key, keys)
