"""Tickets out: for spreadsheets and programs, and back in as they were."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import NotFound, Usage
from sdesk.model import TicketId
from sdesk.transfer.exporter import COLUMNS, Export, choose, is_our_export
from tests.conftest import setup_operations
from tests.transfer.conftest import Bring

FORMULAS = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    "＝1+1",
    "'=quoted",
    "'plain",
    '=HYPERLINK("http://x"&A1)',
)
Make = Callable[..., TicketId]


def exported(desk: Desk, query: str = "", columns: str = "", form: str = "csv") -> str:
    parts: list[str] = []
    work = Export(desk, query, choose(columns, desk.read.field_names(), form))
    getattr(work, form)(parts.append)
    return "".join(parts)


def test_formulas_are_harmless_in_the_file_and_whole_after_our_import(
    make_ticket: Make, desk: Desk, bring: Bring
) -> None:
    for subject in FORMULAS:
        make_ticket(subject, text=subject + "\n\t=1")
    text = exported(desk, "", "subject,text,external_id")
    cells = list(csv.reader(io.StringIO(text)))[1:]
    assert not any(cell[0].startswith(("=", "+", "-", "@", "＝")) for cell in cells)
    bring(text)
    assert sorted(desk.read.ticket(n).subject for n in desk.read.ids("channel:import")) == sorted(
        FORMULAS
    )
    bodies = {desk.read.conversation(n)[0].text for n in desk.read.ids("channel:import")}
    assert bodies == {f"{subject}\n\t=1" for subject in FORMULAS}


def test_a_foreign_file_keeps_its_apostrophes(bring: Bring, desk: Desk) -> None:
    bring("external_id,title\n1,'=1+1\n")
    assert desk.read.ticket(desk.read.ids("")[0]).subject == "'=1+1"


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_leaves_comes_in_again_as_it_was(
    form: str, make_ticket: Make, desk: Desk, tmp_path: Path
) -> None:
    number = make_ticket(
        "Printer jams",
        queue="network",
        impact=1,
        urgency=2,
        category="Hardware / Printer",
        tags=("hw", "print"),
        fields={"room": "3F"},
        assignee="ben",
    )
    desk.apply(number, ops.Reply("Is there paper in it?"))
    desk.apply(number, ops.Resolve("worn-part", "A new roller."))
    desk.apply(number, ops.Close())
    make_ticket('Second, "quoted"\tthing', priority=1, restricted=True)
    path = tmp_path / f"out.{form}"
    path.write_text(exported(desk, "sort:number", form=form), encoding="utf-8", newline="")
    other = Desk.create(
        tmp_path / "other.db", setup=setup_operations(), actor="ana", clock=desk.now
    )
    from sdesk.transfer import presets
    from sdesk.transfer.importer import Import, Options

    report = Import(other, str(path), presets.find("generic"), Options()).run()
    assert (report.added, report.rejected) == (2, 0)
    assert Import(other, str(path), presets.find("generic"), Options()).run().unchanged == 2
    names = ("kind", "subject", "state", "impact", "urgency", "priority", "priority_overridden", "path", "queue", "owner", "assignee", "channel", "created_at", "resolved_at", "closed_at", "first_answered_at", "resolution_code", "restricted", "tags", "fields")  # fmt: skip
    for one in desk.read.ids(""):
        ours, theirs = desk.read.ticket(one), other.read.ticket(one)
        assert [getattr(theirs, name) for name in names] == [getattr(ours, name) for name in names]
        assert theirs.requester is not None
        assert ours.requester is not None
        assert theirs.requester.email == ours.requester.email
    said = [
        [(e.kind, e.text, e.at) for e in d.read.conversation(TicketId(1))] for d in (desk, other)
    ]
    assert said[1] == (said[0] if form == "jsonl" else said[0][:1])
    other.close()


def test_columns_and_query_choose_what_leaves(make_ticket: Make, desk: Desk) -> None:
    make_ticket("one", queue="network")
    make_ticket("two")
    assert (
        exported(desk, "queue:network", "ref,subject,queue")
        == "ref,subject,queue\r\nSD-1,one,network\r\n"
    )
    line = exported(desk, "two", "ref,conversation,tags", "jsonl")
    assert json.loads(line)["conversation"][0]["kind"] == "inbound"


def test_restricted_tickets_leave_only_with_those_who_may_see_them(
    make_ticket: Make, open_desk: Callable[[str], Desk]
) -> None:
    make_ticket("secret", queue="network", restricted=True)
    make_ticket("plain", queue="network")
    assert "secret" not in exported(open_desk("ben"), "", "subject")
    assert "secret" in exported(open_desk("lea"), "", "subject")


def test_an_unknown_column_is_refused_with_the_nearest() -> None:
    with pytest.raises(NotFound, match="assignee"):
        choose("asignee", (), "csv")
    with pytest.raises(Usage, match="JSON lines"):
        choose("conversation", (), "csv")


def test_our_own_header_is_known() -> None:
    assert is_our_export([*COLUMNS, "field.room"])
    assert not is_our_export(["title", "subject"])
    assert not is_our_export([])
