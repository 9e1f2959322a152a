"""Pick a macro or a text, with what it holds shown below; ask for what it wants to know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from sdesk.errors import Invalid
from sdesk.screens.dialogs.form import Form, FormLine
from sdesk.screens.dialogs.pick import Choice, Pick
from sdesk.text import clean, clean_line, cut
from sdesk.widgets.choice_list import ChoiceList

if TYPE_CHECKING:
    from sdesk.model import Macro, Template

LINES = 6
"""Lines of a text that the preview shows."""
DIGITS = "123456789"


class PickWithPreview(Pick):
    """Shows below the list what the choice under the cursor stands for."""

    DEFAULT_CSS = """
    PickWithPreview #preview { height: 7; padding: 0 2; border-top: solid $panel; color: $text-muted; }
    """

    def __init__(
        self, title: str, choices: Sequence[Choice], shown: Callable[[Choice], str],
        *, quick: Mapping[str, object] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(title, choices, quick=quick, most=9)
        self.shown = shown

    def more(self) -> Iterable[Widget]:
        yield Static(Content(""), id="preview")

    def on_mount(self) -> None:
        super().on_mount()
        self.watch(self.query_one(ChoiceList), "cursor", self.show_preview, init=False)

    def _show(self, rows: list, typed: str) -> None:  # type: ignore[type-arg]
        super()._show(rows, typed)
        self.show_preview()

    def show_preview(self) -> None:
        """Put the text of the choice under the list, as far as it fits."""
        choice = self.query_one(ChoiceList).current
        text = clean(self.shown(choice)) if choice is not None else ""
        lines = [cut(line, 300) for line in text.splitlines()][:LINES]
        self.query_one("#preview", Static).update(Content("\n".join(lines)))


def macro_picker(title: str, macros: Sequence[Macro], last: Sequence[str], text_of: Callable[[Macro], str]) -> PickWithPreview:  # fmt: skip
    """The last used ones first; a digit picks by the place in the alphabet, which stays the same."""
    numbers = {id(macro): digit for digit, macro in zip(DIGITS, macros, strict=False)}
    rank = {name: place for place, name in enumerate(last)}
    ordered = sorted(macros, key=lambda macro: rank.get(macro.name, len(rank)))
    choices = [
        Choice(macro, macro.name, about_macro(macro), lead=numbers.get(id(macro), " "))
        for macro in ordered
    ]
    quick = dict(zip(DIGITS, macros, strict=False))
    return PickWithPreview(
        title, choices, lambda choice: preview_of(choice.value, text_of), quick=quick
    )


def about_macro(macro: Macro) -> str:
    """Its acts, and how its text begins."""
    parts = [*macro.acts]
    if macro.text.strip():
        kind = "note" if macro.note else "sends" if macro.send else "reply"
        parts.insert(0, f"{kind}: {cut(clean_line(macro.text), 40)}")
    return " · ".join(parts) + ("" if macro.owner == "" else " · mine")


def preview_of(macro: Macro, text_of: Callable[[Macro], str]) -> str:
    """What it does, then what it says."""
    acts = " · ".join(macro.acts) or "nothing but the text"
    how = "an internal note" if macro.note else "sent at once" if macro.send else "you see it first"
    said = f"\n{how}:\n{text_of(macro)}" if macro.text.strip() else ""
    return f"does: {acts}{said}"


def template_picker(
    templates: Sequence[Template], text_of: Callable[[str], str]
) -> PickWithPreview:
    """The texts, each expanded for the ticket that is written to."""
    choices = [
        Choice(one, one.name, cut(clean_line(one.text), 60) + (" · mine" if one.owner else ""))
        for one in templates
    ]
    return PickWithPreview("Insert a text", choices, lambda choice: text_of(choice.value.text))


class Questions(Form[dict[str, str]]):
    """Everything that a macro asks for, in one dialog; returns variable → answer, or None."""

    def __init__(self, title: str, questions: Mapping[str, str]) -> None:
        super().__init__()
        self.title_words = title
        self.questions = dict(questions)
        self.inputs = {name: Input(select_on_focus=False) for name in questions}

    def heading(self) -> str:
        return self.title_words

    def fields(self) -> Iterable[Widget]:
        for name, question in self.questions.items():
            yield Static(Content(clean_line(question)), classes="hint")
            yield FormLine("", self.inputs[name])

    def result(self) -> dict[str, str]:
        answers = {name: clean_line(line.value) for name, line in self.inputs.items()}
        for name, answer in answers.items():
            if not answer:
                self.inputs[name].focus()
                raise Invalid(f"{self.questions[name]} An answer is missing.")
        return answers
