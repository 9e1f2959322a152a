"""A desk whose reads give hostile text wherever people's text stands, as if intake had cleaned nothing."""

from __future__ import annotations

import zlib
from dataclasses import fields, is_dataclass, replace
from typing import Any

from sdesk.desk import Desk
from sdesk.model import KeptMail

TEXTS = frozenset({
    "subject", "text", "author", "title", "wait_reason", "path", "site", "service", "organization", "phone", "note",
    "label", "told", "trouble", "host", "address", "signature", "requester", "reason", "comment", "summary", "name",
    "description", "external_source", "media", "email", "resolution_text", "rule", "why", "by", "shown", "policy",
    "step", "actor", "agent", "mailbox", "message_id", "handled_by", "due_target", "target", "said", "headings", "whom",
})  # fmt: skip
"""Fields that hold what people write, or what is shown as if they had."""
KEYED = {"View": {"name"}, "Agent": {"login"}, "Draft": {"text", "agent"}, "Entry": {"agent"}}
"""What the desk finds something by: a view that is called otherwise is another one."""


class Poisoned:
    """Reads, each text of which is one of the strings: another for each field and each value, and
    others in each round."""

    def __init__(self, reads: Any, strings: tuple[str, ...]) -> None:
        self._reads, self._strings = reads, strings
        self.round = 0
        self.given: set[str] = set()

    def held_mail(self, *_: object, **__: object) -> tuple[KeptMail, ...]:
        """One mail for each string."""
        mails = [
            KeptMail(n, 1, "", "hold", "why", "who", "what", None, 1, 9, False)
            for n in range(1, 41)
        ]
        return tuple(map(self.poison, mails))

    def mail_bytes(self, number: int) -> bytes:
        return b"From: x\r\n\r\n" + "\n".join(self._strings).encode("utf-8", "surrogatepass")

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._reads, name)
        if not callable(found) or name in ("ref", "resolve", "settings", "check"):
            return found
        return lambda *words, **named: self.poison(found(*words, **named))

    def poison(self, value: Any) -> Any:
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            kept = KEYED.get(type(value).__name__, set())
            return value._replace(
                **self._changed(value, [n for n in value._fields if n not in kept])
            )
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **self._changed(value, [f.name for f in fields(value) if f.init]))
        if isinstance(value, list | tuple):
            return type(value)(map(self.poison, value))
        return value

    def _changed(self, value: Any, names: list[str]) -> dict[str, Any]:
        changed: dict[str, Any] = {}
        for name in names:
            now = getattr(value, name)
            if name in TEXTS and isinstance(now, str) and type(now) is str:
                changed[name] = self._string(name, value) if now or name == "text" else now
            elif name == "tags" and isinstance(now, tuple):
                changed[name] = tuple(self._string(tag, value)[:40] for tag in (*now, "t"))
            elif name == "fields" and isinstance(now, dict):
                changed[name] = {**now, "room": self._string("room", value)}
            elif not isinstance(now, str):
                changed[name] = self.poison(now)
        return changed

    def _string(self, name: str, value: Any) -> str:
        at = zlib.crc32(f"{name} {getattr(value, 'id', '')} {getattr(value, 'key', '')}".encode())
        chosen = self._strings[(at + self.round) % len(self._strings)]
        self.given.add(chosen)
        return chosen


def poisoned(desk: Desk, strings: tuple[str, ...]) -> Poisoned:
    """Have this desk read so from now on."""
    reads = Poisoned(desk.read, strings)
    desk.read = reads  # type: ignore[assignment]
    telling = desk.announcements
    vars(desk)["announcements"] = lambda **named: reads.poison(telling(**named))
    return reads
