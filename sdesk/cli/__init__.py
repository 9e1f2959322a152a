"""The command line. One table names every command, its module and its line of help.

A module is imported when its command is called: each holds `app`, a Typer with one or more
commands or groups, and imports desk, editor and tables inside the functions that need them. A
command has a docstring whose first line is the table's, and an example.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from sdesk.errors import Usage, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

FAMILIES: dict[str, dict[str, tuple[str, str]]] = {
    "Begin": {
        "init": ("setup", "Make a new desk; you become its administrator."),
        "demo": ("demo", "Make a desk with a believable company in it."),
    },
    "Look": {
        "ls": ("look", "List the tickets that a query finds."),
        "show": ("look", "Show tickets whole: fields, clocks, conversation."),
        "sla": ("sla", "Explain the clocks of a ticket."),
    },
    "Work": {
        "new": ("talk", "Open a new ticket."),
        "set": ("edit", "Set fields of tickets."),
        "take": ("edit", "Take tickets yourself."),
        "assign": ("edit", "Give tickets to an agent."),
        "reply": ("talk", "Answer the requester in public."),
        "note": ("talk", "Write a note that only agents see."),
        "wait": ("states", "Let tickets wait, for somebody or until a time."),
        "resolve": ("states", "Mark tickets as done."),
        "close": ("states", "Close resolved tickets for good."),
        "reopen": ("states", "Take resolved or closed tickets up again."),
        "undo": ("states", "Take your last change back."),
        "redo": ("states", "Do again what you have just taken back."),
    },
    "Move data": {
        "import": ("transfer", "Bring tickets in from a file."),
        "export": ("transfer", "Write the tickets that a query finds to a file."),
        "dump": ("transfer", "Write the whole store as an archive."),
        "restore": ("transfer", "Make a store from an archive."),
        "backup": ("transfer", "Copy the store, verified, while others write."),
    },
    "Look after": {
        "agents": ("admin", "List, add and change agents."),
        "queues": ("admin", "List, add and change queues."),
        "keys": ("reference", "List every key of the desk."),
        "config": ("reference", "Show the settings and where they come from."),
        "doctor": ("doctor", "Find what is wrong with host, terminal, file and clock."),
    },
}
"""Heading → command → (module in sdesk.cli, its line of help)."""
COMMANDS: Mapping[str, tuple[str, str]] = {
    name: entry for family in FAMILIES.values() for name, entry in family.items()
}


class CommandTable(TyperGroup):
    """The top command: it knows all others by name and imports one when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name, (module, _) in COMMANDS.items() if _exists(module)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS or not _exists(COMMANDS[cmd_name][0]):
            return None
        return load(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if self.get_command(ctx, args[0]) is None:
            hint = did_you_mean(args[0], self.list_commands(ctx)) or "See: sdesk --help"
            raise Usage(f"There is no command '{args[0]}'.", hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        known = set(self.list_commands(ctx))
        for heading, family in FAMILIES.items():
            rows = [(name, line) for name, (_, line) in family.items() if name in known]
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)


def _exists(module: str) -> bool:
    place = Path(__file__).with_name(module)
    return place.with_suffix(".py").exists() or place.is_dir()


def load(name: str) -> Any:
    """One command, built. Its module's `app` may hold other commands as well."""
    module = import_module(f"{__name__}.{COMMANDS[name][0]}")
    # Plain help: Rich would cost it 60 ms.
    module.app.rich_markup_mode = None
    group = typer.main.get_group(module.app)
    if (command := group.commands.get(name)) is None:
        raise Usage(f"There is no command '{name}' in {module.__name__}.")
    return command


app = typer.Typer(
    cls=CommandTable,
    name="sdesk",
    help="A service desk for the terminal. Without a command it opens the desk.",
    epilog="Every command has --help with an example.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from sdesk import __version__

        print(f"sdesk {__version__}")
        raise typer.Exit


@app.callback()
def sdesk(
    context: typer.Context,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="PATH", help="The desk's database; else $SDESK_STORE, else the configured one."
        ),
    ] = None,
    theme: Annotated[
        str | None, typer.Option(metavar="NAME", help="The colours of the desk, for this run.")
    ] = None,
    version: Annotated[  # noqa: ARG001 - its callback answers
        bool,
        typer.Option(
            "--version", "-V", help="Print the version.", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None:
    from sdesk.cli import session

    session.choose(store)
    if context.invoked_subcommand is None:
        from sdesk.cli.start import start

        start(theme)
