"""Mails of monitors through the intake: folded where their sender is listed and verified."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.prove.mails.desks import Post, mail, open_post, setup_operations
from sdesk.store.archive import settle
from tests.alerts.test_monitor_mails import HOST
from tests.conftest import Clock, fresh_store

MONITOR = "Icinga <icinga@mon.customer.example>"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("monitors") / "sdesk.db"
    setup = [*setup_operations(), ops.SaveSetting("alert_senders", "mon.customer.example")]
    Desk.create(place, setup=setup, actor="ann", clock=Clock()).close()
    settle(place)
    return place


@pytest.fixture
def post(template: Path, tmp_path: Path, clock: Clock) -> Iterator[Post]:
    opened = open_post(fresh_store(template, tmp_path / "mail"), clock)
    yield opened
    opened.desk.close()


def problem(state: str = "DOWN", **values: str | None) -> bytes:
    kind = "PROBLEM" if state == "DOWN" else "RECOVERY"
    return mail(
        f"{kind} - db1 is {state}", HOST.format(kind=kind, state=state),
        **{"author": MONITOR, **values},  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_problem_and_its_recovery_are_one_ticket(post: Post, clock: Clock) -> None:
    down = post.take(problem())
    assert (down.outcome, down.ticket, down.ack) == ("machine", 1, False)
    clock.forward(600)
    up = post.take(problem("UP"))
    assert (up.outcome, up.ticket) == ("machine", 1)
    ticket = post.desk.read.ticket(TicketId(1))
    assert (ticket.subject, ticket.category, ticket.requester) == ("db1 is DOWN", "resolved", None)
    assert (ticket.channel, ticket.owner) == ("monitoring", "")
    assert post.desk.read.mail(1).ticket == 1
    assert "A monitor says that 'db1 is DOWN' is down: opened." in post.desk.read.mail(1).reason


def test_the_same_mail_twice_is_a_duplicate(post: Post) -> None:
    assert [post.take(problem()).outcome for _ in range(2)] == ["machine", "duplicate"]
    assert post.desk.read.alarms()[0].times == 1


def test_mails_that_nothing_tells_apart_are_news_when_they_change_something(
    post: Post, clock: Clock
) -> None:
    bare = [
        b"\r\n".join(line for line in problem(state, message_id="").split(b"\r\n") if not line.startswith(b"Date:"))
        for state in ("DOWN", "UP", "DOWN")
    ]  # fmt: skip
    for raw in bare:
        clock.forward(600)
        post.take(raw)
    (alarm,) = post.desk.read.alarms()
    assert (alarm.state, alarm.times, alarm.flaps) == ("down", 2, 1)


@pytest.mark.parametrize(
    ("author", "auth", "outcome"),
    [
        ("Icinga <icinga@elsewhere.example>", "pass", "new"),
        (MONITOR, None, "new"),
        (MONITOR, "none", "new"),
        (MONITOR, "fail", "hold"),
    ],
)
def test_what_is_not_listed_or_not_verified_is_no_alarm(
    post: Post, author: str, auth: str | None, outcome: str
) -> None:
    assert post.take(problem(author=author, auth=auth)).outcome == outcome
    assert post.desk.read.alarms() == ()


def test_without_authentication_a_listed_sender_is_believed(post: Post) -> None:
    with Desk.open(post.desk.place, actor="ann") as admin:
        admin.apply(None, ops.SaveSetting("mail_require_auth", "off"))
    assert post.take(problem(auth=None)).outcome == "machine"


def test_a_monitors_other_mails_are_mails(post: Post) -> None:
    assert post.take(mail("Weekly report", "All is well.", author=MONITOR)).outcome == "new"
    assert post.desk.read.alarms() == ()
