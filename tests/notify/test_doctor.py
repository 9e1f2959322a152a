"""What the doctor says of pagers and webhooks: settings, secrets, names, and what could not be sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sdesk import ops, telling
from sdesk.cli.doctor.finding import Finding
from sdesk.cli.doctor.outward import findings
from sdesk.desk import Desk
from tests.conftest import Clock

GOOD = '[notify.targets.x]\nagent = "ana"\ncommand = ["/bin/cat"]\n'
WEB = '[webhook.x]\nurl = "https://hook.example.org/"\nsecret_file = "{secret}"\n'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("SDESK_CONFIG", str(path))
    return path


def said(desk: Desk) -> list[tuple[str, str]]:
    found: list[Finding] = list(findings(desk))
    return [(str(finding.verdict), finding.said) for finding in found]


def test_nothing_is_said_where_nobody_is_to_be_told(desk: Desk, file: Path) -> None:
    assert said(desk) == []
    file.write_text(GOOD)
    assert said(desk) == [("ok", "1 target, 0 webhooks")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.replace("ana", "anna"), "no active agent 'anna'"),
        (GOOD.replace("agent", "queue").replace("ana", "netwrk"), "no queue 'netwrk'"),
        (GOOD.replace("/bin/cat", "/no/such"), "/no/such can't be run"),
        (GOOD + 'kind = "x"', "there is no setting 'kind'"),
        ('[notify.targets.x]\nagent = "ana"\nurl = "json://t0ken@h"', "the URL is a secret"),
        ('[notify.targets.x]\nagent = "ana"\nurl_file = "/no/such"', "/no/such can't be read"),
        (WEB, "its mode is 0644"),
        (WEB + 'query = "queue:netwrk"', "query: Column 7"),
        (WEB + 'ca_file = "/no/ca"', "/no/ca can't be read"),
    ],
)
def test_what_is_wrong_is_named(
    desk: Desk, file: Path, tmp_path: Path, text: str, words: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("canary-7f3a\n")
    secret.chmod(0o644)
    file.write_text(text.format(secret=secret))
    file.chmod(0o644)
    told = [sentence for verdict, sentence in said(desk) if verdict == "wrong"]
    assert any(words in sentence for sentence in told), told
    assert "canary" not in str(told)
    assert "t0ken" not in str(told)


def test_the_extra_that_is_missing_is_named(
    desk: Desk, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdesk.notify.phones.is_there", lambda: False)
    file.write_text('[notify.targets.x]\nagent = "ana"\nurl = "json://h"')
    file.chmod(0o600)
    assert said(desk) == [("wrong", "Targets with a URL need the extra 'notify'")]


def test_what_failed_and_what_has_waited_for_long_is_counted(
    desk: Desk, file: Path, clock: Clock
) -> None:
    planned = [
        telling.Planned(n, None, "ana", "", "mention", "", "x", clock(), clock()) for n in (1, 2)
    ]
    telling.plan(desk, "x", planned, (0, 2))
    first, _ = telling.claim(desk, "x", "me", limit=2)
    telling.settle(desk, "me", [telling.failed(first, "no")])
    clock.forward(1_200)
    assert said(desk) == [
        ("note", "Messages that could not be sent: 1 to x"),
        ("note", "Messages have waited for 20 minutes"),
    ]


def test_who_is_on_call_and_gone_is_named(desk: Desk, file: Path) -> None:
    rota = {"agents": ["ana", "gone"], "turns": "daily 08:00"}
    desk.apply(None, ops.SaveSetting("oncall.network", json.dumps(rota)))
    assert said(desk) == [("note", "No active agents, but on call for network: gone")]
