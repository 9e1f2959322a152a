"""Where a reply or a note is written: in place, kept as a draft, sent only from the line of review."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual import events, on, work
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import TextArea

from sdesk.errors import SdeskError
from sdesk.ops import AddNote, Attach, Inform, Op, Reply
from sdesk.posted import Composed
from sdesk.present import counted
from sdesk.text import clean, clean_line
from sdesk.widgets.calling import Callee, begun, fitting
from sdesk.widgets.post_lines import in_title
from sdesk.widgets.review_line import NOTE, REPLY, ReviewLine
from sdesk.widgets.text_box import TextBox


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where the composer's draft goes: `put(kind, text)` keeps the newest text, `put_files(kind, paths)`
    what goes with it, `drop` forgets both.

    `put` returns at once; the others may wait for the store and are called in a thread.
    """

    put: Callable[[str, str], None]
    put_files: Callable[[str, Sequence[str]], None]
    drop: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A file that goes with the text; without `op` it was chosen before the text was put away, and is
    read when that is sent."""

    path: str
    op: Attach | None = None

    @property
    def name(self) -> str:
        return clean_line(self.op.name if self.op is not None else Path(self.path).name)


class Composer(Vertical):
    """Text, then review: `y` send · `e` edit · `n` reply or note · `p` postpone · `q` discard.

    It posts what was decided and stays open until the owner calls `remove`, so that a refused text
    is never lost. The kind shows by border, colour and word.
    """

    DEFAULT_CSS = """
    Composer {
        height: 45%;
        min-height: 6;
        max-height: 20;
        border-top: heavy $accent;
        border-title-color: $accent;
        border-title-style: bold;
        & TextArea, & TextArea:focus { border: none; padding: 0 1; background: $surface; }
        &.-note { border-top: double $warning; border-title-color: $warning; }
        &.-held { border-top: heavy $error; border-title-color: $error; }
    }
    """

    kind: reactive[str] = reactive(REPLY, init=False)
    reviewing: reactive[bool] = reactive(False, init=False)

    class Sent(Message):
        """The text is to be sent."""

        def __init__(self, op: Op, files: tuple[Attach, ...] = ()) -> None:
            super().__init__()
            self.ops: tuple[Op, ...] = (op, *files)

    class Closed(Message):
        """The text is to be kept for later, or (`discarded`) is gone."""

        def __init__(self, *, discarded: bool) -> None:
            super().__init__()
            self.discarded = discarded

    def __init__(
        self, kind: str, *, to: str = "", text: str = "", keeping: Keeping | None = None,
        files: Sequence[str] = (),
    ) -> None:  # fmt: skip
        super().__init__()
        self.set_reactive(Composer.kind, NOTE if kind == NOTE else REPLY)
        self.to = clean_line(to)
        self.keeping = keeping
        self.held = ""
        self.unkept = ""
        """Why the text is not in the store."""
        self.files = [Chosen(path) for path in files]
        """What goes with the text."""
        self.below = 0
        """Unfinished tickets below the ticket that is written in."""
        self.informs = False
        """Whether a reply goes to their requesters, too."""
        self.offered: list[Callee] = []
        """Names that the one being typed may become."""
        self._people: tuple[Callee, ...] | None = None
        self.with_values: Callable[[str], str] = str
        """Puts the ticket's values into a text of the desk."""
        self.message: Callable[[], str] = str
        """The text of the message that the reader has come to in the thread."""
        self.mail: Callable[[str], Composed | None] | None = None
        """The mail that a text would leave as, where replies go out by mail; waits for the store."""
        self._goes = ""
        self.is_ready = False
        """It has had the focus and its draft stands: what is typed ahead may come."""
        self.area = DraftArea(self, text)
        self.review = ReviewLine(self)

    def compose(self) -> ComposeResult:
        yield self.area
        yield self.review

    def on_mount(self) -> None:
        self.area.move_cursor(self.area.document.end)
        self.watch_kind()
        # At once, not after the next refresh: what is typed ahead is waiting for it.
        self.screen.set_focus(self.area)
        self.is_ready = True
        if self.mail is not None:
            self._look_where_it_goes(self.mail)

    @work(thread=True, group="mail")
    def _look_where_it_goes(self, mail: Callable[[str], Composed | None]) -> None:
        """Say above the text to whom it goes by mail."""
        try:
            found = mail("…")
        except SdeskError:
            # Who can't write the store can't send either, and is told so then.
            return
        self.app.call_from_thread(self._goes_to, found)

    def _goes_to(self, found: Composed | None) -> None:
        self._goes = in_title(found)
        self._title()

    @work(exclusive=True, group="dialog")
    async def show_mail(self) -> None:
        """The mail as the requester would get it, with its sender, subject and signature."""
        from sdesk.screens.dialogs.letter import LetterPreview  # here: few texts need it

        if self.mail is None or self.kind == NOTE:
            return
        try:
            found = await asyncio.to_thread(self.mail, self.area.text)
        except SdeskError as error:
            self._complain(error)
            return
        if found is not None:
            await self.app.push_screen_wait(LetterPreview(found))
        self.show_review()

    @property
    def text(self) -> str:
        return self.area.text

    def watch_kind(self) -> None:
        self.set_class(self.kind == NOTE, "-note")
        self._title()
        self.review.refresh()

    def _title(self) -> None:
        if self.unkept:
            words = f"NOT KEPT · {self.unkept} · f writes it to a file"
        elif self.held:
            words = f"HELD · {self.held}"
        elif self.kind == NOTE:
            words = "NOTE · only agents read this"
        else:
            words = (
                f"REPLY to {self.to}"
                if self.to
                else "REPLY · the ticket has no requester to read it"
            )
            words += f" · {self._goes}" if self._goes else ""
            if self.informs:
                words += f" and the requesters of {counted(self.below, 'ticket')} below"
        if self.files:
            words += " · with " + ", ".join(file.name for file in self.files)
        self.border_title = Content(f" {words} ")

    def show_fault(self, why: str) -> None:
        """Say why the text is not in the store; "" when it is."""
        self.unkept = clean_line(why)
        self.set_class(bool(self.unkept or self.held), "-held")
        self._title()
        self.review.refresh()

    @work(exclusive=True, group="send")
    async def _write_file(self) -> None:
        """Put the text where the store's fault doesn't reach."""
        from sdesk.editing import keep_text  # here: hardly ever

        try:
            path = await asyncio.to_thread(keep_text, self.area.text)
        except SdeskError as error:
            self._complain(error)
        else:
            self.app.notify(f"The text is in {path}", markup=False, timeout=30)

    def hold(self, why: str) -> None:
        """Something new came in while this was typed: show that, and let it be sent once more."""
        self.held = clean_line(why)
        self.add_class("-held")
        self._title()
        self.show_review()

    def release(self) -> None:
        """What held the text has been seen."""
        self.held = ""
        self.remove_class("-held")
        self._title()

    def show_review(self) -> None:
        self.reviewing = True
        self.screen.set_focus(self.review)
        self.review.refresh()

    def action_edit(self) -> None:
        """Back into the text."""
        self.reviewing = False
        self.screen.set_focus(self.area)
        self.review.refresh()

    def toggle_kind(self) -> None:
        """A reply becomes a note, or the other way round; its draft goes with it, and keys wait for that."""
        self.kind = NOTE if self.kind == REPLY else REPLY
        self.is_ready = False
        self._move_draft()

    @work(thread=True, group="draft")
    def _move_draft(self) -> None:
        if self.keeping is not None:
            try:
                self.keeping.drop()
            except SdeskError as error:
                self.app.call_from_thread(self._complain, error)
            self._put_files()
        self.app.call_from_thread(self._draft_moved)

    def _draft_moved(self) -> None:
        self._keep()
        self.is_ready = True

    @on(TextArea.Changed)
    def _keep(self) -> None:
        if self.keeping is not None:
            self.keeping.put(self.kind, self.area.text)
        self.offer_names()

    @work(exclusive=True, group="dialog")
    async def pick_text(self) -> None:
        """`::` was typed: one of the desk's texts comes in its place; Esc leaves what was typed."""
        from sdesk.screens.dialogs.macro import template_picker  # here: few texts need it

        templates = self.app.desk.read.templates()  # type: ignore[attr-defined]
        end = self.area.cursor_location
        chosen = await self.app.push_screen_wait(template_picker(templates, self.with_values))
        if chosen is not None:
            start = (end[0], end[1] - 2)
            self.area.replace(self.with_values(chosen.text).rstrip("\n"), start, end)

    def quote(self) -> None:
        """`>>` was typed: the message at hand comes in its place, a `>` before each of its lines."""
        end = self.area.cursor_location
        if (quoted := quoted_lines(self.message())) and end[1] == 2:
            self.area.replace(quoted, (end[0], 0), end)

    def offer_names(self) -> None:
        """Say whom the name that is being typed after an `@` may mean."""
        row, column = self.area.cursor_location
        typed = begun(self.area.document.get_line(row)[:column])
        found = [] if typed is None else fitting(typed, self._callees())
        if found != self.offered:
            self.offered = found
            self.review.refresh()

    def _callees(self) -> tuple[Callee, ...]:
        if self._people is None:
            read = self.app.desk.read  # type: ignore[attr-defined]
            agents = [Callee(a.login, a.name) for a in read.agents() if a.active]
            queues = [Callee(q.key, q.name) for q in read.queues()]
            self._people = (*agents, *queues)
        return self._people

    def decide(self, key: str) -> None:
        """What a key of the review line means."""
        match key:
            case "y":
                self._send()
            case "e":
                self.action_edit()
            case "n":
                self.toggle_kind()
            case "p":
                self.post_message(self.Closed(discarded=False))
            case "q":
                self.post_message(self.Closed(discarded=True))
            case "a":
                self._add_file()
            case "m":
                self.show_mail()
            case "k" if self.below and self.kind == REPLY:
                self.inform(not self.informs)
            case "x" if self.files:
                self._drop_file()
            case "f" if self.unkept:
                self._write_file()

    def inform(self, also: bool) -> None:
        """Let a reply go to the requesters of the tickets below as well, or to its own only."""
        self.informs = also
        self._title()
        self.review.refresh()

    @work(exclusive=True, group="dialog")
    async def _add_file(self) -> None:
        """Choose a file to go with the text; several by doing it again."""
        from sdesk.screens.filing import choose_file  # here: most texts have no files

        app: Any = self.app
        if (file := await choose_file(app, "Attach a file to this text")) is not None:
            self.files.append(Chosen(*file))
            self._title()
            await asyncio.to_thread(self._put_files)
        self.show_review()

    @work(exclusive=True, group="dialog")
    async def _drop_file(self) -> None:
        self.files.pop()
        self._title()
        self.review.refresh()
        await asyncio.to_thread(self._put_files)

    def _put_files(self) -> None:
        """Keep with the draft which files go with it."""
        if self.keeping is not None:
            try:
                self.keeping.put_files(self.kind, [file.path for file in self.files])
            except SdeskError as error:
                self.app.call_from_thread(self._complain, error)

    def _op(self) -> Op:
        if self.kind == NOTE:
            return AddNote(self.area.text)
        return Inform(self.area.text) if self.informs else Reply(self.area.text)

    def _send(self) -> None:
        try:
            op = self._op()
        except SdeskError as error:
            self._complain(error)
            return
        if all(file.op is not None for file in self.files):
            self.post_message(self.Sent(op, tuple(f.op for f in self.files if f.op is not None)))
        else:
            self._read_and_send(op)

    @work(exclusive=True, group="dialog")
    async def _read_and_send(self, op: Op) -> None:
        """Files chosen before the text was put away are read now; one that is gone stops the text."""
        desk = self.app.desk  # type: ignore[attr-defined]
        try:
            read = [f.op or await asyncio.to_thread(desk.read_file, f.path) for f in self.files]
        except SdeskError as error:
            self._complain(error)
        else:
            self.post_message(self.Sent(op, tuple(read)))

    def _complain(self, error: SdeskError) -> None:
        self.app.notify(str(error), severity="error", markup=False)


def quoted_lines(text: str) -> str:
    """The text as a quote, and a line to answer on; what it quoted itself is left out."""
    lines = [line for line in clean(text).strip().splitlines() if not line.startswith(">")]
    return "".join(f"> {line}".rstrip() + "\n" for line in lines)


class DraftArea(TextBox):
    """The text; Esc leaves it for the review, ctrl+e goes on in `$EDITOR`."""

    BINDINGS = [
        Binding("escape", "leave", "Review", show=False, id="compose.review"),
        Binding("ctrl+e", "editor", "Editor", show=False, id="compose.editor"),
        Binding("tab", "take_name", "Take the name", show=False, id="compose.name"),
    ]

    def __init__(self, composer: Composer, text: str) -> None:
        super().__init__(text)
        self.composer = composer

    def action_leave(self) -> None:
        self.composer.show_review()

    def action_take_name(self) -> None:
        """The first of the offered names in the place of what was typed of it."""
        self.composer.offer_names()  # for the text as it stands
        if not self.composer.offered:
            raise SkipAction
        row, column = self.cursor_location
        typed = begun(self.document.get_line(row)[:column]) or ""
        key = self.composer.offered[0].key
        self.replace(f"{key} ", (row, column - len(typed)), (row, column))
        self.move_cursor((row, column - len(typed) + len(key) + 1))

    async def _on_key(self, event: events.Key) -> None:
        await super()._on_key(event)
        row, column = self.cursor_location
        if event.character == ":" and self.document.get_line(row)[:column].endswith("::"):
            self.composer.pick_text()
        elif event.character == ">" and self.document.get_line(row)[:column] == ">>":
            self.composer.quote()

    def action_editor(self) -> None:
        """Go on in the user's editor."""
        from sdesk.screens.editor import edit  # here: it starts processes, and few texts need it

        try:
            text = edit(self.text, self.app)
        except SdeskError as error:
            self.app.notify(str(error), severity="error", markup=False)
            return
        self.load_text(text)
        self.move_cursor(self.document.end)
        self.post_message(self.Changed(self))
