"""Pick one of many (or several) by typing a few letters of it."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from sdesk.errors import SdeskError
from sdesk.screens.dialogs.bottom import BottomDialog
from sdesk.text import clean_line
from sdesk.widgets.choice_list import Choice, ChoiceList, Row
from sdesk.widgets.following import Following
from sdesk.widgets.fuzzy import match

__all__ = ["Choice", "Pick"]

Source = Sequence[Choice] | Callable[[str], Sequence[Choice] | Awaitable[Sequence[Choice]]]


class Pick(BottomDialog[Any]):
    """Ask for one choice: returns its value, or None when closed; with `multi` a tuple of values.

    `choices` is a sequence, or a function of the typed text (plain, then run in a thread, or async),
    which does its own filtering. `other` makes a choice of the typed text itself: a tag that
    doesn't exist yet. `quick` picks at once by a single key, while nothing is typed. `marked` are
    values that stand marked when a multiple choice opens; `most` is how many rows stand in sight.

    Whatever is done with the list (`move`, `mark`, `finish`) is done when it has followed the text.
    """

    KEYS = "enter take · esc close"
    EMPTY = "nothing fits"
    BINDINGS = [
        Binding("down,ctrl+n", "move(1)", show=False, id="pick.down"),
        Binding("up,ctrl+p", "move(-1)", show=False, id="pick.up"),
        Binding("pagedown", "move(8)", show=False, id="pick.page_down"),
        Binding("pageup", "move(-8)", show=False, id="pick.page_up"),
    ]

    def __init__(
        self,
        title: str,
        choices: Source,
        *,
        fuzzy: bool = True,
        multi: bool = False,
        text: str = "",
        other: Callable[[str], Choice | None] | None = None,
        marked: Sequence[Any] = (),
        most: int = 10,
        quick: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.heading = clean_line(title)
        self.choices = choices
        self.fuzzy = fuzzy
        self.multi = multi
        self.text = text
        self.other = other
        self.marked = set(marked)
        self.most = most
        self.quick = dict(quick or {})
        self.following = Following(self._typed, self._find)

    @property
    def is_opening(self) -> bool:
        """What was pressed waits for the list; keys behind it wait as well."""
        return self.following.is_waiting

    def give_up(self, late: bool) -> bool:
        """Esc while it waits: nothing is done."""
        self.following.forget()
        self.action_close()
        return True

    def compose(self) -> ComposeResult:
        keys = f"space mark · {self.KEYS}" if self.multi else self.KEYS
        with Vertical(classes="panel") as panel:
            panel.border_title = Content(self.heading)
            with Horizontal(classes="line"):
                yield Static(Content("› "), classes="prompt")
                yield PickInput(self.text, placeholder=self._asks(), select_on_focus=False)
                yield Static(Content(keys), classes="keys")
            yield ChoiceList(most=self.most, empty=self.EMPTY)
            yield from self.more()

    def _asks(self) -> str:
        """What the line says before anything is typed; a quick key takes no Enter after it."""
        if not self.quick:
            return "type to narrow"
        first, last = next(iter(self.quick)), next(reversed(self.quick))
        which = first if first == last else f"{first} to {last}"
        return f"{which} at once, or type to narrow"

    def more(self) -> Iterable[Widget]:
        """What stands below the list."""
        return ()

    def on_mount(self) -> None:
        self.query_one(PickInput).focus()
        self.query_one(ChoiceList).marked = self.marked
        self.narrow()

    def _typed(self) -> str:
        return self.query_one(PickInput).value

    @on(Input.Changed, "PickInput")
    def narrow(self) -> None:
        """Show what fits the typed text."""
        self.following.follow()

    def _find(self, typed: str) -> None:
        if callable(self.choices):
            self._ask(typed)
        else:
            self._show(self._fitting(typed, self.choices), typed)

    @work(exclusive=True, group="pick")
    async def _ask(self, typed: str) -> None:
        source = self.choices
        assert callable(source)
        try:
            if inspect.iscoroutinefunction(source):
                found = await source(typed)
            else:
                found = await asyncio.to_thread(source, typed)
        except SdeskError as error:
            self._show_fault(error, typed)
        else:
            self._show([Row(choice) for choice in found], typed)

    def _show_fault(self, error: SdeskError, typed: str) -> None:
        """What is wrong stands where the choices would; what was pressed is not done."""
        listed = self.query_one(ChoiceList)
        listed.empty = clean_line(str(error))
        listed.show(())
        self.following.failed(typed)

    def _fitting(self, typed: str, choices: Sequence[Choice]) -> list[Row]:
        if not typed.strip():
            return [Row(choice) for choice in choices]
        if not self.fuzzy:
            start = typed.strip().casefold()
            return [Row(c) for c in choices if c.label.casefold().startswith(start)]
        scored = []
        for index, choice in enumerate(choices):
            if (found := match(typed, choice.label)) is not None:
                scored.append((-found[0], index, Row(choice, found[1])))
            elif (found := match(typed, f"{choice.label} {choice.help}")) is not None and found[
                0
            ] >= 60:
                scored.append((-found[0] / 100, index, Row(choice)))
        return [row for _, _, row in sorted(scored, key=lambda item: item[:2])]

    def _show(self, rows: list[Row], typed: str) -> None:
        if (
            self.other is not None
            and typed.strip()
            and (made := self.other(typed.strip())) is not None
        ):
            rows.append(Row(made))
        listed = self.query_one(ChoiceList)
        listed.empty = self.EMPTY
        listed.show(tuple(rows))
        self.following.stands(typed)

    @on(Input.Submitted, "PickInput")
    def take(self) -> None:
        self.following.then(self.finish)

    def finish(self) -> None:
        """Return what is under the cursor; of a multiple choice, what is marked, if anything is, and
        what has been typed for."""
        listed = self.query_one(ChoiceList)
        if self.multi and (listed.marked or self.marked):
            is_typed = bool(self.query_one(PickInput).value.strip()) and listed.current is not None
            typed = {listed.current.value} if is_typed and listed.current is not None else set()
            self.dismiss(tuple(listed.marked | typed))
        elif (choice := listed.current) is not None:
            self.dismiss((choice.value,) if self.multi else choice.value)

    @on(ChoiceList.Chosen)
    def take_clicked(self, event: ChoiceList.Chosen) -> None:
        if self.multi:
            self.mark(event.choice)
        else:
            self.dismiss(event.choice.value)

    def action_move(self, by: int) -> None:
        self.following.then(partial(self.move, by))

    def move(self, by: int) -> None:
        """Move the cursor of the list."""
        self.query_one(ChoiceList).move(by)

    def action_mark(self) -> None:
        self.following.then(self.mark)

    def mark(self, clicked: Choice | None = None) -> None:
        """Mark or unmark what was clicked, or the choice under the cursor."""
        listed = self.query_one(ChoiceList)
        if (choice := clicked or listed.current) is None:
            return
        listed.marked = listed.marked ^ {choice.value}
        listed.refresh()
        typed = self.query_one(PickInput)
        if typed.value:
            typed.value = ""


class PickInput(Input):
    """The line that narrows the list; in a multiple choice the space bar marks instead of typing."""

    async def on_key(self, event: events.Key) -> None:
        screen = self.screen
        if not isinstance(screen, Pick) or event.key == "escape":
            return
        if screen.following.is_waiting and event.is_printable:
            pass  # what was pressed means the text as it stood then
        elif not self.value and event.character in screen.quick:
            screen.dismiss(screen.quick[event.character])
        elif event.key == "space" and screen.multi:
            screen.action_mark()
        else:
            return
        event.prevent_default()
        event.stop()
