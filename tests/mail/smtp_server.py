"""A mail server that breaks where it is told to: aiosmtpd, with a fault at any step of the protocol."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import ssl
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

BEFORE = ("connect", "greeting", "EHLO", "STARTTLS", "AUTH")
"""Steps at which nothing is known of a letter yet."""
STEPS = (*BEFORE, "MAIL", "RCPT", "DATA", "after DATA", "QUIT")
MANNERS = ("drop", "4xx", "kill")


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


class _Handler:
    def __init__(self, wires: Wires) -> None:
        self.wires = wires

    async def handle_RCPT(self, server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # fmt: skip
        if said := self.wires.refuse.get(address):
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        self.wires.got.append(Got(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content))
        return await server.breaks("after DATA") or "250 kept"


class FaultySmtp(SMTP):
    def __init__(self, wires: Wires, **options: Any) -> None:
        super().__init__(_Handler(wires), hostname="mail.example", **options)
        self.wires = wires
        self.fault: Fault | None = None
        self.last: Fault | None = None
        self.client = 0

    def connection_made(self, transport: Any) -> None:
        # After STARTTLS it is called again, for the same connection.
        if self.transport is None:
            self.fault = self.wires.faults(is_new=True)
            if self.fault is not None and self.fault.step == "connect":
                self._note("connect")
                transport.abort()
                return
        super().connection_made(transport)

    def _note(self, step: str) -> None:
        assert self.fault is not None
        self.wires.steps.append(step)
        self.wires.used[self.fault] = self.wires.used.get(self.fault, 0) + 1

    async def breaks(self, step: str) -> str:
        """Break here if this connection is to: the refusal that was given, "" where it goes on."""
        fault = self.fault
        if fault is None or fault.step != step:
            return ""
        self._note(step)
        refusal = {"4xx": "451 4.3.0 not here", "5xx": "554 5.7.1 not here"}.get(fault.manner, "")
        if step != "AUTH" or not refusal:
            # A client may try to log in in another way at once.
            self.fault = None
        if refusal and step == "after DATA":
            # An answer comes, so that it is known that the mail was not kept.
            self.wires.got.pop()
            return refusal
        if refusal:
            await self.push(refusal)
            return refusal
        if fault.manner == "kill" and self.client:
            self.wires.killed += 1
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.client, signal.SIGKILL)
        elif step == "after DATA":
            self.wires.lost_after_data += 1
        if self.transport is not None:
            self.transport.abort()
        raise asyncio.CancelledError

    async def _handle_client(self) -> None:
        try:
            if not await self.breaks("greeting"):
                await super()._handle_client()
        except asyncio.CancelledError:
            return

    async def smtp_EHLO(self, arg: str) -> None:
        name = arg.partition(".")[0]
        self.client = int(name[3:]) if name.startswith("pid") and name[3:].isdigit() else 0
        if not await self.breaks("EHLO"):
            await super().smtp_EHLO(arg)

    async def smtp_STARTTLS(self, arg: str) -> None:
        if not await self.breaks("STARTTLS"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        if not await self.breaks("AUTH"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        if self.fault is not None and self.fault.step == "QUIT":
            # It keeps for the end, and no other from happening before.
            self.last, self.fault = self.fault, None
        self.fault = self.fault or self.wires.faults(is_new=False)
        if not await self.breaks("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if not await self.breaks("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if not await self.breaks("DATA"):
            await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg: str) -> None:
        self.fault = self.fault or self.last
        if not await self.breaks("QUIT"):
            await super().smtp_QUIT(arg)


class Server:
    """A mail server on a port of its own, in a thread."""

    def __init__(self, certificate: Path | None = None, *, accepts: str = "secret") -> None:
        self.wires, self.certificate = Wires(), certificate
        self.accepts = accepts
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda *_: None)
        ready = threading.Event()
        self.port = 0
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(10)

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        serving = self._loop.run_until_complete(
            self._loop.create_server(self._protocol, "127.0.0.1", 0)
        )
        self.port = serving.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()

    def _protocol(self) -> FaultySmtp:
        options: dict[str, Any] = {"loop": self._loop, "timeout": 60}
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            options |= {
                "tls_context": context, "authenticator": self._authenticate, "auth_required": True,
                "require_starttls": True,
            }  # fmt: skip
        return FaultySmtp(self.wires, **options)

    def _authenticate(self, _server: Any, _session: Any, _envelope: Any, _way: str, data: Any) -> AuthResult:  # fmt: skip
        return AuthResult(success=data.password.decode() == self.accepts, handled=False)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


def certificate(folder: Path) -> Path:
    """A certificate for localhost with its key, in one file; the test is skipped where none can be made."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no certificate for the mail server")
    made, key = folder / "server.pem", folder / "server.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(key), "-out", str(made)],
        check=True, capture_output=True,
    )  # fmt: skip
    made.write_text(made.read_text() + key.read_text())
    return made
