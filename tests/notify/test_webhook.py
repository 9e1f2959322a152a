"""What a webhook is told: signed, in order, again until it is taken, and nothing it should not know."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sdesk import ops, telling
from sdesk.desk import Desk
from sdesk.errors import Busy
from sdesk.model import TicketId
from sdesk.notify import webhook
from sdesk.notify.channel import HOOK_TRIES, Notify
from sdesk.notify.settings import Settings
from sdesk.store.reads import deliveries
from tests.conftest import Clock
from tests.notify.conftest import CERTIFICATE, Receiver

Make = Callable[..., TicketId]
Configured = Callable[[str], Settings]
HERE = ["127.0.0.1"]


class Hooked:
    """A channel with one webhook that goes to a server of ours."""

    def __init__(self, channel: Notify, receiver: Receiver) -> None:
        self.channel, self.receiver = channel, receiver
        self.said: list[str] = []

    def turn(self) -> list[tuple[str, str]]:
        """All that can be sent now; the events that arrived by it, each with its ticket."""
        before = len(self.receiver.got)
        while self.channel.turn(self.said.append):
            continue
        return [(b["event"], b["ticket"]["number"]) for b in self.receiver.bodies[before:]]


@pytest.fixture
def hook(
    store: Path, clock: Clock, receiver: Receiver, configured: Configured, secret: Path
) -> Iterator[Callable[..., Hooked]]:
    made: list[Notify] = []

    def hook(more: str = "", allow: str = '["127.0.0.1"]') -> Hooked:
        url = f"http://127.0.0.1:{receiver.port}/in"
        text = f'[webhook.crm]\nurl = "{url}"\nsecret_file = "{secret}"\nallow = {allow}\n{more}\n'
        made.append(Notify(store, configured(text), clock=clock))
        found = Hooked(made[-1], receiver)
        found.turn()
        return found

    yield hook
    for channel in made:
        channel.close()


def log(desk: Desk) -> list[tuple[str, str, int, str]]:
    found = deliveries.deliveries(desk.read)
    return [(one.kind, one.state, one.tries, one.answer) for one in reversed(found)]


def test_each_event_of_a_ticket_is_told_signed_and_in_order(
    desk: Desk, hook: Callable[..., Hooked], make_ticket: Make, clock: Clock
) -> None:
    crm = hook('events = ["opened", "assigned", "noted"]')
    first, second = make_ticket(), make_ticket(restricted=True)
    desk.apply(first, ops.AddNote("the password is hunter2"), ops.Assign("ben"))
    desk.apply(second, ops.Assign("ben"))
    assert crm.turn() == [("opened", "SD-1"), ("noted", "SD-1"), ("assigned", "SD-1")]
    for (path, headers, body), (kind, *_) in zip(crm.receiver.got, log(desk), strict=True):
        assert (path, headers["x-sdesk-event"]) == ("/in", kind)
        stamp, number = headers["x-sdesk-timestamp"], headers["x-sdesk-delivery"]
        signed = f"{stamp}.{number}.".encode() + body
        made = hmac.new(b"canary-7f3a", signed, hashlib.sha256).hexdigest()
        assert headers["x-sdesk-signature"] == f"v1={made}"
        assert int(stamp) == clock()
        assert b"hunter2" not in body
    told = crm.receiver.bodies[-1]
    assert (told["version"], told["actor"], told["desk"]) == (1, "ana", "Acme IT")
    assert told["changes"] == {"assignee": ["", "ben"]}
    assert told["at"] == "2025-11-26T09:40:00Z"
    assert told["ticket"]["due_at"] == "2025-11-26T13:40:00Z"
    assert told["ticket"]["requester"]["email"] == "mikko@acme.example"
    assert {state for _, state, _, _ in log(desk)} == {"sent"}
    kept = [one.body for one in deliveries.deliveries(desk.read)]
    assert kept == ["", "", ""], "what has arrived is kept no longer"


def test_a_query_chooses_the_tickets(
    desk: Desk, hook: Callable[..., Hooked], make_ticket: Make
) -> None:
    crm = hook('events = ["opened"]\nquery = "priority:1 queue:network"\nrestricted = true')
    make_ticket()
    make_ticket(priority=1)
    make_ticket(priority=1, queue="network", restricted=True)
    assert crm.turn() == [("opened", "SD-3")]


def test_a_query_that_names_what_is_not_there_stops_its_own_webhook_alone(
    desk: Desk, hook: Callable[..., Hooked], make_ticket: Make
) -> None:
    crm = hook('query = "queue:netwrk"')
    make_ticket()
    assert crm.turn() == []
    (said,) = crm.said
    assert "line 1: query:" in said
    assert "Network" in said


def test_what_nobody_was_there_to_tell_is_told_go_by_go(
    desk: Desk, hook: Callable[..., Hooked], make_ticket: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdesk.notify.planning.AT_ONCE", 7)
    crm = hook('events = ["opened"]\nquery = "priority:1"')
    for number in range(12):
        make_ticket(priority=1 if number in (0, 11) else 4)
    assert crm.turn() == [("opened", "SD-1"), ("opened", "SD-12")]


def test_what_is_not_taken_comes_again_and_keeps_its_place(
    desk: Desk, hook: Callable[..., Hooked], make_ticket: Make, clock: Clock
) -> None:
    crm = hook('events = ["opened", "assigned", "prioritized"]')
    crm.receiver.answers = [(503, {}, b"later")]
    first, second = make_ticket(), make_ticket()
    desk.apply(first, ops.Assign("ben"))
    assert crm.turn() == [("opened", "SD-1")]
    assert crm.turn() == [], "a receiver in trouble is left alone"
    assert log(desk)[0] == ("opened", "waiting", 1, "status 503: later")
    desk.apply(first, ops.SetPriority(1))
    clock.forward(HOOK_TRIES[0])
    told = crm.turn()
    assert [what for what in told if what[1] == "SD-1"] == [
        ("opened", "SD-1"), ("assigned", "SD-1"), ("prioritized", "SD-1"),
    ]  # fmt: skip
    assert ("opened", f"SD-{second}") in told
    numbers = [h["x-sdesk-delivery"] for _, h, b in crm.receiver.got if b'"opened"' in b]
    assert len(set(numbers)) == 2, "a second try has the number of the first"
    assert len({b for _, _, b in crm.receiver.got if b'"opened"' in b and b'"SD-1"' in b}) == 1


@pytest.mark.parametrize("status", [410, 307])
def test_what_will_never_be_taken_is_given_up_at_once_and_told(
    desk: Desk, hook: Callable[..., Hooked], make_ticket: Make, status: int
) -> None:
    crm = hook('events = ["opened", "assigned"]')
    crm.receiver.answers = [(status, {"Location": "http://127.0.0.1:1/"}, b"\x1b[31mno")]
    desk.apply(make_ticket(), ops.Assign("ben"))
    assert crm.turn() == [("opened", "SD-1"), ("assigned", "SD-1")]
    (kind, state, tries, answer), (_, after, _, _) = log(desk)
    assert (kind, state, tries, after) == ("opened", "failed", 1, "sent")
    assert answer.startswith(f"status {status}: no")
    (notice,) = desk.read.notices()
    assert (notice.kind, notice.ticket) == ("trouble", 1)
    assert notice.text.startswith(f"webhook.crm: status {status}")


def test_after_the_last_try_it_is_a_dead_letter_that_can_be_sent_again(
    desk: Desk, hook: Callable[..., Hooked], make_ticket: Make, clock: Clock
) -> None:
    crm = hook('events = ["opened"]')
    crm.receiver.answers = [(500, {}, b"")] * (len(HOOK_TRIES) + 1)
    make_ticket()
    for pause in (*HOOK_TRIES, 0):
        assert len(crm.turn()) == 1
        clock.forward(pause)
    assert log(desk) == [
        ("opened", "failed", len(HOOK_TRIES) + 1, "status 500: Internal Server Error")
    ]
    assert crm.turn() == []
    (dead,) = deliveries.deliveries(desk.read, state="failed")
    assert telling.take_up(desk, [dead.id, 999]) == 1
    clock.forward(300)
    assert crm.turn() == [("opened", "SD-1")]
    assert log(desk)[0][1] == "sent"


def test_a_name_that_resolves_inside_is_not_connected_to(
    receiver: Receiver, configured: Configured, secret: Path
) -> None:
    url = f"https://hook.example.org:{receiver.port}/"
    (hook,) = configured(f'[webhook.x]\nurl = "{url}"\nsecret_file = "{secret}"').hooks
    with pytest.raises(webhook.NotNow, match="inside"):
        webhook.send(hook, "opened", 1, "{}", 5, resolve=lambda *_: HERE)
    assert receiver.got == []


def test_what_was_checked_is_connected_to_by_the_hosts_name(
    tls_receiver: Receiver, configured: Configured, secret: Path
) -> None:
    url = f"https://hook.example.org:{tls_receiver.port}/in"
    text = f'[webhook.x]\nurl = "{url}"\nsecret_file = "{secret}"\nallow = ["127.0.0.1"]\n'
    (hook,) = configured(text + f'ca_file = "{CERTIFICATE}"').hooks
    asked: list[str] = []

    def rebinding(host: str, _: int) -> list[str]:
        asked.append(host)
        return HERE if len(asked) == 1 else ["192.0.2.1"]

    assert webhook.send(hook, "opened", 1, "{}", 5, resolve=rebinding) == "status 204: No Content"
    assert asked == ["hook.example.org"]
    (_, headers, _) = tls_receiver.got[0]
    assert headers["host"] == f"hook.example.org:{tls_receiver.port}"
    with pytest.raises(webhook.NotNow, match="/no/ca can't be used: No such file"):
        webhook.send(replace(hook, ca_file="/no/ca"), "opened", 1, "{}", 5, resolve=lambda *_: HERE)
    with pytest.raises(webhook.NotNow, match="certificate"):
        webhook.send(replace(hook, ca_file=""), "opened", 1, "{}", 5, resolve=lambda *_: HERE)


def test_a_secret_that_others_can_read_sends_nothing(
    receiver: Receiver, configured: Configured, secret: Path
) -> None:
    secret.chmod(0o644)
    url = f"http://127.0.0.1:{receiver.port}/"
    text = f'[webhook.x]\nurl = "{url}"\nsecret_file = "{secret}"\nallow = ["127.0.0.1"]\n'
    (hook,) = configured(text).hooks
    with pytest.raises(webhook.NotNow, match="chmod 600"):
        webhook.send(hook, "opened", 1, "{}", 5)
    assert receiver.got == []


def test_what_could_not_be_planned_is_looked_at_again(
    desk: Desk, hook: Callable[..., Hooked], make_ticket: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm = hook('events = ["opened"]')
    make_ticket()

    def busy(*_: object) -> None:
        raise Busy("Somebody else holds the store.")

    plan = telling.plan
    monkeypatch.setattr("sdesk.telling.plan", busy)
    with pytest.raises(Busy):
        crm.channel.turn(print)
    monkeypatch.setattr("sdesk.telling.plan", plan)
    crm.channel.close()
    assert crm.turn() == [("opened", "SD-1")]


def test_killed_between_sending_and_keeping_it_is_sent_once_more_and_not_lost(
    desk: Desk, hook: Callable[..., Hooked], make_ticket: Make, clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    crm = hook('events = ["opened"]')
    make_ticket()

    class Killed(BaseException):
        """As good as SIGKILL: nothing of ours runs any more."""

    def kill(*_: object) -> int:
        raise Killed

    monkeypatch.setattr("sdesk.telling.settle", kill)
    with pytest.raises(Killed):
        crm.channel.turn(print)
    monkeypatch.undo()
    assert len(crm.receiver.got) == 1
    assert crm.turn() == []
    clock.forward(telling.HELD)
    assert crm.turn() == [("opened", "SD-1")]
    assert crm.receiver.got[0][2] == crm.receiver.got[1][2]
    assert crm.turn() == []
