"""Deliveries under two processes, on both engines, and through an archive."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sdesk import ops, telling
from sdesk.channels import channels
from sdesk.config import load
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.notify.channel import Notify
from sdesk.notify.settings import Settings
from sdesk.store.reads import deliveries
from tests.conftest import Clock, setup_operations
from tests.notify.conftest import Receiver

Make = Callable[..., TicketId]
Configured = Callable[[str], Settings]


def planned(event: int, at: int, ticket: int | None = None) -> telling.Planned:
    return telling.Planned(event, ticket, "ben", "", "mention", "", "calls you", at, at)


def test_two_workers_at_once_tell_each_event_once_and_in_order(
    store: Path, clock: Clock, desk: Desk, make_ticket: Make, receiver: Receiver,
    configured: Configured, secret: Path,
) -> None:  # fmt: skip
    text = f'[webhook.x]\nurl = "http://127.0.0.1:{receiver.port}/"\nallow = ["127.0.0.1"]\nevents = ["opened", "tagged"]\nsecret_file = "{secret}"'
    workers = [Notify(store, configured(text), clock=clock) for _ in range(2)]
    for worker in workers:
        worker.round(print)
    for number in range(5):
        ticket = make_ticket()
        for tag in "abc":
            desk.apply(ticket, ops.AddTags((f"{tag}{number}",)))
    threads = [threading.Thread(target=worker.round, args=(print,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    workers[0].round(print)
    told = [(body["ticket"]["id"], body["id"]) for body in receiver.bodies]
    assert len(told) == len(set(told)) == 20
    for ticket in range(1, 6):
        mine = [event for number, event in told if number == ticket]
        assert mine == sorted(mine)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_desk(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Desk]:
    """Ana's desk on either engine."""
    if request.param == "sqlite":
        yield request.getfixturevalue("desk")
        return
    url = request.getfixturevalue("postgres")
    with Desk.create(url, setup=setup_operations(), actor="ana", clock=clock) as made:
        yield made


@pytest.mark.postgres
def test_the_statements_mean_the_same_on_both_engines(any_desk: Desk, clock: Clock) -> None:
    desk, now = any_desk, clock()
    ticket = desk.apply(None, ops.Open("VPN", requester=1, assignee="ben")).ticket
    (told,) = deliveries.untold(
        desk.read, "x", "ben", ["assigned"], after=0, since=now - 5, priority=4
    )
    assert (told.kind, told.ticket, told.queue) == ("assigned", ticket, "service-desk")
    assert deliveries.told_of_events(desk.read, told.event, told.event) == [told]
    rows = [planned(told.event, now, ticket), planned(told.event + 1, now + 60)]
    telling.plan(desk, "x", rows, (0, 7))
    telling.plan(desk, "x", rows, (0, 9))
    assert deliveries.marks(desk.read) == {"x": (0, 9)}
    assert (
        deliveries.untold(desk.read, "x", "ben", ["assigned"], after=0, since=0, priority=4) == []
    )
    assert deliveries.has_due(desk.read, "x", now)
    (one,) = telling.claim(desk, "x", "a", limit=5)
    assert telling.claim(desk, "x", "b", limit=5) == ()
    assert telling.settle(desk, "b", [telling.sent(one, "")]) == 0
    assert telling.settle(desk, "a", [telling.again(one, "no\x1b[31m", now + 60)]) == 1
    clock.forward(60)
    both = telling.claim(desk, "x", "a", limit=5)
    assert [d.tries for d in both] == [1, 0]
    telling.settle(
        desk, "a", [telling.failed(both[0], "no"), telling.dropped(both[1], "taken back")]
    )
    telling.plan(desk, "x", rows, (0, 9))
    states = [d.state for d in deliveries.deliveries(desk.read, target="x")]
    assert states == ["waiting", "failed"], "what is back goes out, what failed stays"
    assert deliveries.count_by_state(desk.read) == {("x", "waiting"): 1, ("x", "failed"): 1}
    assert deliveries.standing(desk.read, told.event, "ben") == (True, False)
    assert telling.tell_admins(desk, "x", "no", ticket)
    assert not telling.tell_admins(desk, "x", "no again", None)
    assert telling.take_up(desk, [one.id]) == 1
    first, *_ = telling.claim(desk, "x", "a", limit=5, in_order=True)
    assert first.id == one.id
    assert deliveries.oldest_due(desk.read, clock() + 61) is not None
    clock.forward(telling.KEPT + 1)
    telling.forget(desk)


def test_the_channel_is_found_by_the_configuration_and_goes_on_until_it_is_told_to_end(
    store: Path, clock: Clock, desk: Desk, make_ticket: Make, receiver: Receiver, tmp_path: Path
) -> None:
    file = tmp_path / "config.toml"
    file.write_text("")
    assert not [c for c in channels(load(file=file, environ={}), store) if c.name == "notify"]
    file.write_text(
        f'[notify.targets.x]\nagent = "ben"\nurl = "json://127.0.0.1:{receiver.port}/"\n'
    )
    found = channels(load(file=file, environ={}), store)
    (channel,) = [one for one in found if one.name == "notify"]
    assert isinstance(channel, Notify)
    channel.clock = clock
    channel.round(print)
    desk.apply(make_ticket(), ops.Assign("ben"))
    ending, told = threading.Event(), threading.Event()
    said: list[str] = []

    def tell(line: str) -> None:
        said.append(line)
        told.set()

    kept = threading.Thread(target=channel.keep, args=(ending, tell))
    kept.start()
    assert told.wait(60)
    ending.set()
    kept.join(60)
    assert not kept.is_alive()
    assert said == ["notify: told x of 1"]
    assert len(receiver.got) == 1


def test_a_store_that_is_gone_is_told_once_and_taken_up_when_it_is_back(
    store: Path, clock: Clock, configured: Configured
) -> None:
    channel = Notify(
        store, configured('[notify.targets.x]\nagent = "ben"\ncommand = ["/bin/cat"]'), clock=clock
    )
    aside = store.with_suffix(".aside")
    store.rename(aside)
    looks, said = iter(range(4)), list[str]()

    class Ending:
        """Looks four times; the store comes back before the last."""

        def is_set(self) -> bool:
            return (look := next(looks, None)) is None or (
                look == 3 and bool(aside.rename(store)) is None
            )

        def wait(self, timeout: float, /) -> None:
            """Not in a test."""

    channel.keep(Ending(), said.append)
    assert len(said) == 1
    assert said[0].startswith("notify: ")
