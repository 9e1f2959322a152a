"""One word of the `:` line, and what words share: the parts they need, the names they know."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdesk.errors import NotFound, Usage
from sdesk.model import PRIORITY_NAMES

if TYPE_CHECKING:
    from sdesk.ops import Op
    from sdesk.screens.desk_screen import DeskScreen

Run = Callable[["DeskScreen", str], object]
Choices = Callable[["DeskScreen"], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the command line."""

    name: str
    usage: str
    help: str
    run: Run
    choices: Choices | None = None
    """What can follow it; None when that is free text."""
    comma: bool = False
    """What follows is a list with commas: each of its words completes."""


def act(screen: DeskScreen, *ops: Op, said: str) -> None:
    screen.apply_ops(*ops, said=said)


def need(rest: str, what: str) -> str:
    if not rest:
        raise Usage(f"{what} is missing.")
    return rest


def known(what: str, name: str, choices: Iterable[str]) -> str:
    """The choice that was named, its beginning being enough where only one begins so."""
    choices = list(choices)
    if name in choices:
        return name
    begun = [choice for choice in choices if choice.casefold().startswith(name.casefold())]
    if len(begun) == 1:
        return begun[0]
    raise NotFound.named(what, name, choices)


def agents(screen: DeskScreen) -> list[str]:
    return [a.login for a in screen.desk_app.desk.read.agents() if a.active]


def queues(screen: DeskScreen) -> list[str]:
    return [q.key for q in screen.desk_app.desk.read.queues()]


def states(screen: DeskScreen) -> list[str]:
    return [s.key for s in screen.desk_app.desk.read.states()]


def views(screen: DeskScreen) -> list[str]:
    return [v.name for v in screen.desk_app.desk.read.views()]


def tags(screen: DeskScreen) -> list[str]:
    return list(screen.desk_app.desk.read.tags(limit=200))


def priorities(_: DeskScreen) -> list[str]:
    return [*PRIORITY_NAMES.values(), "auto"]


def themes(screen: DeskScreen) -> list[str]:
    from sdesk.themes import OWN, WORDS  # here: the line is opened before its words are needed

    return [*WORDS, *sorted(n for n in screen.app.available_themes if not n.startswith(OWN))]
