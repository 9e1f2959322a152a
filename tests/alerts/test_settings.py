"""`[alerts]` in config.toml: what it may say, and how it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdesk.alerts.settings import load
from sdesk.channels import channels
from sdesk.config import load as load_config
from sdesk.errors import SdeskError
from tests.alerts.samples import alert

GOOD = """
[alerts]
listen = "127.0.0.1:9876"
token_env = "ALERT_TOKEN"
queue = "network"
reopen = "12h"
settle = "30m"
note_every = "1d"
storm = 5
storm_within = "10m"
storm_by = ["host"]

[alerts.priorities]
critical = 2
Quite-bad = 3

[[alerts.route]]
match = { host = "db*", team = "dba" }
queue = "applications"

[[alerts.route]]
match = { severity = "info" }
priority = 4
"""


def test_all_that_can_be_set(tmp_path: Path, store: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(GOOD)
    found = load(file=file)
    plan = found.plan
    assert (found.host, found.port) == ("127.0.0.1", 9876)
    assert (plan.reopen, plan.settle, plan.note_every) == (43_200, 1_800, 86_400)
    assert (plan.storm, plan.storm_seconds, plan.storm_by) == (5, 600, ("host",))
    assert plan.priority_of(alert()) == 2
    assert plan.priority_of(alert(severity="quite-bad")) == 3
    assert plan.priority_of(alert(severity="warning")) == 3
    assert plan.priority_of(alert(severity="nobody knows")) == 3
    assert plan.priority_of(alert(severity="info")) == 4
    assert plan.queue_of(alert()) == "network"
    assert plan.queue_of(alert(labels={"team": "dba"})) == "applications"
    assert plan.group_of(alert()) == "db1"
    (channel,) = [c for c in channels(load_config(file=file), store) if c.name == "alerts"]
    assert channel.name == "alerts"


def test_without_a_table_there_is_no_listener(tmp_path: Path) -> None:
    found = load(file=tmp_path / "none.toml")
    assert (found.host, found.plan.storm, found.plan.queue) == ("", 20, "")


@pytest.mark.parametrize(
    ("listen", "host", "port"),
    [
        ("9876", "127.0.0.1", 9876),
        ("[::1]:80", "::1", 80),
        ("0.0.0.0:1", "0.0.0.0", 1),
        ("h:0", "h", 0),
    ],
)
def test_addresses(tmp_path: Path, listen: str, host: str, port: int) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'[alerts]\nlisten = "{listen}"\ntoken_env = "T"\n')
    found = load(file=file)
    assert (found.host, found.port) == (host, port)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("lissen = '1'", "there is no setting 'lissen' in [alerts]. Did you mean 'listen'?"),
        ("listen = 'nowhere'", "'listen' is an address and a port"),
        ("listen = '1:99999'", "'listen' is an address and a port"),
        ("listen = '127.0.0.1:1'", "needs a token"),
        ("reopen = 'a while'", "'reopen' is a time such as"),
        ("reopen = 5", "'reopen' is text in quotes"),
        ("storm = -1", "'storm' is 0 (never) or more"),
        ("storm_by = ['color']", "a storm can't be told by 'color'"),
        ("priorities = { critical = 9 }", "is 1 (critical) to 4 (low)"),
        ("priorities = { critical = true }", "is 1 (critical) to 4 (low)"),
        ("route = [{ match = { host = 'x' } }]", "a route names a queue, a priority or both"),
        ("route = [{ match = { host = 1 }, queue = 'x' }]", "the pattern of 'host' is text"),
        ("route = [{ priority = 7 }]", "is 1 (critical) to 4 (low)"),
        ("token_env = 'A'\ntoken_file = 'B'", "are both set"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, line: str, words: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[alerts]\n{line}\n")
    with pytest.raises(SdeskError) as refused:
        load(file=file)
    assert words in str(refused.value)
