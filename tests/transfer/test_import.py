"""Tables of tickets into a real desk: mapping, people, queues, again and again."""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Invalid, NotFound, SdeskError, Usage
from sdesk.model import EntryKind, Role
from sdesk.transfer import importer, reading
from tests.transfer.conftest import Bring, shared

TABLE = """external_id,subject,body,requester,state,priority,queue,assignee,tags,created,resolved,closed,Room
A-1,Printer jams,It jams.,Jun Li <jun@acme.example>,open,2,Network,ben,"hw, print",2025-11-03 09:00,,,3F
A-2,VPN slow,Since today,new@x.example,closed,P4,Plant 7,Nina Berg,,2025-11-03 10:00,2025-11-04 10:00,2025-11-05 12:00,
"""
MAPS = ("Room=field.room",)


def test_a_row_becomes_a_ticket_with_people_queue_tags_and_fields(bring: Bring, desk: Desk) -> None:
    report = bring(TABLE, maps=MAPS)
    assert (report.added, report.rejected) == (2, 0)
    first = desk.read.ticket(desk.read.ids("jams")[0])
    assert (first.subject, first.state, first.priority, first.queue, first.assignee) == (
        "Printer jams",
        "open",
        2,
        "network",
        "ben",
    )
    assert first.requester is not None
    assert first.requester.id == 2
    assert (first.tags, first.fields) == (("hw", "print"), {"room": "3F"})
    assert (first.external_source, first.external_id, first.channel) == ("file", "A-1", "import")
    assert not first.priority_overridden


def test_a_finished_row_gets_the_history_that_its_dates_tell(bring: Bring, desk: Desk) -> None:
    bring(TABLE, maps=MAPS)
    number = desk.read.ids("vpn")[0]
    ticket = desk.read.ticket(number)
    assert [event.kind for event in desk.read.history(number)] == [
        "opened",
        "received",
        "resolved",
        "closed",
    ]
    assert ticket.created_at < (ticket.resolved_at or 0) < (ticket.closed_at or 0)
    assert {event.source for event in desk.read.history(number)} == {"import"}
    (entry,) = desk.read.conversation(number)
    assert (entry.kind, entry.text, entry.author) == (
        EntryKind.INBOUND,
        "Since today",
        "new@x.example",
    )


def test_a_file_makes_agents_without_access_and_queues_of_the_first_tier(
    bring: Bring, desk: Desk
) -> None:
    report = bring(TABLE, maps=MAPS)
    assert (report.queues, report.agents) == (["plant-7"], ["nina-berg"])
    agent = desk.read.agent("nina-berg")
    assert agent is not None
    assert (agent.active, agent.role, agent.name) == (False, Role.AGENT, "Nina Berg")
    with pytest.raises(SdeskError):
        Desk.open(desk.place, actor="nina-berg").apply(None, ops.Open("mine"))


def test_the_same_file_again_adds_nothing(bring: Bring, desk: Desk) -> None:
    bring(TABLE, maps=MAPS)
    before = desk.read.last_event()
    report = bring(TABLE, maps=MAPS)
    assert (report.added, report.unchanged, report.updated) == (0, 2, 0)
    assert desk.read.last_event() == before


def test_a_changed_row_changes_its_ticket_through_the_door(bring: Bring, desk: Desk) -> None:
    bring(TABLE, maps=MAPS)
    report = bring(
        TABLE.replace("A-1,Printer jams", "A-1,Printer burns").replace("open,2,", "open,1,"),
        maps=MAPS,
    )
    assert (report.added, report.unchanged, report.updated, report.notes) == (0, 1, 1, [])
    ticket = desk.read.ticket(desk.read.ids("burns")[0])
    assert (ticket.subject, ticket.priority) == ("Printer burns", 1)


def test_what_an_agent_changed_since_stays_and_is_reported(bring: Bring, desk: Desk) -> None:
    bring(TABLE, maps=MAPS)
    number = desk.read.ids("jams")[0]
    desk.apply(number, ops.Edit("subject", "Printer jams on A3"))
    assert bring(TABLE, maps=MAPS).unchanged == 2
    report = bring(TABLE.replace("Printer jams", "Printer jams often"), maps=MAPS)
    assert desk.read.ticket(number).subject == "Printer jams on A3"
    assert "stays; the file says 'Printer jams often'" in report.notes[0]


def test_a_number_that_is_twice_in_a_file_is_reported(bring: Bring) -> None:
    report = bring("external_id,subject\nX1,first\nX1,again\nX2,second\n")
    assert (report.added, report.rejected) == (2, 1)
    assert report.problems[0].reason == "'X1' is in line 2 already."


def test_rows_without_a_number_are_known_again_by_their_content(bring: Bring) -> None:
    content = "subject,body\nsame,text\nsame,text\nother,text\n"
    assert bring(content).added == 3
    assert bring(content).unchanged == 3


def test_unknown_columns_are_refused_before_anything_is_written(bring: Bring, desk: Desk) -> None:
    with pytest.raises(Usage, match="'Flavour'") as refusal:
        bring("subject,Flavour\nx,y\n")
    assert "--map" in refusal.value.hint
    assert desk.read.count("") == 0


@pytest.mark.parametrize(
    "column", ["id", "version", "role", "is_agent", "password_hash", "audit_hash", "owner_uid"]
)
def test_what_the_desk_keeps_for_itself_can_not_be_set(bring: Bring, column: str) -> None:
    with pytest.raises(Usage, match="A file can't set"):
        bring(f"subject,{column}\nx,1\n")
    with pytest.raises(Usage, match="A file can't set"):
        bring(f"subject,{column}\nx,1\n", maps=("*=field",))


def test_the_rest_can_be_kept_as_custom_fields_or_left_out(bring: Bring, desk: Desk) -> None:
    bring("subject,Flavour of it\nx,sweet\n", maps=("*=field",))
    assert desk.read.ticket(desk.read.ids("")[0]).fields == {"flavour_of_it": "sweet"}
    report = bring("subject,Flavour\ny,sour\n", maps=("*=-",))
    assert report.mapping is not None
    assert report.mapping.left_out == ["Flavour"]


def test_a_missing_subject_column_is_named(bring: Bring) -> None:
    with pytest.raises(Usage, match="no column for 'subject'"):
        bring("external_id,requester\nM1,a@x.example\n")


@pytest.mark.parametrize(
    "given", ["subject", "nope=subject", "subject=nope", "*=subject", "=subject"]
)
def test_a_map_that_makes_no_sense_is_refused(bring: Bring, given: str) -> None:
    with pytest.raises(Usage):
        bring("subject\nx\n", maps=(given,))


def test_bad_values_reject_their_row_with_the_reason(bring: Bring) -> None:
    report = bring(
        "subject,priority,state,email,created\n"
        "a,9,,,\nb,,quantum,,\nc,,,not an address,\nd,,,a\u200b@x.example,\ne,,,,2026-02-30\nfine,1,done,x@y.example,2026-02-03\n"
    )
    assert (report.added, report.rejected) == (1, 5)
    assert [problem.reason.split(":")[0] for problem in report.problems] == [
        "priority",
        "state",
        "requester_email",
        "requester_email",
        "created_at",
    ]


def test_a_word_for_a_state_can_be_given(bring: Bring, desk: Desk) -> None:
    bring("subject,state\na,In triage\n", states={"In triage": "scheduled"})
    assert desk.read.ticket(desk.read.ids("")[0]).state == "scheduled"


def test_a_dry_run_counts_and_writes_nothing(bring: Bring, desk: Desk) -> None:
    before = desk.read.last_event()
    report = bring(TABLE, maps=MAPS, dry_run=True)
    assert (report.added, report.people, report.queues, report.agents) == (
        2,
        2,
        ["plant-7"],
        ["nina-berg"],
    )
    assert report.mapping is not None
    assert ("Room", "field.room") in report.mapping.used
    assert (desk.read.last_event(), desk.read.count("")) == (before, 0)


def test_an_undecided_order_of_dates_asks_and_an_answer_settles_it(
    bring: Bring, desk: Desk
) -> None:
    content = "subject,created\nx,3/4/2025 10:00\n"
    with pytest.raises(Invalid, match="nothing in the file tells"):
        bring(content)
    bring(content, dates="mdy", zone="UTC")
    assert desk.read.ticket(desk.read.ids("")[0]).created_at == 1_741_082_400


def test_a_title_of_several_lines_becomes_one_and_texts_keep_theirs(
    bring: Bring, desk: Desk
) -> None:
    bring('title,body\r\n"two\r\nlines","x\r\ny\nz"\r\n')
    number = desk.read.ids("")[0]
    assert desk.read.ticket(number).subject == "two lines"
    assert desk.read.conversation(number)[0].text == "x\ny\nz"


def test_a_row_without_a_subject_takes_the_first_words_of_its_text(
    bring: Bring, desk: Desk
) -> None:
    bring(
        "title,body\n,The door of room 3F does not close any more since the storm on Monday and it howls at night\n"
    )
    assert desk.read.ticket(desk.read.ids("")[0]).subject.startswith("The door of room 3F")


def test_only_admins_import(store: Path) -> None:
    from sdesk.transfer import presets
    from sdesk.transfer.importer import Import, Options

    table = store.parent / "t.csv"
    table.write_text("subject\nx\n")
    with Desk.open(store, actor="ben") as desk, pytest.raises(SdeskError, match="admin"):
        Import(desk, str(table), presets.find("generic"), Options()).run()


def test_an_unknown_preset_is_refused_with_the_nearest() -> None:
    from sdesk.transfer import presets

    with pytest.raises(NotFound, match="servicenow"):
        presets.find("servicnow")


def test_real_tickets_come_in_whole(
    bring: Bring, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every third of five thousand, in several batches."""
    path = tmp_path / "real.csv"
    with (
        shared("data/ticket-text/all_tickets.csv").open(encoding="utf-8", newline="") as whole,
        path.open("w", encoding="utf-8", newline="") as part,
    ):
        rows = csv.reader(whole)
        csv.writer(part).writerows([next(rows), *islice(rows, 0, None, 3)])
    for module in (reading, importer):
        monkeypatch.setattr(module, "BATCH", 500)
    report = bring(path, maps=("title=subject", "body=text"))
    assert (report.added, report.rejected) == (1811, 0)
    assert bring(path, maps=("title=subject", "body=text")).unchanged == 1811
    assert desk.read.count("(no subject)") == 0
