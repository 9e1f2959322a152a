"""JSON from outside, within bounds, and values of it as clean texts and instants."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from sdesk.errors import Invalid
from sdesk.model import Instant
from sdesk.text import clean, clean_line, cut

MOST = 4 * 1024 * 1024
"""Bytes of a payload."""
DEPTH = 24
DIGITS = 40
"""Of a number, as it is written."""
LABELS = 64
LINE, TEXT = 500, 20_000
"""Characters of a value on one line, and of a text."""
EARLIEST, LATEST = 631_152_000, 4_102_444_800
"""Instants from 1990 to 2100; others are mistaken or mean nothing."""


def load(payload: bytes, place: str = "The payload") -> Any:
    """The JSON value. Raises `Invalid` with line and column, or what is too much."""
    text = decoded(payload, place)
    try:
        value = json.loads(
            text, parse_int=_integer, parse_float=_float, parse_constant=_constant,
            object_pairs_hook=_object,
        )  # fmt: skip
    except json.JSONDecodeError as error:
        raise Invalid(
            f"{place} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}."
        ) from None
    except RecursionError:
        raise Invalid(f"{place} is nested deeper than {DEPTH} levels.") from None
    except _Unfit as unfit:
        raise Invalid(f"{place}: {unfit}") from None
    _check_depth(value, place)
    return value


def decoded(payload: bytes, place: str) -> str:
    """The text of a payload. Raises `Invalid` where it is too long or no UTF-8."""
    if len(payload) > MOST:
        raise Invalid(f"{place} has {len(payload):,} bytes; {MOST:,} are the most.")
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"{place} is not UTF-8: byte {error.start + 1}.") from None
    if not text.strip():
        raise Invalid(f"{place} is empty.")
    return text


class _Unfit(Exception):
    """Why a value can't be taken."""


def _integer(text: str) -> int:
    if len(text) > DIGITS:
        raise _Unfit(f"a number with {len(text):,} digits is no number of an alert.")
    return int(text)


def _float(text: str) -> float:
    if len(text) > DIGITS or not math.isfinite(value := float(text)):
        raise _Unfit(f"the number {cut(text, DIGITS)} is out of all bounds.")
    return value


def _constant(text: str) -> NoReturn:
    raise _Unfit(f"{text} is no number.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise _Unfit(f"the key '{line(twice, 60)}' stands twice in one object.")
    return made


def _check_depth(value: Any, place: str) -> None:
    level = [value]
    for _ in range(DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise Invalid(f"{place} is nested deeper than {DEPTH} levels.")


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return [one for one in value.values() if isinstance(one, dict | list)]
    if isinstance(value, list):
        return [one for one in value if isinstance(one, dict | list)]
    return ()


# Values


def line(value: object, most: int = LINE) -> str:
    """A plain value as clean text on one line; nothing of what is no plain value, or no text at all."""
    return cut(clean_line(_plain(value)[: most * 4]), most)


def words(value: object, most: int = TEXT) -> str:
    """A plain value as clean text."""
    return cut(clean(_plain(value)[: most * 4]).strip(), most)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        return ""
    text = str(value)
    return "" if text in _UNFILLED or _MACRO.fullmatch(text) else text


_MACRO = re.compile(r"\{[A-Z][A-Z0-9_.]{0,80}\}|\$[A-Z][A-Z0-9_]{0,80}\$?")
"""A placeholder that the monitor has not filled in: {EVENT.ID}, $SERVICEDESC$."""
_UNFILLED = ("*UNKNOWN*", "None", "null")


def at(value: Any, path: str) -> Any:
    """What lies at a dotted path; None where there is nothing."""
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def first(record: Mapping[str, Any], paths: Iterable[str], most: int = LINE) -> str:
    """The first of the paths that has some text, on one line."""
    return next((found for path in paths if (found := line(at(record, path), most))), "")


def labels_of(*found: object) -> dict[str, str]:
    """Labels and annotations as clean text, in order; `[{"key": …, "value": …}]` as well."""
    made: dict[str, str] = {}
    for one in found:
        for name, value in _pairs(one):
            if (name := line(name, 100)) and (text := line(value)) and len(made) < LABELS:
                made.setdefault(name, text)
    return made


def _pairs(found: object) -> Iterable[tuple[object, object]]:
    if isinstance(found, dict):
        return found.items()
    if not isinstance(found, list):
        return ()
    pairs: list[tuple[object, object]] = []
    for one in found:
        if isinstance(one, dict) and ("key" in one or "tag" in one or "name" in one):
            value = one.get("value")
            if isinstance(value, dict):
                value = next(iter(value.values()), "")
            pairs.append((one.get("key") or one.get("tag") or one.get("name"), value))
        elif isinstance(one, str) and ":" in one:
            name, _, value = one.partition(":")
            pairs.append((name, value))
    return pairs


_STAMP = re.compile(
    r"(\d{4})[-/.](\d\d)[-/.](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d{1,12})?"
    r"\s{0,2}(Z|UTC|GMT|[+-]\d\d[:.]?\d\d)(?: UTC)?"
)


def instant(value: object) -> Instant | None:
    """The instant of an RFC 3339 text with a zone, or of seconds or milliseconds since 1970.

    None for what can't be read, has no zone, or lies outside of 1990 to 2100 (0001-01-01 stands for
    "not yet").
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float) or (
        isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16
    ):
        return _counted(float(value))  # fmt: skip
    found = _STAMP.match(value[:60].strip()) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        made = datetime(*(int(found[n]) for n in range(1, 7)), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        return None
    return _within(int(made.timestamp()) - _offset(found[7]))


def _offset(zone: str) -> int:
    if zone in ("Z", "UTC", "GMT"):
        return 0
    digits = zone[1:].replace(":", "").replace(".", "")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds


def _counted(number: float) -> Instant | None:
    return _within(int(number / 1000 if number > LATEST else number))


def _within(seconds: int) -> Instant | None:
    return seconds if EARLIEST <= seconds < LATEST else None
