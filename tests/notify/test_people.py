"""What reaches an agent's phone: of which notices, when, how often, in which words, by which way."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sdesk import ops, telling
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.notify.channel import TRIES, Notify
from sdesk.notify.settings import Settings
from sdesk.store.reads import deliveries
from tests.conftest import Clock
from tests.notify.conftest import Receiver

Make = Callable[..., TicketId]
Open = Callable[[str], Desk]
Configured = Callable[[str], Settings]
HOUR = 3_600
TOKEN = "canary-7f3a"


@pytest.fixture
def said() -> list[str]:
    """What the channel wrote to its log."""
    return []


class Phones:
    """A channel on the test's store, and what its one service got."""

    def __init__(self, channel: Notify, receiver: Receiver, said: list[str]) -> None:
        self.channel, self.receiver, self._said = channel, receiver, said

    def turn(self) -> list[str]:
        """One look at what there is to do; the texts that went out by it."""
        before = len(self.receiver.got)
        self.channel.turn(self._said.append)
        return [body["message"] for body in self.receiver.bodies[before:]]


@pytest.fixture
def phones(
    store: Path, clock: Clock, receiver: Receiver, configured: Configured, said: list[str]
) -> Iterator[Callable[..., Phones]]:
    """Start a channel with a target of ben's that is a JSON service; more lines go into its table."""
    made: list[Notify] = []

    def phones(more: str = "", who: str = 'agent = "ben"', others: str = "") -> Phones:
        url = f"json://user:{TOKEN}@127.0.0.1:{receiver.port}/"
        text = f'[notify.targets.phone]\n{who}\nurl = "{url}"\n{more}\n{others}'
        made.append(Notify(store, configured(text), clock=clock))
        found = Phones(made[-1], receiver, said)
        found.turn()
        return found

    yield phones
    for channel in made:
        channel.close()


def log(desk: Desk) -> list[tuple[str, str, str]]:
    found = deliveries.deliveries(desk.read)
    return [(one.target, one.state, one.answer) for one in reversed(found)]


def test_an_assignment_reaches_the_phone_once_in_one_plain_paragraph(
    desk: Desk, phones: Callable[..., Phones], make_ticket: Make, store: Path
) -> None:
    phone = phones()
    ticket = make_ticket("VPN [/red] *drops* @here <b>\x1b]52;c;x\x07")
    desk.apply(ticket, ops.Assign("ben"))
    assert phone.turn() == [
        "SD-1 VPN /red drops here b: assigned to you by ana. Due 15:40.",
    ]
    assert phone.turn() == []
    assert log(desk) == [("phone", "sent", "JSON")]
    assert TOKEN.encode() not in store.read_bytes()


def test_what_was_before_the_target_is_not_told(
    desk: Desk, phones: Callable[..., Phones], make_ticket: Make
) -> None:
    make_ticket(assignee="ben")
    phone = phones()
    assert phone.turn() == []
    desk.apply(make_ticket(), ops.AddNote("@ben have a look"))
    assert phone.turn() == [
        "SD-2 VPN drops every ten minutes: ana calls you: ben have a look. Due 15:40."
    ]


def test_only_the_kinds_and_priorities_that_are_asked_for(
    desk: Desk, phones: Callable[..., Phones], make_ticket: Make
) -> None:
    phone = phones('kinds = ["assigned"]\nmin_priority = 2')
    low, high = make_ticket(), make_ticket(priority=1)
    desk.apply(low, ops.Assign("ben"))
    desk.apply(high, ops.Assign("ben"), ops.AddNote("@ben look"))
    assert [text[:5] for text in phone.turn()] == ["SD-2 "]
    desk.apply(low, ops.SetPriority(1))
    assert [text[:5] for text in phone.turn()] == ["SD-1 "]


def test_what_has_been_seen_meanwhile_or_taken_back_is_dropped(
    desk: Desk, open_desk: Open, phones: Callable[..., Phones], make_ticket: Make, clock: Clock
) -> None:
    phone, ben = phones('batch = "60s"'), open_desk("ben")
    seen, undone = make_ticket(), make_ticket()
    desk.apply(seen, ops.Assign("ben"))
    desk.apply(undone, ops.Assign("ben"))
    assert phone.turn() == []
    ben.mark_seen(seen)
    desk.undo()
    clock.forward(60)
    assert phone.turn() == []
    assert [row[1:] for row in log(desk)] == [
        ("dropped", "seen in the desk"),
        ("dropped", "taken back"),
    ]
    desk.redo()
    clock.forward(1)
    assert phone.turn() == []
    clock.forward(60)
    assert [text[:5] for text in phone.turn()] == ["SD-2 "], "it is back, and so is its message"


def test_what_comes_within_a_batch_goes_as_one_message(
    desk: Desk, phones: Callable[..., Phones], make_ticket: Make, clock: Clock
) -> None:
    phone = phones('batch = "60s"')
    for subject in ("one", "two", "three"):
        desk.apply(make_ticket(subject), ops.Assign("ben"))
        assert phone.turn() == []
        clock.forward(20)
    (text,) = phone.turn()
    assert [line[:4] for line in text.splitlines()] == ["SD-1", "SD-2", "SD-3"]
    assert phone.receiver.bodies[0]["title"] == "Acme IT: 3 notices on 3 tickets"


def test_quiet_hours_put_off_all_but_what_is_loud(
    desk: Desk, phones: Callable[..., Phones], make_ticket: Make, clock: Clock
) -> None:
    phone = phones('quiet = "11:00-13:00"')  # It is 11:40 there.
    ticket = make_ticket()
    desk.apply(ticket, ops.Assign("ben"))
    assert phone.turn() == []
    desk.apply(ticket, ops.Escalate("the customer is on the phone", to=("ben",)))
    (text,) = phone.turn()
    assert "ana escalated it" in text
    clock.forward(80 * 60)
    (text,) = phone.turn()
    assert "assigned to you" in text


def test_a_target_on_call_is_told_while_its_agent_is(
    desk: Desk, phones: Callable[..., Phones], make_ticket: Make, clock: Clock
) -> None:
    cover = [{"agent": "ben", "since": clock() + HOUR, "until": clock() + 2 * HOUR}]
    desk.apply(None, ops.SaveSetting("oncall.network", json.dumps({"covers": cover})))
    phone, told = phones('on_call = "network"'), []
    for subject in ("before", "during", "after"):
        desk.apply(make_ticket(subject), ops.Assign("ben"))
        told += phone.turn()
        clock.forward(HOUR)
    assert [text.split()[1] for text in told] == ["during:"]


def test_a_queues_target_is_told_once_for_all_and_of_new_tickets_if_it_wants(
    desk: Desk, phones: Callable[..., Phones], make_ticket: Make
) -> None:
    phone = phones('kinds = ["escalation", "new"]', who='queue = "network"')
    ticket = make_ticket("elsewhere")
    assert phone.turn() == []
    desk.apply(ticket, ops.Move("network"))
    desk.apply(
        make_ticket("here", queue="network"), ops.Escalate("now", to=("queue", "admin", "mia"))
    )
    texts = phone.turn()
    assert len(texts) == 1, "what is ready together goes together"
    assert [" ".join(line.split(".")[0].split()) for line in texts[0].splitlines()] == [
        "SD-1 elsewhere: new in network, by ana",
        "SD-2 here: new in network, by ana",
        "SD-2 here: ana escalated it: now",
    ]


def test_an_agent_hears_of_new_tickets_of_their_queues_but_their_own(
    desk: Desk, open_desk: Open, phones: Callable[..., Phones], make_ticket: Make
) -> None:
    phone = phones('kinds = ["new"]')
    open_desk("ben").apply(None, ops.Open("mine", requester=1))
    make_ticket("other queue", queue="network")
    make_ticket("theirs")
    (text,) = phone.turn()
    assert text.startswith("SD-3 theirs: new in service-desk, by ana.")


def test_a_restricted_ticket_is_told_of_without_its_words(
    desk: Desk, phones: Callable[..., Phones], make_ticket: Make
) -> None:
    phone = phones()
    desk.apply(make_ticket("The CEO's laptop", restricted=True), ops.Assign("ben"))
    (text,) = phone.turn()
    assert text == "SD-1 a restricted ticket: assigned. Due 15:40."


def test_a_service_that_fails_is_tried_again_and_at_last_admins_are_told(
    desk: Desk, phones: Callable[..., Phones], make_ticket: Make, clock: Clock, said: list[str]
) -> None:
    phone = phones('kinds = ["assigned", "trouble"]')
    phone.receiver.answers = [(500, {}, b"no")] * 20
    desk.apply(make_ticket(), ops.Assign("ben"))
    for pause in TRIES:
        assert len(phone.turn()) == 1
        assert phone.turn() == []
        assert log(desk) == [("phone", "waiting", "JSON said no: status 500")]
        clock.forward(pause)
    assert len(phone.turn()) == 1
    assert log(desk) == [("phone", "failed", "JSON said no: status 500")]
    trouble = [(n.kind, n.text) for n in desk.read.notices() if n.kind == "trouble"]
    assert trouble == [("trouble", "phone: JSON said no: status 500")]
    assert TOKEN not in "\n".join(said)
    phone.receiver.answers.clear()
    assert telling.take_up(desk, [one.id for one in deliveries.deliveries(desk.read)]) == 1
    clock.forward(HOUR)
    assert len(phone.turn()) == 1
    assert log(desk) == [("phone", "sent", "JSON")]


def test_two_channels_at_once_send_once_and_a_dead_ones_message_is_sent(
    desk: Desk, phones: Callable[..., Phones], make_ticket: Make, clock: Clock
) -> None:
    first, second = phones(), phones()
    desk.apply(make_ticket(), ops.Assign("ben"))
    held = []
    first.channel._planner.plan()  # type: ignore[union-attr]
    held += telling.claim(first.channel.desk, "phone", "who dies", limit=10)
    assert len(held) == 1
    assert second.turn() == []
    clock.forward(telling.HELD)
    assert len(second.turn()) == 1
    assert first.turn() == []
    assert telling.settle(first.channel.desk, "who dies", [telling.sent(held[0], "late")]) == 0


def test_what_is_too_old_is_left_to_the_desk(
    desk: Desk, phones: Callable[..., Phones], make_ticket: Make, clock: Clock
) -> None:
    phone = phones()
    desk.apply(make_ticket(), ops.Assign("ben"))
    clock.forward(13 * HOUR)
    assert phone.turn() == []


def test_a_queue_is_not_told_of_what_happened_while_nobody_kept_time(
    desk: Desk, phones: Callable[..., Phones], make_ticket: Make, clock: Clock
) -> None:
    phone = phones('kinds = ["escalation", "new"]', who='queue = "network"')
    desk.apply(make_ticket(queue="network"), ops.Escalate("now", to=("queue", "mia")))
    clock.forward(13 * HOUR)
    make_ticket("fresh", queue="network")
    (text,) = phone.turn()
    assert text.startswith("SD-2 fresh: new in network")


SPY = """#!/bin/sh
{ printf '%s|' "$#" "$1" "${SECRET-none}" "$PATH"; cat; } > "$0.said"
"""


@pytest.fixture
def spy(tmp_path: Path) -> Path:
    """A program that writes down how it was called."""
    path = tmp_path / "spy"
    path.write_text(SPY)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_command_gets_json_and_nothing_of_a_ticket_among_its_arguments(
    store: Path, clock: Clock, desk: Desk, make_ticket: Make, spy: Path, configured: Configured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("SECRET", TOKEN)
    text = f'[notify.targets.pager]\nagent = "ben"\ncommand = ["{spy}", "$(touch /tmp/x); ben"]'
    channel = Notify(store, configured(text), clock=clock)
    channel.turn(print)
    desk.apply(make_ticket('"; touch /tmp/owned; $(id)'), ops.Assign("ben"))
    channel.turn(print)
    channel.close()
    count, first, secret, path, value = Path(f"{spy}.said").read_text().split("|", 4)
    assert (count, first, secret) == ("1", "$(touch /tmp/x); ben", "none")
    assert path == "/usr/local/bin:/usr/bin:/bin"
    told = json.loads(value)
    assert (told["version"], told["target"], told["agent"]) == (1, "pager", "ben")
    (notice,) = told["notices"]
    assert notice["subject"] == '"; touch /tmp/owned; $(id)'
    assert (notice["number"], notice["kind"], notice["queue"]) == (
        "SD-1",
        "assigned",
        "service-desk",
    )


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("#!/bin/sh\necho 'no \033[31mline'; exit 3\n", "it ended with status 3: no line"),
        ("#!/bin/sh\nsleep 60 & wait\n", "it did not end within 0.2 s"),
        ("no program", "it can't be run: Exec format error"),
    ],
)
def test_a_command_that_fails_says_how(spy: Path, script: str, said: str) -> None:
    from sdesk.notify import commanding

    spy.write_text(script)
    with pytest.raises(commanding.Failed) as failed:
        commanding.run([str(spy)], {}, seconds=0.2 if "sleep" in script else 10)
    assert str(failed.value) == said
