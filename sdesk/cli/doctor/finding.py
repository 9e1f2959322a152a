"""One thing the doctor looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    OK = "ok"
    NOTE = "note"
    """Worth knowing; nothing breaks by it."""
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was found, and what to do about it."""

    check: str
    verdict: Verdict
    said: str
    mend: str = ""
    blocks: bool = False
    """Whether the store can't be opened because of it."""

    @property
    def style(self) -> str:
        return {Verdict.OK: "good", Verdict.NOTE: "warn", Verdict.WRONG: "bad"}[self.verdict]


def ok(check: str, said: str) -> Finding:
    return Finding(check, Verdict.OK, said)


def note(check: str, said: str, mend: str = "") -> Finding:
    return Finding(check, Verdict.NOTE, said, mend)


def wrong(check: str, said: str, mend: str, *, blocks: bool = False) -> Finding:
    return Finding(check, Verdict.WRONG, said, mend, blocks)
