"""A checklist to tick: Space ticks, `a` adds a line, `x` takes one off, Enter does it all."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from sdesk.model import CheckItem
from sdesk.ops import AddCheck, Check, DropCheck, Op, Uncheck
from sdesk.screens.dialogs.bottom import BottomDialog
from sdesk.text import clean_line
from sdesk.widgets.choice_list import Choice, ChoiceList, Row

KEYS = "space tick · a add · x take off · enter take · esc close"


class Ticks(ChoiceList, can_focus=True):
    """The lines; it has the focus, so that letters are keys."""

    DEFAULT_CSS = "Ticks { &:focus { border: none; } }"


class ChecklistDialog(BottomDialog[tuple[Op, ...] | None]):
    """Returns the operations that make the list as it was left, or None."""

    BINDINGS = [
        Binding("j,down", "move(1)", show=False, id="checklist.down"),
        Binding("k,up", "move(-1)", show=False, id="checklist.up"),
        Binding("space", "tick", show=False, id="checklist.tick"),
        Binding("a,o", "add", show=False, id="checklist.add"),
        Binding("x", "drop", show=False, id="checklist.drop"),
        Binding("enter", "take", show=False, id="checklist.take"),
    ]

    def __init__(self, title: str, items: Sequence[CheckItem]) -> None:
        super().__init__()
        self.heading = clean_line(title)
        self.items = {item.id: item for item in items}
        self.done = {item.id for item in items if item.is_done}
        self.lines = {item.id: item.text for item in items}
        """Number → text as the list stands now; new lines have numbers below 0."""
        self.ticks = Ticks(most=12, empty="nothing is on it yet")

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel") as panel:
            panel.border_title = Content(self.heading)
            yield self.ticks
            with Horizontal(classes="line", id="adding"):
                yield Static(Content("+ "), classes="prompt")
                yield Input(placeholder="what is to be done", select_on_focus=False)
            yield Static(Content(KEYS), classes="hint")

    def on_mount(self) -> None:
        self._show()
        if self.lines:
            self._back()
        else:
            self.action_add()

    def _show(self, cursor: int | None = None) -> None:
        here = self.ticks.cursor if cursor is None else cursor
        marks = {True: "☑", False: "☐"}
        rows = [
            Row(Choice(number, text, lead=marks[number in self.done]))
            for number, text in self.lines.items()
        ]
        self.ticks.show(tuple(rows), here)

    def _back(self) -> None:
        self.query_one("#adding").display = False
        self.set_focus(self.ticks)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action == "close" or not isinstance(self.focused, Input)

    def action_move(self, by: int) -> None:
        self.ticks.move(by)

    def action_tick(self) -> None:
        if (choice := self.ticks.current) is not None:
            self.done ^= {choice.value}
            self._show()
            self.ticks.move(1 if self.ticks.cursor < len(self.lines) - 1 else 0)

    def action_drop(self) -> None:
        if (choice := self.ticks.current) is not None:
            del self.lines[choice.value]
            self._show()

    def action_add(self) -> None:
        self.query_one("#adding").display = True
        self.set_focus(self.query_one(Input))

    @on(Input.Submitted)
    def add(self, event: Input.Submitted) -> None:
        """One line after the other; an empty one ends it."""
        event.stop()
        text = clean_line(event.value)[:500]
        event.input.value = ""
        if not text:
            self._back()
            return
        self.lines[min([0, *self.lines]) - 1] = text
        self._show(len(self.lines) - 1)

    def action_close(self) -> None:
        if isinstance(self.focused, Input) and self.lines:
            self._back()
        else:
            self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        event.stop()

    def action_take(self) -> None:
        ops: list[Op] = []
        for number, item in self.items.items():
            if number not in self.lines:
                ops.append(DropCheck(number))
            elif item.is_done != (number in self.done):
                ops.append(Check(number) if number in self.done else Uncheck(number))
        ops += [
            AddCheck(text, done=number in self.done)
            for number, text in self.lines.items()
            if number < 0
        ]
        self.dismiss(tuple(ops))
