"""The word of the `:` line that begins triage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.screens.commands.word import Word

if TYPE_CHECKING:
    from sdesk.screens.desk_screen import DeskScreen


def _triage(screen: DeskScreen, rest: str) -> None:
    if rest:
        screen.desk_app.desk.read.parse(rest)
    screen.desk_app.open_triage(rest)


WORDS = (
    Word("triage", "triage [QUERY]", "one after the other, with what decides", _triage),
)  # fmt: skip
