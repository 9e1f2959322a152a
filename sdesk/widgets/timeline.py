"""The thread of a ticket: every line is wrapped before it is drawn, and only the lines in sight are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.message import Message
from textual.strip import Strip
from textual.worker import get_current_worker

from sdesk.model import Entry, Event
from sdesk.widgets.line_view import LineView, line
from sdesk.widgets.thread_lines import Block, Line, Manner, Wrapped, lay_out

_PARTS = (
    "text", "fold", "event", "time", "word", "trouble", "note", "note-head",
    "reply-head", "inbound-head", "call-head", "chat-head",
)  # fmt: skip


class Timeline(LineView):
    """Entries and events; it shows the newest message first, and a refresh leaves it where it is."""

    COMPONENT_CLASSES = {f"thread--{part}" for part in _PARTS}
    DEFAULT_CSS = """
    Timeline {
        height: 1fr;
        & > .thread--text { color: $foreground; }
        & > .thread--fold { color: $text-muted; }
        & > .thread--event { color: $text-muted; }
        & > .thread--time { color: $text-muted; }
        & > .thread--word { color: $text-muted; text-style: bold; }
        & > .thread--trouble { color: $error; text-style: bold; }
        & > .thread--note { color: $warning; }
        & > .thread--note-head { color: $warning; text-style: bold; }
        & > .thread--reply-head { color: $success; text-style: bold; }
        & > .thread--call-head { color: $success; text-style: bold; }
        & > .thread--inbound-head { color: $accent; text-style: bold; }
        & > .thread--chat-head { color: $secondary; text-style: bold; }
    }
    """

    class LaidOut(Message):
        """The lines are ready. `below` says that something new stands under what is in sight."""

        def __init__(self, *, below: bool) -> None:
            super().__init__()
            self.below = below

    def __init__(self, manner: Callable[[int], Manner]) -> None:
        """`manner` gives the way to lay out for a width; it is asked in the widget's own thread."""
        super().__init__()
        self.manner = manner
        self.folded = False
        self.quotes = False
        """Whether what messages quote and how they are signed is shown."""
        self.top = 0
        self.cursor: tuple[str, int] | None = None
        """The message that was gone to by key; None as long as none was."""
        self._pinned = True
        """The end is in sight, and stays so when lines are added or the size changes."""
        self.blocks: tuple[Block, ...] = ()
        self._thread: list[tuple[int, Line]] = []
        """(block, line) of every line."""
        self._starts: list[int] = []
        self._entries: tuple[Entry, ...] = ()
        self._events: tuple[Event, ...] = ()
        self._wrapped: Wrapped = {}
        self._styles: dict[str, Style] = {}

    def show(
        self, entries: Sequence[Entry], events: Sequence[Event], *, afresh: bool = False
    ) -> None:
        """Show this conversation; `afresh` for another ticket: what stood here is forgotten."""
        if afresh:
            self.blocks, self._thread, self._starts, self._wrapped = (), [], [], {}
            self.top, self._pinned, self.cursor = 0, True, None
        self._entries, self._events = tuple(entries), tuple(events)
        self._again()

    def _again(self) -> None:
        if self.size.width:
            manner = self.manner(self.size.width - 1)
            self._lay_out(replace(manner, folded=self.folded, quotes=self.quotes))

    @work(thread=True, exclusive=True, group="thread")
    def _lay_out(self, manner: Manner) -> None:
        """Wrapping a long thread takes a while: it is done beside the screen."""
        worker = get_current_worker()
        entries, events, wrapped = self._entries, self._events, self._wrapped
        blocks = lay_out(entries, events, manner, wrapped)
        lines = [(index, one) for index, block in enumerate(blocks) for one in block.lines]
        while lines and not lines[-1][1]:
            lines.pop()
        if not worker.is_cancelled:
            self.app.call_from_thread(self._laid_out, blocks, lines)

    def _laid_out(self, blocks: tuple[Block, ...], lines: list[tuple[int, Line]]) -> None:
        """Show the new lines with the same block under the upper edge; at the end stay at the end."""
        if not self.is_mounted:
            return
        first, at_end, held = not self.blocks, self._pinned, self._held()
        newest = self.blocks[-1].key if self.blocks else None
        self.blocks, self._thread = blocks, lines
        self._starts = []
        for index, (block, _) in enumerate(lines):
            if block == len(self._starts):
                self._starts.append(index)
        if first or (at_end and blocks and blocks[-1].key != newest):
            self.top = self.newest_top()
        elif at_end:
            self.top = self.last_top()
        else:
            self.top = self._top_of(*held)
        self._pinned = self.top >= self.last_top()
        self.repaint()
        fresh = bool(blocks) and blocks[-1].key != newest and self.top < self.last_top()
        self.post_message(self.LaidOut(below=fresh and not first))

    def _held(self) -> tuple[tuple[str, int] | None, int]:
        """The block under the upper edge, and how far into it that edge stands."""
        if self.top >= len(self._thread):
            return None, 0
        block = self._thread[self.top][0]
        return self.blocks[block].key, self.top - self._starts[block]

    def _top_of(self, key: tuple[str, int] | None, offset: int) -> int:
        for index, block in enumerate(self.blocks):
            if block.key == key:
                at = self._starts[index] + min(offset, max(0, len(block.lines) - 1))
                return min(at, self.last_top())
        return min(self.top, self.last_top())

    def last_top(self) -> int:
        """Which line is uppermost when the last one is in sight."""
        return max(0, len(self._thread) - max(1, self.size.height))

    def newest_top(self) -> int:
        """Which line is uppermost when the newest message begins in sight; the end, when all of it fits."""
        newest = next(
            (i for i in reversed(range(len(self.blocks))) if self.blocks[i].is_entry), None
        )
        if newest is None:
            return self.last_top()
        return min(self._starts[newest], self.last_top())

    def toggle_events(self) -> None:
        """Fold the events between the messages to one line each run, or show them all."""
        self.folded = not self.folded
        self._again()

    def toggle_quotes(self) -> None:
        """Show what the messages quote and how they are signed, or fold each to one line."""
        self.quotes = not self.quotes
        self._pinned = False  # what is read stays where it is; more of it stands below
        self._again()

    # Moving

    def go(self, top: int) -> None:
        """Bring that line to the upper edge, as far as there are lines below."""
        top = max(0, min(top, self.last_top()))
        self._pinned = top >= self.last_top()
        if top != self.top:
            self.top = top
            self.repaint()

    def scroll_lines(self, by: int) -> None:
        """Move so many lines down, or up."""
        self.go(self.top + by)

    def scroll_pages(self, by: int) -> None:
        """Move so many pages, less one line that stays in sight."""
        self.go(self.top + by * max(1, self.size.height - 1))

    def go_message(self, by: int) -> None:
        """Bring the beginning of the next message, or the one before, to the upper edge."""
        stops = [
            (start, block.key)
            for start, block in zip(self._starts, self.blocks, strict=True)
            if block.is_entry
        ]
        at = next((s for s, key in stops if key == self.cursor and self._is_in_sight(s)), self.top)
        there = [stop for stop in stops if (stop[0] > at if by > 0 else stop[0] < at)]
        if not there and self.cursor is None:
            there = stops  # all of it is in sight: the newest message, or the first one
        if there:
            start, self.cursor = there[0] if by > 0 else there[-1]
            self.go(start)
            self.repaint()

    def _is_in_sight(self, index: int) -> bool:
        return self.top <= index < self.top + self.size.height

    def message(self) -> Entry | None:
        """The message under the cursor; the newest one as long as no other was gone to."""
        found = [entry for entry in self._entries if ("entry", entry.id) == self.cursor]
        return next(iter(found or reversed(self._entries)), None)

    def on_mouse_scroll_down(self) -> None:
        self.scroll_lines(3)

    def on_mouse_scroll_up(self) -> None:
        self.scroll_lines(-3)

    # Painting

    def on_resize(self) -> None:
        super().on_resize()
        if self._entries or self._events:
            self._again()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = {}

    def draw(self, y: int) -> Strip:
        styles = self._styles or self._load_styles()
        index = self.top + y
        parts = self._thread[index][1] if index < len(self._thread) else ()
        if parts and self.blocks[self._thread[index][0]].key == self.cursor:
            parts = under_cursor(parts)
        made = [(text, styles[part]) for text, part in parts]
        width = self.size.width
        strip = line(made, width - 1, styles["text"])
        thumb = "▐" if y in self._thumb() else " "
        return Strip([*strip, Segment(thumb, styles["time"])], width)

    def _thumb(self) -> range:
        """The lines whose last cell shows how far into the thread this is; none when all is in sight."""
        total, tall = len(self._thread), self.size.height
        if total <= tall:
            return range(0)
        size = max(1, tall * tall // total)
        start = round(self.top / self.last_top() * (tall - size))
        return range(start, start + size)

    def _load_styles(self) -> dict[str, Style]:
        self._styles = {part: self.get_component_rich_style(f"thread--{part}") for part in _PARTS}
        return self._styles


def under_cursor(parts: Line) -> Line:
    """A line of the message under the cursor: a bar stands in its first cell, which is empty else."""
    (text, part), *rest = parts
    return (("▌", "word"), (text[1:], part), *rest) if text.startswith(" ") else parts
