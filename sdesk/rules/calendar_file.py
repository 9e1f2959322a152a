"""A calendar as a TOML file that people edit, and single days of it. Pure."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from typing import Any

from sdesk.rules.calendar import Calendar
from sdesk.rules.hours import WEEK, CalendarError

_HEAD = """\
# Working hours. Times are HH:MM in the zone; 24:00 is midnight, and a closing time at or before the
# opening runs past midnight. A holiday is a date, or *-12-25 for every year. An exception gives a date
# its own hours ([] closes it), also a holiday; a break takes hours out of a date.
"""


def to_toml(spec: dict[str, Any]) -> str:
    """The text of a calendar's values (`Calendar.to_json`), which `from_toml` reads back."""
    lines = [_HEAD, f"zone = {_text(spec['zone'])}"]
    holidays = spec.get("holidays", ())
    lines += ["holidays = [", *(f"  {_text(day)}," for day in holidays), "]"]
    for table in ("hours", "exceptions", "breaks"):
        entries = spec.get(table, {})
        days = WEEK if table == "hours" else sorted(entries)
        lines += ["", f"[{table}]"]
        for day in days:
            name = day if table == "hours" else _text(day)
            lines.append(f"{name} = {_text([list(span) for span in entries.get(day, [])])}")
    return "\n".join(lines) + "\n"


def _text(value: Any) -> str:
    # JSON's texts and lists of texts are TOML's.
    return json.dumps(value, ensure_ascii=False)


def from_toml(text: str, name: str) -> dict[str, Any]:
    """The values of a calendar as written in a file. Raises `CalendarError`."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CalendarError(f"The file is no TOML: {error}.") from None
    if "holidays" in values and isinstance(values["holidays"], list):
        values["holidays"] = [_plain(day) for day in values["holidays"]]
    return Calendar.from_json({**values, "name": name}).to_json()


def _plain(day: object) -> str:
    """TOML has dates of its own, which people will write."""
    return day.isoformat() if isinstance(day, date) else str(day)


def with_day(spec: dict[str, Any], day: date, hours: str) -> dict[str, Any]:
    """The calendar with one date set: "open" (as its weekday), "closed", "08:00-12:00 13:00-15:00",
    or "weekly" ("usual") to follow weekly hours and holidays again. Raises `CalendarError`."""
    exceptions = dict(spec.get("exceptions", {}))
    match hours.strip().lower():
        case "weekly" | "usual":
            exceptions.pop(day.isoformat(), None)
        case "closed":
            exceptions[day.isoformat()] = []
        case "open":
            usual = spec["hours"].get(WEEK[day.weekday()], [])
            if not usual:
                raise CalendarError(
                    f"{day:%A}s have no hours to be open by.", "Give them: 08:00-12:00"
                )
            exceptions[day.isoformat()] = usual
        case spans:
            exceptions[day.isoformat()] = _spans(spans)
    return Calendar.from_json({**spec, "exceptions": exceptions}).to_json()


def with_weekday(spec: dict[str, Any], weekday: int, hours: str) -> dict[str, Any]:
    """The calendar with the hours of one day of the week (0: Monday), "closed" or intervals."""
    week = dict(spec["hours"])
    week[WEEK[weekday]] = [] if hours.strip().lower() == "closed" else _spans(hours)
    return Calendar.from_json({**spec, "hours": week}).to_json()


def _spans(text: str) -> list[list[str]]:
    """The intervals in "08:00-12:00, 13:00 – 16:00"; what is wrong in them is for the calendar to say."""
    joined = re.sub(r"\s*[-–]\s*", "-", text.strip())
    return [span.split("-", 1) for span in re.split(r"[\s,]+", joined) if span]
