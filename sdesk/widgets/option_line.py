"""A line with a few choices side by side: arrows or a first letter move between them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from sdesk.text import clean_line


class OptionLine(Widget, can_focus=True):
    """`options` are (value, word) pairs; the chosen word stands in brackets, so that it shows without colour."""

    COMPONENT_CLASSES = {"option--word", "option--chosen", "option--here"}
    DEFAULT_CSS = """
    OptionLine {
        width: 1fr;
        height: 1;
        & > .option--word { color: $text-muted; }
        & > .option--chosen { color: $foreground; text-style: bold; }
        & > .option--here { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
    }
    """

    chosen: reactive[int] = reactive(0)

    class Changed(Message):
        """Another option was chosen."""

        def __init__(self, line: OptionLine) -> None:
            super().__init__()
            self.line = line

        @property
        def control(self) -> OptionLine:
            return self.line

    class Submitted(Message):
        """Enter was pressed on the line."""

    def __init__(
        self,
        options: Sequence[tuple[object, str]],
        value: object = None,
        *,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.options = tuple((option, clean_line(word)) for option, word in options)
        values = [option for option, _ in self.options]
        self.set_reactive(OptionLine.chosen, values.index(value) if value in values else 0)

    @property
    def value(self) -> object:
        """The chosen option's value, or None where there are no options."""
        return self.options[self.chosen][0] if self.options else None

    def watch_chosen(self) -> None:
        self.post_message(self.Changed(self))

    def on_key(self, event: events.Key) -> None:
        if not self.options:
            return
        count = len(self.options)
        if event.key in ("left", "right", "space"):
            self.chosen = (self.chosen + (-1 if event.key == "left" else 1)) % count
        elif event.key == "enter":
            self.post_message(self.Submitted())
        elif event.character and event.character.isalnum():
            self._jump(event.character.casefold())
        else:
            return
        event.stop()
        event.prevent_default()

    def _jump(self, letter: str) -> None:
        """To the next option whose word begins with the letter."""
        count = len(self.options)
        for step in range(1, count + 1):
            index = (self.chosen + step) % count
            if self.options[index][1].casefold().startswith(letter):
                self.chosen = index
                return

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        segments: list[Segment] = []
        shown = self._in_sight(width)
        for index in shown:
            word = self.options[index][1]
            if index == self.chosen:
                segments.append(
                    Segment(f"‹{word}›", self._style("here" if self.has_focus else "chosen"))
                )
            else:
                segments.append(Segment(f" {word} ", self._style("word")))
        if shown and shown[-1] < len(self.options) - 1:
            segments.append(Segment(" …", self._style("word")))
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _in_sight(self, width: int) -> list[int]:
        """The options that fit, the chosen one among them."""
        first = 0
        while (
            first < self.chosen
            and sum(self._cells(i) for i in range(first, self.chosen + 1)) > width - 2
        ):
            first += 1
        shown: list[int] = []
        used = 0
        for index in range(first, len(self.options)):
            used += self._cells(index)
            if used > width - 2 and shown:
                break
            shown.append(index)
        return shown

    def _cells(self, index: int) -> int:
        return cell_len(self.options[index][1]) + 2

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"option--{part}")
