"""How a view looks: its columns with their widths, and the tones of what a query finds.

A look is kept as words: `number`, `assignee:12` (so many cells), `subject*` (what is left), and pairs
of a tone and a query. The standard library only: command line, screens and operations read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sdesk.errors import Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable

COLUMNS: dict[str, int] = {
    "number": 7, "priority": 1, "due": 10, "subject": 0, "requester": 16, "organization": 14,
    "assignee": 9, "owner": 9, "queue": 12, "state": 12, "kind": 9, "category": 16, "tags": 14,
    "created": 12, "updated": 12,
}  # fmt: skip
"""Column → its cells where none are named, and 0 for what is left. `field.NAME` is a custom field."""
FIELD = "field."
FIELD_WIDTH = 12
MOST_WIDTH = 200
MOST_COLUMNS = 20
MOST_COLOURS = 8
TONES: dict[str, str] = {
    "alert": "▲",
    "warn": "△",
    "good": "+",
    "info": "◆",
    "strong": "»",
    "quiet": "·",
}
"""Tone → the sign that says the same without colour."""


class Wanted(NamedTuple):
    """A column as somebody wants it; a width of 0 is what is left."""

    name: str
    width: int

    def word(self) -> str:
        if self.width == 0:
            return self.name if COLUMNS.get(self.name) == 0 else f"{self.name}*"
        own = COLUMNS.get(self.name, FIELD_WIDTH)
        return self.name if self.width == own else f"{self.name}:{self.width}"


def usual(name: str) -> Wanted:
    """The column with the width it has by itself."""
    return Wanted(name, COLUMNS.get(name, FIELD_WIDTH))


def parse_columns(text: str | Iterable[str]) -> tuple[Wanted, ...]:
    """The columns in "number,due,subject*,assignee:12"; none in an empty text. Raises `SdeskError`."""
    words = text.replace(",", " ").split() if isinstance(text, str) else list(text)
    found = tuple(_column(word) for word in words)
    names = [column.name for column in found]
    for name in names:
        if names.count(name) > 1:
            raise Invalid(f"Columns: '{name}' stands there twice.")
    if len(found) > MOST_COLUMNS:
        raise Invalid(f"Columns: {len(found)} of them; at most {MOST_COLUMNS}.")
    return found


def _column(word: str) -> Wanted:
    name, colon, width = word.rstrip("*").partition(":")
    _check_name(name)
    if word.endswith("*"):
        return Wanted(name, 0)
    if not colon:
        return usual(name)
    if not (width.isascii() and width.isdigit() and 1 <= int(width) <= MOST_WIDTH):
        raise Invalid(
            f"Column '{word}': the width is 1 to {MOST_WIDTH} cells.", f"For example {name}:12."
        )
    return Wanted(name, int(width))


def _check_name(name: str) -> None:
    if name not in COLUMNS and not (name.startswith(FIELD) and len(name) > len(FIELD)):
        raise NotFound.named("column", name, [*COLUMNS, f"{FIELD}NAME"])


def words(columns: Iterable[Wanted]) -> tuple[str, ...]:
    """The columns as they are kept."""
    return tuple(column.word() for column in columns)


def check_colours(colours: Iterable[tuple[str, str]]) -> None:
    """Raises `SdeskError` for a tone that isn't one; what the queries say is the desk's to check."""
    pairs = list(colours)
    if len(pairs) > MOST_COLOURS:
        raise Invalid(f"Colours: {len(pairs)} of them; at most {MOST_COLOURS}.")
    for tone, query in pairs:
        if tone not in TONES:
            raise NotFound.named("tone", tone, TONES)
        if not query.strip():
            raise Invalid(
                f"Colour '{tone}': the query is missing.", f"For example: {tone} priority:1"
            )


def fields_of(columns: Iterable[Wanted]) -> tuple[str, ...]:
    """The custom fields among the columns, without their prefix."""
    return tuple(c.name.removeprefix(FIELD) for c in columns if c.name.startswith(FIELD))
