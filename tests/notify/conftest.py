"""Real servers on this host for what goes out, and settings to go there."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from sdesk.notify.settings import Settings, load

CERTIFICATE = Path(__file__).with_name("hook_example_org.pem")
"""A certificate and its key, of hook.example.org, made for these tests alone."""


@dataclass
class Receiver:
    """A server that keeps what it is sent and answers as it is told."""

    port: int
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    """Path, headers by lower-case name, body."""
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    """What the next requests are answered; 204 when there is none."""

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.got]


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.got.append((self.path, headers, body))
        answers = self.receiver.answers
        status, more, said = answers.pop(0) if answers else (204, {}, b"")
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _serving(tls: bool) -> Iterator[Receiver]:
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    handler.receiver = Receiver(server.server_address[1])  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield handler.receiver  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    yield from _serving(tls=False)


@pytest.fixture
def tls_receiver() -> Iterator[Receiver]:
    yield from _serving(tls=True)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file with a secret that is ours alone."""
    path = tmp_path / "secret"
    path.write_text("canary-7f3a\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def configured(tmp_path: Path) -> Callable[[str], Settings]:
    """Settings from the text of a config.toml."""

    def configured(text: str) -> Settings:
        file = tmp_path / "config.toml"
        file.write_text(text)
        return load(file)

    return configured
