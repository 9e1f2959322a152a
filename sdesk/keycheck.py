"""`sdesk keys check`: asks for every bound key, and hears what this terminal makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import App, ComposeResult
from textual.content import Content
from textual.events import Event, Key
from textual.timer import Timer
from textual.widgets import Static

from sdesk.keys import COMMANDS, display, keys_of, same_key

if TYPE_CHECKING:
    from textual.driver import Driver

WAIT = 10.0
"""Seconds in which a key is expected."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A key and the commands that it is for."""

    key: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """A key that didn't come as itself: `came` is what did, empty for nothing."""

    bound: Bound
    came: str = ""

    def sentence(self) -> str:
        what = f"arrives as {display(self.came)}" if self.came else "doesn't arrive"
        return f"{display(self.bound.key)} {what}: {', '.join(self.bound.ids)}"


def bound_keys(keymap: Mapping[str, str]) -> tuple[Bound, ...]:
    """Every bound key once; those that terminals differ about first, plain letters last."""
    found: dict[str, list[str]] = {}
    for command in COMMANDS:
        for key in keys_of(command, keymap):
            found.setdefault(same_key(key), []).append(command.id)
    made = [Bound(key, tuple(dict.fromkeys(ids))) for key, ids in found.items()]
    return tuple(sorted(made, key=lambda bound: (len(bound.key) == 1, bound.key.isalnum())))


class KeyCheck(App[None]):
    """One question at a time. A key that came as another is asked for once more, to be sure."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "Static { width: 100%; padding: 1 2; }"

    def __init__(
        self,
        asked: tuple[Bound, ...],
        *,
        wait: float = WAIT,
        driver_class: type[Driver] | None = None,
    ) -> None:
        super().__init__(driver_class=driver_class)
        self.animation_level = "none"
        self.asked = asked
        self.wait = wait
        self.at = 0
        self.failed: list[Heard] = []
        self.came = ""
        """What came instead, when the key is asked for again."""
        self._escaped = False
        self._timer: Timer | None = None

    @property
    def left(self) -> int:
        """Keys that were not asked for."""
        return len(self.asked) - self.at

    def compose(self) -> ComposeResult:
        yield Static(Content(""))

    def on_mount(self) -> None:
        self._ask()

    def _ask(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        if not self.left:
            self.exit()
            return
        bound = self.asked[self.at]
        lines = [
            f"{self.at + 1} of {len(self.asked)}",
            "",
            f"Press   {display(bound.key)}   ({', '.join(bound.ids)})",
            f"That came as {display(self.came)}: once more, please." if self.came else "",
            "",
            f"If nothing comes, wait {self.wait:g} seconds. Esc Esc ends the check.",
            "",
            *(heard.sentence() for heard in self.failed[-8:]),
        ]
        self.query_one(Static).update(Content("\n".join(lines)))
        self._timer = self.set_timer(self.wait, self._nothing_came)

    def _nothing_came(self) -> None:
        self._next(Heard(self.asked[self.at], self.came))

    def _next(self, failed: Heard | None = None) -> None:
        if failed is not None:
            self.failed.append(failed)
        self.at += 1
        self.came = ""
        self._escaped = False
        self._ask()

    async def on_event(self, event: Event) -> None:
        """No key does anything here but be heard."""
        if isinstance(event, Key):
            self.hear(event)
        else:
            await super().on_event(event)

    def hear(self, event: Key) -> None:
        """A key has come."""
        if not self.left:
            return
        bound = self.asked[self.at]
        names = {same_key(event.key), same_key(event.character or "")} - {""}
        if bound.key in names:
            self._next()
        elif event.key == "escape":
            if self._escaped:
                self.exit()
            self._escaped = True
        elif event.key == self.came:
            self._next(Heard(bound, self.came))
        else:
            self.came = event.key
            self._ask()


def run(keymap: Mapping[str, str], *, wait: float = WAIT) -> KeyCheck:
    """Ask on this terminal; the answers are in what is returned."""
    from sdesk.terminal.driver import SafeDriver  # here: tests run without a terminal

    check = KeyCheck(bound_keys(keymap), wait=wait, driver_class=SafeDriver)
    check.run(mouse=False)
    return check
