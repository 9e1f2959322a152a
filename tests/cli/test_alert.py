"""`sdesk alert`: payloads from files and standard input, the list of alarms, the listener."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sdesk.desk import Desk
from sdesk.store.lock import FileLock
from tests.alerts.samples import alertmanager, bytes_of, nagios
from tests.cli.conftest import Sdesk

FIRING, RESOLVED = (json.dumps(alertmanager(word)) for word in ("firing", "resolved"))


def test_a_payload_from_standard_input_opens_and_resolves(sdesk: Sdesk, store: Path) -> None:
    said = sdesk("alert", stdin=FIRING)
    assert (said.status, said.out, said.err) == (0, "SD-1\topened\t10.0.0.1 is away\n", "")
    assert sdesk("alert", "-", stdin=FIRING).out == "SD-1\tknown\t10.0.0.1 is away\n"
    assert sdesk("alert", "--source", "alertmanager", stdin=RESOLVED).out.startswith(
        "SD-1\tresolved"
    )
    assert sdesk("alert", "--quiet", stdin=FIRING).out == ""


def test_a_payload_from_a_file(sdesk: Sdesk, store: Path, home: Path) -> None:
    (home / "env.txt").write_text(nagios())
    said = sdesk("alert", str(home / "env.txt"), "--source", "icinga")
    assert said.out == "SD-1\topened\tDisk /var on db1 is CRITICAL\n"
    assert sdesk("show", "SD-1", "--format", "json").status == 0


def test_what_cannot_be_read_exits_2_and_names_the_place(
    sdesk: Sdesk, store: Path, home: Path
) -> None:
    (home / "x.json").write_text('{"state": "down"\n"title": 1}')
    said = sdesk("alert", str(home / "x.json"))
    assert said.status == 2
    assert f"{home / 'x.json'} is not JSON: line 2, column 1" in said.err
    assert sdesk("alert", stdin="").err == "sdesk: Standard input is empty.\n"
    assert sdesk("alert", str(home / "none.json")).status == 2
    assert "Did you mean 'zabbix'?" in sdesk("alert", "--source", "zabix", stdin="{}").err


def test_a_store_that_cannot_be_had_exits_75(sdesk: Sdesk, home: Path) -> None:
    said = sdesk("alert", "--store", str(home / "none.db"), stdin=FIRING)
    assert said.status == 75
    assert "There is no store" in said.err


def test_a_store_that_is_busy_exits_75(
    sdesk: Sdesk, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sdesk.errors import Busy

    def busy(*_: object) -> None:
        raise Busy("Somebody else has been writing for a while.")

    monkeypatch.setattr(FileLock, "held", busy)
    said = sdesk("alert", stdin=FIRING)
    assert (said.status, said.out) == (75, "")


def test_the_list_of_alarms(sdesk: Sdesk, store: Path) -> None:
    sdesk("alert", stdin=json.dumps(alertmanager("firing", "10.0.0.1", "10.0.0.2")))
    sdesk("alert", stdin=json.dumps(alertmanager("resolved", "10.0.0.2")))
    (down,) = json.loads(sdesk("alert", "list", "--state", "down", "--json").out)
    assert (down["ticket"], down["state"], down["count"], down["host"]) == ("SD-1", "down", 1, "10.0.0.1")  # fmt: skip
    assert len(sdesk("alert", "list").lines) == 2
    assert sdesk("alert", "list", "--state", "purple").status == 2


def test_two_at_once_open_one_ticket(store: Path, home: Path) -> None:
    (home / "x.json").write_bytes(bytes_of(alertmanager("firing", "10.0.0.1", "10.0.0.2")))
    words = [sys.executable, "-m", "sdesk", "--store", str(store), "alert", str(home / "x.json")]
    both = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate()[0] for one in both]
    assert [one.returncode for one in both] == [0, 0]
    acts = sorted(line.split("\t")[1] for text in said for line in text.splitlines())
    assert acts == ["known", "known", "opened", "opened"]
    with Desk.open(store) as desk:
        assert desk.read.count("") == 2


def test_listen_takes_alerts_until_it_is_told_to_end(store: Path, home: Path) -> None:
    (home / "token").write_text("secret-word\n")
    (home / "token").chmod(0o600)
    (home / "config.toml").write_text(f'[alerts]\ntoken_file = "{home / "token"}"\n')
    words = [sys.executable, "-m", "sdesk", "--store", str(store), "alert", "listen", "--port", "0"]
    run = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
    assert run.stderr is not None
    port = int(run.stderr.readline().rpartition("port ")[2].strip(" .\n"))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/", FIRING, {"Authorization": "Bearer secret-word"})
    assert connection.getresponse().status == 202
    run.send_signal(signal.SIGTERM)
    assert run.stderr.read() == "Stopped.\n"
    assert run.wait() == 0


def test_the_doctor_looks_at_the_listener_and_the_queues(
    sdesk: Sdesk, store: Path, home: Path
) -> None:
    (home / "token").write_text("secret-word\n")
    (home / "token").chmod(0o644)
    table = (
        f'[alerts]\nlisten = "0.0.0.0:9876"\ntoken_file = "{home / "token"}"\nqueue = "netwrk"\n'
    )
    (home / "config.toml").write_text(table)
    said = sdesk("doctor", "--quick").out
    assert "names the queue 'netwrk'" in said
    assert "others can get at" in said
    assert "secret-word" not in said
    (home / "token").chmod(0o600)
    sdesk("alert", stdin=FIRING)
    said = sdesk("doctor", "--quick").out
    assert "can be reached from other hosts" in said
    assert "1 alarm is down" in said


def test_a_listener_without_a_token_does_not_begin(sdesk: Sdesk, store: Path, home: Path) -> None:
    said = sdesk("alert", "listen")
    assert said.status == 2
    assert "needs a token" in said.err
    (home / "config.toml").write_text('[alerts]\nlisten = "127.0.0.1:0"\n')
    assert "config.toml, line 2: a listener needs a token" in sdesk("alert", stdin=FIRING).err


def test_a_list_of_no_alarms_says_so(sdesk: Sdesk, store: Path) -> None:
    said = sdesk("alert", "list")
    assert (said.status, said.out, said.err) == (0, "", "No alarms.\n")
