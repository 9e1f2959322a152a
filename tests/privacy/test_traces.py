"""Which words are a person's: found however they are written, and nobody else's."""

from __future__ import annotations

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from sdesk.rules.erasure import emptied
from sdesk.rules.mailtext import layers, redacted_file
from sdesk.rules.traces import Known, Traces, moved
from tests.each import each

ANN = Traces(Known(("Zoë Müller", "Max"), ("zoe.m@example.org",), ("+41 44 123 45 67",)))


@each(
    ("text", "left"),
    [
        ("ask Zoë Müller today", "ask [erased] today"),
        ("ask ZOE MULLER, please", "ask [erased], please"),
        ("Müller, Zoë; and Zoe\n> Muller", "[erased]; and [erased]"),
        ("Ｚｏｅ Müller", "[erased]"),
        ("mail <Zoe.M@Example.ORG>.", "mail <[erased]>."),
        ("mailto:zoe.m%40example.org?x", "mailto:[erased]?x"),
        ("call 044 123 45 67 or +41441234567!", "call [erased] or [erased]!"),
        ("0041 44 123-45-67", "[erased]"),
        ("zoe.m@example.org and zoe.m@example.org", "[erased] and [erased]"),
    ],
)
def test_it_is_found_however_it_is_written(text: str, left: str) -> None:
    assert ANN.redacted(text) == left


@each(
    "text",
    [
        "Max is somebody else", "Zoë and Mr Müller", "Zoë Müllerova", "Zoë Müller-Stein", "Anzoe Muller",
        "joezoe.m@example.org", "a.zoe.m@example.org", "zoe.m@example.org.uk", "zoe.m@example.organic",
        "9044 123 45 678", "ticket 441234567890", "", "zoe", "\x00", "Muller",
    ],
)  # fmt: skip
def test_what_is_somebody_elses_stays(text: str) -> None:
    assert ANN.redacted(text) == text


def test_what_others_bear_is_no_trace() -> None:
    known = Known(("Zoë Müller",), ("z@example.org",), ("044 123 45 67",))
    others = Known(("ZOE MULLER",), ("Z@example.org",), ("+41 44 1234567",))
    assert known.but(others) == Known()
    assert not Traces(Known())


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_around_it_is_lost(before: str, after: str) -> None:
    if not ANN.holds(before + " | " + after):
        made = ANN.redacted(f"{before} | Zoë Müller | {after}")
        assert made == f"{before} | [erased] | {after}"


@given(st.binary(max_size=300))
def test_any_bytes_can_be_looked_through(raw: bytes) -> None:
    for text in layers(raw):
        ANN.holds(text)
    redacted_file(raw, ANN, is_mail=True, at=0)
    redacted_file(raw, ANN, is_mail=False, at=0)


def test_json_is_read_before_it_is_looked_through() -> None:
    text = json.dumps({"changes": {"participant.zoe.m@example.org": [None, "Zoë\nMüller"]}}, ensure_ascii=False)  # fmt: skip
    assert ANN.redacted_json(text) == '{"changes":{"participant.[erased]":[null,"[erased]"]}}'
    assert ANN.redacted_json('{"a": 1, "b": "nobody"}') == '{"a": 1, "b": "nobody"}'


def test_folds_go_on_to_stand_where_they_stood() -> None:
    text = "Dear Zoë Müller,\n> quoted Zoë Müller here\nbye"
    quoted = text.index(">"), text.index("\nbye")
    made = ANN.redacted(text)
    ((start, end),) = json.loads(moved(json.dumps([list(quoted)]), ANN.spans(text), ANN.mark))
    assert made[start:end] == "> quoted [erased] here"


def test_a_mail_becomes_text_without_the_name_and_keeps_the_rest() -> None:
    raw = (
        b"From: Bob <bob@example.org>\r\nTo: =?utf-8?q?Zo=C3=AB_M=C3=BCller?= <zoe.m@example.org>\r\nSubject: hi\r\n"
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes("<p>Zoë <b>Müller</b> says &amp; asks</p>".encode())
    )
    assert any(ANN.holds(text) for text in layers(raw))
    made = redacted_file(raw, ANN, is_mail=True, at=1_764_150_000)
    assert made is not None
    text = made.decode()
    assert text.startswith("X-Sdesk-Erased: 2025-11-26")
    assert "From: Bob <bob@example.org>\nTo: [erased] <[erased]>\nSubject: hi\n" in text
    assert "says & asks" in text
    assert not any(ANN.holds(layer) for layer in layers(made))


def test_a_file_that_is_no_text_is_left_to_people() -> None:
    assert redacted_file(b"%PDF\xff Zoe Muller", ANN, is_mail=False, at=0) is None


def test_clocks_find_all_they_need_in_an_emptied_payload() -> None:
    payload = {
        "changes": {"state": ["new", "open"], "subject": ["a", "b"], "field.room": ["", "12"], "tags": [[], ["x"]],
            "participant.a@b.example": [None, "A"], "survey": [None, [4, "thanks", 9]], "requester_id": [3, 4]},
        "details": {"reason": "because", "entry": 7, "tier": 2, "untold": [["bob", 1, 2, "mention", "text", 3, 4]],
            "requester_id": 3, "fields": {"room": "12"}, "name": "x.txt", "told": ["bob"]},
    }  # fmt: skip
    assert emptied(payload) == {
        "changes": {"state": ["new", "open"], "subject": ["", ""], "field.room": ["", ""], "tags": [[], ["x"]],
            "survey": [None, [4, "", 9]], "requester_id": [3, 4]},
        "details": {"reason": "", "entry": 7, "tier": 2, "untold": [["bob", 1, 2, "mention", "", 3, 4]],
            "requester_id": 3, "fields": {"room": ""}, "name": "", "told": ["bob"]},
    }  # fmt: skip
    gone = emptied(payload, unlinked=True)
    assert (gone["details"]["requester_id"], gone["changes"]["requester_id"]) == (-1, [-1, -1])
