"""One POST, held against real servers: what is sent, what is believed, and how long it may take."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address

import pytest

from sdesk.notify.address import Endpoint
from sdesk.notify.posting import Answer, NoAnswer, head, post
from tests.each import each
from tests.notify.conftest import CERTIFICATE, Receiver

HERE = IPv4Address("127.0.0.1")
Serve = Callable[[Callable[[socket.socket], None]], int]


def of(port: int, scheme: str = "http", host: str = "hook.example.org") -> Endpoint:
    return Endpoint(scheme, host, port, "/in?x=1")


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A server of one connection that does what it is told; its port."""
    listening: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def serve(act: Callable[[socket.socket], None]) -> int:
        line = socket.create_server(("127.0.0.1", 0))
        listening.append(line)

        def run() -> None:
            taken, _ = line.accept()
            with taken:
                taken.recv(65_536)
                act(taken)

        threads.append(threading.Thread(target=run, daemon=True))
        threads[-1].start()
        return int(line.getsockname()[1])

    yield serve
    for line in listening:
        line.close()


def test_the_body_goes_to_the_address_under_the_hosts_name(receiver: Receiver) -> None:
    answer = post(of(receiver.port), HERE, "ä".encode(), {"X-Sdesk-Event": "opened"})
    assert answer.status == 204
    ((path, headers, body),) = receiver.got
    assert (path, body.decode()) == ("/in?x=1", "ä")
    assert headers["host"] == f"hook.example.org:{receiver.port}"
    assert headers["x-sdesk-event"] == "opened"
    assert headers["connection"] == "close"


def test_tls_asks_for_the_hosts_certificate_at_the_checked_address(
    tls_receiver: Receiver,
) -> None:
    context = ssl.create_default_context(cafile=str(CERTIFICATE))
    assert post(of(tls_receiver.port, "https"), HERE, b"{}", {}, context=context).status == 204
    with pytest.raises(NoAnswer, match="certificate"):
        post(of(tls_receiver.port, "https", "other.example"), HERE, b"{}", {}, context=context)
    with pytest.raises(NoAnswer, match="certificate"):
        post(of(tls_receiver.port, "https"), HERE, b"{}", {})
    assert len(tls_receiver.got) == 1


def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver) -> None:
    there = {"Location": f"http://127.0.0.1:{receiver.port}/inside"}
    receiver.answers = [(307, there, b"elsewhere")]
    assert post(of(receiver.port), HERE, b"{}", {}) == Answer(307, "elsewhere")
    assert len(receiver.got) == 1


def test_no_proxy_of_the_environment_is_asked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert post(of(receiver.port), HERE, b"{}", {}).status == 204


@pytest.mark.parametrize(
    ("said", "match"),
    [
        (b"", "without an answer"),
        (b"SSH-2.0-OpenSSH\r\n", "not HTTP"),
        (b"HTTP/9 200 OK", "not HTTP"),
    ],
)
def test_what_is_no_http_is_said_to_be_none(serve: Serve, said: bytes, match: str) -> None:
    port = serve(lambda line: line.sendall(said))
    with pytest.raises(NoAnswer, match=match):
        post(of(port), HERE, b"{}", {})


def test_an_answer_without_end_is_left_after_a_few_bytes(serve: Serve) -> None:
    stopped = threading.Event()

    def flood(line: socket.socket) -> None:
        try:
            line.sendall(b"HTTP/1.1 500 No\r\n\r\n")
            while not stopped.is_set():
                line.sendall(b"\x1b]0;owned\x07" + b"x" * 4_096)
        except OSError:
            stopped.set()

    answer = post(of(serve(flood)), HERE, b"{}", {})
    stopped.set()
    assert answer.status == 500
    assert "\x1b" not in answer.said
    assert len(answer.said) <= 120


def test_a_server_that_drips_is_not_waited_for(serve: Serve) -> None:
    over = threading.Event()

    def drip(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while not over.wait(0.02):
            try:
                line.sendall(b"x")
            except OSError:
                return

    with pytest.raises(NoAnswer, match=r"within 0\.3 s"):
        post(of(serve(drip)), HERE, b"{}", {}, whole=0.3)
    over.set()


def test_nobody_there_is_told_in_the_systems_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(NoAnswer, match="refused"):
        post(of(port), HERE, b"{}", {})


@each(("name", "value"), [("X-A", "a\r\nX-B: b"), ("X A", "a"), ("X-A\n", "a"), ("X-A", "ä")])
def test_a_header_is_one_header(name: str, value: str) -> None:
    with pytest.raises(ValueError):
        head(of(80), 0, {name: value})
