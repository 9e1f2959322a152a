"""`macros` and `templates`: the texts and acts that agents use again and again."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import References, RowFormat, Store
from sdesk.cli.output import put
from sdesk.errors import NotFound, Refused, SdeskError, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sdesk.desk import Desk
    from sdesk.model import Macro, Template
    from sdesk.ops import Op, SaveMacro

app = typer.Typer()
macros = typer.Typer(invoke_without_command=True, epilog="Example: sdesk macros --format json")
templates = typer.Typer(invoke_without_command=True, epilog="Example: sdesk templates")
app.add_typer(macros, name="macros")
app.add_typer(templates, name="templates")

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
File = Annotated[
    Path | None,
    typer.Argument(metavar="[FILE]", help="Else the editor opens; - reads standard input.", show_default=False),
]  # fmt: skip
Mine = Annotated[bool, typer.Option("--mine", help="For me alone.")]
Answers = Annotated[
    list[str] | None,
    typer.Option("--answer", metavar="NAME=TEXT", help="What the macro asks for; may be given several times.", show_default=False),
]  # fmt: skip


@macros.callback()
def list_macros(context: typer.Context, form: RowFormat = None, store: Store = None) -> None:
    """List, show, edit and use macros."""
    if context.invoked_subcommand is not None:
        return
    from sdesk.cli.output import Column, emit
    from sdesk.text import clean_line, cut

    columns: list[Column[Macro]] = [
        Column("name", lambda m: m.name),
        Column("does", lambda m: " · ".join(m.acts)),
        Column("text", lambda m: cut(clean_line(m.text), 60)),
        Column("owner", lambda m: m.owner),
    ]
    with session.open_desk(store) as desk:
        emit(desk.read.macros(), columns, form)


@macros.command("show", epilog='Example: sdesk macros show "Ask for more"')
def show_macro(name: Name, store: Store = None) -> None:
    """Print a macro as the file that add and edit take."""
    from sdesk.macros import macro_named
    from sdesk.rules.macro_file import to_toml

    with session.open_desk(store) as desk:
        print(to_toml(_op(macro_named(desk, name))), end="")


def _op(macro: Macro) -> SaveMacro:
    from sdesk.ops import SaveMacro

    return SaveMacro(
        macro.name, macro.text, macro.acts, macro.asks, macro.send, macro.note, macro.owner == ""
    )


@macros.command("add", epilog='Example: sdesk macros add "Ask for more" ask.toml')
def add_macro(name: Name, file: File = None, mine: Mine = False, store: Store = None) -> None:
    """Make a macro of a TOML file, or in the editor."""
    from sdesk.ops import SaveMacro
    from sdesk.rules.macro_file import to_toml

    with session.open_desk(store) as desk:
        _refuse_second("macro", name, mine, desk.read.macros())
        begin = to_toml(SaveMacro(name, "Hello {requester.first|there},\n\n", shared=not mine))
        _save_macro(desk, name, begin, file, mine=mine)


@macros.command("edit", epilog='Example: sdesk macros edit "Ask for more"')
def edit_macro(name: Name, file: File = None, store: Store = None) -> None:
    """Change a macro in the editor, or by a TOML file."""
    from sdesk.macros import macro_named
    from sdesk.rules.macro_file import to_toml

    with session.open_desk(store) as desk:
        macro = macro_named(desk, name, whole=True)
        _save_macro(desk, macro.name, to_toml(_op(macro)), file, mine=macro.owner != "")


def _save_macro(desk: Desk, name: str, begin: str, file: Path | None, *, mine: bool) -> None:
    from dataclasses import replace

    from sdesk.rules.macro_file import from_toml

    with edited(begin, file, ".toml") as text:
        op = from_toml(name, text)
        op = replace(op, shared=op.shared and not mine)
        desk.apply(None, op)
    _tell_kept("Macro", name, mine=not op.shared)


@macros.command("drop", epilog='Example: sdesk macros drop "Ask for more"')
def drop_macro(name: Name, store: Store = None) -> None:
    """Take a macro away."""
    from sdesk.macros import macro_named
    from sdesk.ops import DropMacro

    _drop(store, name, macro_named, DropMacro)


@macros.command(
    "run",
    epilog='Example: sdesk ls "tag:vpn" | sdesk macros run "To network" - --answer "ask:What has been tried?=a restart"',
)
def run_macro(
    name: Name,
    refs: References,
    answer: Answers = None,
    send: Annotated[bool, typer.Option("--send", help="Let its text go to the requesters.")] = False,
    store: Store = None,
) -> None:  # fmt: skip
    """Use a macro on tickets, as one batch."""
    from sdesk.macros import macro_named, operations_for
    from sdesk.rules.macro import questions

    with session.open_desk(store) as desk:
        macro = macro_named(desk, name)
        if macro.text.strip() and not (macro.note or macro.send or send):
            raise Refused(
                f"Macro '{macro.name}' writes to the requesters.",
                "Look at it with: sdesk macros show; then let it go with --send",
            )
        asked = _answers(questions(macro), answer or [])
        raise typer.Exit(session.work_each(desk, refs, operations_for(desk, macro, asked)))


def _refuse_second(what: str, name: str, mine: bool, known: Iterable[Macro | Template]) -> None:
    if any(one.name == name and (one.owner != "") == mine for one in known):
        raise Usage(
            f"There is a {what} '{name}' already.", f"Change it: sdesk {what}s edit '{name}'"
        )


def _tell_kept(what: str, name: str, *, mine: bool) -> None:
    put(name)
    session.say(f"{what} '{name}' is kept{', for you alone' if mine else ''}.")


def _drop(
    store: str | None, name: str, named: Callable[..., Macro | Template], op: Callable[..., Op]
) -> None:
    """Take a macro or a template away; prints its name."""
    with session.open_desk(store) as desk:
        one = named(desk, name, whole=True)
        desk.apply(None, op(one.name, one.owner == ""))
        put(one.name)


@contextmanager
def edited(begin: str, file: Path | None, suffix: str) -> Iterator[str]:
    """The text of a file, of standard input, or of the editor; what the editor had stays on disk
    while it is refused."""
    from sdesk.cli.texts import edited_file

    if file is not None and str(file) == "-":
        yield sys.stdin.read()
        return
    if file is not None:
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            said = getattr(error, "strerror", None) or error
            raise Usage(f"{file} can't be read: {said}.") from None
        yield text
        return
    text, kept = edited_file(begin, suffix)
    try:
        yield text
    except SdeskError:
        session.say(f"Your text is kept in {kept}")
        raise
    kept.unlink(missing_ok=True)


def _answers(questions: dict[str, str], given: list[str]) -> dict[str, str]:
    """Variable → answer: those given, the rest asked for on a terminal."""
    found: dict[str, str] = {}
    for words in given:
        name, is_set, text = words.partition("=")
        full = name if name in questions else f"ask.{name}"
        if not is_set or full not in questions:
            known = [one.removeprefix("ask.") for one in questions]
            raise NotFound.named("question", name, known)
        found[full] = text
    for name, question in questions.items():
        if name not in found:
            if not sys.stdin.isatty():
                raise Usage(
                    f"The macro asks: {question}", f"--answer '{name.removeprefix('ask.')}=…'"
                )
            found[name] = typer.prompt(question, err=True)
    return found


@templates.callback()
def list_templates(context: typer.Context, form: RowFormat = None, store: Store = None) -> None:
    """List, show and edit the texts that replies begin with."""
    if context.invoked_subcommand is not None:
        return
    from sdesk.cli.output import Column, emit
    from sdesk.text import clean_line, cut

    columns: list[Column[Template]] = [
        Column("name", lambda t: t.name),
        Column("text", lambda t: cut(clean_line(t.text), 80)),
        Column("owner", lambda t: t.owner),
    ]
    with session.open_desk(store) as desk:
        emit(desk.read.templates(), columns, form)


@templates.command("show", epilog="Example: sdesk templates show Solved")
def show_template(name: Name, store: Store = None) -> None:
    """Print a text as it is kept."""
    from sdesk.macros import template_named

    with session.open_desk(store) as desk:
        put(template_named(desk, name).text.rstrip("\n"))


@templates.command("add", epilog="Example: sdesk templates add Greeting greeting.txt --mine")
def add_template(name: Name, file: File = None, mine: Mine = False, store: Store = None) -> None:
    """Keep a text from a file, or from the editor."""
    with session.open_desk(store) as desk:
        _refuse_second("template", name, mine, desk.read.templates())
        _save_template(desk, name, "Hello {requester.first|there},\n\n", file, mine=mine)


@templates.command("edit", epilog="Example: sdesk templates edit Solved")
def edit_template(name: Name, file: File = None, store: Store = None) -> None:
    """Change a text in the editor, or by a file."""
    from sdesk.macros import template_named

    with session.open_desk(store) as desk:
        one = template_named(desk, name, whole=True)
        _save_template(desk, one.name, one.text, file, mine=one.owner != "")


def _save_template(desk: Desk, name: str, begin: str, file: Path | None, *, mine: bool) -> None:
    from sdesk.ops import SaveTemplate

    with edited(begin, file, ".txt") as text:
        desk.apply(None, SaveTemplate(name, text, shared=not mine))
    _tell_kept("Template", name, mine=mine)


@templates.command("drop", epilog="Example: sdesk templates drop Solved")
def drop_template(name: Name, store: Store = None) -> None:
    """Take a text away."""
    from sdesk.macros import template_named
    from sdesk.ops import DropTemplate

    _drop(store, name, template_named, DropTemplate)
