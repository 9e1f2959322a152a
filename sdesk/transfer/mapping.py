"""Which column of a file is which field of a ticket, and how a cell becomes that field's value.

A target is a field's name, `field.NAME` for a custom field, or `-` for a column to leave out. Numbers,
roles and everything the desk keeps for its own book-keeping are no targets: a file can't set them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sdesk.errors import Invalid, Usage, did_you_mean, nearest
from sdesk.ops import MAX_TEXT
from sdesk.text import clean, clean_line
from sdesk.transfer.words import CHANNELS, KINDS, LEVELS, PRIORITIES, plain, slug

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sdesk.transfer.dates import DateReader
    from sdesk.transfer.presets import Preset

SKIP = "-"
FIELDS = {
    "external_id": "the number it has in the other system; a second import knows it by this",
    "external_source": "our own exports: which other system that number is of",
    "ref": "our own exports: the number it had on the desk it comes from",
    "subject": "one line",
    "text": "the first message",
    "kind": "incident, request, question, complaint, problem, change or release",
    "state": "a state of this desk, or a word for one that other desks use",
    "impact": "1 high, 2 medium, 3 low, or those words; 4 and 5 count as low",
    "urgency": "like impact",
    "priority": "1 to 4, P1 to P5, or a word; without it impact and urgency decide",
    "category": "a path (Hardware / Printer) or its first part",
    "subcategory": "further parts of the path; several columns in their order",
    "queue": "a queue's name or key; made where it is missing",
    "assignee": "an agent by login, name or address; made, inactive, where missing",
    "owner": "like assignee",
    "requester": "a name, an address, or Name <address>",
    "requester_email": "the requester's address",
    "requester_phone": "the requester's telephone number",
    "organization": "the requester's organization",
    "service": "the service concerned",
    "channel": "phone, mail, web, chat, walk-in, monitoring or import",
    "tags": "words, parted by commas, semicolons or white space",
    "resolution_code": "how it was solved",
    "restricted": "yes or no",
    "created_at": "when it was opened",
    "updated_at": "when it last changed",
    "first_answered_at": "when it was first answered",
    "resolved_at": "when it was resolved",
    "closed_at": "when it was closed",
    "opened_by": "who recorded it",
    "resolved_by": "who resolved it",
    "comment": "date;author;text, or a text alone; several columns",
    "note": "like comment, for agents only",
    "conversation": "JSON lines only: a list of {at, kind, author, text}",
    "fields": "JSON lines only: an object of custom fields",
    "row_at": "event logs: when this row was written",
    "row_by": "event logs: who wrote it",
}
DATES = ("created_at", "updated_at", "first_answered_at", "resolved_at", "closed_at", "row_at")
SEVERAL = ("tags", "comment", "note", "subcategory", SKIP)
"""Targets that more than one column may have; their values add up."""
INTERNAL = frozenset((
    "id", "version", "role", "roles", "is_agent", "is_admin", "admin", "agent_role", "password",
    "password_hash", "hash", "audit_hash", "digest", "salt", "last_event", "event_id", "batch", "owner_uid",
    "uid", "user_id", "permissions", "live", "created_by_id", "is_staff", "is_superuser", "superuser",
    "chain", "prev_hash", "previous_hash", "event_hash", "row_hash", "erased_at", "verified_at",
))  # fmt: skip
_ADDRESS = re.compile(r"[^\s@,;:<>()\"\\]+@[^\s@,;:<>()\"\\]+\Z")
_NAMED_ADDRESS = re.compile(r"\"?([^<>\"]*?)\"?\s*<([^<>]+)>\s*\Z")
_LEVEL = re.compile(r"\s*\(?p?([0-5])\)?(?:\s*[-–:.]\s*[^\s\d].*)?\Z", re.I)
_SIGNED = re.compile(r"\s*[-+\u2212]\s*\d")
_TAG_PARTS = re.compile(r"[,;\s]+")
_FIELD_NAME = re.compile(r"field\.[\w-]{1,60}\Z")
_UNREAD = object()
_MOST_REMEMBERED = 20_000
_TRUE, _FALSE = (
    frozenset(("yes", "true", "1", "y", "x", "si", "ja", "oui")),
    frozenset(("no", "false", "0", "n", "nein", "non", "")),
)


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Column number → target, and the columns that are left out."""

    header: tuple[str, ...]
    targets: tuple[str, ...]
    repeated: tuple[tuple[int, int], ...] = ()
    """Columns that are there twice under one name, where that is told of: the first one, a later one."""

    @property
    def used(self) -> list[tuple[str, str]]:
        return [(c, t) for c, t in zip(self.header, self.targets, strict=True) if t != SKIP]

    @property
    def left_out(self) -> list[str]:
        return [c for c, t in zip(self.header, self.targets, strict=True) if t == SKIP]

    def columns(self, target: str) -> list[int]:
        return [i for i, each in enumerate(self.targets) if each == target]


def parse_choices(texts: Sequence[str]) -> dict[str, str]:
    """`--map column=field` as given. Raises `Usage`."""
    choices: dict[str, str] = {}
    for text in texts:
        column, sep, target = text.rpartition("=")
        target = target.strip()
        if not sep or not column.strip() or not target:
            raise Usage(
                f"--map '{text}': write it as column=field.", "For example: --map Title=subject"
            )
        if column.strip() == "*":
            if target not in ("field", "field.*", SKIP):
                raise Usage(
                    "--map '*=…': the rest becomes custom fields (*=field) or is left out (*=-)."
                )
        elif target not in FIELDS and target != SKIP and not _FIELD_NAME.match(target):
            hint = (
                did_you_mean(target, FIELDS)
                or "Custom fields are written field.NAME; - leaves a column out."
            )
            raise Usage(f"--map '{text}': there is no field '{target}'.", hint)
        choices[plain(column) if column.strip() != "*" else "*"] = target
    return choices


def map_columns(header: Sequence[str], preset: Preset, choices: Mapping[str, str]) -> ColumnMap:
    """The target of every column. Raises `Usage` for columns nobody knows, doubled and missing ones."""
    known = {plain(name) for name in header}
    for column in choices:
        if column != "*" and column not in known:
            raise Usage(f"--map: the file has no column '{column}'.", did_you_mean(column, header))
    chosen = {choices[plain(name)] for name in header if plain(name) in choices}
    targets: list[str] = []
    unknown: list[str] = []
    repeated: list[tuple[int, int]] = []
    for name in header:
        target = choices.get(plain(name)) or preset.target(name)
        if target in chosen and plain(name) not in choices and target not in SEVERAL:
            # A person's own choice for a field puts the preset's column for it aside.
            target = SKIP
        if target in targets and target not in SEVERAL and name in header[: len(targets)]:
            # A header that repeats (Jira's do): its first column speaks.
            target = SKIP
            if not preset.skips_unknown:
                repeated.append((header.index(name), len(targets)))
        if target is None:
            target = _rest(name, choices.get("*", ""), preset)
        if target is None:
            unknown.append(name)
        targets.append(target or SKIP)
    if unknown:
        raise _unknown(unknown, preset)
    mapping = ColumnMap(tuple(header), tuple(targets), tuple(repeated))
    _check_doubled(mapping)
    _check_required(mapping, preset)
    return mapping


def _rest(name: str, choice: str, preset: Preset) -> str | None:
    if not plain(name):
        return SKIP
    if choice == SKIP or (preset.skips_unknown and not choice):
        return SKIP
    if choice and plain(name).replace(" ", "_") not in INTERNAL:
        return "field." + plain(name).replace(" ", "_")[:60]
    return None


def _unknown(names: list[str], preset: Preset) -> Usage:
    internal = [name for name in names if plain(name).replace(" ", "_") in INTERNAL]
    if internal:
        return Usage(
            "A file can't set " + ", ".join(f"'{name}'" for name in internal[:8]) + ".",
            f"Leave such a column out with --map '{internal[0]}=-'; nothing was imported.",
        )
    return Usage(
        f"The preset '{preset.name}' doesn't know the column{'s' if len(names) > 1 else ''} "
        + ", ".join(f"'{name}'" for name in names[:8]) + ("…" if len(names) > 8 else "") + ".",
        f"Say what it is with --map '{names[0]}=subject', keep the rest as custom fields with --map '*=field', "
        "or leave it out with --map '*=-'.",
    )  # fmt: skip


def _check_doubled(mapping: ColumnMap) -> None:
    seen: dict[str, str] = {}
    for column, target in mapping.used:
        if target in seen and target not in SEVERAL:
            raise Usage(
                f"The columns '{seen[target]}' and '{column}' are both '{target}'.",
                f"Leave one out with --map '{column}=-'.",
            )
        seen[target] = column


def _check_required(mapping: ColumnMap, preset: Preset) -> None:
    if not mapping.header:
        return
    for alternatives in preset.required:
        if not any(target in mapping.targets for target in alternatives):
            needed = " or ".join(f"'{target}'" for target in alternatives)
            names = ", ".join(preset.names_of(alternatives[0])[:4])
            raise Usage(
                f"There is no column for {needed}" + (f" (such as {names})." if names else "."),
                f"Say which one it is with --map COLUMN={alternatives[0]}.",
            )


class CellReader:
    """Cells → values of one file, with its dates and its words. Repeated cells are read once."""

    def __init__(self, preset: Preset, dates: DateReader, states: Mapping[str, str]) -> None:
        self._preset, self._dates = preset, dates
        self._states = states
        self._readers: dict[str, Callable[[str], Any]] = {
            "state": self._state,
            "impact": self._level("impact"),
            "urgency": self._level("urgency"),
            "priority": self._priority,
            "kind": self._word("kind", KINDS),
            "channel": self._word("channel", CHANNELS),
            "restricted": _claim,
            "tags": _tags,
            "text": _text,
            "comment": str,
            "note": str,
            "requester": read_person,
            "requester_email": _address,
            "conversation": _not_as_text,
            "fields": _not_as_text,
            **dict.fromkeys(DATES, dates),
        }
        self.known: defaultdict[str, dict[str, Any]] = defaultdict(dict)

    def read(self, target: str, cell: Any) -> Any:
        """The value of a cell, None for an empty one. Raises `Invalid` that names the field."""
        if cell.__class__ is not str:
            if cell is None:
                return None
            cell = _from_json(target, cell)
            if not isinstance(cell, str):
                return cell
        known = self.known[target]
        found = known.get(cell, _UNREAD)
        if found is _UNREAD:
            found = None if cell.strip() in self._preset.nulls else self._value(target, cell)
            if len(cell) < 80 and len(known) < _MOST_REMEMBERED:
                known[cell] = found
        return found

    def _value(self, target: str, cell: str) -> Any:
        reader = self._readers.get(target, clean_line)
        try:
            return reader(cell)
        except Invalid as error:
            raise Invalid(f"{target}: {error.message}", error.hint) from None

    def _state(self, cell: str) -> str:
        found = self._states.get(plain(cell)) or self._states.get(cell.strip())
        if found is None:
            word = clean_line(cell)[:60]
            key = nearest(word, set(self._states.values())) or "open"
            raise Invalid(
                f"'{word}' is no state of this desk.",
                f"Say which one is meant, such as --state '{word}={key}'.",
            )
        return found

    def _word(self, what: str, table: Mapping[str, str]) -> Callable[[str], str]:
        default = self._preset.otherwise.get(what)

        def read(cell: str) -> str:
            found = table.get(plain(cell)) or default
            if found is None:
                raise Invalid(
                    f"'{clean_line(cell)[:60]}' is not known.",
                    did_you_mean(cell, set(table.values())),
                )
            return str(found)

        return read

    def _level(self, what: str) -> Callable[[str], int]:
        def read(cell: str) -> int:
            if match := _LEVEL.match(cell):
                # 0 stands for "not set" wherever it is found; scales of four and five end in low.
                return {0: 2, 1: 1, 2: 2}.get(int(match[1]), 3)
            if (found := _word_of(LEVELS, cell)) is None:
                raise Invalid(
                    f"'{clean_line(cell)[:60]}' is no {what}.", "1 high, 2 medium, 3 low."
                )
            return found

        return read

    def _priority(self, cell: str) -> int:
        match = _LEVEL.match(cell)
        if match and match[1] != "0":
            return min(int(match[1]), 4)
        if (found := _word_of(PRIORITIES, cell)) is None:
            raise Invalid(
                f"'{clean_line(cell)[:60]}' is no priority.",
                "1 critical, 2 high, 3 moderate, 4 low.",
            )
        return found


def _word_of(table: Mapping[str, int], cell: str) -> int | None:
    """A sign is no part of a word, and yet -1 is not 1."""
    return None if _SIGNED.match(cell) else table.get(plain(cell))


def _from_json(target: str, cell: Any) -> Any:
    """JSON's own kinds where they fit: numbers for numbers and dates, lists of tags, claims."""
    if isinstance(cell, bool):
        if target == "restricted":
            return "yes" if cell else "no"
    elif isinstance(cell, int):
        return str(cell)
    elif isinstance(cell, list):
        if target == "tags" and all(isinstance(each, str) for each in cell):
            return ",".join(cell)
        if target == "conversation" and all(isinstance(each, dict) for each in cell):
            return cell
    elif isinstance(cell, dict) and target == "fields":
        if all(
            isinstance(each, str) and _FIELD_NAME.match(f"field.{key}")
            for key, each in cell.items()
        ):
            return cell
    elif isinstance(cell, float) and target.startswith("field."):
        return repr(cell)
    names = {bool: "true or false", float: "a fraction", list: "a list", dict: "an object"}
    raise Invalid(f"{target}: {names.get(type(cell), 'this')} doesn't fit here.")


def _not_as_text(cell: str) -> None:
    raise Invalid(f"'{clean_line(cell)[:40]}' is a text; JSON lines hold a list or an object here.")


def _claim(cell: str) -> bool:
    word = plain(cell)
    if word not in _TRUE and word not in _FALSE:
        raise Invalid(f"'{clean_line(cell)[:40]}' is neither yes nor no.")
    return word in _TRUE


def _tags(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag for part in _TAG_PARTS.split(cell) if (tag := as_tag(part))))


def as_tag(text: str) -> str:
    return re.sub(r'[\s,"()]+', "-", clean_line(text).lower())[:60].strip("-")


def _text(cell: str) -> str:
    if len(cell) > MAX_TEXT:
        raise Invalid(f"{len(cell):,} characters are more than the {MAX_TEXT:,} that are kept.")
    return clean(cell).strip("\n")


def _address(cell: str) -> str:
    address = cell.strip()
    if not _ADDRESS.match(address) or clean_line(address) != address or not address.isprintable():
        raise Invalid(f"'{clean_line(cell)[:80]}' is not an e-mail address.")
    return address


def read_person(cell: str) -> tuple[str, str]:
    """(name, address) of "Name <address>", an address, or a name. Raises `Invalid` for a bad address."""
    text = cell.strip()
    if match := _NAMED_ADDRESS.match(text):
        address = _address(match[2])
        return clean_line(match[1]) or address, address
    if "@" in text and " " not in text:
        return text, _address(text)
    return clean_line(text)[:200], ""


def person_key(name: str) -> str:
    """The login an agent known by name only is given: "Resolver 17" is "resolver-17"."""
    return slug(name)
