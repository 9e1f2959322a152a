"""A ticket's files: looked at where they are text, saved under a clean name, attached from this host."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sdesk.errors import SdeskError
from sdesk.files import as_text, expanded, file_size, save_file
from sdesk.present import moment
from sdesk.screens.dialogs.ask import Ask
from sdesk.screens.dialogs.path import PathDialog
from sdesk.screens.dialogs.pick import Choice, Pick
from sdesk.screens.dialogs.reader import Reader
from sdesk.text import clean_line
from sdesk.widgets.thread_lines import shown

if TYPE_CHECKING:
    from sdesk.app import SdeskApp
    from sdesk.model import Attachment, TicketRow
    from sdesk.ops import Attach

FOLDER = "~/"
"""Where files are saved unless another folder is named."""
ADD = "add"


class TextReader(Reader):
    """The text of a file."""

    def __init__(self, heading: str, text: str) -> None:
        super().__init__(heading)
        self.text = text

    def on_mount(self) -> None:
        lines = shown(self.text, max(20, self.app.size.width - 3))
        self.show(self.heading, [((line, "text"),) for line in lines])


async def offer_files(app: SdeskApp, row: TicketRow, apply_ops: Callable[..., None]) -> None:
    """Choose one of the ticket's files, or to attach another."""
    files = await asyncio.to_thread(app.desk.read.attachments, row.id)
    if not files:
        await _attach(app, row, apply_ops)
        return
    choices = [_choice(app, file) for file in files]
    choices.append(Choice(ADD, "attach another file", lead="+"))
    chosen = await app.push_screen_wait(Pick(f"Files · {row.ref}", choices))
    if chosen == ADD:
        await _attach(app, row, apply_ops)
    elif chosen is not None:
        await _open(app, row, chosen, apply_ops)


def _choice(app: SdeskApp, file: Attachment) -> Choice:
    when = moment(file.at, app.desk.settings.zone, app.desk.now())
    words = f"{file_size(file.size)} · {clean_line(file.media)} · {clean_line(file.agent)} {when}"
    return Choice(file, clean_line(file.name), words, lead=str(file.id))


async def _attach(app: SdeskApp, row: TicketRow, apply_ops: Callable[..., None]) -> None:
    if (op := await ask_for_file(app, f"Attach to {row.ref}")) is not None:
        apply_ops(op, said=f"{op.name} attached", tickets=[row.id])


async def ask_for_file(app: SdeskApp, title: str) -> Any:
    """A file of this host as an operation; None when none was chosen or it can't be read."""
    found = await choose_file(app, title)
    return found[1] if found is not None else None


async def choose_file(app: SdeskApp, title: str) -> tuple[str, Attach] | None:
    """A file's whole path, and the file as an operation; None as in `ask_for_file`."""
    path = await app.push_screen_wait(PathDialog(title, hint="a file on this host"))
    if path is None:
        return None
    try:
        op = await asyncio.to_thread(app.desk.read_file, path)
    except SdeskError as error:
        app.complain(error)
        return None
    return str(expanded(path).absolute()), op


async def _open(
    app: SdeskApp, row: TicketRow, file: Attachment, apply_ops: Callable[..., None]
) -> None:
    """Show a text; anything else is saved. Looking first costs a key, and spares a wrong one."""
    body = await asyncio.to_thread(app.desk.read.file, file.id)
    text = await asyncio.to_thread(as_text, body)
    name = clean_line(file.name)
    title = f"{name} · {file_size(file.size)} · {clean_line(file.media)}"
    answers = {"v": "view", "s": "save", "x": "take it away"}
    if text is None:
        del answers["v"]
    answer = await app.push_screen_wait(Ask(title, answers))
    if answer == "v" and text is not None:
        await app.push_screen_wait(TextReader(title, text))
    elif answer == "s":
        await _save(app, name, body)
    elif answer == "x":
        from sdesk.ops import Detach  # here: few do this

        apply_ops(Detach(file.id), said=f"{name} taken away", tickets=[row.id])


async def _save(app: SdeskApp, name: str, body: bytes) -> None:
    folder = await app.push_screen_wait(
        PathDialog(f"Save {name} into", FOLDER, folders=True, hint="a folder on this host")
    )
    if folder is None:
        return
    try:
        place = await asyncio.to_thread(save_file, folder, name, body)
    except SdeskError as error:
        app.complain(error)
    else:
        app.tell(f"saved as {clean_line(str(place))}")
