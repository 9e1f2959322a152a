"""The bottom line: what the keys do, the result of the last act, the marks, or a menu of keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from sdesk.keys import BY_ID, Command, display, keys_of
from sdesk.messages import KeyChosen
from sdesk.model import Instant
from sdesk.text import clean_line
from sdesk.widgets.cells import fit
from sdesk.widgets.key_menu import KeyMenu
from sdesk.widgets.line_view import LineView

STAYS = 8.0
"""Seconds a told result stands."""


class StatusLine(LineView):
    """One line, docked at the bottom of a screen."""

    DEFAULT_CSS = """
    StatusLine {
        dock: bottom;
        height: 1;
        color: $text-muted;
    }
    """

    def __init__(self, commands: Sequence[Command] = ()) -> None:
        super().__init__()
        hinted = (command for command in commands if command.footer)
        self.commands = sorted(hinted, key=lambda command: command.footer)
        self.told = ""
        self.count = ""
        self.menu: KeyMenu | None = None
        self.leaves_at: Instant | None = None
        """When a reply leaves that can still be taken back."""
        self._clock: Callable[[], Instant] | None = None
        self._second: Timer | None = None
        self._timer: Timer | None = None
        self._focus_before: Widget | None = None

    def tell(self, words: str) -> None:
        """Show a result for some seconds."""
        self.told = clean_line(words)
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(STAYS, self.hush)
        self.refresh()

    def hush(self) -> None:
        """Take the told result away."""
        if self.told:
            self.told = ""
            self.refresh()

    def count_down(self, leaves_at: Instant | None, clock: Callable[[], Instant]) -> None:
        """Say for how long a reply can be taken back; only its seconds are painted again."""
        self._clock, self.leaves_at = clock, leaves_at
        if self._second is not None:
            self._second.stop()
        self._second = self.set_interval(1.0, self._tick) if self._seconds() else None
        self.repaint()

    def _tick(self) -> None:
        if not self._seconds():
            self.leaves_at = None
            if self._second is not None:
                self._second.stop()
        self.repaint()

    def _seconds(self) -> int:
        """How many are left; 0 when nothing waits to leave."""
        if self.leaves_at is None or self._clock is None:
            return 0
        return max(0, self.leaves_at - self._clock())

    def _leaving(self) -> list[Segment]:
        if not (left := self._seconds()):
            return []
        undo = display(keys_of(BY_ID["batch.undo"], getattr(self.app, "keymap", {}))[0])
        word = self.ink("risk")
        return [
            Segment(" reply leaves in ", word),
            Segment(f"{left} s", word),
            Segment(f" · {undo} takes it back", word),
        ]

    def show_count(self, words: str) -> None:
        """What stands at the right end: "12 marked"."""
        if words != self.count:
            self.count = words
            self.refresh()

    def open_menu(self, menu: KeyMenu) -> None:
        """Show the choices and take the next key."""
        self.menu = menu
        self.can_focus = True
        self._focus_before = self.screen.focused
        self.styles.height = 1 if fits(menu.parts(), self._room(menu)) else 2
        self.screen.set_focus(self, scroll_visible=False)
        self.refresh()

    def _room(self, menu: KeyMenu) -> int:
        """For its choices on one line."""
        return self.size.width - 2 - cell_len(menu.title)

    def _close_menu(self) -> None:
        self.menu = None
        self.styles.height = 1
        self.screen.set_focus(self._focus_before, scroll_visible=False)
        self.can_focus = False
        self.refresh()

    def on_blur(self) -> None:
        if self.menu is not None:
            self.menu = None
            self.styles.height = 1
            self.refresh()

    def on_key(self, event: events.Key) -> None:
        if self.menu is None:
            return
        event.stop()
        event.prevent_default()
        action = self.menu.action_for(event.key, event.character)
        self._close_menu()
        if action is not None:
            self.post_message(KeyChosen(action))

    def draw(self, y: int) -> Strip:
        width = self.size.width
        base = self.rich_style
        if self.menu is not None:
            return self._choices(self.menu, y).adjust_cell_length(width, base)
        if y:
            return Strip.blank(width, base)
        count = f" {self.count} " if self.count else ""
        if watch := getattr(self.app, "stopwatch_words", ""):
            count = f" {watch} {count}"
        room = width - cell_len(count)
        leaving = self._leaving()
        room -= sum(segment.cell_length for segment in leaving)
        if self.told and not (leaving and "replied" in self.told):
            left = [Segment(fit(f" {self.told}", room), self.ink("done"))]
        else:
            left = self._all_hints(room)
        strip = Strip(left).adjust_cell_length(room, base)
        return Strip([*leaving, *strip, Segment(count, self.ink("risk"))], width)

    def _all_hints(self, room: int) -> list[Segment]:
        """As many hints as fit; the last one, help, always."""
        keymap = getattr(self.app, "keymap", {})
        hints = [(display(keys_of(c, keymap)[0]), c.label) for c in self.commands]
        if not hints:
            return []
        last = self._pairs(hints[-1:], room, "muted")
        return [*self._pairs(hints[:-1], room - sum(s.cell_length for s in last), "muted"), *last]

    def _choices(self, menu: KeyMenu, y: int) -> Strip:
        """A line of a menu's choices: all of them, on two lines where one is too short for their words;
        where two are, the words are cut to as many letters as there is room for."""
        pairs, room = menu.parts(), self._room(menu)
        title = f" {menu.title} " if y == 0 else " " * (2 + cell_len(menu.title))
        head = Segment(title, self.ink("risk"))
        if not fits(pairs, room):
            first = halfway(pairs)
            pairs = pairs[first:] if y else pairs[:first]
        elif y:
            return Strip([head])
        if fits(pairs, room):
            return Strip([head, *self._pairs(pairs, room, "text")])
        segments: list[Segment] = []
        most = longest(pairs, room)
        for key, word in pairs:
            segments += [
                Segment(f" {key}", self.ink("key")),
                Segment(f" {word[:most]}", self.ink("text")),
            ]
        return Strip([head, *segments])

    def _pairs(self, pairs: list[tuple[str, str]], room: int, part: str) -> list[Segment]:
        """Keys with their words, as many as fit whole."""
        key_style, word_style = self.ink("key"), self.ink(part)
        segments: list[Segment] = []
        for key, word in pairs:
            size = cell_len(key) + cell_len(word) + 3
            if size > room:
                break
            room -= size
            segments += [Segment(f" {key}", key_style), Segment(f" {word} ", word_style)]
        return segments


def fits(pairs: Sequence[tuple[str, str]], room: int) -> bool:
    """Whether all keys with their whole words have room on a line."""
    return sum(cell_len(key) + cell_len(word) + 3 for key, word in pairs) <= room


def halfway(pairs: Sequence[tuple[str, str]]) -> int:
    """How many of them come on the first of two lines, so that both are about as long."""
    whole = sum(cell_len(key) + cell_len(word) + 3 for key, word in pairs)
    used = 0
    for number, (key, word) in enumerate(pairs):
        used += cell_len(key) + cell_len(word) + 3
        if 2 * used >= whole:
            return number + 1
    return len(pairs)


def longest(pairs: Sequence[tuple[str, str]], room: int) -> int:
    """To how many letters the words are cut so that all keys stand there with theirs; at least one."""
    for most in range(12, 1, -1):
        if sum(cell_len(key) + min(most, len(word)) + 2 for key, word in pairs) <= room:
            return most
    return 1
