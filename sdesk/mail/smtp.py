"""One conversation with the server that sends. Every step has its time, every word its limit.

`smtplib` speaks; what it leaves open is closed here: an answer without end, a server that hands out
a byte a minute, encryption that is offered to some and not to others. Trouble is told apart by whose
it is: the server's (`NoServer`), this letter's for now (`Later`), or this letter's for good (`Never`).
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from sdesk.credentials import redacted
from sdesk.errors import Refused, SdeskError
from sdesk.text import clean_line, cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.mail.settings import Smtp
    from sdesk.mail.writing import Envelope

MOST_LINES, LONGEST = 100, 1_000
"""Of one answer."""
DATA_SECONDS = 600
"""How long a server may think about a mail that it has got whole (RFC 5321 says ten minutes)."""
MEND = "Look whether the server runs, and at [mail.smtp] in config.toml: host, port, tls, user."
_LOST = (smtplib.SMTPServerDisconnected, OSError)


class NoServer(Refused):
    """The server can't be spoken to: nothing is known about the letter."""


class Later(SdeskError):
    """Not now; `domain` has asked for a pause, where it has."""

    def __init__(self, message: str, domain: str = "") -> None:
        super().__init__(message)
        self.domain = domain


class Never(SdeskError):
    """The server will never take it."""


class Taken(NamedTuple):
    """What the server said, and whom it refused."""

    answer: str
    refused: dict[str, str]


class _Client(smtplib.SMTP):
    """`smtplib`, with answers that end."""

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = self.sock.makefile("rb")  # type: ignore[union-attr]
        said: list[bytes] = []
        for _ in range(MOST_LINES):
            line = self.file.readline(LONGEST + 1)
            if not line.endswith(b"\n"):
                self.close()
                what = "an endless line" if len(line) > LONGEST else "nothing more"
                raise smtplib.SMTPServerDisconnected(f"the server said {what}")
            said.append(line[4:].strip())
            if not line[:3].isdigit():
                self.close()
                raise smtplib.SMTPServerDisconnected("the server does not speak SMTP")
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(said)
        self.close()
        raise smtplib.SMTPServerDisconnected("the server's answer has no end")


class Courier:
    """A connection that is opened when it is needed and kept for the next letter."""

    def __init__(self, server: Smtp) -> None:
        self.server = server
        self._client: _Client | None = None
        self._is_used = False

    def send(self, envelope: Envelope, *, partly: bool = False) -> Taken:
        """Give a letter to the server. Raises `NoServer`, `Later`, `Never`.

        With `partly` it goes to those who can be reached now, where others are put off.
        """
        self._drop_the_dead()
        client = self._opened()
        self._is_used = True
        with self._watched(client, DATA_SECONDS + self.server.timeout * 3):
            try:
                return self._spoken(client, envelope, partly)
            except _LOST as error:
                self.drop()
                raise Later(f"The connection was lost: {_reason(error)}.") from None

    def _spoken(self, client: _Client, envelope: Envelope, partly: bool) -> Taken:
        most = client.esmtp_features.get("size", "")
        if most.isdigit() and 0 < int(most) < len(envelope.raw):
            raise Never(
                f"The mail has {len(envelope.raw):,} bytes; the server takes {int(most):,}."
            )
        self._check(*client.mail(envelope.sender), client)
        refused, off = self._named(client, envelope.recipients)
        reached = len(envelope.recipients) - len(refused) - len(off)
        if off and not (partly and reached):
            self._reset(client)
            recipient, answer = next(iter(off.items()))
            raise Later(answer, recipient.rpartition("@")[2])
        if not reached:
            self._reset(client)
            raise Never("; ".join(refused.values()))
        answer = self._check(*self._given(client, envelope.raw), client)
        return Taken(answer, refused | off)

    def _given(self, client: _Client, raw: bytes) -> tuple[int, bytes]:
        assert client.sock is not None
        code, said = client.docmd("DATA")
        if 200 <= code < 300:
            raise Later(f"The server wants no mail after DATA: {_words(code, said)}")
        if code != 354:
            return code, said
        # Whoever comes this far may have the mail: what gets lost from here on is sent again.
        client.sock.settimeout(max(self.server.timeout, 60))
        client.send(raw if raw.endswith(b"\r\n") else raw + b"\r\n")
        client.send(b".\r\n")
        client.sock.settimeout(DATA_SECONDS)
        try:
            return client.getreply()
        finally:
            if client.sock is not None:
                client.sock.settimeout(self.server.timeout)

    def _named(
        self, client: _Client, recipients: tuple[str, ...]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Whom the server refuses, and whom it puts off, with its words."""
        refused: dict[str, str] = {}
        off: dict[str, str] = {}
        for one in recipients:
            code, said = client.rcpt(one)
            if code == 421:
                raise smtplib.SMTPServerDisconnected(_words(code, said))
            if code not in (250, 251, 252):
                (refused if 500 <= code < 600 else off)[one] = f"{one}: {_words(code, said)}"
        return refused, off

    def _check(self, code: int, said: bytes, client: _Client) -> str:
        words = _words(code, said)
        if code == 421:
            raise smtplib.SMTPServerDisconnected(words)
        if 200 <= code < 300:
            return words
        self._reset(client)
        if 500 <= code < 600:
            raise Never(words)
        raise Later(words)

    # The connection

    def _drop_the_dead(self) -> None:
        """A connection that was kept may have ended since."""
        if self._client is None or not self._is_used:
            return
        try:
            code, _ = self._client.noop()
        except _LOST:
            code = 0
        if code != 250:
            self.drop()

    def _reset(self, client: _Client) -> None:
        """Begin anew after a refusal, which counts also where the server hangs up."""
        try:
            code, _ = client.rset()
        except _LOST:
            code = 0
        if code != 250:
            # Answers and questions have come apart, or there is nobody any more.
            self.drop()

    def _opened(self) -> _Client:
        if self._client is None:
            self._is_used = False
            self._client = self._connected()
        return self._client

    def check(self) -> str:
        """Connect, encrypt and log in, and no more; what encrypts. Raises `NoServer`."""
        client = self._opened()
        sock = client.sock
        return (sock.version() or "") if isinstance(sock, ssl.SSLSocket) else "not encrypted"

    def _connected(self) -> _Client:
        client = _Client(
            local_hostname=self.server.helo or _own_name(), timeout=self.server.timeout
        )
        with self._watched(client, self.server.timeout * 4):
            try:
                self._open(client)
            except smtplib.SMTPAuthenticationError as error:
                client.close()
                said = _reason(error)
                raise self._no(f"it does not let '{self.server.user}' in: {said}") from None
            except (smtplib.SMTPException, OSError, UnicodeError) as error:
                client.close()
                raise self._no(_reason(error)) from None
            except Refused as error:
                # The secret can't be had, or it has its sentence already.
                client.close()
                raise NoServer(error.message, error.hint) from None
        return client

    def _open(self, client: _Client) -> None:
        server = self.server
        # Not `connect`: the name that certificates are held against must be the configured one.
        sock = socket.create_connection((server.host, server.port), server.timeout)
        client._host = server.host  # type: ignore[attr-defined]
        if server.tls == "implicit":
            sock = self._context().wrap_socket(sock, server_hostname=server.host)
        client.sock, client.file = sock, None
        code, said = client.getreply()
        if code != 220:
            raise self._no(f"it greets with {_words(code, said)}")
        self._hello(client)
        if server.tls == "starttls":
            if not client.has_extn("starttls"):
                raise self._no("it offers no STARTTLS, and nothing is sent unencrypted")
            code, said = client.starttls(context=self._context())
            if code != 220:
                raise self._no(f"it refuses STARTTLS: {_words(code, said)}")
            self._hello(client)
        if server.user:
            self._log_in(client)

    def _hello(self, client: _Client) -> None:
        code, said = client.ehlo()
        if not 200 <= code < 300:
            raise self._no(f"it refuses EHLO: {_words(code, said)}")

    def _log_in(self, client: _Client) -> None:
        password = self.server.password.read().reveal()
        # An encoding error of smtplib's would hold the password.
        if not password.isascii() or not self.server.user.isascii():
            raise self._no("name and password must be ASCII")
        try:
            client.login(self.server.user, password)
        finally:
            # smtplib keeps both, for nothing.
            client.user = client.password = ""

    def _context(self) -> ssl.SSLContext:
        """Verified, always: names too."""
        try:
            context = ssl.create_default_context(cafile=self.server.ca_file or None)
        except OSError as error:
            raise self._no(f"{self.server.ca_file}: {error.strerror or error}") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def _no(self, why: str) -> NoServer:
        return NoServer(f"{self.server.words}: {why}.", MEND)

    @contextmanager
    def _watched(self, client: _Client, seconds: float) -> Iterator[None]:
        """Cut the connection where the whole takes too long: single bytes keep a socket awake."""

        def cut_off() -> None:
            if (sock := client.sock) is not None:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    return

        timer = threading.Timer(seconds, cut_off)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def drop(self) -> None:
        """Forget the connection without a word."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def close(self) -> None:
        """Say goodbye; whether it is heard makes no difference to anything."""
        if self._client is None:
            return
        try:
            self._client.docmd("QUIT")
        except (smtplib.SMTPException, OSError):
            pass
        finally:
            self.drop()


def _own_name() -> str:
    """This host's name as the server is told it: no look-up, which could hang."""
    name = socket.gethostname()
    is_plain = name.isascii() and name.replace("-", "").replace(".", "").isalnum()
    return name if is_plain else "localhost"


def _words(code: int, said: bytes) -> str:
    text = redacted(clean_line(said.decode("utf-8", "replace")))
    return cut(f"{code} {text}".strip(), 300)


def _reason(error: BaseException) -> str:
    """An error in words; never more than its own."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not to be trusted: {clean_line(error.verify_message)}"
    if isinstance(error, TimeoutError):
        return "it does not answer in time"
    if isinstance(error, socket.gaierror):
        return "there is no such host"
    if isinstance(error, smtplib.SMTPResponseException):
        return _words(
            error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b""
        )
    if isinstance(error, OSError) and error.strerror:
        return clean_line(error.strerror)
    return cut(clean_line(str(error)), 200) or type(error).__name__
