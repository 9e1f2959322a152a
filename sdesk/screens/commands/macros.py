"""Words of the `:` line about macros, marks, and acts on many tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk.errors import Usage
from sdesk.screens.commands.word import Word, need

if TYPE_CHECKING:
    from sdesk.screens.desk_screen import DeskScreen


def _macro(screen: DeskScreen, rest: str) -> None:
    from sdesk.macros import macro_named

    if not rest:
        screen.action_macro()
    elif tickets := screen.targets():
        macro = macro_named(screen.desk_app.desk, rest)
        screen.run_worker(screen.use_macro(macro, tickets), exclusive=True, group="dialog")
    else:
        screen.desk_app.tell("there is no ticket here")


def macros(screen: DeskScreen) -> list[str]:
    return list(dict.fromkeys(macro.name for macro in screen.desk_app.desk.read.macros()))


def _list(screen: DeskScreen) -> Any:
    listed = getattr(screen, "listed", None)
    if listed is None:
        raise Usage("There are no marks here.", "Mark in the queue or on the SLA board.")
    return listed


def _mark(screen: DeskScreen, rest: str) -> None:
    """Mark what the query finds, whether it stands in the list or not."""
    query = need(rest, "The query")
    listed, app = _list(screen), screen.desk_app
    found = set(app.desk.read.ids(query, limit=MOST + 1))
    listed.mark_also(set(sorted(found)[:MOST]))
    app.tell(
        f"{len(found):,} marked"
        if len(found) <= MOST
        else f"the first {MOST:,} marked: there are more"
    )


def _unmark(screen: DeskScreen, rest: str) -> None:
    listed = _list(screen)
    if not rest:
        listed.clear_marks()
    else:
        listed.mark_also(set(screen.desk_app.desk.read.ids(rest)), gone=True)


def _pipe(screen: DeskScreen, rest: str) -> None:
    if not rest:
        screen.action_pipe()
    elif tickets := screen.targets():
        screen.pipe(rest, "text", tickets)


MOST = 10_000
"""Tickets that can be marked at once."""
WORDS = (
    Word("edit", "edit", "set one field", lambda s, _: s.action_edit()),
    Word("macro", "macro [NAME]", "use a macro", _macro, macros),
    Word("mark", "mark QUERY", "mark what a query finds", _mark),
    Word("pipe", "pipe COMMAND", "give it to a command as text", _pipe),
    Word("repeat", "repeat", "do the last act once more", lambda s, _: s.action_repeat()),
    Word("result", "result", "what the last act on many did to each", lambda s, _: s.desk_app.show_last_bulk()),
    Word("unmark", "unmark [QUERY]", "take marks away, all or what a query finds", _unmark),
)  # fmt: skip
