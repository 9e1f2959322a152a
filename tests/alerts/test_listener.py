"""The listener, asked over real sockets: it takes alerts from whoever has the token, and nothing else."""

from __future__ import annotations

import http.client
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sdesk.alarms import Alarms
from sdesk.alerts import listener as room
from sdesk.alerts.bounded import MOST
from sdesk.alerts.channel import AlertChannel
from sdesk.alerts.listener import Listener, Request
from sdesk.alerts.settings import Settings
from sdesk.credentials import Place, Secret
from sdesk.desk import Desk
from sdesk.errors import Busy
from tests.alerts.samples import PAIRS, alertmanager, bytes_of

TOKEN = "c4nary-token"
AUTH = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def listener(alarms: Alarms, told: list[str]) -> Iterator[Listener]:
    made = Listener("127.0.0.1", 0, Secret(TOKEN), alarms, told.append)
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()
    made.drain()


Ask = Callable[..., tuple[int, dict[str, Any], dict[str, str]]]


@pytest.fixture
def ask(listener: Listener) -> Ask:
    """`ask(body, path, method, headers)` → status, JSON, headers."""

    def ask(
        body: bytes | None = b"", path: str = "/", method: str = "POST", headers: dict[str, str] = AUTH
    ) -> tuple[int, dict[str, Any], dict[str, str]]:  # fmt: skip
        connection = http.client.HTTPConnection("127.0.0.1", listener.port, timeout=60)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else {}, dict(answer.getheaders())

    return ask


def raw(listener: Listener, sent: bytes, *, close: bool = False) -> bytes:
    """What a socket hears on these bytes, until the listener ends it."""
    with socket.create_connection(("127.0.0.1", listener.port), timeout=60) as line:
        line.sendall(sent)
        if close:
            line.shutdown(socket.SHUT_WR)
        heard = b""
        try:
            while some := line.recv(65_536):
                heard += some
        except ConnectionResetError:
            return heard
        return heard


def test_alerts_are_in_the_store_when_it_says_so(ask: Ask, desk: Desk) -> None:
    status, said, headers = ask(bytes_of(alertmanager("firing", "10.0.0.1", "10.0.0.2")))
    assert (status, said) == (202, {"taken": {"opened": 2}})
    assert desk.read.count("channel:monitoring") == 2
    assert headers["Content-Type"] == "application/json"
    assert "Python" not in headers["Server"]


@pytest.mark.parametrize("path", ["/", "/zabbix", "/alerts", "/alerts/zabbix/", "/?orgId=1"])
def test_the_path_may_say_whose_it_is(ask: Ask, path: str) -> None:
    payload = next(pair.down for pair in PAIRS if pair.name == "zabbix")
    assert ask(payload, path)[0] == 202


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer t\u00f6ken".encode().decode("latin-1")},
        {"Authorization": f"Bearer {TOKEN}x"},
    ],
)
def test_without_the_token_nothing_is_taken(ask: Ask, desk: Desk, headers: dict[str, str]) -> None:
    status, said, answered = ask(bytes_of(alertmanager()), headers=headers)
    assert status == 401
    assert answered["WWW-Authenticate"] == "Bearer"
    assert said == {"error": room.WORDS[401]}
    assert desk.read.count("") == 0


def test_two_tokens_are_none(listener: Listener) -> None:
    both = f"Authorization: Bearer {TOKEN}\r\nAuthorization: Bearer {TOKEN}\r\n"
    heard = raw(listener, f"POST / HTTP/1.1\r\n{both}Content-Length: 2\r\n\r\n[]".encode())
    assert heard.startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_alerts_are_posted_and_nothing_else_is_done(ask: Ask, method: str) -> None:
    status, _, headers = ask(None, "/", method)
    assert (status, headers["Allow"]) == (405, "POST")
    assert ask(None, "/etc/passwd", method, {})[0] == 401


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/../../etc/passwd", "/<script>", "/zabbix/x", "//x"]
)
def test_there_is_nothing_at_other_paths(ask: Ask, path: str) -> None:
    status, said, _ = ask(b"{}", path)
    assert (status, said) == (404, {"error": room.WORDS[404]})


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'{"a":NaN}', b"\xff", b'{"<script>": "<b>"}'])
def test_what_cannot_be_read_is_refused_without_an_echo(
    ask: Ask, told: list[str], body: bytes
) -> None:
    status, said, _ = ask(body)
    assert (status, said) == (400, {"error": room.WORDS[400]})
    assert told[-1].startswith("a payload was refused: The payload")


def test_a_payload_that_is_too_long_is_not_even_read(listener: Listener) -> None:
    head = f"POST / HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {MOST + 1}\r\n\r\n"
    assert raw(listener, head.encode()).startswith(b"HTTP/1.1 413")


def test_a_client_that_asks_first_is_told_before_it_sends(listener: Listener) -> None:
    ask = "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
    welcome = raw(listener, f"{ask}Authorization: Bearer {TOKEN}\r\n\r\n[]".encode())
    assert welcome.startswith(b"HTTP/1.1 100 Continue")
    assert b"HTTP/1.1 202" in welcome
    assert raw(listener, f"{ask}\r\n".encode()).startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize(
    "length",
    [
        "", "Content-Length: -5\r\n", "Content-Length: 1_0\r\n", "Content-Length: 2\r\nContent-Length: 9\r\n",
        "Transfer-Encoding: chunked\r\n", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 99999999999999999999\r\n",
    ],
)  # fmt: skip
def test_a_length_that_is_not_plain_is_refused(listener: Listener, length: str) -> None:
    head = f"POST / HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\n{length}\r\n[]"
    assert raw(listener, head.encode()).startswith(b"HTTP/1.1 411")


@pytest.mark.parametrize(
    "sent",
    [
        b"BREW <script>alert(1)</script> HTTP/1.1\r\n\r\n",
        b"GET /<script> HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03<script>\r\n\r\n",
        b"POST /" + b"<script>" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + b"X-<script>: y\r\n" * 300 + b"\r\n",
        b"<script>\r\n\r\n",
    ],
)
def test_no_answer_repeats_what_came(listener: Listener, sent: bytes) -> None:
    heard = raw(listener, sent, close=True)
    assert b"script" not in heard
    assert b"<" not in heard
    status, _, body = heard.partition(b"\r\n\r\n")
    assert status.startswith(b"HTTP/1.")
    assert json.loads(body)["error"] in room.WORDS.values()


def test_a_body_that_never_comes_is_waited_for_in_vain(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Request, "timeout", 0.5)
    head = f"POST / HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 100\r\n\r\n"
    assert raw(listener, head.encode() + b"[").startswith(b"HTTP/1.1 408")
    assert raw(listener, b"POST / HT") == b""


def test_a_body_that_drips_ends_with_the_time_of_the_whole(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LONGEST", 0.5)
    head = f"POST / HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 100\r\n\r\n"
    assert raw(listener, head.encode() + b"[").startswith(b"HTTP/1.1 408")


def test_more_connections_than_it_serves_are_told_to_come_again(
    listener: Listener, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Request, "timeout", 600)
    monkeypatch.setattr(room, "LONGEST", 600)
    idle = [socket.create_connection(("127.0.0.1", listener.port)) for _ in range(room.AT_ONCE)]
    heard = b""
    while not heard:
        # Until all of them have been accepted.
        heard = raw(listener, b"POST / HTTP/1.1\r\n\r\n") if listener._places._value == 0 else b""
    assert heard.startswith(b"HTTP/1.1 503")
    assert b"Retry-After" in heard
    for one in idle:
        one.close()
    while listener._places._value < room.AT_ONCE:
        threading.Event().wait(0.01)
    assert ask(b"[]")[0] == 202


def test_a_busy_store_says_come_again(
    ask: Ask, alarms: Alarms, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_: object) -> None:
        raise Busy("Somebody else writes.")

    monkeypatch.setattr(alarms, "take", busy)
    status, said, headers = ask(bytes_of(alertmanager()))
    assert (status, said) == (503, {"error": room.WORDS[503]})
    assert headers["Retry-After"]
    assert told == ["1 alerts could not be taken: Somebody else writes."]


def test_a_fault_of_ours_is_told_and_ends_only_its_request(
    ask: Ask, listener: Listener, alarms: Alarms, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def trips(_: object) -> None:
        raise KeyError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(alarms, "take", trips)
        with pytest.raises((http.client.HTTPException, OSError)):
            ask(bytes_of(alertmanager()))
    assert ask(b"[]")[0] == 202
    assert told == ["a request failed: KeyError: 'a bug'"]


def test_many_at_once_are_taken_one_after_the_other(ask: Ask, desk: Desk) -> None:
    """Eight senders of the same payload: one ticket."""
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(ask(bytes_of(alertmanager()))[0]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [202] * 8
    assert desk.read.count("") == 1


def test_the_token_is_said_nowhere(
    ask: Ask, told: list[str], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    ask(b"{")
    ask(b"{}", headers={"Authorization": f"Bearer {TOKEN}x"})
    out, err = capfd.readouterr()
    assert TOKEN not in "\n".join([*told, caplog.text, out, err])
    assert (out, err) == ("", "")


class Until:
    """Word to end as soon as something was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self._event = threading.Event()

    def tell(self, text: str) -> None:
        self.told.append(text)
        self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()

    def wait(self, timeout: float, /) -> object:
        return self._event.wait(min(timeout, 0.01))


def test_the_channel_listens_until_it_is_told_to_end(store: Any, tmp_path: Any) -> None:
    secret = tmp_path / "token"
    secret.write_text(TOKEN)
    secret.chmod(0o600)
    until = Until()
    token = Place(file=str(secret), origin="config.toml, line 1")
    AlertChannel(Settings(host="127.0.0.1", port=0, token=token), store).keep(until, until.tell)
    assert until.told[0].startswith("Alerts are taken at 127.0.0.1, port ")


def test_an_address_that_is_taken_is_told_and_tried_again(store: Any, listener: Listener) -> None:
    until = Until()
    settings = Settings(
        host="127.0.0.1", port=listener.port, token=Place(env="T", origin="config.toml, line 1"),
        origin="config.toml, line 1",
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("T", TOKEN)
        AlertChannel(settings, store).keep(until, until.tell)
    assert "can't listen at 127.0.0.1" in until.told[0]
