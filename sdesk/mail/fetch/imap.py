"""IMAP: new mails by UID, taken with PEEK, flagged or moved once they are committed.

A mail is known by its UID as long as the server keeps its UIDVALIDITY; when that changes, mails are
read again and known by their bytes. TLS is verified, and never given up in silence.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sdesk.credentials import redacted
from sdesk.errors import Refused, SdeskError
from sdesk.mail.fetch.source import MOST, Found, Knowing, Trouble
from sdesk.text import clean_line, cut

if TYPE_CHECKING:
    from sdesk.channels import Ending
    from sdesk.mail.settings import Mailbox, Server
    from sdesk.model import MailboxState

IDLE_SECONDS = 240
"""How long one IDLE lasts: firewalls forget a connection that is silent for longer."""
SLICE = 1.0
"""Seconds between two looks whether it is time to end."""
_OF = "of [[mail.mailbox]] in config.toml"
PLACE = f"Look whether the server runs, and at host, port and tls {_OF}."
LOGIN = f"Look at user and the password {_OF}."
FOLDER = f"Look at folder {_OF}."
"""What mends trouble with a server."""
DAY = 86_400
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})", re.IGNORECASE)
_UID = re.compile(rb"\bUID (\d{1,10})", re.IGNORECASE)


class ImapSource:
    """One folder of one account, over a connection that stays open until `close`."""

    def __init__(self, box: Mailbox) -> None:
        assert box.server is not None
        self.box, self.server = box, box.server
        check_folder(box.folder, box.origin)
        if box.done == "move":
            check_folder(box.done_folder, box.origin)
        self.generation = ""
        self.reached: dict[str, Any] = {}
        self._resync = False
        with speaking(self.server):
            self._mailbox = connect(self.server)
        try:
            with speaking(self.server):
                self._mailbox.folder.set(box.folder)
                self._client: Any = self._mailbox.client
                self.uidvalidity = self._number("UIDVALIDITY")
                self._next = self._number("UIDNEXT")
                # Once more: servers tell more of themselves to who has logged in.
                _, told = self._client.capability()
                self._can = {
                    word.upper() for word in (told[-1] or b"").decode("ascii", "replace").split()
                }
        except BaseException:
            self.close()
            raise

    def _number(self, name: str) -> int:
        """A number that the server gave when the folder was opened; 0 for none."""
        _, values = self._client.response(name)
        found = values[-1] if values and values[-1] else b"0"
        return int(found) if bytes(found).isdigit() else 0

    def news(self, known: Knowing) -> Iterator[Found]:
        state = known.mailbox(self.box.name)
        self._resync = bool(state.uidvalidity) and state.uidvalidity != self.uidvalidity
        self.generation = f"{self.uidvalidity}:" if self._resync else ""
        with speaking(self.server):
            self._client.noop()
            uids = self._search(state, known)
        for uid in uids:
            spot = f"{self.uidvalidity}:{uid}"
            if known.mail_at(self.box.name, spot) is not None:
                # Committed before; whoever did it did not come to flag it.
                self.finish([spot])
                continue
            with speaking(self.server):
                found = self._take(uid)
            if found is not None:
                raw, size = found
                # After renumbering only at the end: whoever takes over in the middle begins again.
                mine = {"uidvalidity": self.uidvalidity, "last_uid": uid}
                yield Found(spot, raw, size, {} if self._resync else mine)
        highest = max([self._next - 1, *uids, 0 if self._resync else state.last_uid])
        self.reached = {"uidvalidity": self.uidvalidity, "last_uid": highest}

    def _search(self, state: MailboxState, known: Knowing) -> list[int]:
        """UIDs that may be new, in order: what came since, and what is not flagged as done.

        At the first look only what nobody has read: a mailbox may hold years of mail. After
        renumbering, what has come since the desk began to read it.
        """
        found = set(self._uids("UNSEEN"))
        if self._resync:
            since = datetime.fromtimestamp((known.first_mail_at(self.box.name) or 0) - DAY, UTC)
            month = MONTHS[since.month - 1]
            found |= set(self._uids("SINCE", f"{since.day:02d}-{month}-{since.year}"))
        elif state.last_uid:
            # "5:*" names the newest one even where that is older.
            newer = self._uids("UID", f"{state.last_uid + 1}:*")
            found |= {uid for uid in newer if uid > state.last_uid}
        if self.box.done == "move" and not self._resync:
            # Flagged, and then not moved: whoever did it did not come to that.
            read = (uid for uid in self._uids("SEEN") if uid <= state.last_uid)
            name = self.box.name
            found |= {uid for uid in read if known.mail_at(name, f"{self.uidvalidity}:{uid}")}
        return sorted(found)

    def _uids(self, *criteria: str) -> list[int]:
        _, answer = self._asked(self._client.uid("SEARCH", *criteria, "UNDELETED"))
        return [int(word) for line in answer if line for word in line.split() if word.isdigit()]

    def _take(self, uid: int) -> tuple[bytes, int] | None:
        """A mail's bytes and size; None where it is gone."""
        _, answer = self._asked(self._client.uid("FETCH", str(uid), "(RFC822.SIZE)"))
        size = next((int(m[1]) for line in answer if (m := _SIZE.search(_head(line)))), None)
        if size is None:
            return None
        part = "BODY.PEEK[]" if size <= MOST else f"BODY.PEEK[]<0.{MOST}>"
        _, answer = self._asked(self._client.uid("FETCH", str(uid), f"(UID {part})"))
        for line in answer:
            named = _UID.search(_head(line))
            if isinstance(line, tuple) and (named is None or int(named[1]) == uid):
                raw = bytes(line[1])
                # Some servers say another size than they send.
                return raw, size if len(raw) == MOST else len(raw)
        return None

    def _asked(self, answer: tuple[str, list[Any]]) -> tuple[str, list[Any]]:
        if answer[0] != "OK":
            said = b" ".join(part for part in answer[1] if isinstance(part, bytes))
            raise Trouble(f"{self.server.words} answered: {_clean(said)}")
        return answer

    def finish(self, spots: Sequence[str]) -> None:
        uids = ",".join(spot.partition(":")[2] for spot in spots)
        if not uids or self.box.done == "leave":
            return
        with speaking(self.server):
            # Seen first: a move that fails must not leave it among the new ones.
            self._asked(self._client.uid("STORE", uids, "+FLAGS.SILENT", r"(\Seen)"))
            if self.box.done == "move":
                self._move(uids)

    def _move(self, uids: str) -> None:
        from imap_tools.utils import encode_folder

        folder = encode_folder(self.box.done_folder)
        if "MOVE" in self._can:
            self._asked(self._client.uid("MOVE", uids, folder))
            return
        self._asked(self._client.uid("COPY", uids, folder))
        self._asked(self._client.uid("STORE", uids, "+FLAGS.SILENT", r"(\Deleted)"))
        if "UIDPLUS" in self._can:
            # Only these: a plain EXPUNGE would take what people have marked as well.
            self._asked(self._client.uid("EXPUNGE", uids))

    @property
    def can_idle(self) -> bool:
        return self.box.idle and "IDLE" in self._can

    def wait(self, ending: Ending) -> None:
        """Wait until the server tells of something, or some minutes. Raises `Trouble`."""
        with speaking(self.server):
            self._mailbox.idle.start()
            try:
                for _ in range(int(IDLE_SECONDS / SLICE)):
                    if ending.is_set() or _is_news(self._mailbox.idle.poll(timeout=SLICE)):
                        break
            finally:
                self._mailbox.idle.stop()

    def close(self) -> None:
        with suppress(OSError, imaplib.IMAP4.error):
            self._mailbox.client.logout()


def _is_news(answers: Sequence[bytes]) -> bool:
    """Whether the server has told of more than that it is still there."""
    return any(b"EXISTS" in line.upper() or b"RECENT" in line.upper() for line in answers)


def _head(line: Any) -> bytes:
    return bytes(line[0]) if isinstance(line, tuple) else bytes(line or b"")


def _clean(words: bytes) -> str:
    return cut(redacted(clean_line(words.decode("utf-8", "replace"))), 200)


def check_folder(name: str, origin: str) -> None:
    """Raises `Refused` for a folder's name that could be a command of its own."""
    if not name or not name.isprintable() or len(name) > 200 or set(name) & {'"', "\\", "*", "%"}:
        raise Refused(
            f"{origin}: the folder {name!a} holds characters that no folder's name may have."
        )


def connect(server: Server) -> Any:
    """A connection that is logged in. Raises what the libraries raise; see `speaking`."""
    made = _opener(server)()
    try:
        if server.user:
            made.login(server.user, server.password.read().reveal(), initial_folder=None)
    except BaseException:
        with suppress(OSError, imaplib.IMAP4.error):
            made.client.shutdown()
        raise
    return made


def _opener(server: Server) -> Callable[[], Any]:
    try:
        import imap_tools
    except ImportError:
        raise Refused("Mail needs: pip install 'sdesk[mail]'") from None
    if server.tls == "none-on-localhost":
        return lambda: imap_tools.MailBoxUnencrypted(server.host, server.port, server.timeout)
    context = ssl.create_default_context(cafile=server.ca_file or None)
    kind = imap_tools.MailBox if server.tls == "implicit" else imap_tools.MailBoxStartTls
    return lambda: kind(server.host, server.port, timeout=server.timeout, ssl_context=context)


def _errors() -> tuple[type[Exception], ...]:
    from imap_tools.errors import ImapToolsError

    return (ImapToolsError,)


@contextmanager
def speaking(server: Server) -> Iterator[None]:
    """Turn every way in which a server may fail into `Trouble` with a sentence."""
    try:
        yield
    except SdeskError:
        raise
    except ssl.SSLCertVerificationError as error:
        said = f"{server.words}: its certificate can't be trusted: {error.verify_message}."
        raise Trouble(said, "Set ca_file, or let the server have a proper one.") from None
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        raise Trouble(
            f"{server.words} can't be reached: {_clean(reason.encode())}.", PLACE
        ) from None
    except imaplib.IMAP4.error as error:
        raise Trouble(f"{server.words} answered: {_clean(str(error).encode())}") from None
    except _errors() as error:
        if type(error).__name__ == "MailboxLoginError":
            said = f"{server.words} refuses the user '{server.user}' or the password."
            raise Trouble(said, LOGIN) from None
        if type(error).__name__ == "MailboxFolderSelectError":
            said = f"{server.words} has no such folder, or doesn't open it to '{server.user}'."
            raise Trouble(said, FOLDER) from None
        raise Trouble(f"{server.words} answered: {_clean(str(error).encode())}") from None
