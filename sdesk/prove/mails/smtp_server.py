"""A mail server that breaks where it is told to, at any step of the protocol; a thread a connection."""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

BEFORE = ("connect", "greeting", "EHLO", "STARTTLS", "AUTH")
"""Steps at which nothing is known of a letter yet."""
STEPS = (*BEFORE, "MAIL", "RCPT", "DATA", "after DATA", "QUIT")
MANNERS = ("drop", "4xx", "kill")
MOST = 33_554_432
"""Bytes of a mail, and of all that a client may say at once."""
SILENT = 60.0
"""Seconds after which a client that says nothing is let go."""


class Fault(NamedTuple):
    """Where one connection breaks, and how: dropped, refused for now or for good, the client killed."""

    step: str
    manner: str


class Got(NamedTuple):
    """A mail that the server took, or may have taken."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


@dataclass
class Wires:
    """What the server is told and what it has seen; shared by all its connections."""

    faults: Callable[..., Fault | None] = lambda **_: None
    """Asked when a connection is made, and at each of its mails (not `is_new`)."""
    got: list[Got] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    used: dict[Fault, int] = field(default_factory=dict)
    refuse: dict[str, str] = field(default_factory=dict)
    """Recipient → the answer to RCPT."""
    lost_after_data: int = 0
    killed: int = 0
    turn: threading.Lock = field(default_factory=threading.Lock)


class Broken(Exception):
    """This connection is over."""


class Conversation:
    """One client, from its connection to its end."""

    def __init__(self, server: Server, connection: socket.socket) -> None:
        self.server, self.wires, self._socket = server, server.wires, connection
        connection.settimeout(SILENT)
        self._file = connection.makefile("rb")
        self.fault: Fault | None = None
        self.last: Fault | None = None
        self.client = 0
        self.is_known = server.certificate is None
        self.sender, self.recipients = "", list[str]()

    def run(self) -> None:
        with contextlib.suppress(Broken, OSError, ValueError):
            with self.wires.turn:
                self.fault = self.wires.faults(is_new=True)
            self.breaks("connect")
            if not self.breaks("greeting"):
                self.say("220 mail.example ready")
                while line := self._line():
                    self._answer(line)
        self.end()

    def end(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._socket.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError, ValueError):
            self._file.close()
            self._socket.close()

    def _line(self) -> str:
        return self._file.readline(65_536).decode("latin-1")

    def say(self, *lines: str) -> None:
        marked = [f"{line[:3]}-{line[4:]}" for line in lines[:-1]]
        self._socket.sendall("".join(f"{line}\r\n" for line in [*marked, lines[-1]]).encode())

    def _answer(self, line: str) -> None:
        word, _, rest = line.strip().partition(" ")
        do = getattr(self, f"on_{word.lower()}", None)
        if do is None:
            self.say("500 what?")
        elif not self.is_known and word.upper() in ("MAIL", "RCPT", "DATA"):
            self.say("530 5.7.0 who are you?")
        else:
            do(rest)

    # Breaking

    def breaks(self, step: str) -> str:
        """Break here if this connection is to: the refusal that was given, "" where it goes on."""
        fault = self.fault
        if fault is None or fault.step != step:
            return ""
        refusal = {"4xx": "451 4.3.0 not here", "5xx": "554 5.7.1 not here"}.get(fault.manner, "")
        with self.wires.turn:
            self.wires.steps.append(step)
            self.wires.used[fault] = self.wires.used.get(fault, 0) + 1
            if refusal and step == "after DATA":
                # An answer comes, so that it is known that the mail was not kept.
                self.wires.got.pop()
            elif not refusal and step == "after DATA" and fault.manner != "kill":
                self.wires.lost_after_data += 1
        if step != "AUTH" or not refusal:
            # A client may try to log in in another way at once.
            self.fault = None
        if refusal and step != "connect":
            self.say(refusal)
            return refusal
        if fault.manner == "kill" and self.client:
            self.wires.killed += 1
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.client, signal.SIGKILL)
        raise Broken

    # What a client may say

    def on_ehlo(self, rest: str) -> None:
        name = rest.partition(".")[0]
        self.client = int(name[3:]) if name.startswith("pid") and name[3:].isdigit() else 0
        if self.breaks("EHLO"):
            return
        is_safe = isinstance(self._socket, ssl.SSLSocket)
        can = [f"250-SIZE {MOST}", "250-8BITMIME", "250-SMTPUTF8"]
        if self.server.certificate is not None:
            can.append("250-AUTH PLAIN LOGIN" if is_safe else "250-STARTTLS")
        self.say("250-mail.example", *can, "250 HELP")

    on_helo = on_ehlo

    def on_starttls(self, _rest: str) -> None:
        if self.server.certificate is None:
            self.say("502 not here")
        elif not self.breaks("STARTTLS"):
            self.say("220 go on")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.server.certificate)
            self._socket = context.wrap_socket(self._socket, server_side=True)
            self._file = self._socket.makefile("rb")

    def on_auth(self, rest: str) -> None:
        if self.breaks("AUTH"):
            return
        way, _, given = rest.partition(" ")
        if way.upper() == "PLAIN":
            secret = self._secret(given).rpartition("\0")[2]
        else:
            if not given:
                self._secret("", "VXNlcm5hbWU6")
            secret = self._secret("", "UGFzc3dvcmQ6")
        self.is_known = secret == self.server.accepts
        self.say("235 2.7.0 welcome" if self.is_known else "535 5.7.8 no")

    def _secret(self, given: str, question: str = "") -> str:
        if not given:
            self.say(f"334 {question}")
            given = self._line()
        return base64.b64decode(given.strip()).decode("utf-8", "replace")

    def on_mail(self, rest: str) -> None:
        if self.fault is not None and self.fault.step == "QUIT":
            # It keeps for the end, and no other from happening before.
            self.last, self.fault = self.fault, None
        with self.wires.turn:
            self.fault = self.fault or self.wires.faults(is_new=False)
        if not self.breaks("MAIL"):
            self.sender, self.recipients = _address(rest), []
            self.say("250 OK")

    def on_rcpt(self, rest: str) -> None:
        address = _address(rest)
        if self.breaks("RCPT"):
            return
        if said := self.wires.refuse.get(address):
            self.say(said)
            return
        self.recipients.append(address)
        self.say("250 OK")

    def on_data(self, _rest: str) -> None:
        if self.breaks("DATA"):
            return
        if not self.recipients:
            self.say("503 to whom?")
            return
        self.say("354 go on")
        raw = self._mail()
        with self.wires.turn:
            self.wires.got.append(Got(self.sender, tuple(self.recipients), raw))
        if not self.breaks("after DATA"):
            self.say("250 kept")

    def _mail(self) -> bytes:
        lines, size = [], 0
        while (line := self._file.readline(MOST)) != b".\r\n":
            size += len(line)
            if not line or size > MOST:
                raise Broken
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def on_rset(self, _rest: str) -> None:
        self.sender, self.recipients = "", []
        self.say("250 OK")

    def on_noop(self, _rest: str) -> None:
        self.say("250 OK")

    def on_quit(self, _rest: str) -> None:
        self.fault = self.fault or self.last
        if not self.breaks("QUIT"):
            self.say("221 bye")
        raise Broken


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]


class Server:
    """A mail server on a port of its own on this host, in threads.

    With a certificate it wants STARTTLS and then a password before it takes a mail.
    """

    def __init__(self, certificate: Path | None = None, *, accepts: str = "secret") -> None:
        self.wires, self.certificate, self.accepts = Wires(), certificate, accepts
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listening.getsockname()[1]
        self._talks: set[Conversation] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            talk = Conversation(self, connection)
            self._talks.add(talk)
            threading.Thread(target=self._serve, args=(talk,), daemon=True).start()

    def _serve(self, talk: Conversation) -> None:
        try:
            talk.run()
        finally:
            self._talks.discard(talk)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            # It wakes the thread that waits for the next client.
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(10)
        for talk in list(self._talks):
            talk.end()
