"""The line under a text that is being written: what to do with it, or whom an `@` may mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from sdesk.text import clean_line
from sdesk.widgets.cells import fit

if TYPE_CHECKING:
    from sdesk.widgets.composer import Composer

REPLY, NOTE = "reply", "note"
WORDS = {REPLY: "REPLY", NOTE: "NOTE"}
REVIEW = (
    ("y", "send"), ("e", "edit"), ("n", "note"), ("a", "attach"), ("p", "postpone"), ("q", "discard"),
)  # fmt: skip


class ReviewLine(Widget, can_focus=True):
    """One line below the text: what to do with it."""

    COMPONENT_CLASSES = {"review--key", "review--word", "review--here"}
    DEFAULT_CSS = """
    ReviewLine {
        height: 1;
        & > .review--key { color: $accent; text-style: bold; }
        & > .review--word { color: $text-muted; }
        & > .review--here { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
    }
    """

    def __init__(self, composer: Composer) -> None:
        super().__init__()
        self.composer = composer

    def on_key(self, event: events.Key) -> None:
        composer = self.composer
        key = "e" if event.key == "escape" else event.key
        if key in {"y", "e", "n", "p", "q", "a", "x", "k", "m", "f"}:
            event.stop()
            event.prevent_default()
            composer.decide(key)

    def render_line(self, y: int) -> Strip:
        composer = self.composer
        width = self.size.width
        key, word = self._style("key"), self._style("word")
        if not composer.reviewing and composer.offered:
            return self._names(width)
        if not composer.reviewing:
            return Strip(
                [
                    Segment(
                        fit(
                            " esc review and send · :: a text · >> quotes · ctrl+e in $EDITOR",
                            width,
                        ),
                        word,
                    )
                ],
                width,
            )
        segments = [Segment(f" {WORDS[composer.kind]} ", self._style("here"))]
        for letter, says in REVIEW:
            if letter == "n":
                says = NOTE if composer.kind == REPLY else REPLY
                # With one key more the line has no room for the whole sentence.
                says = says if composer.mail is not None else f"make it a {says}"
            if letter == "a" and composer.files:
                says = "attach  x drop the last"
            segments += [Segment(f" {letter}", key), Segment(f" {says} ", word)]
        if composer.below and composer.kind == REPLY:
            says = "only here" if composer.informs else f"+{composer.below} below"
            segments += [Segment(" k", key), Segment(f" {says} ", word)]
        if composer.unkept:
            segments[1:1] = [Segment(" f", key), Segment(" to a file ", word)]
        if composer.mail is not None and composer.kind == REPLY:
            segments += [Segment(" m", key), Segment(" see the mail ", word)]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _names(self, width: int) -> Strip:
        """Whom Tab would call, and who else is meant."""
        first, *others = self.composer.offered
        segments = [
            Segment(f" @{clean_line(first.key)} ", self._style("here")),
            Segment(f" {clean_line(first.name)} · tab takes  ", self._style("word")),
        ]
        segments += [Segment(f"@{clean_line(one.key)}  ", self._style("key")) for one in others]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"review--{part}")
