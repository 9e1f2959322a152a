"""`mail template`: the wording of letters, the desk's own or the one that comes with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import RowFormat, Store
from sdesk.cli.output import put

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.rules.letters import Template

app = typer.Typer(no_args_is_help=True, epilog="Example: sdesk mail template list")
SUBJECT = "Subject: "
Kind = Annotated[
    str,
    typer.Argument(metavar="KIND", help="As sdesk mail template list has it.", show_default=False),
]
Language = Annotated[str, typer.Argument(metavar="[LANGUAGE]", help="en, de, fr, fi or es.")]
File = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILE]",
        help="The text; - for standard input; the editor without one.",
        show_default=False,
    ),
]


@app.command("list", epilog="Example: sdesk mail template list --format json")
def list_all(form: RowFormat = None, store: Store = None) -> None:
    """List the kinds of letters, and for which languages the desk has its own wording."""
    from sdesk.cli.output import Column, emit
    from sdesk.rules import letters

    with session.open_desk(store) as desk:
        settings = desk.read.settings()
        own = {
            kind: [code for code in letters.LANGUAGES if settings.get(letters.setting_name(kind, code))]
            for kind in letters.KINDS
        }  # fmt: skip
        columns: list[Column[str]] = [
            Column("kind", lambda kind: kind),
            Column("languages", lambda _: list(letters.LANGUAGES)),
            Column("own", lambda kind: own[kind]),
            Column("when", lambda kind: letters.KINDS[kind]),
        ]
        emit(list(letters.KINDS), columns, form)


@app.command("show", epilog="Example: sdesk mail template show acknowledgement de")
def show(kind: Kind, language: Language = "en", store: Store = None) -> None:
    """Print a letter's wording as it counts now."""
    with session.open_desk(store) as desk:
        put(_as_text(_found(desk, kind, language)), end="")


@app.command("edit", epilog="Example: sdesk mail template edit closed de closed.txt")
def edit(kind: Kind, language: Language = "en", file: File = None, store: Store = None) -> None:
    """Give the desk its own wording of a letter; it is checked before it is kept. For admins."""
    from sdesk.cli.macros import edited
    from sdesk.ops import SaveSetting
    from sdesk.rules import letters

    with session.open_desk(store) as desk:
        begin = _as_text(_found(desk, kind, language))
        with edited(begin, file, ".txt") as text:
            value = letters.to_setting(kind, _of_text(text))
            desk.apply(None, SaveSetting(letters.setting_name(kind, language), value))
        session.say(
            f"The desk has its own wording of '{kind}' in {letters.LANGUAGES[language].title()} now."
        )


@app.command("reset", epilog="Example: sdesk mail template reset closed de")
def reset(kind: Kind, language: Language = "en", store: Store = None) -> None:
    """Take the desk's own wording of a letter back, for the one that comes with sdesk. For admins."""
    from sdesk.ops import SaveSetting
    from sdesk.rules import letters

    with session.open_desk(store) as desk:
        letters.built_in(kind, language)
        change = desk.apply(None, SaveSetting(letters.setting_name(kind, language), ""))
        session.say(
            "The wording that comes with sdesk counts." if change else "That was so already."
        )


def _found(desk: Desk, kind: str, language: str) -> Template:
    from sdesk.rules import letters

    letters.built_in(kind, language)
    return letters.find(kind, language, desk.read.settings())


def _as_text(template: Template) -> str:
    return f"{SUBJECT}{template.subject}\n\n{template.text}"


def _of_text(text: str) -> Template:
    """The other way. Raises `Invalid`."""
    from sdesk.errors import Invalid
    from sdesk.rules.letters import Template

    head, _, body = text.replace("\r\n", "\n").lstrip("\n").partition("\n")
    if not head.startswith(SUBJECT.strip()):
        raise Invalid(f"The first line is '{SUBJECT}…'.", "An empty line and the text follow.")
    return Template(head.removeprefix(SUBJECT.strip()).strip(), body.strip("\n") + "\n")
