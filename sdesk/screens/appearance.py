"""How the desk appears on this terminal: its colours, its characters, and how much it sends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sdesk.errors import NotFound
from sdesk.terminal.ascii import AsciiFilter
from sdesk.themes import ASCII, DEFAULT, WORDS, own_name, theme_for

if TYPE_CHECKING:
    from textual.filter import LineFilter
    from textual.theme import Theme

    from sdesk.config import Config
    from sdesk.remembered import Remembered
    from sdesk.terminal.ability import Ability

GATHER, GATHER_FRUGALLY = 0.05, 0.5
"""Seconds in which changes of the store are gathered before they are read and painted."""


class Appearance:
    """Mixed into the app."""

    if TYPE_CHECKING:
        ability: Ability
        config: Config | None
        remembered: Remembered
        theme: str
        no_color: bool

        @property
        def available_themes(self) -> dict[str, Theme]: ...

    _ascii = AsciiFilter()

    @property
    def frugal(self) -> bool:
        """Whether the link is to be spared: set, or else when the terminal is at the other end of SSH."""
        wanted = self.config.frugal if self.config is not None else None
        return self.ability.remote if wanted is None else wanted

    @property
    def gather(self) -> float:
        return GATHER_FRUGALLY if self.frugal else GATHER

    @property
    def takes_mouse(self) -> bool:
        wanted = self.config.mouse if self.config is not None else None
        return self.ability.mouse and not self.frugal if wanted is None else wanted

    @property
    def is_ascii(self) -> bool:
        """Whether borders, bars and signs are drawn in ASCII."""
        return not self.ability.unicode or self.theme == ASCII.name

    def first_theme(self) -> str:
        """Set, else chosen the last time, else what suits the terminal."""
        default = theme_for(self.ability, "", frugal=self.frugal, no_color=self.no_color)
        if wanted := self.config.theme if self.config is not None else "":
            name = default if wanted == DEFAULT else own_name(wanted)
            if name not in self.available_themes:
                raise NotFound.named("theme", wanted, [*WORDS, *self.available_themes])
            return name
        name = own_name(self.remembered.get("theme"))
        return name if name in self.available_themes else default

    def choose_theme(self, name: str) -> str:
        """Wear a theme and remember it; returns a sentence when that will not outlast this run."""
        default = theme_for(self.ability, "", frugal=self.frugal, no_color=self.no_color)
        self.theme = default if name == "default" else own_name(name)
        self.remembered.keep("theme", "" if name == "default" else name)
        config = self.config
        if config is not None and config.theme and own_name(config.theme) != self.theme:
            return f"for this run: {config.where('theme')} names another one"
        return ""

    def ascii_filters(self) -> Sequence[LineFilter]:
        return [self._ascii] if self.is_ascii else []
