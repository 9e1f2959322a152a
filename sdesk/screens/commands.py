"""The `:` command line: its words, what they do, and how they complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sdesk.screens.desk_screen import DeskScreen


def run_line(screen: DeskScreen, line: str) -> None:
    """Do what the line says, or tell what is wrong with it."""
