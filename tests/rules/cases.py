"""The shared cases of working time and SLA, read from beside the repository, never copied in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sdesk.rules.calendar import Calendar
from tests.each import each

FOLDER = Path(__file__).parents[2].parent / "shared" / "cases" / "sla"
CALENDAR_KEYS = ("hours", "holidays", "exceptions", "breaks")

Line = dict[str, Any]


def lines(name: str) -> list[Line]:
    """Every line of a file of cases; none when the shared folder is absent."""
    path = FOLDER / name
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def each_line(found: list[Line], name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A test of all the lines, or one that is skipped with the reason."""
    absent = f"{name} is not in ../shared/cases/sla beside the repository"
    return each("line", found, ids=lambda line: line["id"], absent=absent)


def calendar_of(line: Line) -> Calendar:
    spec = line["calendar"]
    return Calendar(
        zone=spec["tz"],
        name=line["id"],
        **{key: spec[key] for key in CALENDAR_KEYS if key in spec},
    )


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def second(text: str) -> int:
    return int(moment(text).timestamp())


def text_of(at: datetime) -> str:
    """The moment as the cases write it: "2015-02-27T09:44:59.7Z"."""
    whole = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{at.microsecond:06}".rstrip("0") if at.microsecond else ""
    return f"{whole}{fraction}Z"
