"""The commands that tell many at once."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Sdesk

pytestmark = pytest.mark.usefixtures("store")


def test_what_is_announced_is_listed_until_it_is_ended(sdesk: Sdesk) -> None:
    made = sdesk("announce", "outage", "VPN", "No access.", "--ends", "2h")
    assert (made.status, made.out) == (0, "1\n")
    assert "VPN" in sdesk("announce").out
    assert sdesk("announce", "update", "1", "Found it.").status == 0
    ended = sdesk("announce", "end", "1", "Up.")
    assert (ended.status, "no more" in ended.err) == (0, True)
    assert "VPN" not in sdesk("announce").out
    assert "over" in sdesk("announce", "list", "--all").out


def test_a_wrong_announcement_is_one_sentence(sdesk: Sdesk) -> None:
    both = sdesk("announce", "outage", "x", "y", "--site", "Turku", "--organization", "Acme")
    assert (both.status, "Only one of" in both.err) == (2, True)
    assert sdesk("announce", "end", "7").status == 3
    assert "begins" in sdesk("announce", "planned", "x", "y").err


def test_informing_reaches_the_tickets_below(sdesk: Sdesk) -> None:
    parent, child = sdesk("new", "VPN down").out.strip(), sdesk("new", "No VPN").out.strip()
    assert sdesk("set", child, f"parent={parent}").status == 0
    assert sdesk("inform", parent, "An hour more.").status == 0
    assert "An hour more." in sdesk("show", child).out
    alone = sdesk("inform", child, "To whom?")
    assert (alone.status, "no unfinished tickets below" in alone.err) == (1, True)


def test_a_survey_is_noted_and_shown(sdesk: Sdesk) -> None:
    ref = sdesk("new", "VPN").out.strip()
    assert "not said" in sdesk("survey", ref).err
    assert sdesk("survey", ref, "4", "quick").status == 0
    assert sdesk("survey", ref).out == "4 of 5 quick\n"
    assert sdesk("survey", ref, "9").status == 2
