"""`keys` and `config`: what the keys do, and what is set."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli.options import Format, RowFormat
from sdesk.cli.output import put

if TYPE_CHECKING:
    from sdesk.keys import Command

app = typer.Typer()
config = typer.Typer(no_args_is_help=True, epilog="Example: sdesk config show")
app.add_typer(config, name="config", help="Show the settings and where they come from.")


@app.command("keys", epilog="Example: sdesk keys ticket --format csv")
def keys(
    about: Annotated[
        str,
        typer.Argument(
            metavar="[WORD]",
            help="Only those with this word; 'check' asks you to press each key and tells which ones don't arrive.",
            show_default=False,
        ),
    ] = "",
    preset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The keys of a preset: default, arrows, mutt, jiratui.", show_default=False),
    ] = None,
    only_list: Annotated[
        bool, typer.Option("--list", help="With check: list the keys, ask for none.")
    ] = False,
    wait: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="With check: how long a key may take.")
    ] = 10.0,
    form: RowFormat = None,
) -> None:  # fmt: skip
    """List every key of the desk, under your own keymap."""
    keymap = _keymap(preset)
    if about == "check":
        _check(keymap, wait) if not only_list and _is_terminal() else _list_bound(keymap, form)
        return
    from sdesk.cli.output import Column, emit
    from sdesk.keys import COMMANDS, display_keys

    columns: list[Column[Command]] = [
        Column("keys", lambda c: display_keys(c, keymap)),
        Column("id", lambda c: c.id),
        Column("group", lambda c: c.group),
        Column("help", lambda c: c.help, most=90),
    ]
    wanted = about.casefold()
    emit(
        [c for c in COMMANDS if wanted in f"{c.id} {c.group} {c.label} {c.help}".casefold()],
        columns,
        form,
    )


def _keymap(preset: str | None) -> dict[str, str]:
    """The user's keymap, or that of a preset as it comes. Raises `Usage`."""
    from sdesk.config import load
    from sdesk.keys import effective

    if preset is not None:
        return effective(preset, {})
    found = load()
    return effective(found.keys_preset, found.keys)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _list_bound(keymap: dict[str, str], form: Format | None) -> None:
    from sdesk.cli.output import Column, emit
    from sdesk.keycheck import Bound, bound_keys

    columns: list[Column[Bound]] = [
        Column("key", lambda bound: bound.key),
        Column("ids", lambda bound: list(bound.ids), most=90),
    ]
    emit(bound_keys(keymap), columns, form)


def _check(keymap: dict[str, str], wait: float) -> None:
    """Exits 1 when a key that was asked for didn't come as itself."""
    from sdesk.cli.session import say
    from sdesk.keycheck import run
    from sdesk.present import counted

    done = run(keymap, wait=wait)
    for heard in done.failed:
        put(heard.sentence())
    say(
        f"{counted(done.at, 'key')} heard, {len(done.failed)} of them wrong, {done.left} not asked for."
    )
    if done.failed:
        say("Give those commands other keys: [keys] in the settings, see docs/keys.md.")
        raise typer.Exit(1)


@config.command("path", epilog="Example: $EDITOR $(sdesk config path)")
def path() -> None:
    """Print where the settings file is, or would be."""
    from sdesk.locations import config_file

    put(config_file())


@config.command("show", epilog="Example: sdesk config show --format json")
def show(form: RowFormat = None) -> None:
    """Print every setting, its value and where it comes from."""
    from sdesk.cli.output import Column, emit
    from sdesk.config import HELP, KNOWN, SWITCHES, load
    from sdesk.store.place import shown

    found = load()
    rows = [
        (name, shown(found.store) if name == "store" else getattr(found, name), found.where(name), HELP[name])
        for name in KNOWN
    ]  # fmt: skip
    rows += [
        (name, getattr(found, name.replace(".", "_")), found.where(name), said)
        for name, said in SWITCHES.items()
    ]
    rows += [
        (f"keys.{name}", key, found.where(f"keys.{name}"), "") for name, key in found.keys.items()
    ]
    columns: list[Column[tuple[str, object, str, str]]] = [
        Column("setting", lambda row: row[0]),
        Column("value", lambda row: row[1]),
        Column("from", lambda row: row[2]),
        Column("help", lambda row: row[3]),
    ]
    emit(rows, columns, form)
