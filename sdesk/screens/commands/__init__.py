"""The `:` command line: its words, what they do, and how they complete.

A family of words is a module here with a tuple `WORDS`, named in `FAMILIES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.errors import SdeskError, Usage, did_you_mean
from sdesk.numbering import read_reference
from sdesk.screens.commands import acts, macros, places, threads, triage, views, work
from sdesk.screens.commands.word import Word

if TYPE_CHECKING:
    from sdesk.screens.desk_screen import DeskScreen

FAMILIES = (acts, macros, places, threads, triage, views, work)
WORDS: dict[str, Word] = {
    word.name: word
    for word in sorted(
        (word for family in FAMILIES for word in family.WORDS), key=lambda word: word.name
    )
}
ALIASES = {
    "q": "quit",
    "done": "resolve",
    "m": "macro",
    "p": "priority",
    "tags": "tag",
    "move": "queue",
    "note!": "note",
}


def run_line(screen: DeskScreen, text: str) -> None:
    """Do what the line says, or tell what is wrong with it."""
    name, _, rest = text.strip().partition(" ")
    if not name:
        return
    if name == "take!":
        name, rest = "take", "!"
    try:
        if read_reference(name, screen.desk_app.desk.settings.prefix) is not None:
            screen.desk_app.open_ticket(screen.desk_app.desk.read.resolve(name))
            return
        word = WORDS.get(ALIASES.get(name, name)) or WORDS[_command(name)]
        word.run(screen, rest.strip())
    except SdeskError as error:
        screen.desk_app.complain(error)


def _command(name: str) -> str:
    begun = [word for word in WORDS if word.startswith(name)]
    if len(begun) == 1:
        return begun[0]
    raise Usage(f"No command called '{name}'.", did_you_mean(name, begun or WORDS))


def completions(screen: DeskScreen, text: str) -> list[tuple[str, str]]:
    """How the line can go on: (the whole line then, its help)."""
    name, space, rest = text.lstrip().partition(" ")
    if not space:
        return [
            (f"{w.name} ", f"{w.usage}  {w.help}")
            for w in WORDS.values()
            if w.name.startswith(name)
        ]
    word = WORDS.get(ALIASES.get(name, name))
    if word is None or word.choices is None:
        return []
    at = max(rest.rfind(sign) for sign in (" ," if word.comma else " ")) + 1
    start, last = f"{name} {rest[:at]}", rest[at:]
    found = [
        choice for choice in word.choices(screen) if choice.casefold().startswith(last.casefold())
    ]
    return [(start + choice, word.help) for choice in found]
