"""Sentences for people: every way sdesk refuses, with the exit status and the mend."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice a person most likely meant, or None when nothing is near."""
    known = {choice.casefold(): choice for choice in choices}
    found = get_close_matches(word.casefold(), known, n=1, cutoff=0.6)
    if found:
        return known[found[0]]
    starts = [choice for key, choice in known.items() if word and key.startswith(word.casefold())]
    return starts[0] if len(starts) == 1 else None


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """The hint "Did you mean 'network'?", or the whole list when it is short, or nothing."""
    choices = list(choices)
    if (found := nearest(word, choices)) is not None:
        return f"Did you mean '{found}'?"
    if 0 < len(choices) <= 12:
        return "Known: " + ", ".join(choices) + "."
    return ""


class SdeskError(Exception):
    """A refusal a person can act on: one sentence, and a hint that says the mend."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class Refused(SdeskError):
    """The rules of the desk don't permit it."""


class Invalid(SdeskError):
    """A value that can't be what it should be; names the value and the place."""

    exit_code = 2


class Usage(SdeskError):
    """The command or configuration was put together wrongly."""

    exit_code = 2


class QueryError(Invalid):
    """A filter that can't be read. `column` counts from 1 in the text as typed."""

    def __init__(self, message: str, *, column: int, word: str = "", hint: str = "") -> None:
        super().__init__(f"Column {column}: {message}", hint)
        self.column = column
        self.word = word


class NotFound(SdeskError):
    """Nothing has that name or number."""

    exit_code = 3

    @classmethod
    def named(cls, what: str, name: str, choices: Iterable[str] = ()) -> NotFound:
        """No queue called 'netwrk'. Did you mean 'network'?"""
        return cls(f"No {what} called '{name}'.", did_you_mean(name, choices))


class Busy(SdeskError):
    """Another process holds the store longer than we are willing to wait."""

    exit_code = 4


class Stale(SdeskError):
    """Somebody changed the same field after the writer last looked.

    `field` is the field's name, `yours` what was to be written, `theirs` what stands there now.
    """

    def __init__(self, field: str, *, yours: object, theirs: object, by: str) -> None:
        super().__init__(
            f"{by} has changed {field} to '{theirs}' in the meantime.",
            f"Yours was '{yours}'. Look again, then decide.",
        )
        self.field, self.yours, self.theirs, self.by = field, yours, theirs, by


class StoreFault(SdeskError):
    """The store's file can't be used as it is: missing, foreign, damaged, read-only, too new."""


class Missing(NotFound):
    """There is no store at the place where it should be."""
