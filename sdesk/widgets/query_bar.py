"""The query line: always in sight, changed with `/`, filtering as you type, completed with Tab.

What stands under the list's head while it is edited (a fault at its column, or how the word goes
on) is shown by `ListHeading`, so that nothing moves.
"""

from __future__ import annotations

from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input, Static

from sdesk.errors import QueryError
from sdesk.text import clean_line
from sdesk.widgets.cells import fit
from sdesk.widgets.line_view import LineView, line
from sdesk.widgets.ticket_row import Column, heading

INDENT = 3
"""Cells before the query's text."""


class QueryInput(Input):
    """The text; Tab completes, Enter and Esc leave."""

    BINDINGS = [
        Binding("tab", "complete", show=False, id="query.complete"),
        Binding("escape", "leave", show=False, id="query.leave"),
        Binding("down", "submit", show=False),
    ]

    class Left(Message):
        """Editing was given up: the query is to be what it was before, and `key` is for the list."""

        def __init__(self, key: str = "") -> None:
            super().__init__()
            self.key = key

    class CompletionWanted(Message):
        """Tab was pressed."""

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def action_complete(self) -> None:
        self.post_message(self.CompletionWanted())

    async def _on_key(self, event: events.Key) -> None:
        # Over SSH Esc and the next key arrive as alt+key: leaving comes first, the key is for the list.
        if event.key.startswith("alt+"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Left(event.key.removeprefix("alt+")))
            return
        await super()._on_key(event)


class QueryBar(Horizontal):
    """A slash, the query, and a sign when it is no longer the view's own."""

    DEFAULT_CSS = """
    QueryBar {
        height: 1;
        background: $surface;
        & > .slash { width: 3; color: $accent; text-style: bold; }
        & > .sign { width: auto; color: $warning; padding: 0 1; }
        & > Input { width: 1fr; height: 1; border: none; padding: 0; background: $surface; color: $text-muted; }
        & > Input:focus { border: none; color: $foreground; }
    }
    """

    class Edited(Message):
        """The text is another one; `settled` when Enter was pressed."""

        def __init__(self, text: str, *, settled: bool) -> None:
            super().__init__()
            self.text = text
            self.settled = settled

    class GivenUp(Message):
        """Editing ended with Esc, and perhaps a `key` right after it; `text` is the query before."""

        def __init__(self, text: str, key: str) -> None:
            super().__init__()
            self.text = text
            self.key = key

    def __init__(self) -> None:
        super().__init__()
        self._before = ""

    def compose(self) -> ComposeResult:
        yield Static(Content(" / "), classes="slash")
        yield QueryInput(select_on_focus=False, compact=True)
        yield Static(Content(""), classes="sign")

    @property
    def input(self) -> QueryInput:
        return self.query_one(QueryInput)

    def show(self, text: str, sign: str = "") -> None:
        """Show a query without telling anybody of it."""
        with self.prevent(Input.Changed):
            self.input.value = clean_line(text)
        self.show_sign(sign)

    def show_sign(self, sign: str) -> None:
        """What stands at the right end: "changed · :save NAME"."""
        self.query_one(".sign", Static).update(Content(sign))

    def edit(self) -> None:
        """Take the focus, the cursor behind the text."""
        self._before = self.input.value
        if self.input.value and not self.input.value.endswith(" "):
            with self.prevent(Input.Changed):
                self.input.value += " "
        self.input.focus(scroll_visible=False)
        self.input.cursor_position = len(self.input.value)

    @on(Input.Changed)
    def tell_change(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Edited(event.value.strip(), settled=False))

    @on(Input.Submitted)
    def tell_settled(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Edited(event.value.strip(), settled=True))

    @on(QueryInput.Left)
    def give_up(self, event: QueryInput.Left) -> None:
        event.stop()
        self.post_message(self.GivenUp(self._before, event.key))


class ListHeading(LineView):
    """The line over the list: the columns, or what is wrong with the query, or how its word goes on."""

    DEFAULT_CSS = """
    ListHeading {
        height: 1;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.columns: tuple[Column, ...] = ()
        self.fault: QueryError | None = None
        self.hint = ""
        self.place = ""

    def show(self, **what: Any) -> None:
        """Change `columns`, `fault`, `hint` or `place`."""
        for name, value in what.items():
            setattr(self, name, value)
        self.repaint()

    def draw(self, y: int) -> Strip:
        width = self.size.width
        if self.fault is not None:
            words = [(self._fault_words(width), self.ink("breached"))]
            return line(words, width, self.rich_style)
        if self.hint:
            return line(
                [(fit(" " * INDENT + self.hint, width), self.ink("accent"))],
                width,
                self.rich_style,
            )
        place = f" {self.place} " if self.place else ""
        titles = heading(self.columns, width)[: max(0, width - len(place))]
        return line(
            [(titles, self.ink("heading")), (place, self.ink("muted"))], width, self.rich_style
        )

    def _fault_words(self, width: int) -> str:
        """The sentence beside a caret that stands under the fault's column."""
        assert self.fault is not None
        at = min(INDENT + max(0, self.fault.column - 1), width - 1)
        words = clean_line(str(self.fault).partition(": ")[2] or str(self.fault))
        if at <= width // 2:
            return fit(f"{' ' * at}^ {words}", width)
        return fit(f"{words:>{at - 1}}"[: at - 1] + " ^", width)
