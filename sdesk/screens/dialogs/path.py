"""Ask for a place on this host, with completion by Tab."""

from __future__ import annotations

import os
from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from sdesk.files import expanded
from sdesk.screens.dialogs.bottom import BottomDialog
from sdesk.text import clean_line

MOST = 200
"""Names of a folder that are offered."""


def ways_on(typed: str, *, folders: bool) -> list[str]:
    """How the path can go on, folders with a slash; hidden names only when a dot was typed."""
    head, _, begun = typed.rpartition("/")
    base = expanded(f"{head}/" if head or typed.startswith("/") else ".")
    found = []
    try:
        with os.scandir(base) as entries:
            for entry in entries:
                wanted = entry.name.casefold().startswith(begun.casefold())
                if wanted and (begun.startswith(".") or not entry.name.startswith(".")):
                    if entry.is_dir():
                        found.append(f"{entry.name}/")
                    elif not folders:
                        found.append(entry.name)
    except OSError:
        return []
    start = typed[: len(typed) - len(begun)]
    return [start + name for name in sorted(found, key=str.casefold)[:MOST]]


class PathInput(Input):
    """The line itself."""

    BINDINGS = [
        Binding("tab", "complete(1)", show=False, id="path.complete"),
        Binding("shift+tab", "complete(-1)", show=False, id="path.complete_back"),
    ]

    def action_complete(self, step: int) -> None:
        assert isinstance(self.screen, PathDialog)
        self.screen.complete(step)


class PathDialog(BottomDialog[str | None]):
    """Returns the path as typed, or None. With `folders` only folders are offered."""

    def __init__(
        self, title: str, value: str = "", *, folders: bool = False, hint: str = ""
    ) -> None:
        super().__init__()
        self.heading = clean_line(title)
        self.initial = value
        self.folders = folders
        self.hint = hint
        self._offered: Sequence[str] = ()
        self._offer = -1

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel") as panel:
            panel.border_title = Content(self.heading)
            yield Static(Content(self.hint), classes="hint")
            with Horizontal(classes="line"):
                yield Static(Content("› "), classes="prompt")
                yield PathInput(self.initial, select_on_focus=False)
                yield Static(Content("tab complete · enter take · esc close"), classes="keys")

    def on_mount(self) -> None:
        self.query_one(PathInput).focus()

    def complete(self, step: int) -> None:
        """The next way the path can go on, round and round; a folder that is the only one is entered."""
        line = self.query_one(PathInput)
        if not self._offered or line.value != self._offered[self._offer]:
            self._offered, self._offer = ways_on(line.value, folders=self.folders), -1
        if not self._offered:
            self._say("nothing begins so")
            return
        self._offer = (self._offer + step) % len(self._offered) if self._offer >= 0 else 0
        line.value = self._offered[self._offer]
        line.cursor_position = len(line.value)
        self._say(" · ".join(name.rstrip("/").rpartition("/")[2] for name in self._offered[:12]))
        if len(self._offered) == 1:
            self._offered, self._offer = (), -1

    def _say(self, words: str) -> None:
        self.query_one(".hint", Static).update(Content(clean_line(words)))

    @on(Input.Submitted)
    def take(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip() or None)
