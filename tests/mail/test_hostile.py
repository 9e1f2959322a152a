"""Every line of the hostile corpus, in the order of its files, through one store."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sdesk.desk import Desk
from sdesk.prove.mails.desks import Post, add_ticket, open_post, setup_operations
from sdesk.text import clean, clean_line
from tests.conftest import Clock
from tests.mail.conftest import ALICE, CAROL

CORPUS = Path(__file__).parents[3] / "shared" / "cases" / "hostile"
INDEX = CORPUS / "index.json"
LINES: list[dict[str, Any]] = json.loads(INDEX.read_text("utf-8"))["mail"] if INDEX.exists() else []
REQUESTERS = {"alice@customer-a.example": ALICE, "carol@customer-b.example": CAROL}
IN_A_TICKET = ("new", "append")

pytestmark = pytest.mark.skipif(not LINES, reason="no hostile corpus beside the repository")


class Fed:
    """What became of each mail of the corpus."""

    def __init__(self, post: Post, clock: Clock) -> None:
        self.desk = post.desk
        self.taken: dict[str, Any] = {}
        self.seconds: dict[str, float] = {}
        self.acks: dict[str, int] = {}
        for entry in sorted(LINES, key=lambda line: line["file"]):
            # An hour each: one sender gets three acknowledgements within it.
            clock.forward(3_600)
            before, begun = self.letters(), time.perf_counter()
            self.taken[entry["id"]] = post.take((CORPUS / entry["file"]).read_bytes())
            self.seconds[entry["id"]] = time.perf_counter() - begun
            self.acks[entry["id"]] = self.letters() - before

    def letters(self) -> int:
        return int((self.desk.read.reader.one("SELECT count(*) FROM letter") or (0,))[0])


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fed]:
    world = json.loads(INDEX.read_text("utf-8"))["world"]
    clock, path = Clock(), tmp_path_factory.mktemp("hostile") / "sdesk.db"
    with Desk.create(path, setup=setup_operations(), actor="ann", clock=clock) as desk:
        for ref, ticket in sorted(world["tickets"].items()):
            add_ticket(
                desk, int(ref.removeprefix("SD-")), REQUESTERS[ticket["requester"]],
                ticket["our_message_ids"], restricted=ticket["restricted"],
            )  # fmt: skip
    post = open_post(path, clock)
    yield Fed(post, clock)
    post.desk.close()


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line['id']}-{line['cls']}")
def test_a_hostile_mail_ends_as_its_line_says(fed: Fed, line: dict[str, Any]) -> None:
    expected, taken = line["expect"], fed.taken[line["id"]]
    kept = fed.desk.read.mail(taken.mail)
    where = f":{fed.desk.ref(taken.ticket)}" if taken.outcome == "append" else ""
    assert f"{taken.outcome}{where}" == expected["outcome"], kept.told
    assert fed.acks[line["id"]] == int(expected["ack"]), kept.told
    assert fed.seconds[line["id"]] < expected["max_seconds"]
    assert fed.desk.read.mail_bytes(taken.mail) == (CORPUS / line["file"]).read_bytes()
    _check_author(fed, kept, expected)
    if taken.outcome in IN_A_TICKET:
        _check_ticket(fed, kept, expected)
    if "duplicate_of" in expected:
        assert kept.duplicate_of == fed.taken[expected["duplicate_of"]].mail
    if "suggest" in expected:
        assert fed.desk.ref(kept.hint) == expected["suggest"]


def _check_author(fed: Fed, kept: Any, expected: dict[str, Any]) -> None:
    if (wanted := expected["requester"]) is not None:
        assert kept.author == wanted
    elif kept.outcome == "new":
        assert fed.desk.read.ticket(kept.ticket).requester is None
    assert kept.author != expected.get("requester_not", "nobody")


def _check_ticket(fed: Fed, kept: Any, expected: dict[str, Any]) -> None:
    ticket = fed.desk.read.ticket(kept.ticket)
    entry = next(e for e in fed.desk.read.conversation(kept.ticket) if e.mail == kept.id)
    assert clean(entry.text) == entry.text
    if kept.outcome == "new":
        assert (
            clean_line(ticket.subject)
            == ticket.subject
            == expected.get("subject_is", ticket.subject)
        )
        assert ticket.queue == "service-desk"
        assert ticket.priority == 3
    assert expected.get("body_contains", "") in entry.text
    if "attachments" in expected:
        assert len(fed.desk.read.attachments(kept.ticket)) == expected["attachments"]
    if expected.get("degraded"):
        assert kept.damaged
        assert "not-fully-read" in ticket.tags


def test_every_mail_is_counted_once_and_no_ticket_of_others_was_touched(fed: Fed) -> None:
    assert sum(fed.desk.read.count_mail().values()) == len(LINES)
    assert not fed.desk.read.unjudged_mail()
    texts = {entry.author for entry in fed.desk.read.conversation(1002)}
    assert texts == {"Carol"}
