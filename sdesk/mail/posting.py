"""Sending what is due: one letter after the other, each with what became of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sdesk.desk import now_seconds
from sdesk.errors import Busy, SdeskError, StoreFault
from sdesk.mail.smtp import Courier, Later, Never, NoServer
from sdesk.mail.writing import Envelope, File, Letter, envelope
from sdesk.sending import Sending
from sdesk.text import clean_line

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Protocol

    from sdesk.config import Config
    from sdesk.mail.settings import Smtp
    from sdesk.model import Instant
    from sdesk.posted import Posted
    from sdesk.store.reads import Reads

    class Ending(Protocol):
        def is_set(self) -> bool: ...

        def wait(self, timeout: float, /) -> object: ...


TICK = 2.0
"""Seconds between two looks at the outbox."""
FIRST_REST, LAST_REST = 15, 300
"""Seconds of rest after a server that can't be spoken to: twice as long each time."""
PARTLY = 5
"""Tries after which a letter goes to those it can reach, where some of many are put off."""
BROKEN = (ValueError, TypeError, LookupError, ArithmeticError)
"""What a letter that can't be written may trip over; the others must not wait for it."""


class Round:
    """How a round went."""

    def __init__(self) -> None:
        self.sent = self.put_off = self.failed = 0
        self.trouble: NoServer | None = None


class Outbox:
    """The channel by which mail goes out."""

    name = "mail out"

    def __init__(
        self, place: str | Path, server: Smtp, *, clock: Callable[[], Instant] = now_seconds
    ) -> None:
        self.place, self.server, self._clock = place, server, clock
        self._told = ""
        self._rests_until = 0
        self._sending: Sending | None = None

    def round(self, tell: Callable[[str], None]) -> None:
        """Send all that is due, and let go of the store. Raises `SdeskError`."""
        try:
            done = self.send_due(tell)
        finally:
            self.close()
        if done.trouble is not None:
            raise done.trouble

    def send_due(self, tell: Callable[[str], None], ending: Ending | None = None) -> Round:
        """Send all that is due. Raises `SdeskError` where the store can't be used."""
        done, sending, courier = Round(), self._opened(), Courier(self.server)
        try:
            while not (ending is not None and ending.is_set()):
                if (letter := sending.lease()) is None:
                    break
                tell(self._post(sending, courier, letter, done))
                if done.trouble is not None:
                    break
        finally:
            courier.close()
        return done

    def keep(self, ending: Ending, tell: Callable[[str], None]) -> None:
        """Send what comes due, until told to end. One connection serves a round, none outlasts it."""
        rests = FIRST_REST
        try:
            while not ending.is_set():
                rests = self._tick(ending, tell, rests)
                ending.wait(TICK)
        finally:
            self.close()

    def _tick(self, ending: Ending, tell: Callable[[str], None], rests: int) -> int:
        """One look; for how long to rest when the server can't be spoken to the next time."""
        try:
            done = self._round_if_due(ending, tell)
        except SdeskError as error:
            self._tell_once(tell, str(error))
            # The store may be another file by the next look.
            self.close()
            return rests
        if done is None:
            return rests
        if done.trouble is None:
            self._told = ""
            return FIRST_REST
        self._tell_once(tell, str(done.trouble))
        self._rests_until = self._clock() + rests
        return min(rests * 2, LAST_REST)

    def _opened(self) -> Sending:
        if self._sending is None:
            self._sending = Sending(self.place, clock=self._clock)
        return self._sending

    def close(self) -> None:
        if self._sending is not None:
            self._sending.close()
            self._sending = None

    def _round_if_due(self, ending: Ending, tell: Callable[[str], None]) -> Round | None:
        now = self._clock()
        # A clock that was set back must not make the rest longer than it was meant.
        if now < self._rests_until <= now + LAST_REST:
            return None
        return self.send_due(tell, ending)

    def _tell_once(self, tell: Callable[[str], None], said: str) -> None:
        if said != self._told:
            self._told = said
            tell(said)

    def _post(self, sending: Sending, courier: Courier, letter: Posted, done: Round) -> str:
        """One letter; what became of it, for the log."""
        where = f"mail {letter.id} to {', '.join(letter.to)}"
        try:
            made = _envelope(sending, letter)
            taken = courier.send(made, partly=letter.tries > PARTLY)
        except (Busy, StoreFault):
            raise
        except NoServer as error:
            done.trouble = error
            sending.give_back(letter, error.message, 60)
            return clean_line(f"{where} waits: {error.message}")
        except Later as error:
            is_waiting = sending.put_off(letter, error.message, rest=error.domain)
            done.put_off += is_waiting
            done.failed += not is_waiting
            return clean_line(f"{where} {'put off' if is_waiting else 'failed'}: {error.message}")
        except (SdeskError, *BROKEN) as error:
            sending.fail(letter, _words(error))
            done.failed += 1
            return clean_line(f"{where} failed: {_words(error)}")
        done.sent += 1
        if taken.refused:
            sending.partly(letter, taken.answer, taken.refused)
            return clean_line(f"{where} sent, but {'; '.join(taken.refused.values())}")
        sending.sent(letter, taken.answer)
        return clean_line(f"{where} sent: {taken.answer}")


def _words(error: Exception) -> str:
    if isinstance(error, Never | SdeskError):
        return error.message
    return f"The mail can't be written: {type(error).__name__}."


def _envelope(sending: Sending, letter: Posted) -> Envelope:
    return envelope(to_write(sending.desk.read, letter))


def to_write(read: Reads, letter: Posted) -> Letter:
    """A letter of the store with its files, as it is written."""
    settings = read.settings()
    files: tuple[File, ...] = ()
    if letter.entry is not None:
        found = read.files_of_entry(letter.entry)
        files = tuple(File(*file) for file in found)
    return Letter(
        letter.kind, settings.get("mail_name") or settings.get("name", ""), letter.sender,
        letter.to, letter.cc, letter.subject, letter.body, letter.message_id, letter.refs,
        letter.at, letter.language, settings.get("mail_address", ""), files,
    )  # fmt: skip


def find(config: Config, place: str | Path) -> list[Outbox]:
    """The outbox, where a server that sends is configured. Raises `Usage`."""
    from sdesk.mail.settings import load

    server = load(config.file).smtp
    return [] if server is None else [Outbox(place, server)]
