"""Tickets from the command line: opened, listed, shown, worked."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Sdesk

pytestmark = pytest.mark.usefixtures("store")
HOSTILE = "evil\x1b]52;c;aGk=\x07 \x9b31m [red]x[/] \u202eabc"


@pytest.fixture
def three(sdesk: Sdesk) -> Sdesk:
    """A desk with SD-1 (network, tag vpn), SD-2 and SD-3."""
    sdesk(
        "new", "VPN drops every ten minutes", "--queue", "network", "--tag", "vpn", "--text", "Since this morning.",
        "--new-requester", "Mikko Korhonen <mikko@acme.example>", "--field", "room=3F",
    )  # fmt: skip
    sdesk("new", "Printer jams", "--requester", "mikko@acme.example")
    sdesk("new", "Laptop for a new starter", "--kind", "request")
    return sdesk


def test_new_prints_the_number_and_nothing_else(sdesk):
    said = sdesk("new", "VPN drops")
    assert (said.status, said.out) == (0, "SD-1\n")


def test_a_known_requester_is_found_by_name_and_an_unknown_one_is_not_invented(three):
    assert (
        json.loads(three("show", "2", "--format", "jsonl").out)["requester"]["name"]
        == "Mikko Korhonen"
    )
    said = three("new", "More", "--requester", "Nobody Known")
    assert said.status == 3
    assert "--new-requester" in said.err


def test_ls_writes_tab_separated_lines_into_a_pipe(three):
    said = three("ls", "queue:network")
    (line,) = said.lines
    assert line.split("\t")[0] == "SD-1"
    assert "VPN drops every ten minutes" in line


def test_a_query_may_begin_with_a_minus_and_span_several_words(three):
    said = three("ls", "state:open", "-tag:vpn", "--columns", "number")
    assert set(said.lines) == {"SD-2", "SD-3"}


def test_a_mistyped_option_is_not_taken_for_a_query(three):
    said = three("ls", "--limt", "3")
    assert said.status == 2
    assert "--limit" in said.err


def test_limit_sort_and_columns_shape_the_list(three):
    said = three("ls", "--limit", "2", "--sort", "-created,number", "--columns", "number,subject")
    assert len(said.lines) == 2
    assert all(line.count("\t") == 1 for line in said.lines)


def test_sort_beats_the_order_of_the_query(three):
    said = three("ls", "sort:number", "--sort", "-number", "--columns", "number")
    assert said.lines == ["SD-3", "SD-2", "SD-1"]
    assert three("ls", "--sort", "nonsense").status == 2


def test_an_empty_query_is_every_ticket_and_none_is_every_live_one(three):
    three("resolve", "1")
    assert len(three("ls").lines) == 2
    assert len(three("ls", "").lines) == 3


def test_the_shell_completes_queries(store):
    from sdesk.cli.look import complete_query

    assert "queue:network" in [text for text, _ in complete_query("queue:net")]
    store.unlink()
    assert complete_query("queue:net") == []


def test_an_unknown_column_names_the_nearest(three):
    said = three("ls", "--columns", "subjct")
    assert said.status == 3
    assert "Did you mean 'subject'?" in said.err


def test_every_format_holds_the_same_tickets(three):
    numbers = {"SD-1", "SD-2", "SD-3"}
    rows = list(csv.DictReader(io.StringIO(three("ls", "--format", "csv").out)))
    assert {row["number"] for row in rows} == numbers
    assert {row["number"] for row in json.loads(three("ls", "--format", "json").out)} == numbers
    lines = three("ls", "--format", "jsonl").lines
    assert {json.loads(line)["number"] for line in lines} == numbers
    table = three("ls", "--format", "table").lines
    assert table[0].startswith("Number")
    assert {line.split()[0] for line in table[1:]} == numbers


def test_an_empty_list_is_valid_in_every_format(sdesk):
    assert json.loads(sdesk("ls", "--format", "json").out) == []
    assert sdesk("ls", "--format", "csv").lines[0].startswith("number,")
    assert sdesk("ls").out == ""


@pytest.mark.parametrize("form", ["table", "tsv", "csv", "json", "jsonl"])
def test_no_format_lets_a_control_character_out(sdesk, form):
    sdesk("new", HOSTILE, "--text", HOSTILE, "--tag", "x")
    for said in (sdesk("ls", "--format", form), sdesk("show", "1", "--format", form)):
        text = said.out.replace("\n", "").replace("\t", "")
        assert text.isprintable()
        assert "abc" in said.out


def test_a_formula_is_defused_in_csv(sdesk):
    sdesk("new", "=HYPERLINK(1)")
    row = next(csv.DictReader(io.StringIO(sdesk("ls", "--format", "csv").out)))
    assert row["subject"] == "'=HYPERLINK(1)"


def test_show_tells_fields_conversation_and_history(three):
    three("note", "1", "look at the gateway")
    said = three("show", "sd-1", "--history")
    for text in (
        "SD-1  VPN drops",
        "Mikko Korhonen",
        "room",
        "NOTE",
        "look at the gateway",
        "opened it by phone",
    ):
        assert text in said.out


def test_the_lines_of_ls_are_references_for_the_next_command(three):
    for form in ("tsv", "csv", "json", "jsonl", "table"):
        listed = three("ls", "tag:vpn", "--format", form).out
        said = three("set", "-", "field.seen=" + form, stdin=listed)
        assert (said.status, said.out) == (0, "SD-1\n"), form


def test_no_lines_are_nothing_to_do_and_no_error(three):
    said = three("set", "-", "priority=1", stdin="")
    assert (said.status, said.out) == (0, "")


def test_set_builds_an_operation_for_every_field(three):
    said = three(
        "set", "1", "priority=1", "queue=workplace", "tag=net,late", "tag=-vpn", "subject=VPN", "restricted=yes",
        "assignee=me", "field.room=", "parent=2", "urgency=high", "category=Network / VPN",
    )  # fmt: skip
    assert said.status == 0
    ticket = json.loads(three("show", "1", "--format", "jsonl").out)
    assert (ticket["priority"], ticket["queue"], ticket["tags"]) == (
        1,
        "workplace",
        ["late", "net"],
    )
    assert (ticket["subject"], ticket["restricted"], ticket["parent"]) == ("VPN", True, "SD-2")
    assert (ticket["fields"], ticket["urgency"], ticket["path"]) == ({}, 1, "Network / VPN")
    assert ticket["assignee"]


@pytest.mark.parametrize(
    ("setting", "status", "said"),
    [
        ("priorty=1", 2, "Did you mean 'priority'?"),
        ("priority=9", 2, "9"),
        ("priority=high", 2, "not a number"),
        ("queue=netwrk", 3, "Did you mean 'network'?"),
        ("assignee=ghost", 3, "ghost"),
        ("restricted=perhaps", 2, "neither yes nor no"),
    ],
)
def test_a_wrong_setting_is_named_with_its_exit_status(three, setting, status, said):
    result = three("set", "1", setting)
    assert result.status == status
    assert said in result.err
    assert result.out == ""


def test_what_is_done_to_many_is_undone_as_one(three):
    assert three("set", "1", "2", "3", "priority=1").lines == ["SD-1", "SD-2", "SD-3"]
    undone = three("undo")
    assert sorted(undone.lines) == ["SD-1", "SD-2", "SD-3"]
    assert not three("ls", "priority:1").out
    assert len(three("redo").lines) == 3
    assert len(three("ls", "priority:1").lines) == 3


def test_a_refusal_stops_only_its_own_ticket(three):
    three("resolve", "2")
    said = three("close", "1", "2")
    assert said.lines == ["SD-2"]
    assert "SD-1" in said.err
    assert said.status == 1


def test_a_missing_ticket_does_not_stop_the_others(three):
    said = three("take", "1", "99")
    assert said.lines == ["SD-1"]
    assert said.status == 3
    assert three("take", "99").status == 3


def test_what_is_so_already_is_no_change(three):
    three("take", "1")
    said = three("take", "1")
    assert (said.status, said.out) == (0, "")


def test_assign_knows_me_and_nobody(three):
    assert three("assign", "1", "2", "me").status == 0
    assert len(three("ls", "assignee:me").lines) == 2
    assert three("assign", "1", "nobody").lines == ["SD-1"]
    assert len(three("ls", "assignee:me").lines) == 1


def test_a_text_comes_from_the_argument_or_from_standard_input(three):
    assert three("reply", "1", "Please try again.").status == 0
    assert three("note", "1", stdin="from a pipe\n").status == 0
    assert three("note", "1", "-", stdin="by a dash\n").status == 0
    texts = [
        e["text"] for e in json.loads(three("show", "1", "--format", "jsonl").out)["conversation"]
    ]
    assert texts[-3:] == ["Please try again.", "from a pipe", "by a dash"]


def test_an_empty_text_is_refused(three):
    assert three("note", "1", stdin="  \n").status == 2


def test_waiting_resolving_and_reopening_go_through_the_states(three):
    three("wait", "1", "--for", "supplier", "--until", "2d", "--reason", "part ordered")
    ticket = json.loads(three("show", "1", "--format", "jsonl").out)
    assert (ticket["state"], ticket["wait_reason"]) == ("waiting-supplier", "part ordered")
    assert ticket["state_until"].endswith("Z")
    assert three("wait", "1", "--for", "godot").status == 3
    assert three("wait", "1", "--until", "yesterdy").status == 2
    assert (
        three("resolve", "1", "--code", "workaround", "--text", "Use the other gateway.").status
        == 0
    )
    assert three("reopen", "1", "--reason", "It is back.").status == 0
    assert json.loads(three("show", "1", "--format", "jsonl").out)["reopen_count"] == 1


def test_sla_explain_shows_the_arithmetic(three):
    said = three("sla", "explain", "1")
    assert "response · policy" in said.out
    assert "resolution · policy" in said.out
    assert "used" in said.out
    only = three("sla", "explain", "1", "--target", "response", "--format", "json")
    assert [clock["target"] for clock in json.loads(only.out)] == ["response"]
    assert three("sla", "explain", "1", "--target", "reponse").status == 3


def test_a_wrong_query_names_its_column(three):
    said = three("ls", "queu:network")
    assert said.status == 2
    assert "Column 1" in said.err
    assert "queue" in said.err


def test_sdesk_alone_without_a_terminal_prints_a_table_and_exits_0(three):
    said = three()
    assert said.status == 0
    assert said.lines[0].startswith("Number")
    assert any("VPN drops" in line for line in said.lines)


def test_the_editor_gets_a_private_file_and_an_unsent_text_is_kept(home: Path, monkeypatch):
    script = home / "editor.sh"
    script.write_text(
        '#!/bin/sh\nstat -c "%a %n" "$1" > "$SEEN"\n{ echo typed; cat "$1"; } > "$1.new"; mv "$1.new" "$1"\n'
    )
    script.chmod(0o700)
    monkeypatch.setenv("SDESK_EDITOR", str(script))
    monkeypatch.setenv("SEEN", str(home / "seen"))

    class Terminal:
        @staticmethod
        def isatty() -> bool:
            return True

    from sdesk.cli import texts

    monkeypatch.setattr(texts.sys, "stdin", Terminal, raising=True)
    with texts.text_for(None, "A note on SD-1: secret subject") as text:
        assert text == "typed"
    mode, name = (home / "seen").read_text().split()
    assert mode == "600"
    assert "secret" not in name
    assert not Path(name).exists()

    from sdesk.errors import Refused

    with pytest.raises(Refused), texts.text_for(None, "A note") as text:
        raise Refused("no")
    _, name = (home / "seen").read_text().split()
    assert not Path(name).exists()
    (kept,) = Path(name).parent.parent.glob("kept-*")
    assert kept.read_text().startswith("typed")


def test_a_text_among_the_tickets_lets_nothing_be_done(three: Sdesk) -> None:
    said = three("resolve", "1", "The VPN works again.")
    assert (said.status, said.out) == (2, "")
    assert "'The VPN works again.' is not a ticket." in said.err
    assert json.loads(three("show", "1", "--format", "jsonl").out)["state"] == "new"
