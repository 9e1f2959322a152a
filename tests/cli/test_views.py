"""`views` and `ls --view`: saved queries from a shell."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Sdesk


@pytest.fixture(autouse=True)
def tickets(sdesk: Sdesk, store: object) -> None:
    """Two tickets, one with a custom field and a tag."""
    sdesk("new", "VPN drops", "--tag", "vpn")
    sdesk("new", "Printer jams")
    sdesk("set", "1", "field.room=3F", "category=Network / VPN")


def test_a_new_desk_has_views_of_its_own(sdesk: Sdesk) -> None:
    names = [view["name"] for view in json.loads(sdesk("views", "list", "--format", "json").out)]
    assert names == [
        "Mine", "Unassigned", "At risk", "Waiting", "Mentions", "Reopened", "VIP", "All",
    ]  # fmt: skip
    assert "alert: until<now" in sdesk("views", "show", "Waiting").out


def test_a_view_is_saved_listed_with_its_columns_and_dropped(sdesk: Sdesk) -> None:
    columns = "number,subject*,category,field.room:6"
    query = "tag:vpn sort:number"
    assert sdesk("views", "save", "VPN", query, "--columns", columns).out == "VPN\n"
    assert sdesk("ls", "--view", "VPN").lines == ["SD-1\tVPN drops\tNetwork / VPN\t3F"]
    assert sdesk("ls", "--view", "VPN", "printer").out == ""
    assert sdesk("ls", "--view", "All", "printer", "--columns", "number").lines == ["SD-2"]
    assert sdesk("views", "save", "VPN", "--colour", "warn:priority<=2", "--place", "1").status == 0
    said = sdesk("views", "show", "VPN").out
    assert query in said
    assert "number,subject,category,field.room:6" in said
    assert "warn: priority<=2" in said
    assert sdesk("views", "list").lines[0].startswith("VPN\t")
    assert sdesk("views", "drop", "VPN").status == 0
    assert sdesk("views", "show", "VPN").status == 3


def test_an_own_view_stands_for_the_shared_one_until_it_is_dropped(sdesk: Sdesk) -> None:
    assert sdesk("views", "save", "Mine", "is:vip").status == 0
    assert "is:vip" in sdesk("views", "show", "Mine").out
    assert len(sdesk("views", "list").lines) == 8
    assert sdesk("views", "drop", "Mine").status == 0
    assert "assignee:me" in sdesk("views", "show", "Mine").out


def test_sharing_and_renaming_keep_how_the_view_looks(sdesk: Sdesk) -> None:
    sdesk(
        "views", "save", "VPN", "tag:vpn", "--columns", "number,subject", "--colour", "good:is:vip"
    )
    assert sdesk("views", "share", "VPN").status == 0
    assert sdesk("views", "rename", "VPN", "Tunnels").status == 0
    (view,) = [
        v for v in json.loads(sdesk("views", "list", "--format", "json").out) if "unn" in v["name"]
    ]
    assert (view["whose"], view["columns"]) == ("everybody", "number,subject")
    assert "good: is:vip" in sdesk("views", "show", "Tunnels").out
    assert sdesk("views", "share", "Tunnels").status == 3
    assert sdesk("views", "unshare", "Tunnels").status == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--columns", "number,sbject"), "'subject'"),
        (("--columns", "number:0"), "1 to 200 cells"),
        (("--columns", "number,number"), "twice"),
        (("--colour", "red:is:vip"), "No tone"),
        (("--colour", "alert:"), "query is missing"),
        (("--colour", "alert:is:vop"), "vip"),
    ],
)  # fmt: skip
def test_a_look_that_can_not_be_is_refused_with_the_nearest(
    sdesk: Sdesk, words: tuple[str, ...], says: str
) -> None:
    said = sdesk("views", "save", "X", "is:vip", *words)
    assert said.status != 0
    assert says in said.err
