"""`calendar`: working hours and holidays, shown, asked and changed."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdesk.cli import session
from sdesk.cli.options import Format, RowFormat, Store
from sdesk.cli.output import put
from sdesk.errors import NotFound, SdeskError, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.desk import Desk
    from sdesk.rules.calendar import Calendar

app = typer.Typer()
calendar = typer.Typer(
    invoke_without_command=True, epilog='Example: sdesk calendar show "Helsinki office"'
)
app.add_typer(calendar, name="calendar")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SOON = 180
"""Days before the last dated holiday on which `check` begins to say so."""

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]


@calendar.callback()
def list_calendars(context: typer.Context, form: RowFormat = None, store: Store = None) -> None:
    """Show, ask and change working hours and holidays."""
    if context.invoked_subcommand is not None:
        return
    from sdesk.cli.output import Column, emit

    with session.open_desk(store) as desk:
        columns: list[Column[tuple[str, dict[str, Any]]]] = [
            Column("name", lambda row: row[0]),
            Column("zone", lambda row: row[1].get("zone", "")),
            Column("holidays", lambda row: len(row[1].get("holidays", ())), right=True),
            Column("used_by", lambda row: _users(desk, row[0])),
        ]
        emit(desk.read.calendars().items(), columns, form)


def _users(desk: Desk, name: str) -> list[str]:
    return [f"{kind}:{user}" if user else kind for kind, user in desk.read.calendar_users(name)]


def _spec(desk: Desk, name: str) -> dict[str, Any]:
    known = desk.read.calendars()
    if name not in known:
        raise NotFound.named("calendar", name, known)
    return known[name]


def _made(desk: Desk, name: str) -> Calendar:
    from sdesk.rules.calendar import Calendar

    return Calendar.from_json({**_spec(desk, name), "name": name})


@calendar.command("show", epilog='Example: sdesk calendar show "Helsinki office" --year 2027')
def show(
    name: Name,
    year: Annotated[int, typer.Option(metavar="YEAR", help="Whose closed days; else this year.", show_default=False)] = 0,
    toml: Annotated[bool, typer.Option("--toml", help="As the file that load takes.")] = False,
    form: Annotated[Format, typer.Option("--format", help="table, or json.")] = Format.TABLE,
    store: Store = None,
) -> None:  # fmt: skip
    """Show weekly hours, and the days of a year that differ from them."""
    from sdesk.present import local
    from sdesk.rules.calendar_file import to_toml

    with session.open_desk(store) as desk:
        made = _made(desk, name)
        spec = made.to_json()
        if toml:
            print(to_toml(spec), end="")
        elif form in (Format.JSON, Format.JSONL):
            print(json.dumps(spec, indent=2))
        else:
            put(f"{name} · {spec['zone']} · {', '.join(_users(desk, name)) or 'used by nobody'}")
            for day in DAYS:
                put(f"  {day}  {_hours(spec['hours'].get(day.lower(), []))}")
            year = year or local(desk.now(), spec["zone"]).year
            put("\n".join([f"\n{year}:", *_other_days(spec, year)]))


def _hours(spans: list[list[str]]) -> str:
    return "  ".join(f"{opening}–{closing}" for opening, closing in spans) or "closed"


def _other_days(spec: dict[str, Any], year: int) -> Iterator[str]:
    """The days of a year that are not as their weekday is."""
    yearly = {day.replace("*", str(year)) for day in spec["holidays"] if day.startswith("*")}
    closed = yearly | {day for day in spec["holidays"] if day.startswith(str(year))}
    own = {day: spans for day, spans in spec["exceptions"].items() if day.startswith(str(year))}
    breaks = {day: spans for day, spans in spec["breaks"].items() if day.startswith(str(year))}
    for day in sorted({*closed, *own, *breaks}):
        try:
            weekday = DAYS[date.fromisoformat(day).weekday()]
        except ValueError:
            continue
        words = _hours(own[day]) if day in own else "closed" if day in closed else ""
        if day in breaks:
            words = f"{words}  without {_hours(breaks[day])}".strip()
        note = "  (a holiday that is worked)" if own.get(day) and day in closed else ""
        yield f"  {weekday} {day}  {words}{note}"


@calendar.command("check", epilog="Example: sdesk calendar check office.toml")
def check(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A calendar of the desk, or a TOML file.", show_default=False)],
    store: Store = None,
) -> None:  # fmt: skip
    """Check a calendar, and say what one would want to know before trusting it."""
    from sdesk.present import duration, stamp
    from sdesk.rules.calendar import Calendar

    with session.open_desk(store) as desk:
        if name.endswith(".toml"):
            made = Calendar.from_json(_read(Path(name), Path(name).stem))
        else:
            made = _made(desk, name)
        now, zone = desk.now(), made.zone
        spec = made.to_json()
        put(f"{made.name}: in order")
        year = made.elapsed_s(now, now + 365 * 86_400)
        print(f"  {duration(year)} of working time in the 365 days from now on")
        print(f"  {'open now' if made.is_open_s(now) else 'next open ' + stamp(made.next_open_s(now), zone)}")  # fmt: skip
        for warning in _warnings(spec, now):
            session.say(f"{made.name}: {warning}")


def _warnings(spec: dict[str, Any], now: int) -> Iterator[str]:
    dated = [day for day in spec["holidays"] if not day.startswith("*")]
    if not spec["holidays"]:
        yield "it has no holidays. Add a country's: sdesk calendar holidays NAME --country FI"
    elif dated and date.fromisoformat(dated[-1]) < date.fromtimestamp(now) + timedelta(days=SOON):
        yield f"its last dated holiday is {dated[-1]}. Add later ones: sdesk calendar holidays"


@calendar.command(
    "due", epilog='Example: sdesk calendar due "Helsinki office" --from "fri 15:00" --for 4h'
)
def due(
    name: Name,
    length: Annotated[str, typer.Option("--for", metavar="TIME", help="Working time: 4h, 90m, 3bd, '3bd end'.", show_default=False)],
    start: Annotated[str, typer.Option("--from", metavar="WHEN", help="fri 15:00, 2026-12-23 15:00; else now.", show_default=False)] = "",
    store: Store = None,
) -> None:  # fmt: skip
    """Say when an amount of working time is over."""
    from sdesk.cli.times import instant
    from sdesk.present import local, stamp
    from sdesk.rules.policy import Budget

    with session.open_desk(store) as desk:
        made = _made(desk, name)
        at = instant(start, desk) if start else desk.now()
        end = made.due_s(at, Budget.parse(length, "--for").working_seconds(at, made))
        put(f"{DAYS[local(end, made.zone).weekday()]} {stamp(end, made.zone)} {made.zone}")


@calendar.command(
    "load", epilog='Example: sdesk calendar load office.toml --name "Helsinki office"'
)
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    name: Annotated[str, typer.Option(metavar="NAME", help="Else the file's own name.", show_default=False)] = "",
    store: Store = None,
) -> None:  # fmt: skip
    """Make or change a calendar by a TOML file, and recompute what runs."""
    from sdesk.cli.sla_policies import typable

    with session.open_desk(store) as desk:
        name = name or file.stem
        typable(name, desk.read.calendars())
        _save(desk, name, _read(file, name))


def _read(file: Path, name: str) -> dict[str, Any]:
    from sdesk.rules.calendar_file import from_toml

    return from_toml(_text(file), name)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Usage(f"{file} can't be read: {getattr(error, 'strerror', None) or error}.") from None


@calendar.command("edit", epilog='Example: sdesk calendar edit "Helsinki office"')
def edit(name: Name, store: Store = None) -> None:
    """Change a calendar in the editor, and recompute what runs."""
    from sdesk.cli.texts import edited_file
    from sdesk.rules.calendar_file import from_toml, to_toml

    with session.open_desk(store) as desk:
        begin = to_toml(_made(desk, name).to_json())
        text, path = edited_file(begin, ".toml")
        try:
            _save(desk, name, from_toml(text, name))
        except SdeskError:
            session.say(f"Your text is kept in {path}")
            raise
        path.unlink(missing_ok=True)


@calendar.command(
    "day", epilog='Example: sdesk calendar day "Helsinki office" 2026-12-23 08:00-12:00'
)
def one_day(
    name: Name,
    day: Annotated[str, typer.Argument(metavar="DATE", show_default=False)],
    hours: Annotated[str, typer.Argument(metavar="HOURS", help="closed, open (as its weekday, though a holiday), 08:00-12:00,13:00-15:00, or weekly: nothing of its own any more.", show_default=False)],
    store: Store = None,
) -> None:  # fmt: skip
    """Give one day hours of its own, or switch a holiday off, and recompute what runs."""
    from sdesk.cli.times import day as read_day
    from sdesk.rules.calendar_file import with_day

    with session.open_desk(store) as desk:
        _save(desk, name, with_day(_made(desk, name).to_json(), read_day(day), hours))


@calendar.command(
    "holidays",
    epilog='Example: sdesk calendar holidays "Helsinki office" --country DE-BY --years 2027-2031',
)
def holidays(
    name: Name,
    country: Annotated[str, typer.Option(metavar="CODE", help="Public holidays of a country or region: FI, DE-BY.", show_default=False)] = "",
    ics: Annotated[Path | None, typer.Option(metavar="FILE", help="The whole days of an iCalendar file.", show_default=False)] = None,
    years: Annotated[str, typer.Option(metavar="FROM-TO", help="Else this year and five more.", show_default=False)] = "",
    without: Annotated[list[str] | None, typer.Option("--without", metavar="DATE", help="A day to leave out; may be given several times.", show_default=False)] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Instead of the holidays that are there.")] = False,
    store: Store = None,
) -> None:  # fmt: skip
    """Add holidays of a country or from a file, and recompute what runs."""
    from sdesk.setup_defaults import public_holidays

    if bool(country) == (ics is not None):
        raise Usage("Holidays come from --country CODE or from --ics FILE.")
    with session.open_desk(store) as desk:
        spec = _made(desk, name).to_json()
        span = _years(years, desk)
        found = set(public_holidays(country, span) if country else _closed(ics, span))
        found -= set(without or ())
        days = sorted(found if replace else found | set(spec["holidays"]))
        fresh = len(found - set(spec["holidays"]))
        session.say(f"{len(found)} holidays in {span[0]}-{span[-1]}, {fresh} of them new.")
        _save(desk, name, {**spec, "holidays": days})


def _closed(file: Path | None, years: range) -> list[str]:
    from sdesk.rules.icalendar import closed_days

    assert file is not None
    found = closed_days(_text(file), years)
    for sentence in found.left_out:
        session.say(f"left out: {sentence}")
    return list(found.days)


def _years(text: str, desk: Desk) -> range:
    from sdesk.present import local

    if not text:
        this = local(desk.now(), desk.settings.zone).year
        return range(this, this + 6)
    first, _, last = text.partition("-")
    if not (first.isdigit() and (last or first).isdigit() and 1900 <= int(first) <= int(last or first) < 2200):  # fmt: skip
        raise Usage(f"'{text}' is no span of years.", "Write it like 2027-2031.")
    return range(int(first), int(last or first) + 1)


@calendar.command("use", epilog='Example: sdesk calendar use "Turku office" --site Turku')
def use(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A calendar, or none.", show_default=False)],
    queue: Annotated[str, typer.Option(metavar="QUEUE", help="For tickets in this queue.", show_default=False)] = "",
    site: Annotated[str, typer.Option(metavar="SITE", help="For tickets in the queues of this site.", show_default=False)] = "",
    organization: Annotated[str, typer.Option(metavar="NAME", help="For tickets of this customer.", show_default=False)] = "",
    store: Store = None,
) -> None:  # fmt: skip
    """Choose whose calendar it is, where a policy leaves that open; without an option, the desk's."""
    from sdesk.cli.sla_many import recount
    from sdesk.ops import Op, SaveOrganization, SaveQueue, SaveSetting

    if sum(map(bool, (queue, site, organization))) > 1:
        raise Usage("One of --queue, --site and --organization at a time.")
    chosen = "" if name.casefold() == "none" else name
    with session.open_desk(store) as desk:
        op: Op
        if queue:
            known = {q.key: q for q in desk.read.queues()}
            if (has := known.get(queue)) is None:
                raise NotFound.named("queue", queue, known)
            op = SaveQueue(has.key, has.name, has.tier, has.site, chosen)
        elif organization:
            names = [o.name for o in desk.read.organizations()]
            if organization not in names:
                raise NotFound.named("organization", organization, names)
            op = SaveOrganization(organization, chosen)
        else:
            op = SaveSetting(f"calendar.{site}" if site else "calendar", chosen)
        if desk.apply(None, op):
            recount(desk)
        else:
            session.say("That was so already.")


@calendar.command("drop", epilog='Example: sdesk calendar drop "Turku office"')
def drop(name: Name, store: Store = None) -> None:
    """Take a calendar away that nothing uses; what counted by it keeps its verdict."""
    from sdesk.ops import DropCalendar

    with session.open_desk(store) as desk:
        desk.apply(None, DropCalendar(name))
        put(name)
        session.say(f"{name} is gone; what counted by it keeps its verdict.")


def _save(desk: Desk, name: str, spec: dict[str, Any]) -> None:
    """Keep a calendar; what runs counts by it from now on, what has stopped keeps its verdict."""
    from sdesk.cli.sla_many import recount
    from sdesk.ops import SaveCalendar

    values = {key: value for key, value in spec.items() if key != "name"}
    before = desk.read.calendars().get(name)
    if before is not None and _made(desk, name).to_json() == {**values, "name": name}:
        session.say(f"{name} was so already.")
        return
    desk.apply(None, SaveCalendar(name, values))
    put(name)
    session.say(f"{name} is {'changed' if before else 'made'}.")
    if before is not None:
        recount(desk)
