"""The tour: a strip on top says the next thing to do, and goes on when one has done it.

It watches what is really done: the actions that run, the events one has caused, the screen
one is on. It never takes a key away; `q` in the queue ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.strip import Strip

from sdesk.screens.wording import keyed
from sdesk.widgets.cells import fit
from sdesk.widgets.line_view import LineView, line

if TYPE_CHECKING:
    from textual.timer import Timer

    from sdesk.desk import Desk
    from sdesk.remembered import Remembered
    from sdesk.screens.queue import QueueScreen

LOOK = 0.25
"""Seconds between two looks at what has been done."""
OUT = "({go.back} in the queue: no tour)"
DONE = "done"
REMEMBERED = "tour"


class Step(NamedTuple):
    """What to do next, in words with `{command ids}` for the user's own keys, and what it is known by."""

    words: str
    done_by: tuple[str, ...]
    """ "action:cursor_down", "event:taken", "event:assigned" "screen:TicketScreen": any one of them."""
    where: str = ""
    """The screen it is done on; empty for any."""


STEPS = (
    Step("{list.down} moves down, {list.up} up: move to another ticket.", ("action:cursor_down", "action:cursor_up"), "queue"),
    Step("{go.unassigned} goes to what nobody has: go there.", ("action:go_unassigned", "action:view", "action:next_view"), "queue"),
    Step("{ticket.take} takes the ticket under the cursor: take one.", ("event:taken", "event:assigned"), "queue"),
    Step("{batch.undo} takes the last act back, whatever it was: undo it.", ("action:undo",), "queue"),
    Step("{ticket.open} opens a ticket with all about it: open one.", ("screen:TicketScreen",), "queue"),
    Step("{ticket.clock} explains the clock, minute by minute: look at it.", ("screen:LedgerScreen",), "ticket"),
    Step("{go.back} goes back, from anywhere: go back to the queue.", ("screen:QueueScreen",)),
    Step("{filter.edit} filters as you type: type a word, then Enter.", ("action:filter",), "queue"),
    Step("{filter.clear} gives the view back as it was.", ("action:clear_filter",), "queue"),
    Step("{mark.toggle} marks a row and moves on: mark two.", ("marks:2",), "queue"),
    Step("{ticket.priority} and a digit set the priority, of both at once.", ("event:prioritized",), "queue"),
    Step("{batch.undo} takes it back from both.", ("action:undo",), "queue"),
    Step("{go.menu} shows where one can go: go to the SLA board.", ("screen:SlaScreen",), "queue"),
    Step("The most urgent clock stands on top. {go.back} goes back.", ("screen:QueueScreen",)),
    Step("{help.keys} is the help: it searches and runs what it lists. Open it.", ("action:help",)),
)  # fmt: skip
END = "{ticket.reply} replies, {ticket.note} notes, {ticket.resolve} solves. The tour is over: {go.back} takes this line away."


class TourStrip(LineView):
    """One line at the top of a screen."""

    DEFAULT_CSS = """
    TourStrip {
        dock: top;
        height: 1;
        background: $boost;
    }
    """

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words

    def say(self, words: str) -> None:
        self.words = words
        self.repaint()

    def draw(self, y: int) -> Strip:
        width = self.size.width
        return line([(fit(f" {self.words}", width), self.ink("active"))], width, self.rich_style)


class Touring:
    """Mixed into the app."""

    if TYPE_CHECKING:
        desk: Desk
        screen: Any
        screen_stack: Any
        keymap: Mapping[str, str]
        remembered: Remembered
        set_interval: Callable[..., Timer]

        @property
        def queue_screen(self) -> QueueScreen: ...

    _step = 0
    _event = 0
    """The newest event that has been looked at."""
    _looking_on: Timer | None = None

    @property
    def on_tour(self) -> bool:
        return self._looking_on is not None

    def offer_tour(self) -> None:
        """Begin it, unless it has been done once."""
        if self.remembered.get(REMEMBERED) != DONE:
            self.start_tour()

    def start_tour(self) -> None:
        """From the beginning."""
        self._step, self._event = 0, self.desk.read.last_event()
        if self._looking_on is None:
            self._looking_on = self.set_interval(LOOK, self._look_on)
        self._show_step()

    def end_tour(self) -> None:
        """It is not offered again; `:tour` begins it again."""
        if self._looking_on is not None:
            self._looking_on.stop()
            self._looking_on = None
        self.remembered.keep(REMEMBERED, DONE)
        for screen in self.screen_stack:
            screen.query(TourStrip).remove()

    def saw(self, *what: str) -> None:
        """Something was done."""
        if self.on_tour and self._step < len(STEPS) and set(what) & set(STEPS[self._step].done_by):
            self._step += 1
            self._event = self.desk.read.last_event()
            self._show_step()

    def _look_on(self) -> None:
        """What stands, and what I have caused since the last look."""
        read = self.desk.read
        caused: list[str] = []
        if (newest := read.last_event()) != self._event:
            mine = (e for e in read.events_since(self._event) if e.actor == self.desk.actor)
            caused = [f"event:{event.kind}" for event in mine]
            self._event = newest
        marked = len(self.queue_screen.listed.state.marks)
        self.saw(f"screen:{type(self.screen).__name__}", f"marks:{min(marked, 2)}", *caused)
        self._show_step()

    def _show_step(self) -> None:
        screen = next(screen for screen in reversed(self.screen_stack) if not screen.is_modal)
        if not self.on_tour or not screen.is_mounted:
            return
        words = self.tour_words(getattr(screen, "NAME", ""))
        strips = list(screen.query(TourStrip))
        if strips:
            strips[0].say(words)
        else:
            screen.mount(TourStrip(words), before=0)

    def tour_words(self, here: str) -> str:
        """The line with the user's own keys."""
        if self._step >= len(STEPS):
            return keyed(END, self.keymap)
        step = STEPS[self._step]
        back = "{go.back} goes back; " if step.where and step.where != here else ""
        words = f"{self._step + 1}/{len(STEPS)}  {back}{step.words}  {OUT}"
        return keyed(words, self.keymap)
