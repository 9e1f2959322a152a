"""Drafts: text being typed is kept in the store every second, off the screen's loop, and offered again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import work

from sdesk.errors import SdeskError
from sdesk.files import FILES
from sdesk.present import counted, moment
from sdesk.text import clean_line, cut

if TYPE_CHECKING:
    from sdesk.app import SdeskApp
    from sdesk.model import Draft
    from sdesk.screens.dialogs.pick import Choice

EVERY = 0.7
"""Seconds at least between two saves while text is typed."""
SOON = 0.2
"""Seconds after a key until its text is saved, when nothing was saved lately."""


class DraftKeeper:
    """Saves the newest text in one thread of its own, so that a stalled terminal doesn't hold it up.

    `save` runs in that thread, or in the caller's on `flush`; never twice at once. Whatever it
    raises, the keeper goes on trying until it is closed; `told` gets the fault when it is another
    one, and "" when it is over, from the thread that has met it.
    """

    def __init__(
        self,
        save: Callable[[str], None],
        *,
        every: float = EVERY,
        told: Callable[[str], object] | None = None,
    ) -> None:
        self._save = save
        self._every = every
        self._told = told
        self._pending: str | None = None
        self._saved: str | None = None
        self._stopping = threading.Event()
        self._dirty = threading.Event()
        self._saving = threading.Lock()
        self._thread: threading.Thread | None = None
        self._saved_at = 0.0
        self.fault: str = ""
        """Why the last save failed; empty when it did not."""

    def put(self, text: str) -> None:
        """This is the text as it stands; it will be in the store within a second or so."""
        self._pending = text
        self._dirty.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="draft", daemon=True)
            self._thread.start()

    @property
    def unsaved(self) -> str:
        """The text, where it is not in the store as it stands."""
        text = self._pending
        return text if text is not None and text != self._saved else ""

    def flush(self) -> bool:
        """Save what is unsaved at once, in this thread; whether it is in the store now."""
        with self._saving:
            before, text = self.fault, self._pending
            if text is not None and text != self._saved:
                self.fault = self._try(text)
                self._saved = self._saved if self.fault else text
            fault = self.fault
        if fault != before and self._told is not None:
            self._told(fault)
        return not fault

    def _try(self, text: str) -> str:
        """Save it; why that can't be done, as a sentence."""
        try:
            self._save(text)
        except SdeskError as error:
            return str(error)
        except Exception as error:  # the text is worth more than whatever this is
            return f"The store can't be written ({type(error).__name__})."
        return ""

    def end(self) -> bool:
        """A last save, and no more of it: who typed is leaving. False where the text is not kept."""
        is_kept = self._stopping.is_set() or self.flush()
        self.close()
        return is_kept

    def close(self) -> None:
        """Stop without saving: the text was sent or discarded. Waits for a save under way."""
        self._stopping.set()
        self._dirty.set()
        with self._saving:
            self._pending = None

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._dirty.wait()
            self._dirty.clear()
            since = time.monotonic() - self._saved_at
            if self._stopping.wait(max(min(SOON, self._every), self._every - since)):
                return
            self.flush()
            self._saved_at = time.monotonic()
            if self.fault:
                self._dirty.set()


def fault_words(fault: str) -> str:
    """For the status line: why what is typed isn't kept, and the way out; or that it is."""
    if not fault:
        return "what you type is kept again"
    return f"NOT KEPT: {clean_line(fault)} · it is tried again · esc, then f writes it to a file"


def describe(draft: Draft, app: SdeskApp) -> Choice:
    """A kept draft as a choice: where it belongs, when it was typed, how it begins."""
    from sdesk.screens.dialogs.pick import Choice  # here: a start without drafts needs none of it

    desk = app.desk
    where = desk.ref(draft.ticket) if draft.ticket else "several tickets"
    when = moment(draft.saved_at, desk.settings.zone, desk.now())
    return Choice(
        draft, f"{where} {draft.kind}", f"{when}  {cut(clean_line(draft.text[:400]), 100)}"
    )


@work(exclusive=True, group="drafts")
async def _offer(app: Any, drafts: tuple[Draft, ...]) -> None:
    from sdesk.screens.dialogs.pick import Pick  # here: a start without drafts needs none of it
    from sdesk.screens.ticket import TicketScreen

    title = f"{counted(len(drafts), 'draft')} kept: enter goes on, esc keeps for later"
    draft = await app.push_screen_wait(Pick(title, [describe(draft, app) for draft in drafts]))
    if draft is not None and draft.ticket is not None:
        app.push_screen(TicketScreen(draft.ticket, compose=draft.kind))


def offer_drafts(app: SdeskApp) -> None:
    """After a hang-up or a kill: show what was being typed. Does nothing where there are no drafts."""
    drafts = tuple(
        draft
        for draft in app.desk.read.drafts()
        if draft.ticket is not None and not draft.kind.endswith(FILES)
    )
    if drafts:
        _offer(app, drafts)
