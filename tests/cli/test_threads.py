"""`merge`, `unmerge`, `split`, `link`, `bin` and `unbin`, and replies that wait."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def three(sdesk):
    for number in range(1, 4):
        sdesk("new", f"ticket {number}", "--text", f"message {number}")
    return sdesk


def test_tickets_are_merged_shown_and_taken_apart(three):
    said = three("merge", "1", "2", "--into", "SD-3")
    assert (said.status, said.out) == (0, "SD-1\nSD-2\n")
    refused = three("note", "1", "lost?")
    assert refused.status == 1
    assert "SD-1 was merged into SD-3" in refused.err
    three("note", "3", "written later")
    back = three("unmerge", "1")
    assert "took it out of SD-3 again; 1 later message stays there" in back.err
    assert "SD-3: " in back.err
    assert three("ls", "is:merged", "--format", "tsv").out.startswith("SD-2")


def test_a_message_is_split_off_by_its_place(three):
    three("note", "1", "and another thing")
    said = three("split", "1", "--subject", "Another thing", "--", "-1")
    assert (said.status, said.out) == (0, "SD-4\n")
    assert "Another thing" in three("show", "4").out
    assert three("split", "1", "7", "--subject", "x").status == 3


def test_links_and_family_are_made_and_taken_away(three):
    assert three("link", "1", "blocks", "2").status == 0
    assert three("link", "1", "parent", "3").out == "SD-1\n"
    assert three("link", "3", "child", "2").out == "SD-2\n"
    assert three("ls", "parent:3", "--format", "tsv").out.count("\n") == 2
    assert three("link", "1", "blocks", "2", "--remove").status == 0
    assert three("link", "1", "parent", "none").status == 0
    assert three("ls", "parent:3 or has:links", "--format", "tsv").out.count("\n") == 1
    wrong = three("link", "1", "bloks", "2")
    assert (wrong.status, "Did you mean 'blocks'" in wrong.err) == (2, True)
    assert three("link", "1", "child", "none").status == 2


def test_the_bin_is_out_of_sight_and_gives_back(three):
    assert three("bin", "2", "--reason", "spam").out == "SD-2\n"
    assert "SD-2" not in three("ls", "", "--format", "tsv").out
    assert three("unbin", "-", stdin=three("ls", "is:binned").out).out == "SD-2\n"
    assert "SD-2" in three("ls", "state:open", "--format", "tsv").out


def test_a_reply_is_taken_back_while_it_waits_and_not_after(three):
    three("reply", "1", "too soon")
    assert "Undid: replied · SD-1." in three("undo").err
    assert three("undo", "--reply-waits", "0").err == "Replies leave at once.\n"
    three("reply", "1", "sent")
    refused = three("undo")
    assert refused.status == 1
    assert "was sent just now; it can't be taken back" in refused.err
