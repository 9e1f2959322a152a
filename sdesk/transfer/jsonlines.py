"""One JSON object a line. What JSON leaves open is closed here: a line with a key twice, a number out
of all proportion, NaN or half a character is refused, and the lines around it go in."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from sdesk.errors import Invalid
from sdesk.text import clean_line
from sdesk.transfer.csvfile import MAX_COLUMNS, Encoding, not_decodable, open_text
from sdesk.transfer.records import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.transfer.source import SourceFile

_MOST_DIGITS = 18
_HALVES = re.compile("[\ud800-\udfff\x00]")
_MOST_DEPTH = 4


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key '{clean_line(twice)[:60]}' is there twice")
    return record


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a number of {len(text):,} digits")
    return int(text)


def _real(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:20]} is too large")
    return value


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a number of JSON")


def parse_line(text: str) -> dict[str, Any]:
    """The object of one line. Raises `Invalid` with the reason."""
    try:
        record = json.loads(
            text,
            object_pairs_hook=_pairs,
            parse_int=_whole,
            parse_float=_real,
            parse_constant=_no_constant,
        )
    except RecursionError:
        raise Invalid("It is nested too deeply.") from None
    except json.JSONDecodeError as error:
        said = f"{error.msg}, at character {error.colno}"
        raise Invalid(f"It can't be read as JSON: {said}.") from None
    except ValueError as error:
        raise Invalid(f"It can't be read as JSON: {error}.") from None
    if not isinstance(record, dict):
        raise Invalid("It is not an object: a line begins with { and ends with }.")
    for key, value in record.items():
        _check(key, _MOST_DEPTH)
        _check(value, _MOST_DEPTH)
    return record


def _check(value: Any, depth: int) -> None:
    if depth == 0:
        raise Invalid("It is nested too deeply.")
    if isinstance(value, str):
        if _HALVES.search(value):
            raise Invalid("It holds half a character (a lone surrogate) or a NUL.")
    elif isinstance(value, dict):
        for key, each in value.items():
            _check(key, depth - 1)
            _check(each, depth - 1)
    elif isinstance(value, list):
        for each in value:
            _check(each, depth - 1)


class JsonLines:
    """A file of objects. Its header is every key of every line, in the order they are first seen."""

    kind = "jsonl"
    delimiter = ","

    def __init__(self, source: SourceFile, encoding: Encoding) -> None:
        self.source, self.encoding = source, encoding
        keys = self._keys()
        self._index = {key: i for i, key in enumerate(keys)}
        self.header = tuple(map(clean_line, keys))

    def describe(self) -> str:
        return f"{'gzipped ' if self.source.packed else ''}JSON lines, {self.encoding.name}"

    def _lines(self) -> Iterator[tuple[int, str]]:
        number = 0
        with open_text(self.source, self.encoding) as stream:
            try:
                for number, text in enumerate(stream, 1):
                    if stripped := text.strip("\ufeff \t\r\n"):
                        yield number, stripped
            except UnicodeError as error:
                raise not_decodable(self.source, self.encoding, number, error) from None

    def _keys(self) -> tuple[str, ...]:
        keys: dict[str, None] = {}
        for _, text in self._lines():
            try:
                keys.update(dict.fromkeys(parse_line(text)))
            except Invalid:
                continue
            if len(keys) > MAX_COLUMNS:
                raise Invalid(
                    f"More than {MAX_COLUMNS:,} different keys: this doesn't look like tickets."
                )
        return tuple(keys)

    def rows(self) -> Iterator[Row]:
        """Every line that isn't blank; one that can't be read has no cells."""
        for number, text in self._lines():
            try:
                record = parse_line(text)
            except Invalid:
                yield Row(number, (), text)
                continue
            cells: list[Any] = [None] * len(self.header)
            for key, value in record.items():
                if key not in self._index:
                    raise self.source.changed()
                cells[self._index[key]] = value
            yield Row(number, tuple(cells), text)

    def wrong(self, row: Row) -> str:
        """Why the line can't be read, or nothing."""
        if row.cells:
            return ""
        try:
            parse_line(row.raw)
        except Invalid as error:
            return str(error)
        return ""
