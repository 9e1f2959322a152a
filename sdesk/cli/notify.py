"""`notify`: whom and what pagers and webhooks tell, what was sent, and what could not be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdesk.cli import session
from sdesk.cli.options import RowFormat, Store
from sdesk.errors import NotFound, Refused, Usage

if TYPE_CHECKING:
    from sdesk.cli.output import Column
    from sdesk.desk import Desk
    from sdesk.notify.settings import Hook, Settings, Target
    from sdesk.store.reads.deliveries import Delivery

app = typer.Typer()
notify = typer.Typer(no_args_is_help=True, epilog="Example: sdesk notify targets")
app.add_typer(notify, name="notify", help="See and test what goes to pagers, chats and webhooks.")
PAGE = 50

Name = Annotated[str, typer.Argument(metavar="TARGET", help="Its name in config.toml; webhook.NAME for a webhook.", show_default=False)]  # fmt: skip
Numbers = Annotated[list[int], typer.Argument(metavar="N…", help="Numbers of messages, as sdesk notify log has them.", show_default=False)]  # fmt: skip


@notify.command("targets", epilog="Example: sdesk notify targets --format json")
def targets(form: RowFormat = None, store: Store = None) -> None:
    """List the targets and webhooks of config.toml, and how many messages wait or have failed."""
    from sdesk.cli.output import Column, emit
    from sdesk.store.reads.deliveries import FAILED, WAITING, count_by_state

    settings = _settings()
    with session.open_desk(store) as desk:
        counts = count_by_state(desk.read)
        rows = [*map(_described, settings.targets), *map(_described, settings.hooks)]
        columns: list[Column[dict[str, Any]]] = [
            Column("target", lambda row: row["target"]),
            Column("for", lambda row: row["for"]),
            Column("kinds", lambda row: row["kinds"], most=50),
            Column("when", lambda row: row["when"]),
            Column("by", lambda row: row["by"], most=50),
            Column("waiting", lambda row: counts.get((row["target"], WAITING), 0), right=True),
            Column("failed", lambda row: counts.get((row["target"], FAILED), 0), right=True),
        ]
        if not emit(rows, columns, form):
            session.say("No targets: see docs/notify.md")


def _settings() -> Settings:
    from sdesk.notify.settings import load

    return load()


def _described(one: Target | Hook) -> dict[str, Any]:
    from sdesk.notify.settings import Hook

    if isinstance(one, Hook):
        kinds = ", ".join(sorted(one.events)) or "every event"
        return {"target": one.target, "for": one.query or "all tickets", "kinds": kinds, "when": "at once", "by": one.where.host}  # fmt: skip
    when = [f"priority {one.min_priority} and above"] if one.min_priority < 4 else []
    when += [f"quiet {one.quiet}"] if one.quiet else []
    when += [f"on call for {one.on_call}"] if one.on_call else []
    when += [f"gathered for {one.batch} s"] if one.batch else []
    kinds = ", ".join(sorted(one.kinds))
    return {"target": one.name, "for": one.who, "kinds": kinds, "when": ", ".join(when) or "at once", "by": one.way}  # fmt: skip


@notify.command("test", epilog="Example: sdesk notify test ana-phone")
def send_test(name: Name, store: Store = None) -> None:
    """Send a test message to one target, now."""
    from sdesk.notify.settings import Hook

    settings = _settings()
    if (target := settings.target(name)) is None:
        raise NotFound.named("target", name, settings.names)
    with session.open_desk(store) as desk:
        said = _test_hook(desk, target) if isinstance(target, Hook) else _test(desk, target)
    session.say(f"{name} was told: {said}.")


def _test(desk: Desk, target: Target) -> str:
    from sdesk.notify import people

    try:
        return people.pass_on(target, *people.trial(desk, target))
    except people.Failed as error:
        raise Refused(f"{target.name} could not be told: {error}.") from None


def _test_hook(desk: Desk, hook: Hook) -> str:
    from sdesk.notify import webhook

    value = {"version": webhook.VERSION, "id": 0, "event": "test", "desk": desk.settings.name}
    try:
        return webhook.send(hook, "test", 0, webhook.body_of(value), desk.now())
    except (webhook.Rejected, webhook.NotNow) as error:
        raise Refused(f"{hook.target} could not be told: {error}.") from None


@notify.command("log", epilog="Example: sdesk notify log --state failed --format json")
def log(
    target: Annotated[str, typer.Option(metavar="TARGET", help="Only those to a target.", show_default=False)] = "",
    state: Annotated[str, typer.Option(metavar="STATE", help="Only these: waiting, sent, failed or dropped.", show_default=False)] = "",
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="At most so many, the newest first.")] = PAGE,
    form: RowFormat = None,
    store: Store = None,
) -> None:  # fmt: skip
    """List what was sent, what waits, and what could not be sent and why."""
    from sdesk.cli.output import emit
    from sdesk.errors import did_you_mean
    from sdesk.store.reads.deliveries import STATES, deliveries

    if state and state not in STATES:
        raise Usage(f"There is no state '{state}' of a message.", did_you_mean(state, STATES))
    with session.open_desk(store) as desk:
        found = deliveries(desk.read, target=target, state=state, limit=limit)
        if not emit(found, _columns(desk), form):
            session.say("No messages.")


def _columns(desk: Desk) -> list[Column[Delivery]]:
    from sdesk.cli.output import Column
    from sdesk.present import stamp

    zone = desk.settings.zone
    return [
        Column("id", lambda d: d.id, right=True),
        Column("at", lambda d: d.at, lambda d: stamp(d.at, zone)),
        Column("target", lambda d: d.target),
        Column("number", lambda d: desk.ref(d.ticket) if d.ticket is not None else ""),
        Column("kind", lambda d: d.kind),
        Column("state", lambda d: d.state),
        Column("tries", lambda d: d.tries, right=True),
        Column("next", lambda d: d.next_at, lambda d: stamp(d.next_at, zone)),
        Column("answer", lambda d: d.answer, most=60),
    ]


@notify.command("retry", epilog="Example: sdesk notify retry 17")
def retry(numbers: Numbers, store: Store = None) -> None:
    """Send messages that have failed once more. For admins."""
    from sdesk.telling import take_up

    with session.open_desk(store) as desk:
        _for_admins(desk)
        count = take_up(desk, numbers)
    session.say(f"{count} of {len(numbers)} will be sent again.")
    raise typer.Exit(0 if count == len(numbers) else 1)


@notify.command("drop", epilog="Example: sdesk notify drop 17 18")
def drop(numbers: Numbers, store: Store = None) -> None:
    """Send messages no more that wait or have failed. For admins."""
    from sdesk.telling import let_go

    with session.open_desk(store) as desk:
        _for_admins(desk)
        count = let_go(desk, numbers)
    session.say(f"{count} of {len(numbers)} dropped.")
    raise typer.Exit(0 if count == len(numbers) else 1)


def _for_admins(desk: Desk) -> None:
    agent = desk.read.agent(desk.actor)
    if agent is None or not agent.active or agent.role != "admin":
        raise Refused("Deciding about messages needs the role admin.")
