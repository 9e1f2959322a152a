"""`sla`: the arithmetic of a ticket's clocks line by line, and its sisters for many tickets."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdesk.cli import session, sla_many, sla_policies, sla_when
from sdesk.cli.options import Format, Reference, Store
from sdesk.cli.output import put
from sdesk.model import LIVE

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.rules.ladder import Climb
    from sdesk.rules.sla import Clock, Segment

app = typer.Typer()
sla = typer.Typer(no_args_is_help=True, epilog="Example: sdesk sla explain SD-1042")
app.add_typer(sla, name="sla", help="Explain, foretell, compare and report the clocks.")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@sla.command("explain", epilog="Example: sdesk sla explain SD-1042 --target resolution")
def explain(
    ref: Reference,
    target: Annotated[str, typer.Option(metavar="TARGET", help="Only this one: response, resolution, update …", show_default=False)] = "",
    form: Annotated[Format, typer.Option("--format", help="table, or json.")] = Format.TABLE,
    store: Store = None,
) -> None:  # fmt: skip
    """Show how the clocks of a ticket came to what they say."""
    from sdesk.errors import NotFound

    with session.open_desk(store) as desk:
        number = desk.read.resolve(ref)
        clocks = desk.ledger(number)
        is_done = desk.read.ticket(number).category not in LIVE
        if target:
            kinds = [clock.target for clock in clocks]
            clocks = tuple(clock for clock in clocks if clock.target == target)
            if not clocks:
                raise NotFound.named("clock", target, kinds)
        climbs = desk.climbs(number)
        if form in (Format.JSON, Format.JSONL):
            found = [asdict(c) | {"ladder": _ladder_json(climbs[c.target])} for c in clocks]
            print(json.dumps(found, indent=2))
        elif not clocks:
            session.say(f"{desk.ref(number)} has no clock: no policy matches it.")
        else:
            for index, clock in enumerate(clocks):
                for cycle in clock.cycles:
                    print("\n" * (index > 0 or cycle is not clock.cycles[0]), end="")
                    put("\n".join(_lines(desk, desk.ref(number), cycle, is_done)))
                put("".join(_ladder_lines(climbs[clock.target], desk.settings.zone)), end="")


sla.command("when", epilog='Example: sdesk sla when "incident P1 org:acme" --at "fri 16:50"')(
    sla_when.when
)
sla.command("verify", epilog="Example: sdesk sla verify queue:network")(sla_many.verify)
sla.command("recompute", epilog="Example: sdesk sla recompute")(sla_many.recompute)
sla.command("report", epilog="Example: sdesk sla report --by queue --from 2026-11-01 --format csv")(
    sla_many.report
)

sla.command("policies", epilog="Example: sdesk sla policies > policies.toml")(sla_policies.policies)
sla.command("load", epilog="Example: sdesk sla load policies.toml")(sla_policies.load)
sla.command("drop", epilog="Example: sdesk sla drop Gold")(sla_policies.drop)


def _lines(desk: Desk, ref: str, clock: Clock, is_done: bool) -> list[str]:
    """The ledger as the desk's own `=` shows it."""
    from sdesk.present import adding_up, duration, stamp
    from sdesk.text import clean_line

    zone = desk.settings.zone
    lines = [
        f'{ref} · {clock.target} · policy "{clean_line(clock.policy)}" {duration(clock.budget)}'
        f" · calendar {clean_line(clock.calendar)} · times in {zone}"
    ]
    ran = iter(adding_up(segment.seconds for segment in clock.ledger if segment.kind == "ran"))
    for segment in clock.ledger:
        seconds = next(ran) if segment.kind == "ran" else segment.seconds
        lines.append(_segment(segment, seconds, zone))
    words = f"used {duration(clock.used)} of {duration(clock.budget)}"
    if clock.stopped_at is not None:
        words += f" · stopped {stamp(clock.stopped_at, zone)} · {clock.verdict}"
    elif clock.paused:
        words += (
            " · not kept before the end of the ticket"
            if is_done
            else f" · paused with {duration(clock.remaining)} left"
        )
    elif clock.due_at is not None:
        words += f" · due {stamp(clock.due_at, zone)}" + (", set by hand" * clock.by_hand)
    if clock.breached_at is not None:
        words += f" · breached {stamp(clock.breached_at, zone)}"
    return [*lines, " " * 47 + words]


def _ladder_json(climb: Climb) -> dict[str, Any]:
    return {
        "done": [{"step": d.title, "at": d.at, "told": list(d.told)} for d in climb.done],
        "ahead": [
            {"step": o.level.title, "place": o.level.key, "at": o.at,
             "tell": list(o.level.tell), "do": list(o.level.do)}
            for o in climb.ahead
        ],
    }  # fmt: skip


def _ladder_lines(climb: Climb, zone: str) -> list[str]:
    """The warnings and escalations given, and those to come; each line ends in a line break."""
    from sdesk.present import stamp
    from sdesk.text import clean_line

    rows = [
        ("given", d.at, f"{d.title}{' · told ' * bool(d.told)}{', '.join(d.told)}")
        for d in climb.done
    ]
    for owed in climb.ahead:
        acts = "".join(f" · {act}" for act in owed.level.do)
        rows.append(("next", owed.at, f"{owed.level.title} → {', '.join(owed.level.tell)}{acts}"))
    return [
        f"{' ' * 47}{word:<5}  {stamp(at, zone)}  {clean_line(said)}\n" for word, at, said in rows
    ]


def _segment(segment: Segment, seconds: int, zone: str) -> str:
    from sdesk.present import duration, local, stamp
    from sdesk.text import clean_line

    day = DAYS[local(segment.start, zone).weekday()]
    what = {"ran": "ran", "paused": "paused", "outside": "outside hours"}[segment.kind]
    amount = duration(seconds) if segment.kind != "outside" else "–"
    until = "so far" if segment.end is None else f"until {local(segment.end, zone):%H:%M}"
    cause = clean_line(segment.cause).replace("_", " ")
    if segment.state not in ("", segment.cause):
        until += f" · {clean_line(segment.state)}"
    return (
        f" {day} {stamp(segment.start, zone)}  {cause:<24} {what:<14} {amount:>7}  {until}".rstrip()
    )
