"""A mailbox inside `sdesk worker`: looked into again and again, at once where the server tells of mail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sdesk.errors import SdeskError
from sdesk.mail.fetch.rounds import Fetched, Held, fetch, tell_trouble
from sdesk.mail.fetch.source import Source, open_source

if TYPE_CHECKING:
    from pathlib import Path

    from sdesk.channels import Ending
    from sdesk.config import Config
    from sdesk.desk import Desk
    from sdesk.intake import Intake
    from sdesk.mail.settings import Mailbox

PATIENCE = (5.0, 15.0, 60.0, 300.0)
"""Seconds before the next try, after so many failures."""


class MailIn:
    """One mailbox, in a thread of its own with a desk of its own."""

    def __init__(self, place: str | Path, box: Mailbox, poll: float) -> None:
        self.place, self.box, self.poll = place, box, poll
        self.name = f"mail in {box.name}"
        self._source: Source | None = None
        self._desk: Desk | None = None
        self._told = ""

    def round(self, tell: Callable[[str], None]) -> None:
        """Look once. Raises `SdeskError`."""
        try:
            done = self._fetch(lambda: False)
            if done.words:
                tell(f"{self.box.name}: {done.words}")
        except Held:
            tell(f"{self.box.name}: another process reads it just now")
        finally:
            self._close()

    def keep(self, ending: Ending, tell: Callable[[str], None]) -> None:
        failed = 0
        try:
            while not ending.is_set():
                try:
                    done = self._fetch(ending.is_set)
                    self._tell(tell, done.words, again=True)
                    failed = 0
                    self._wait(ending)
                except SdeskError as error:
                    self._troubled(error, tell)
                    ending.wait(PATIENCE[min(failed, len(PATIENCE) - 1)])
                    failed += 1
        finally:
            self._close()

    def _fetch(self, until: Callable[[], bool]) -> Fetched:
        intake = self._intake()
        if self._source is None and self.box.kind == "imap":
            self._source = open_source(self.box)
        return fetch(intake, self.box, until=until, source=self._source)

    def _intake(self) -> Intake:
        from sdesk.mail.taking import open_intake

        if self._desk is None:
            from sdesk.mail.taking import open_desk

            self._desk = open_desk(self.place)
        return open_intake(self._desk)

    def _wait(self, ending: Ending) -> None:
        source: Any = self._source
        if source is not None and source.can_idle:
            source.wait(ending)
        else:
            ending.wait(self.poll)

    def _troubled(self, error: SdeskError, tell: Callable[[str], None]) -> None:
        """Tell of it once, keep it with the mailbox, and begin anew at the next try."""
        self._tell(tell, f"{error.message} {error.hint}".strip())
        self._drop_source()
        try:
            if self._desk is not None:
                tell_trouble(self._intake(), self.box, error)
        except SdeskError:
            self._close()

    def _tell(self, tell: Callable[[str], None], words: str, *, again: bool = False) -> None:
        if words and (again or words != self._told):
            tell(f"{self.box.name}: {words}")
        self._told = "" if again else words

    def _drop_source(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            source.close()

    def _close(self) -> None:
        self._drop_source()
        if self._desk is not None:
            self._desk.close()
            self._desk = None


def find(config: Config, place: str | Path) -> Sequence[MailIn]:
    """A channel for each mailbox of config.toml. Raises `Usage` for a table that can't be understood."""
    from sdesk.mail import settings

    found = settings.load(config.file)
    return [MailIn(place, box, found.poll) for box in found.mailboxes if not box.restricted]


def find_restricted(config: Config, place: str | Path) -> Sequence[MailIn]:
    """The mailboxes whose mail goes into the file for restricted tickets, at that place."""
    from sdesk.mail import settings

    found = settings.load(config.file)
    return [MailIn(place, box, found.poll) for box in found.mailboxes if box.restricted]
