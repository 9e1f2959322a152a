"""`alert`: take what monitors send, list the alarms, listen for more."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from sdesk.cli import session
from sdesk.cli.options import RowFormat, Store
from sdesk.cli.output import put
from sdesk.errors import Busy, Invalid, Missing, SdeskError, StoreFault, Usage

if TYPE_CHECKING:
    from sdesk.alarms import Taken
    from sdesk.desk import Desk
    from sdesk.model import Alarm

TEMPORARY = 75
"""What a sender understands as "try again later" (EX_TEMPFAIL)."""
TAKE = "take"


class _Group(TyperGroup):
    """A group whose first word may be a file: then it is taken."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        asks = any(word in ctx.help_option_names for word in args[:1])
        if not asks and (not args or args[0] not in self.commands):
            args = [TAKE, *args]
        return list(super().parse_args(ctx, args))


app = typer.Typer()
alert = typer.Typer(cls=_Group, epilog="Example: sdesk alert --source zabbix payload.json")
app.add_typer(alert, name="alert")


@alert.callback()
def alerts() -> None:
    """Take alerts of monitors: a payload in a file or on standard input."""


@alert.command(
    TAKE, epilog="Example: sdesk alert payload.json, or in full: sdesk alert take payload.json"
)
def take(
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help="The payload; - or nothing: standard input.", show_default=False)] = "-",
    source: Annotated[str, typer.Option(metavar="MONITOR", help="Whose payload it is; else that is seen.", show_default=False)] = "",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing of what was taken.")] = False,
    store: Store = None,
) -> None:  # fmt: skip
    """Take a payload: down opens a ticket or counts, up resolves what nobody has touched.

    Exits 0 when all of it is in the store, 2 when it can't be read, 75 when it should be sent again.
    """
    from sdesk.alerts.payload import check_source, read

    check_source(source)
    found = read(_payload(file), source, "Standard input" if file == "-" else file)
    try:
        taken = _take(session.place(store), found, quiet=quiet)
    except (Busy, StoreFault, Missing) as error:
        from sdesk.cli.presenter import complain

        complain(error.message, error.hint)
        raise typer.Exit(TEMPORARY) from None
    for refused, why in taken.failed:
        session.say(f"{refused.source} {refused.key}: {why}")
    if taken.failed:
        raise typer.Exit(taken.failed[0][1].exit_code)


def _payload(file: str) -> bytes:
    """Not more of it than can be an alert."""
    from sdesk.alerts.bounded import MOST

    if file == "-":
        stream = getattr(sys.stdin, "buffer", None)
        return stream.read(MOST + 1) if stream is not None else sys.stdin.read(MOST).encode()
    try:
        with Path(file).open("rb") as opened:
            return opened.read(MOST + 1)
    except OSError as error:
        raise Invalid(f"{file} can't be read: {error.strerror}.") from None


def _take(place: str, found: list[Any], *, quiet: bool) -> Taken:
    from sdesk.alarms import Alarms
    from sdesk.alerts.settings import load

    alarms = Alarms(place, load().plan)
    try:
        taken = alarms.take(found)
        if not quiet:
            _tell(alarms.desk, taken)
        return taken
    finally:
        alarms.close()


def _tell(desk: Desk, taken: Taken) -> None:
    """A line an alert: its ticket, what became of it, its title."""
    from sdesk.text import clean_line

    if not taken.folded and not taken.failed:
        session.say("Nothing in it is news.")
    for one in taken.folded:
        ticket = desk.ref(one.ticket) if one.ticket is not None else "-"
        put(f"{ticket}\t{one.act}\t{clean_line(one.alert.title)}")


@alert.command("list", epilog="Example: sdesk alert list --state down --format json")
def list_alarms(
    state: Annotated[str, typer.Option(metavar="STATE", help="Only those that are down, or up.", show_default=False)] = "",
    form: RowFormat = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="So many at most.")] = 1_000,
    store: Store = None,
) -> None:  # fmt: skip
    """List the alarms: state, count, ticket; those heard of last first."""
    from sdesk.cli.options import Format
    from sdesk.cli.output import emit

    if state not in ("", "down", "up"):
        raise Usage(f"An alarm is down or up, not '{state}'.")
    with session.open_desk(store) as desk:
        rows = desk.read.alarms(state=state, limit=limit)
        if not emit(rows, _columns(desk), Format.JSON if as_json else form):
            session.say("No alarms.")


def _columns(desk: Desk) -> list[Any]:
    from sdesk.cli.columns import utc
    from sdesk.cli.output import Column
    from sdesk.present import moment

    now, zone = desk.now(), desk.settings.zone

    def state(alarm: Alarm) -> str:
        return "acknowledged" if alarm.is_acknowledged and alarm.state == "down" else alarm.state

    columns: list[Column[Alarm]] = [
        Column("ticket", lambda a: desk.ref(a.ticket) if a.ticket else ""),
        Column("state", state),
        Column("count", lambda a: a.times, right=True),
        Column("flaps", lambda a: a.flaps, right=True),
        Column("severity", lambda a: a.severity),
        Column("source", lambda a: a.source),
        Column("host", lambda a: a.host),
        Column("check", lambda a: a.service),
        Column("title", lambda a: a.title, most=60),
        Column("first", lambda a: utc(a.first_at), lambda a: moment(a.first_at, zone, now)),
        Column("last", lambda a: utc(a.last_at), lambda a: moment(a.last_at, zone, now)),
        Column("key", lambda a: a.key, most=60),
    ]
    return columns


@alert.command("listen", epilog="Example: sdesk alert listen --port 9876")
def listen(
    port: Annotated[int | None, typer.Option(metavar="PORT", min=0, max=65_535, help="Instead of the configured one.", show_default=False)] = None,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Instead of the configured one; else this host alone.", show_default=False)] = "",
    store: Store = None,
) -> None:  # fmt: skip
    """Take alerts over HTTP until told to end, as `sdesk worker` does where [alerts] says `listen`."""
    from dataclasses import replace

    from sdesk.alerts.channel import AlertChannel
    from sdesk.alerts.settings import PORT, load
    from sdesk.cli.worker import Signals

    settings = load()
    if not settings.token:
        raise Usage(
            "A listener needs a token that monitors name.",
            "Set token_file, token_credential, token_command or token_env in [alerts]: docs/alerts.md",
        )
    chosen = settings.port or PORT if port is None else port
    settings = replace(settings, host=host or settings.host or "127.0.0.1", port=chosen)
    try:
        AlertChannel(settings, session.place(store)).serve(Signals(), session.say)
    except (Busy, StoreFault) as error:
        raise SdeskError(error.message, error.hint) from None
    session.say("Stopped.")
