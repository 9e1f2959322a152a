"""A few labelled lines at the bottom; Enter goes on to the next, and on the last one it is done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from sdesk.errors import SdeskError
from sdesk.screens.dialogs.bottom import BottomDialog
from sdesk.text import clean_line
from sdesk.widgets.option_line import OptionLine

Result = TypeVar("Result")
LABEL = 10


class FormLine(Horizontal):
    """A label and the widget that is asked for."""

    def __init__(self, label: str, field: Widget) -> None:
        super().__init__(
            Static(Content(f"{label:<{LABEL}}"), classes="label"), field, classes="line"
        )


class Form(BottomDialog[Result | None]):
    """Subclasses give the lines (`fields`), the answer (`result`) and what is said below (`echo`).

    `result` and `echo` may raise `SdeskError`: it stands below the lines and the form stays open.
    """

    TITLE = ""
    BINDINGS = [
        Binding("down,tab", "next", show=False, id="form.next"),
        Binding("up,shift+tab", "previous", show=False, id="form.previous"),
    ]

    def fields(self) -> Iterable[Widget]:
        raise NotImplementedError

    def result(self) -> Result:
        raise NotImplementedError

    def echo(self) -> str:
        """What will happen, in words."""
        return ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel") as panel:
            panel.border_title = Content(clean_line(self.heading()))
            yield from self.fields()
            yield Static(Content(""), classes="hint", id="echo")

    def heading(self) -> str:
        return self.TITLE

    def on_mount(self) -> None:
        self._said("")
        stops = self._stops()
        if stops:
            stops[0].focus()
        self.look()

    def _stops(self) -> list[Widget]:
        """The widgets that take keys, from the top."""
        return [widget for widget in self.focus_chain if widget.display]

    @on(Input.Changed)
    @on(OptionLine.Changed)
    def look(self) -> None:
        """Say again what would happen."""
        try:
            self._said(self.echo())
        except SdeskError as error:
            self._said(str(error))

    def _said(self, words: str, *, wrong: bool = False) -> None:
        keys = "enter next, at the end done · esc close"
        line = self.query_one("#echo", Static)
        line.set_class(wrong, "-wrong")
        line.update(Content(f"{words} · {keys}" if words else keys))

    @on(Input.Submitted)
    @on(OptionLine.Submitted)
    def go_on(self) -> None:
        """From the last line: done. Else to the next one."""
        stops = self._stops()
        if self.focused is not None and stops and self.focused is not stops[-1]:
            self.action_next()
            return
        self.finish()

    def finish(self) -> None:
        try:
            answer = self.result()
        except SdeskError as error:
            self._said(str(error), wrong=True)
            return
        self.dismiss(answer)

    def action_next(self) -> None:
        self.focus_next()

    def action_previous(self) -> None:
        self.focus_previous()
