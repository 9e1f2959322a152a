"""A calendar as a TOML file that people edit, and single days of it. Pure."""

from __future__ import annotations

import json
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
    """The calendar with one date set: "open" (as its weekday), "closed", "08:00-12:00,13:00-15:00",
    or "weekly" to follow weekly hours and holidays again. Raises `CalendarError`."""
    exceptions = dict(spec.get("exceptions", {}))
    match hours.strip().lower():
        case "weekly":
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
            exceptions[day.isoformat()] = [span.strip().split("-", 1) for span in spans.split(",")]
    return Calendar.from_json({**spec, "exceptions": exceptions}).to_json()
