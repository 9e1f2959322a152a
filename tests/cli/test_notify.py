"""`notify` and `oncall`: whom what goes out reaches, what became of it, and who is on call."""

from __future__ import annotations

import json

import pytest

from sdesk import telling
from sdesk.desk import Desk
from sdesk.store.reads.deliveries import deliveries

pytestmark = pytest.mark.usefixtures("store")
TOKEN = "canary-7f3a"
SETTINGS = f"""
[notify.targets.me]
agent = "{{me}}"
url = "json://user:{TOKEN}@127.0.0.1:9/"
quiet = "22:00-07:00"
batch = "60s"

[notify.targets.cat]
queue = "network"
command = ["/bin/cat"]

[webhook.crm]
url = "https://hook.example.org/in"
secret_env = "NOWHERE"
events = ["opened"]
query = "priority:1"
"""


@pytest.fixture
def configured(sdesk, home):
    with Desk.open(home / "desk" / "desk.db") as desk:
        me = desk.actor
    (home / "config.toml").write_text(SETTINGS.format(me=me))
    return sdesk


def put(store, *, answer="status 500"):
    """Three messages: sent, failed, and waiting."""
    with Desk.open(store) as desk:
        planned = [
            telling.Planned(n, None, desk.actor, "", "mention", "", "calls you", 1, 1)
            for n in (1, 2, 3)
        ]
        telling.plan(desk, "me", planned, (0, 3))
        sent, failed, _ = telling.claim(desk, "me", "test", limit=9)
        endings = [telling.sent(sent, "JSON"), telling.failed(failed, answer)]
        telling.settle(desk, "test", endings)


def test_targets_say_whom_of_what_and_by_which_way_but_no_secret(configured):
    said = configured("notify", "targets", "--format", "json")
    assert said.status == 0
    mine, chat, hook = json.loads(said.out)
    assert mine["when"] == "quiet 22:00-07:00, gathered for 60 s"
    assert (chat["for"], chat["by"]) == ("queue network", "the command '/bin/cat'")
    assert (hook["target"], hook["kinds"], hook["by"]) == (
        "webhook.crm",
        "opened",
        "hook.example.org",
    )
    assert TOKEN not in said.out
    shown = configured("config", "show")
    assert TOKEN not in shown.out


def test_without_targets_it_says_where_to_read(sdesk):
    said = sdesk("notify", "targets")
    assert (said.status, said.err) == (0, "No targets: see docs/notify.md\n")


def test_a_test_message_goes_now_or_says_why_not(configured):
    said = configured("notify", "test", "cat")
    assert said.status == 0
    assert 'cat was told: {"agent": ' in said.err
    for name, reason in (("me", "could not be reached"), ("webhook.crm", "NOWHERE")):
        said = configured("notify", "test", name)
        assert said.status == 1
        assert reason in said.err
        assert TOKEN not in said.err
    said = configured("notify", "test", "mee")
    assert (said.status, said.err) == (
        3,
        "sdesk: No target called 'mee'.\n       Did you mean 'me'?\n",
    )


def test_the_log_tells_what_became_of_each_and_failed_ones_can_be_sent_again(configured, store):
    put(store, answer="status 500: \x1b[31mno")
    said = configured("notify", "log", "--format", "json")
    assert [row["state"] for row in json.loads(said.out)] == ["waiting", "failed", "sent"]
    assert "\x1b" not in said.out
    failed = json.loads(configured("notify", "log", "--state", "failed", "--format", "json").out)
    number = str(failed[0]["id"])
    assert configured("notify", "retry", number, "99").err == "1 of 2 will be sent again.\n"
    assert configured("notify", "drop", number).status == 0
    with Desk.open(store) as desk:
        assert [one.state for one in deliveries(desk.read)] == ["waiting", "dropped", "sent"]
    assert configured("notify", "log", "--state", "faild").status == 2
    assert "No messages." in configured("notify", "log", "--target", "nobody").err


def test_only_admins_decide_about_messages(configured, store):
    put(store)
    with Desk.open(store) as desk:
        configured("agents", "add", "mia", "--role", "admin")
        configured("agents", "set", desk.actor, "role=agent")
    said = configured("notify", "retry", "2")
    assert (said.status, said.err) == (1, "sdesk: Deciding about messages needs the role admin.\n")


def test_a_rota_is_set_shown_covered_and_dropped(sdesk, store):
    for login in ("mia", "ben"):
        sdesk("agents", "add", login)
    said = sdesk("oncall", "network", "--agents", "mia,ben", "--turns", "weekly mon 09:00")
    assert said.status == 0
    assert "mia is on call for network until" in said.err
    rows = json.loads(sdesk("oncall", "network", "--format", "json").out)
    assert [row["agent"] for row in rows] == ["mia", "ben"] * 3
    sdesk("oncall", "network", "--cover", "ben", "--until", "1h")
    (row,) = json.loads(sdesk("oncall", "--format", "json").out)
    assert (row["queue"], row["agent"], row["instead_of"]) == ("network", "ben", "mia")
    (row,) = json.loads(sdesk("oncall", "network", "--at", "2h", "--format", "json").out)
    assert row["agent"] == "mia"
    assert "has no rota" in sdesk("oncall", "network", "--off").err
    assert sdesk("oncall", "--format", "json").out == "[]\n"


def test_what_is_no_rota_is_refused_in_a_sentence(sdesk, store):
    with Desk.open(store) as desk:
        me = desk.actor
    for words, said in (
        (["network", "--agents", "miaa", "--turns", "daily 08:00"], "No agent called 'miaa'."),
        (["network", "--agents", me], "needs turns"),
        (["network", "--turns", "hourly"], "does not say at which time"),
        (["netwrk", "--off"], "netwrk"),
        (["--off"], "Which queue?"),
        (["network", "--cover", me], "--until is missing"),
        (["network", "--from", "1h"], "belong to --cover"),
        (["network", "--first", "monday"], "is no date"),
    ):
        done = sdesk("oncall", *words)
        assert done.status in (1, 2, 3)
        assert said in done.err
