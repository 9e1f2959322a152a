"""Alerts over HTTP: a small listener for monitors that call a webhook.

It takes `POST /` (or `/alertmanager`, `/grafana` … to say whose payload it is) with a bearer token,
and answers 202 when all of it is committed. It stands behind nothing and trusts nobody: what a
request may cost in bytes, seconds and threads is bounded, and no answer repeats anything of it.
"""

from __future__ import annotations

import hmac
import json
import socket
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from sdesk.alarms import Alarms, Taken
from sdesk.alerts.bounded import MOST
from sdesk.alerts.payload import SOURCES, read
from sdesk.credentials import Secret
from sdesk.errors import Busy, Invalid, StoreFault, Usage

AT_ONCE = 16
"""Connections that are served at a time; another is told to come again."""
PATIENCE = 10.0
"""Seconds that a request may be silent."""
LONGEST = 30.0
"""Seconds that a request may take to arrive."""
TURN = 20.0
"""Seconds that a payload waits for the one before it."""
AGAIN = "15"
"""Seconds after which to come again."""
WORDS = {
    400: "This is no payload that the desk can read; its log says why.",
    401: "A bearer token is needed that the desk knows.",
    404: "There is nothing at this path.",
    405: "Alerts are posted: POST.",
    408: "The request took too long.",
    411: "The request has no Content-Length.",
    413: f"The payload has more than {MOST:,} bytes.",
    431: "The head of the request is too long.",
    500: "The desk failed; its log says how.",
    503: "The desk is busy; send it again.",
}
Tell = Callable[[str], None]


class Answer(NamedTuple):
    """A status, and what is said with it as JSON."""

    status: int
    body: dict[str, Any]


class Listener(ThreadingHTTPServer):
    """The listener on one address. `serve_forever` in a thread; `shutdown` from another."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, host: str, port: int, token: Secret, alarms: Alarms, tell: Tell) -> None:
        if ":" in host:
            self.address_family = socket.AF_INET6
        self.token, self.alarms, self.tell = token.reveal().encode(), alarms, tell
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._turn = threading.Lock()
        super().__init__((host, port), Request)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def server_bind(self) -> None:
        """Without asking the network for a name of this host, as the standard one does."""
        socket.socket.bind(self.socket, self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "sdesk", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._places.acquire(blocking=False):
            _turn_away(request)
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:
            # No thread is to be had.
            self._places.release()
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        # However slowly it sends: the clock of the whole request runs from here.
        end = threading.Timer(LONGEST, _cut, (request,))
        end.daemon = True
        end.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            end.cancel()
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is the world's trouble, and is not told; a fault of ours is."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            self.tell(f"a request failed: {type(error).__name__}: {error}")

    def drain(self, seconds: float = TURN) -> None:
        """Wait for the requests that are still being answered, so long at most each."""
        for _ in range(AT_ONCE):
            self._places.acquire(timeout=seconds)

    def take(self, payload: bytes, source: str) -> Answer:
        """Read a payload and fold it; what to answer."""
        try:
            alerts = read(payload, source)
        except (Invalid, Usage) as error:
            # Not in the answer: the sentence may name what stood there.
            self.tell(f"a payload was refused: {error.message}")
            return Answer(400, {"error": WORDS[400]})
        if not self._turn.acquire(timeout=TURN):
            return Answer(503, {"error": WORDS[503]})
        try:
            taken = self.alarms.take(alerts)
        except (Busy, StoreFault) as error:
            self.tell(f"{len(alerts)} alerts could not be taken: {error}")
            return Answer(503, {"error": WORDS[503]})
        finally:
            self._turn.release()
        return self._answer(taken)

    def _answer(self, taken: Taken) -> Answer:
        for alert, error in taken.failed:
            self.tell(f"an alert of {alert.source} was refused: {error}")
        acts: dict[str, int] = {}
        for one in taken.folded:
            acts[one.act] = acts.get(one.act, 0) + 1
        if taken.failed:
            return Answer(400, {"error": WORDS[400], "refused": len(taken.failed), "taken": acts})
        return Answer(202, {"taken": acts})


def _turn_away(request: socket.socket) -> None:
    body = json.dumps({"error": WORDS[503]}).encode()
    head = (
        f"HTTP/1.1 503 Busy\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"Retry-After: {AGAIN}\r\nConnection: close\r\n\r\n"
    )
    try:
        request.settimeout(1.0)
        request.sendall(head.encode() + body)
    except OSError:
        return


def _cut(request: socket.socket) -> None:
    try:
        request.shutdown(socket.SHUT_RD)
    except OSError:
        return


class Request(BaseHTTPRequestHandler):
    """One request."""

    server: Listener
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "sdesk", ""
    timeout = PATIENCE

    def do_POST(self) -> None:
        self.close_connection = True
        trouble = self._trouble()
        if trouble:
            return self._say(Answer(trouble, {"error": WORDS[trouble]}))
        try:
            payload = self.rfile.read(self._length())
        except TimeoutError:
            return self._say(Answer(408, {"error": WORDS[408]}))
        if len(payload) < self._length():
            return self._say(Answer(408, {"error": WORDS[408]}))
        return self._say(self.server.take(payload, self._source() or ""))

    def _not_posted(self) -> None:
        self.close_connection = True
        status = 405 if self._is_welcome() else 401
        self._say(Answer(status, {"error": WORDS[status]}))

    do_GET = do_HEAD = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _not_posted

    def _trouble(self) -> int:
        """The status that refuses the request by its head alone; 0 for none."""
        if not self._is_welcome():
            return 401
        if self._source() is None:
            return 404
        if self.headers.get("Transfer-Encoding") or self._length() < 0:
            return 411
        return 413 if self._length() > MOST else 0

    def _is_welcome(self) -> bool:
        given = self.headers.get_all("Authorization") or [""]
        kind, _, token = given[0].partition(" ")
        right = hmac.compare_digest(token.strip().encode("latin-1", "replace"), self.server.token)
        return right and kind.casefold() == "bearer" and len(given) == 1

    def _source(self) -> str | None:
        """Whose payload the path says it is, empty where it leaves that open; None for no such path."""
        word = self.path.partition("?")[0].strip("/").casefold()
        word = word.removeprefix("alerts").strip("/")
        return word if not word or word in SOURCES else None

    def _length(self) -> int:
        """-1 where it isn't said, or not as a plain number, once."""
        given = self.headers.get_all("Content-Length") or []
        plain = len(given) == 1 and given[0].isascii() and given[0].isdigit() and len(given[0]) < 13
        return int(given[0]) if plain else -1

    def handle_expect_100(self) -> bool:
        """A body that would be refused is not even asked for."""
        if self.command != "POST" or not (trouble := self._trouble()):
            return super().handle_expect_100()
        self.close_connection = True
        self._say(Answer(trouble, {"error": WORDS[trouble]}))
        return False

    def _say(self, answer: Answer) -> None:
        body = b"" if self.command == "HEAD" else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Connection", "close")
        if answer.status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        if answer.status == 405:
            self.send_header("Allow", "POST")
        if answer.status == 503:
            self.send_header("Retry-After", AGAIN)
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard handler refuses itself: as JSON, and without repeating what came."""
        known = {501: 405, 414: 400, 505: 400}.get(int(code), int(code))
        status = known if known in WORDS else 400
        self.close_connection = True
        if not hasattr(self, "command") or self.command is None:
            self.command = ""
        if self.request_version == "HTTP/0.9":
            self.request_version = "HTTP/1.0"
        self._say(Answer(status, {"error": WORDS[status]}))

    def log_message(self, *_: Any) -> None:
        """Nothing of a request goes into a log."""
