"""The Typer program over the table of commands, and one run of it."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from sdesk.cli import COMMANDS, FAMILIES
from sdesk.cli.presenter import BROKEN_PIPE, INTERRUPTED, complain, present
from sdesk.errors import Usage, did_you_mean
from sdesk.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

# Typer's own refusals (a missing argument, an unknown option) have a public child only.
REFUSAL: type[Exception] = typer.BadParameter.__mro__[2]


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns the exit status. Only a bug comes out as an exception."""
    return present(lambda: _call(arguments))


def _call(arguments: Sequence[str]) -> int:
    try:
        status = typer.main.get_command(app).main(
            list(arguments), prog_name="sdesk", standalone_mode=False
        )
    except typer.Abort:
        complain("Stopped.")
        return INTERRUPTED
    except REFUSAL as error:
        return _usage(error)
    except UnicodeEncodeError:
        # Bytes of the command line that are no text; file names may have some, texts may not.
        if not (
            words := [word for word in arguments if any("\ud800" <= c <= "\udfff" for c in word)]
        ):
            raise
        complain(f"'{words[0][:60]}' holds bytes that are not UTF-8.", "Nothing was changed by it.")
        return 2
    except SystemExit as stop:
        # Typer leaves so after completing for a shell, and when the reader of a pipe has gone.
        return BROKEN_PIPE if stop.code else 0
    return status if isinstance(status, int) else 0


def _usage(error: Any) -> int:
    """Tell one of Typer's own refusals."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        print(clean(context.get_help() if context else ""), file=sys.stderr)
        return 2
    complain(str(error.format_message()), f"See: {context.command_path} --help" if context else "")
    return 2


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

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            complain("Stopped.")  # Typer would leave without a word
            raise typer.Exit(INTERRUPTED) from None

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
    module = import_module(f"sdesk.cli.{COMMANDS[name][0]}")
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
    frugal: Annotated[
        bool | None,
        typer.Option(
            "--frugal/--no-frugal",
            help="Spare a slow link: 16 colours, no mouse, refreshes gathered; by itself over SSH.",
            show_default=False,
        ),
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

        raise typer.Exit(start(theme, frugal=frugal))
