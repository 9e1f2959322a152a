"""`init`: a new desk, with what `setup_defaults` lays down."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import Store
from sdesk.cli.output import put
from sdesk.errors import StoreFault

app = typer.Typer()


@app.command(
    "init",
    epilog="Example: sdesk init --name 'Acme IT' --prefix IT --zone Europe/Helsinki --country FI",
)
def init(
    name: Annotated[str | None, typer.Option(metavar="NAME", help="What the desk is called.", show_default=False)] = None,
    prefix: Annotated[str | None, typer.Option(metavar="PREFIX", help="Stands before ticket numbers: SD-1042.", show_default=False)] = None,
    zone: Annotated[str | None, typer.Option(metavar="ZONE", help="The office's time zone; else this host's.", show_default=False)] = None,
    country: Annotated[str | None, typer.Option(metavar="CODE", help="Whose public holidays count: FI, or DE-BY; none for none.", show_default=False)] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take the defaults.")] = False,
    store: Store = None,
) -> None:  # fmt: skip
    """Make a new desk; you become its administrator.

    It begins with two tiers of queues, an office calendar with the country's public holidays,
    promises by priority, states, categories, views and templates. All of it can be changed.
    """
    from sdesk.store.place import is_there, real

    place = session.place(store)
    if "://" not in place and is_there(real(place)):
        raise StoreFault(f"{place} is there already.", "Choose another place with --store.")
    asks = not yes and sys.stdin.isatty() and sys.stdout.isatty()
    local = system_zone()
    name = _ask("Name of the desk", name, "Service desk", asks)
    prefix = _ask("Prefix of ticket numbers", prefix, "SD", asks)
    zone = _ask("Time zone", zone, local, asks)
    country = _ask(
        "Country for public holidays ('none' for none)", country, country_of(zone) or "none", asks
    )
    create(
        place,
        name=name,
        prefix=prefix,
        zone=zone,
        country="" if country.casefold() == "none" else country,
    )


def _ask(question: str, given: str | None, default: str, asks: bool) -> str:
    if given is not None:
        return given.strip()
    return str(typer.prompt(question, default=default, err=True)).strip() if asks else default


def create(place: str, *, name: str, prefix: str, zone: str, country: str) -> None:
    """Make the store and say what is in it."""
    from datetime import date

    from sdesk.desk import Desk
    from sdesk.setup_defaults import default_setup
    from sdesk.store.place import shown

    login, person = session.me(place)
    setup = default_setup(
        name=name, prefix=prefix, zone=zone, country=country, admin_login=login,
        admin_name=person, year=date.today().year,
    )  # fmt: skip
    with Desk.create(place, setup=setup, actor=login) as desk:
        put(shown(desk.place))
        queues = ", ".join(queue.key for queue in desk.read.queues())
        holidays = f"public holidays of {country.upper()}" if country else "no public holidays"
        session.say(f"{name} is ready. {login} is its administrator.")
        session.say(f"Queues: {queues}. Hours: {desk.settings.calendar}, {zone}, {holidays}.")
        session.say("Next: sdesk agents add LOGIN · sdesk new SUBJECT · sdesk")


def system_zone() -> str:
    """This host's time zone by its IANA name; UTC when it can't be told."""
    for candidate in (
        os.environ.get("TZ", "").lstrip(":"),
        _link("/etc/localtime"),
        _text("/etc/timezone"),
    ):
        if candidate and _is_zone(candidate):
            return candidate
    return "UTC"


def _link(path: str) -> str:
    try:
        return str(Path(path).resolve()).rpartition("/zoneinfo/")[2]
    except OSError:
        return ""


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def country_of(zone: str) -> str:
    """The first country of a zone by the time zone data's own table: FI for Europe/Helsinki; "" if unknown."""
    for line in _zone_table().splitlines():
        columns = line.split("\t")
        if len(columns) > 2 and not line.startswith("#") and columns[2] == zone:
            return columns[0].split(",")[0]
    return ""


def _zone_table() -> str:
    from importlib.resources import files

    try:
        return Path("/usr/share/zoneinfo/zone.tab").read_text(encoding="utf-8")
    except OSError:
        try:
            return (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
        except (ModuleNotFoundError, OSError):
            return ""
