"""A secret by each way, in each table of the settings, with servers that say it back: it is in no output."""

from __future__ import annotations

import base64
import os
import socketserver
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from sdesk import credentials, ops
from sdesk.cli.presenter import fault
from sdesk.cli.program import run
from sdesk.credentials import Secret, redacted
from sdesk.desk import Desk, system_user
from tests.conftest import setup_operations

CANARY = "kanarienvogel/7731+x"
FORMS = {
    CANARY.encode(),
    base64.b64encode(CANARY.encode()),
    base64.b64encode(f"\0desk\0{CANARY}".encode()),
    urllib.parse.quote(CANARY, safe="").encode(),
    repr(CANARY).encode(),
}


class _Echo(socketserver.StreamRequestHandler):
    """A server that greets, and refuses every line by saying it back, encoded and decoded."""

    def handle(self) -> None:
        kind: str = self.server.kind  # type: ignore[attr-defined]
        if kind != "http":
            self.wfile.write(b"* OK ready\r\n" if kind == "imap" else b"220 ready\r\n")
        for line in iter(self.rfile.readline, b""):
            answer = getattr(self, f"_{kind}")(line.strip())
            if answer is None:
                return
            self.wfile.write(answer)

    def _smtp(self, line: bytes) -> bytes:
        if line.upper().startswith(b"EHLO"):
            return b"250-here\r\n250 AUTH PLAIN LOGIN\r\n"
        word = line.rpartition(b" ")[2]
        with suppress(ValueError):
            word += b" " + base64.b64decode(word, validate=True).replace(b"\0", b" ")
        return b"535 5.7.8 no: " + word + b"\r\n"

    def _imap(self, line: bytes) -> bytes:
        tag = line.partition(b" ")[0]
        if b"CAPABILITY" in line.upper():
            return b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n"
        return tag + b" BAD what is " + line + b"\r\n"

    def _http(self, line: bytes) -> bytes | None:
        self.server.said += line  # type: ignore[attr-defined]
        if line:
            return b""
        said = self.server.said[:300].replace(b"\n", b" ")  # type: ignore[attr-defined]
        self.wfile.write(b"HTTP/1.1 500 " + said + b"\r\nContent-Length: 0\r\n\r\n")
        return None


@contextmanager
def echoing(kind: str) -> Iterator[int]:
    """Its port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Echo) as server:
        vars(server).update(kind=kind, said=b"", daemon_threads=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def _of_file(folder: Path, name: str, text: str) -> str:
    path = folder / f"{name}.secret"
    path.write_text(text)
    path.chmod(0o600)
    return f'_file = "{path}"'


def _of_command(folder: Path, name: str, text: str) -> str:
    path = folder / f"{name}.txt"
    path.write_text(text)
    return f'_command = ["/bin/cat", "{path}"]'


def _of_credential(folder: Path, name: str, text: str) -> str:
    _of_file(folder, name, text)
    (folder / f"{name}.secret").rename(folder / name)
    return f'_credential = "{name}"'


def _of_env(_: Path, name: str, text: str) -> str:
    os.environ[f"CANARY_{name.upper()}"] = text
    return f'_env = "CANARY_{name.upper()}"'


WAYS: dict[str, Callable[[Path, str, str], str]] = {
    "file": _of_file, "command": _of_command, "credential": _of_credential, "env": _of_env,
}  # fmt: skip


@pytest.fixture
def ports() -> Iterator[dict[str, int]]:
    with echoing("smtp") as smtp, echoing("imap") as imap, echoing("http") as http:
        yield {"smtp": smtp, "imap": imap, "http": http}


@pytest.fixture
def settings(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ports: dict[str, int],
) -> Path:
    """Every table that takes a secret, by one way."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name in ("smtp", "imap", "hook", "url", "token"):
        monkeypatch.setenv(f"CANARY_{name.upper()}", "")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    of = WAYS[request.param]
    url = f"json://desk:{urllib.parse.quote(CANARY, safe='')}@127.0.0.1:{ports['http']}/x"
    file = tmp_path / "config.toml"
    file.write_text(f"""
store = "{tmp_path / "desk.db"}"
[mail.smtp]
host = "127.0.0.1"
port = {ports["smtp"]}
tls = "none-on-localhost"
user = "desk"
timeout = 30
password{of(folder, "smtp", CANARY)}
[[mail.mailbox]]
host = "127.0.0.1"
port = {ports["imap"]}
tls = "none-on-localhost"
user = "desk"
timeout = 30
password{of(folder, "imap", CANARY)}
[webhook.crm]
url = "http://127.0.0.1:{ports["http"]}/"
allow = ["127.0.0.1"]
secret{of(folder, "hook", CANARY)}
[notify.targets.phone]
agent = "ana"
url{of(folder, "url", url)}
[alerts]
listen = "127.0.0.1:0"
token{of(folder, "token", CANARY)}
""")
    file.chmod(0o600)
    monkeypatch.setenv("SDESK_CONFIG", str(file))
    monkeypatch.delenv("SDESK_STORE", raising=False)
    return file


READING = (
    ("config", "show"), ("mail", "test", "someone@example.org", "--wait", "1"), ("mail", "fetch"), ("notify", "test", "phone"),
    ("notify", "test", "webhook.crm"),
)  # fmt: skip
"""What reads a secret."""
COMMANDS = (
    *READING, ("doctor", "--quick"), ("mail", "log"), ("mail", "outbox", "--all"), ("notify", "targets"),
    ("notify", "log"), ("worker", "--once"), ("show", "--history", "1"), ("dump",), ("backup",),
)  # fmt: skip


@pytest.mark.parametrize("settings", WAYS, indirect=True)
def test_no_output_holds_a_secret(
    settings: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    started: list[object] = []
    popen = subprocess.Popen.__init__

    def spied(self: Any, args: Any, *more: Any, **named: Any) -> None:
        started.append((args, named.get("env")))
        popen(self, args, *more, **named)

    monkeypatch.setattr(subprocess.Popen, "__init__", spied)
    more = (
        ops.SaveAgent(system_user(), "Me", "admin"),
        ops.SaveSetting("mail_address", "desk@example.org"),
    )
    with Desk.create(tmp_path / "desk.db", setup=[*setup_operations(), *more], actor="ana") as desk:
        desk.apply(None, ops.Open("VPN", "text", requester=1))
        desk.apply(1, ops.Reply("an answer"))
    said: dict[str, bytes] = {}
    for words in COMMANDS if "password_file" in settings.read_text() else READING:
        run(words)
        said[" ".join(words)] = b"".join(capfdbinary.readouterr())
    secret = Secret(CANARY).reveal()
    fault(ValueError(f"a bug that holds {secret}"))
    said["a fault"] = b"".join(capfdbinary.readouterr())
    assert b"refuse" in said["mail fetch"] or b"answered" in said["mail fetch"], said["mail fetch"]
    assert b"535" in said["mail test someone@example.org --wait 1"]
    written = [p for p in tmp_path.rglob("*") if p.is_file() and "secrets" not in p.parts]
    places = {
        **said,
        **{str(path): path.read_bytes() for path in written},
        "argv": repr(started).encode(),
    }
    for name, text in places.items():
        assert not [form for form in FORMS if form in text], (name, text[-2_000:])


def test_a_word_that_carries_a_secret_is_taken_out() -> None:
    Secret(CANARY).reveal()
    for form in (
        f"no {CANARY}!",
        base64.b64encode(f"\0u\0{CANARY}".encode()).decode(),
        base64.b64encode(CANARY.encode()).decode(),
    ):
        assert CANARY[:6] not in redacted(form)
        assert "…" in redacted(form)
    assert redacted("a password of 5.7.8 is wrong") == "a password of 5.7.8 is wrong"


def test_a_settings_file_never_takes_the_secret_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    for table in ("mail.smtp", "alerts", "webhook.x", "notify.targets.x"):
        for name in ("password", "secret", "token"):
            file.write_text(f'store = "{tmp_path / "desk.db"}"\n[{table}]\n{name} = "{CANARY}"\n')
            file.chmod(0o600)
            monkeypatch.setenv("SDESK_CONFIG", str(file))
            run(("config", "show"))
            run(("doctor", "--quick"))
            said = capsys.readouterr()
            assert CANARY not in said.out + said.err, (table, name)


def test_loose_files_are_refused_by_every_command_that_reads_one(tmp_path: Path) -> None:
    loose = tmp_path / "loose"
    loose.write_text(CANARY)
    for mode in (0o644, 0o640, 0o606, 0o660):
        loose.chmod(mode)
        place = credentials.place({"password_file": str(loose)}, "config.toml, line 3")
        with pytest.raises(credentials.Refused, match=f"{mode:04o}"):
            place.read()


def test_no_process_of_ours_has_a_secret_among_its_words() -> None:
    """The Python that a desk starts gets what it is to do by a pipe."""
    from sdesk.surroundings import python

    assert python("-m", "sdesk") == [sys.executable, "-P", "-m", "sdesk"]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://desk:kanarienvogel7731@127.0.0.1:1/db",
        "postgresql://desk@127.0.0.1:1/db?password=kanarienvogel7731&connect_timeout=2",
        "postgresql://desk:kanarienvogel7731@/db?host=127.0.0.1&port=1",
    ],
)
def test_an_address_of_a_server_is_shown_without_its_password(
    address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("psycopg")
    monkeypatch.setenv("SDESK_STORE", address)
    monkeypatch.setenv("SDESK_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for words in (("config", "show"), ("ls",), ("doctor", "--quick"), ("dump",), ("backup",)):
        run(words)
    said = capsys.readouterr()
    assert said.out
    assert said.err
    assert "kanarienvogel" not in said.out + said.err
