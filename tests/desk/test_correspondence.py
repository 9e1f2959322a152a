"""Letters that follow from acts: solved, closed, reminders, the survey, word to many."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Invalid
from sdesk.model import TicketId
from sdesk.rules.survey import survey_answer
from tests.conftest import Clock
from tests.each import each

Make = Callable[..., TicketId]
DAY = 86_400


@pytest.fixture
def mailing(desk: Desk) -> Desk:
    """A desk with an address, whose requesters have one too."""
    desk.apply(None, ops.SaveSetting("mail_address", "help@desk.example"))
    for person in desk.read.people(""):
        email = person.email or f"p{person.id}@customer.example"
        desk.apply(
            None, ops.SavePerson(person.name, email, id=person.id, organization=person.organization)
        )
    return desk


def letters(desk: Desk, *kinds: str) -> list[tuple[str, str, int]]:
    """Kind, body and time of leaving of what is on its way."""
    sql = "SELECT kind, body, send_after FROM letter ORDER BY id"
    return [row for row in desk.read.reader.all(sql) if not kinds or row[0] in kinds]


def kinds(desk: Desk) -> list[str]:
    return [kind for kind, _, _ in letters(desk)]


def test_what_solved_it_goes_in_one_letter_that_asks_to_confirm(
    mailing: Desk, make_ticket: Make, clock: Clock
) -> None:
    mailing.apply(None, ops.SaveSetting("close_after", "72h"))
    mailing.apply(make_ticket(requester=1), ops.Resolve("solved", "Restart the client."))
    [(kind, body, leaves)] = letters(mailing)
    assert (kind, leaves) == ("resolved", clock() + 15)
    assert "Restart the client." in body
    assert "we close it on" in body


def test_taking_the_solution_back_takes_its_letter_back(mailing: Desk, make_ticket: Make) -> None:
    ticket = make_ticket(requester=1)
    mailing.apply(ticket, ops.Resolve("solved", "Restart it."))
    mailing.undo()
    assert letters(mailing) == []
    mailing.redo()
    assert kinds(mailing) == ["resolved"]
    mailing.undo()
    mailing.apply(ticket, ops.Resolve("solved"))
    mailing.apply(ticket, ops.Reopen("not yet"))
    assert letters(mailing) == []


def test_closing_says_goodbye_or_asks_how_it_was_once(mailing: Desk, make_ticket: Make) -> None:
    first, second = make_ticket(requester=1), make_ticket(requester=1)
    mailing.apply(first, ops.Resolve(), ops.Close())
    assert kinds(mailing) == ["closed"]
    mailing.apply(None, ops.SaveSetting("mail_letters", "survey closed"))
    mailing.apply(second, ops.Resolve(), ops.Close())
    mailing.apply(second, ops.Reopen())
    mailing.apply(second, ops.Resolve(), ops.Close())
    assert kinds(mailing) == ["closed", "survey"]


def test_a_cancelled_or_merged_ticket_writes_to_nobody(mailing: Desk, make_ticket: Make) -> None:
    first, second, third = (make_ticket(requester=1) for _ in range(3))
    mailing.apply(first, ops.Cancel("a mistake"))
    mailing.apply(second, ops.Merge(third))
    assert letters(mailing) == []


def test_who_owes_an_answer_is_reminded_until_it_comes(
    mailing: Desk, make_ticket: Make, clock: Clock
) -> None:
    mailing.apply(None, ops.SaveSetting("remind_after", "48h"))
    ticket = make_ticket(requester=1)
    mailing.apply(ticket, ops.Reply("Which printer is it?"))
    mailing.apply(ticket, ops.Wait())
    planned = letters(mailing, "reminder")
    assert [leaves - clock() for _, _, leaves in planned] == [2 * DAY, 4 * DAY]
    assert "Which printer is it?" in planned[0][1]
    mailing.apply(ticket, ops.Receive("The one in room 3."))
    assert letters(mailing, "reminder") == []


def test_no_reminder_comes_after_the_wait_is_over(
    mailing: Desk, make_ticket: Make, clock: Clock
) -> None:
    mailing.apply(None, ops.SaveSetting("remind_after", "24h"))
    mailing.apply(make_ticket(requester=1), ops.Wait(until=clock() + 2 * DAY))
    assert len(letters(mailing, "reminder")) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("mail_letters", "resolved poems"), ("remind_after", "soon"), ("remind_times", "often")],
)
def test_a_setting_that_means_nothing_is_refused(desk: Desk, name: str, value: str) -> None:
    with pytest.raises(Invalid, match=name):
        desk.apply(None, ops.SaveSetting(name, value))


def test_an_outage_is_told_to_each_alone_and_so_is_its_end(mailing: Desk, clock: Clock) -> None:
    people = [p.email for p in mailing.read.people("") if p.email]
    mailing.apply(None, ops.Announce("outage", "VPN", "No access from outside."))
    rows = mailing.read.reader.all("SELECT recipients, cc FROM letter ORDER BY id")
    assert sorted(json.loads(to)[0] for to, _ in rows) == sorted(people)
    assert all(len(json.loads(to)) == 1 and json.loads(cc) == [] for to, cc in rows)
    (outage,) = mailing.announcements()
    mailing.apply(None, ops.EndAnnouncement(outage.id, "Works."))
    assert len(letters(mailing)) == 2 * len(people)
    assert "it works again" in letters(mailing)[-1][1]


def test_an_announcement_reaches_whom_it_concerns(mailing: Desk, make_ticket: Make) -> None:
    person = next(p for p in mailing.read.people("") if p.organization)
    here = {p.email for p in mailing.read.people("") if p.organization == person.organization}
    mailing.apply(
        None,
        ops.Announce("outage", "Door", "Shut.", scope="organization", target=person.organization),
    )
    sql = "SELECT recipients FROM letter ORDER BY id"
    assert {json.loads(to)[0] for (to,) in mailing.read.reader.all(sql)} == here
    parent, child = make_ticket(requester=1), make_ticket(requester=2)
    mailing.apply(child, ops.Edit("parent", parent))
    mailing.apply(None, ops.Announce("outage", "Mail", "Slow.", scope="tickets", ticket=parent))
    told = [json.loads(to)[0] for (to,) in mailing.read.reader.all(sql)][len(here) :]
    assert sorted(told) == sorted(mailing.read.person(n).email for n in (1, 2))


def test_word_in_the_desk_only_writes_to_nobody(mailing: Desk) -> None:
    mailing.apply(None, ops.Announce("outage", "VPN", "x", silent=True))
    assert letters(mailing) == []


@each(
    ("text", "answer"),
    [
        ("5", (5, "")),
        ("\n\n4 - quick help\nthank you", (4, "quick help\nthank you")),
        ("3/5, could be faster", (3, "could be faster")),
        ("12", None),
        ("It is still broken. 5 times now!", None),
        ("0", None),
        ("", None),
    ],
)
def test_an_answer_to_the_survey_begins_with_its_number(
    text: str, answer: tuple[int, str] | None
) -> None:
    assert survey_answer(text) == answer
