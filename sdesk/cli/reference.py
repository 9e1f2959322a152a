"""`keys` and `config`: what the keys do, and what is set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli.options import RowFormat

if TYPE_CHECKING:
    from sdesk.keys import Command

app = typer.Typer()
config = typer.Typer(no_args_is_help=True, epilog="Example: sdesk config show")
app.add_typer(config, name="config", help="Show the settings and where they come from.")


@app.command("keys", epilog="Example: sdesk keys ticket --format csv")
def keys(
    about: Annotated[
        str, typer.Argument(metavar="[WORD]", help="Only those with this word.", show_default=False)
    ] = "",
    form: RowFormat = None,
) -> None:
    """List every key of the desk, under your own keymap."""
    from sdesk.cli.output import Column, emit
    from sdesk.config import load
    from sdesk.keys import COMMANDS, display_keys

    keymap = load().keys
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


@config.command("path", epilog="Example: $EDITOR $(sdesk config path)")
def path() -> None:
    """Print where the settings file is, or would be."""
    from sdesk.locations import config_file

    print(config_file())


@config.command("show", epilog="Example: sdesk config show --format json")
def show(form: RowFormat = None) -> None:
    """Print every setting, its value and where it comes from."""
    from sdesk.cli.output import Column, emit
    from sdesk.config import HELP, KNOWN, SWITCHES, load

    found = load()
    rows = [(name, getattr(found, name), found.where(name), HELP[name]) for name in KNOWN]
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
