"""The choices behind a first key, as one line: `g` shows where it can go, and waits without a time-out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sdesk.keys import BY_ID, Command, after, display, keys_of


class KeyMenu(NamedTuple):
    """A title and the choices, each with its one key."""

    title: str
    choices: tuple[tuple[str, Command], ...]

    @classmethod
    def behind(
        cls, prefix: str, keymap: Mapping[str, str], *, leave_out: Sequence[str] = ()
    ) -> KeyMenu:
        """The menu of a first key under the user's keymap."""
        choices = tuple(
            (keys_of(command, keymap)[0], command)
            for command in after(prefix)
            if command.id not in leave_out
        )
        return cls(display(keys_of(BY_ID[prefix], keymap)[0]), choices)

    def action_for(self, key: str, character: str | None) -> str | None:
        """The action of a pressed key, or None where the key is no choice."""
        for own, command in self.choices:
            if own in (key, character):
                return command.action
        return None

    def parts(self) -> list[tuple[str, str]]:
        """(key, word) of each choice, for the line."""
        return [(display(key), command.label) for key, command in self.choices]
