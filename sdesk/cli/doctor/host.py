"""The host: Python, SQLite, time zone data, the clock."""

from __future__ import annotations

import sqlite3
import sys
import time
from typing import TYPE_CHECKING

from sdesk.cli.doctor.finding import Finding, note, ok, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

SAFE_PYTHON = {(3, 11): 15, (3, 12): 13, (3, 13): 12, (3, 14): 3}
"""From these on the library reads mail headers and HTML without the holes that intake would meet."""
FIRST_DAY = 1_767_225_600
"""2026-01-01: a clock before this program was written is wrong."""


def findings() -> Iterator[Finding]:
    yield python(sys.version_info[:3])
    yield sqlite(sqlite3.sqlite_version_info)
    yield clock(int(time.time()))
    yield zone_data()


def python(version: tuple[int, ...]) -> Finding:
    said = "Python " + ".".join(map(str, version))
    least = SAFE_PYTHON.get((version[0], version[1]))
    if least is not None and version[2] < least:
        mend = f"Update to {version[0]}.{version[1]}.{least} or newer before mail is taken in."
        return note("python", f"{said}: its mail and HTML readers have known holes", mend)
    return ok("python", said)


def sqlite(version: tuple[int, ...]) -> Finding:
    """SQLite 3.7.0 to 3.51.2 can damage a WAL when a checkpoint meets a write (mended in 3.50.7, 3.44.6)."""
    said = "SQLite " + ".".join(map(str, version))
    if version < (3, 35, 0):
        return wrong(
            "sqlite", f"{said} is too old", "Install Python with SQLite 3.35 or newer.", blocks=True
        )
    mended = version >= (3, 51, 3) or (version[:2] == (3, 50) and version >= (3, 50, 7)) or (version[:2] == (3, 44) and version >= (3, 44, 6))  # fmt: skip
    if mended:
        return ok("sqlite", said)
    return note("sqlite", f"{said}: affected by the WAL-reset fault; the write lock is active and keeps it away", "Never write to the store with other programs.")  # fmt: skip


def clock(now: int) -> Finding:
    if now < FIRST_DAY:
        day = time.strftime("%Y-%m-%d", time.gmtime(now))
        return wrong("clock", f"The clock says {day}", "Set the clock; let it be kept by NTP.")
    return ok("clock", time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now)))


def zone_data() -> Finding:
    import zoneinfo

    if zoneinfo.TZPATH and any(name for name in zoneinfo.available_timezones()):
        return ok("time zones", f"{len(zoneinfo.available_timezones())} zones known")
    return wrong("time zones", "No time zone data", "Install the package tzdata.")
