"""Telling many at once: updates of a major incident, announcements; and what requesters think."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Invalid, NotFound, Refused
from sdesk.model import TicketId
from sdesk.present import event_sentence
from tests.conftest import ZONE, Clock

Make = Callable[..., TicketId]


@pytest.fixture
def major(desk: Desk, make_ticket: Make) -> tuple[TicketId, TicketId, TicketId, TicketId]:
    """A major incident with an open ticket and a finished one below it, and one below the open one."""
    parent, child, done, below = (make_ticket(f"VPN {n}") for n in range(4))
    for ticket, above in ((child, parent), (done, parent), (below, child)):
        desk.apply(ticket, ops.Edit("parent", above))
    desk.apply(done, ops.Resolve("solved"))
    return parent, child, done, below


def said(desk: Desk, ticket: TicketId) -> list[str]:
    return [e.text for e in desk.read.conversation(ticket) if e.kind == "reply"]


def test_an_update_reaches_every_unfinished_ticket_below(
    desk: Desk, major: tuple[TicketId, ...]
) -> None:
    parent, child, done, below = major
    desk.apply(parent, ops.Inform("We have found the fault."))
    assert [said(desk, ticket) for ticket in (parent, child, below, done)] == [
        ["We have found the fault."], ["We have found the fault."], ["We have found the fault."], [],
    ]  # fmt: skip
    assert desk.read.ticket(child).category == "open"
    told = [event_sentence(event, zone=ZONE) for event in desk.read.history(parent)]
    assert any("told the requesters of 2 tickets below" in line for line in told)


def test_an_update_is_taken_back_everywhere_by_one_undo(
    desk: Desk, major: tuple[TicketId, ...]
) -> None:
    parent, child, _, below = major
    desk.apply(parent, ops.Inform("Wrong words"))
    desk.undo()
    assert not any(said(desk, ticket) for ticket in (parent, child, below))
    assert desk.read.ticket(child).category == "new"
    assert desk.read.ticket(child).first_answered_at is None
    desk.redo()
    assert said(desk, below) == ["Wrong words"]


def test_a_restricted_ticket_is_told_only_by_a_restricted_one(
    desk: Desk, major: tuple[TicketId, ...]
) -> None:
    parent, child, _, below = major
    desk.apply(child, ops.Edit("restricted", True))
    desk.apply(parent, ops.Inform("one"))
    assert (said(desk, child), said(desk, below)) == ([], ["one"])


def test_an_update_to_nobody_is_refused(desk: Desk, make_ticket: Make) -> None:
    with pytest.raises(Refused, match="no unfinished tickets below"):
        desk.apply(make_ticket(), ops.Inform("anybody?"))


def test_the_answer_to_a_survey_is_kept_and_can_be_taken_back(
    desk: Desk, make_ticket: Make
) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.RecordSurvey(5, "quick and kind"))
    assert desk.survey(ticket).score == 5
    desk.apply(ticket, ops.RecordSurvey(2, "it came back"))
    desk.undo()
    assert desk.survey(ticket).score == 5
    with pytest.raises(Invalid, match="Score"):
        ops.RecordSurvey(6)


def test_an_announcement_stands_until_it_is_ended(desk: Desk, clock: Clock) -> None:
    now = desk.now()
    desk.apply(
        None,
        ops.Announce(
            "planned", "Mail moves", "No mail at night.", starts_at=now + 60, ends_at=now + 90
        ),
    )
    desk.apply(None, ops.Announce("outage", "VPN", "Down since ten."))
    outage, planned = desk.announcements()
    assert (outage.title, outage.starts_at, planned.ends_at) == ("VPN", now, now + 90)
    desk.apply(None, ops.ReviseAnnouncement(outage.id, "Cause found.", ends_at=now + 3600))
    desk.apply(None, ops.EndAnnouncement(outage.id, "Up again."))
    assert [a.title for a in desk.announcements()] == ["Mail moves"]
    with pytest.raises(Refused, match="is over"):
        desk.apply(None, ops.EndAnnouncement(outage.id))
    clock.forward(60)
    desk.apply(None, ops.EndAnnouncement(planned.id, cancelled=True))
    assert [(a.title, a.state) for a in desk.announcements(all_of_them=True)] == [
        ("Mail moves", "cancelled"), ("VPN", "over"),
    ]  # fmt: skip


def test_what_no_announcement_can_be_is_refused_with_a_sentence(desk: Desk) -> None:
    with pytest.raises(Invalid, match="begins"):
        ops.Announce("planned", "x", "y")
    with pytest.raises(Invalid, match="ends before"):
        ops.Announce("planned", "x", "y", starts_at=10, ends_at=5)
    with pytest.raises(Invalid, match="names it"):
        ops.Announce("outage", "x", "y", scope="organization")
    with pytest.raises(NotFound, match="organization"):
        desk.apply(None, ops.Announce("outage", "x", "y", scope="organization", target="Nobody"))


def test_announcing_is_a_leads_part(open_desk: Callable[[str], Desk]) -> None:
    with pytest.raises(Refused, match="role lead"):
        open_desk("ben").apply(None, ops.Announce("outage", "x", "y"))
