"""Setting a desk up and looking after it from the command line."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path

import pytest

from sdesk.cli.setup import country_of, system_zone
from tests.cli.conftest import Sdesk

LOGIN = pwd.getpwuid(os.getuid()).pw_name


def test_init_makes_a_store_and_the_caller_its_admin(sdesk: Sdesk, home: Path):
    said = sdesk(
        "init", "--name", "Acme IT", "--prefix", "it", "--zone", "UTC", "--country", "none"
    )
    path = Path(said.out.strip())
    assert said.status == 0
    assert path == home / "data" / "sdesk" / "desk.db"
    assert path.stat().st_mode & 0o777 == 0o660
    assert path.parent.stat().st_mode & 0o7777 == 0o2770
    agents = json.loads(sdesk("agents", "--format", "json").out)
    assert [(a["login"], a["role"]) for a in agents] == [(LOGIN, "admin")]
    assert sdesk("new", "First").out == "IT-1\n"


def test_init_refuses_a_place_that_is_taken(sdesk: Sdesk, store: Path):
    before = store.read_bytes()
    assert sdesk("init").status == 1
    assert store.read_bytes() == before


@pytest.mark.parametrize(
    "words", [("--zone", "Mars/Base"), ("--country", "XX"), ("--prefix", "S D")]
)
def test_init_with_a_wrong_value_leaves_nothing_behind(sdesk: Sdesk, home: Path, words):
    assert sdesk("init", *words).status == 2
    assert not (home / "data" / "sdesk" / "desk.db").exists()


def test_without_a_store_the_way_to_one_is_told(sdesk: Sdesk):
    for words in ((), ("ls",), ("new", "x")):
        said = sdesk(*words)
        assert said.status == 3
        assert "sdesk init" in said.err


@pytest.mark.usefixtures("store")
def test_the_environment_does_not_say_who_one_is(sdesk: Sdesk, monkeypatch):
    for name in ("USER", "LOGNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "mallory")
    sdesk("new", "x")
    history = json.loads(sdesk("show", "1", "--format", "jsonl").out)["history"]
    assert {event["actor"] for event in history} == {LOGIN}


def test_the_store_is_named_before_or_after_the_command(sdesk: Sdesk, store: Path, monkeypatch):
    monkeypatch.delenv("SDESK_STORE")
    assert sdesk("ls").status == 3
    assert sdesk("--store", str(store), "ls").status == 0
    assert sdesk("ls", "--store", str(store)).status == 0
    assert sdesk("ls").status == 3, "the choice of one run must not leak into the next"


@pytest.mark.usefixtures("store")
def test_agents_are_added_and_changed(sdesk: Sdesk):
    assert (
        sdesk("agents", "add", "ben", "--name", "Ben Okafor", "--queue", "network").out == "ben\n"
    )
    assert sdesk("agents", "add", "ben").status == 2
    assert sdesk("agents", "set", "ben", "role=lead", "queues=network,workplace").status == 0
    assert sdesk("agents", "set", "ben", "rol=lead").status == 2
    assert sdesk("agents", "set", "bne", "role=lead").status == 3
    ben = json.loads(sdesk("agents", "--format", "json").out)[0]
    assert (ben["login"], ben["role"], ben["queues"]) == ("ben", "lead", ["network", "workplace"])
    sdesk("agents", "set", "ben", "active=no")
    assert "ben" not in sdesk("agents").out
    assert "ben" in sdesk("agents", "--all").out


@pytest.mark.usefixtures("store")
def test_queues_are_added_and_changed_and_count_their_work(sdesk: Sdesk):
    assert sdesk("queues", "add", "vpn", "--tier", "2", "--site", "Turku").status == 0
    sdesk("new", "x", "--queue", "vpn")
    sdesk("queues", "set", "vpn", "name=VPN and remote")
    found = {q["key"]: q for q in json.loads(sdesk("queues", "--format", "json").out)}
    assert found["vpn"]["name"] == "VPN and remote"
    assert found["vpn"]["open"] == 1
    assert found["service-desk"]["tier"] == 1


@pytest.mark.usefixtures("store")
def test_the_only_admin_stays_one(sdesk: Sdesk):
    assert sdesk("agents", "set", LOGIN, "role=agent").status == 1


def test_keys_are_listed_under_the_users_own_keymap(sdesk: Sdesk, home: Path):
    (home / "config.toml").write_text('[keys]\n"ticket.take" = "x"\n')
    rows = json.loads(sdesk("keys", "ticket.take", "--format", "json").out)
    assert [row["keys"] for row in rows if row["id"] == "ticket.take"] == ["x"]


def test_config_shows_each_setting_with_its_origin(sdesk: Sdesk, home: Path, monkeypatch):
    file = home / "config.toml"
    file.write_text('theme = "sdesk-dark"\n')
    monkeypatch.setenv("SDESK_STORE", "/x.db")
    assert sdesk("config", "path").out.strip() == str(file)
    rows = {
        row["setting"]: row for row in json.loads(sdesk("config", "show", "--format", "json").out)
    }
    assert rows["theme"]["from"] == f"{file}:1"
    assert rows["store"]["from"] == "SDESK_STORE"


def test_a_country_follows_from_the_zone():
    assert country_of("Europe/Helsinki") == "FI"
    assert country_of("Nowhere/Land") == ""
    assert system_zone()
