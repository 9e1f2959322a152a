"""Which words are a person's: found however they are written, and nobody else's."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
import zlib

from hypothesis import given
from hypothesis import strategies as st

from sdesk.rules import packed as packing
from sdesk.rules.erasure import emptied
from sdesk.rules.mailtext import layers, redacted_file
from sdesk.rules.traces import Known, Traces, initials, moved
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
        ("Zoe Mueller, MUELLER Zoë", "[erased], [erased]"),
        ("zoe.m+news@example.org, zoe.m%2Bx%40example.org", "[erased], [erased]"),
        ("Zoë\u2011Müller and Zoe\u00a0Muller", "[erased] and [erased]"),
        ("Müller;Zoë;1\nMüller, Zoë; Müller, Zoë", "[erased];1\n[erased]; [erased]"),
    ],
)
def test_it_is_found_however_it_is_written(text: str, left: str) -> None:
    assert ANN.redacted(text) == left


@each(
    "text",
    [
        "Max is somebody else", "Zoë and Mr Müller", "Zoë Müllerova", "Zoë Müller-Stein", "Anzoe Muller",
        "joezoe.m@example.org", "a.zoe.m@example.org", "zoe.m@example.org.uk", "zoe.m@example.organic",
        "Zoe M\u00fcller\u2011Stein", "zoe.m+@example.org", "Müller; Zoë is here",
        "9044 123 45 678", "ticket 441234567890", "", "zoe", "\x00", "Muller",
    ],
)  # fmt: skip
def test_what_is_somebody_elses_stays(text: str) -> None:
    assert ANN.redacted(text) == text


def test_a_name_of_several_parts_may_begin_with_any_of_the_last() -> None:
    jim = Traces(Known(("Jürgen Müller-Lüdenscheidt", "J. Müller-Lüdenscheidt"), (), ()))
    text = "Müller-Lüdenscheidt, Jürgen; J. Mueller-Luedenscheidt; Müller-Lüdenscheidt, J.; Jürgen Müller"
    assert jim.redacted(text) == "[erased]; [erased]; [erased].; Jürgen Müller"
    assert initials("Smith, John") == ["J. Smith"]
    assert initials("John Ronald Smith") == ["J. Ronald Smith", "J. Smith"]


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


@each(
    ("raw", "left"),
    [
        ("Zoë Müller\n".encode("cp1252"), b"[erased]\n"),
        ("é Zoë Müller\n".encode("cp1252"), b"\xe9 [erased]\n"),
        ("Zoë Müller".encode("utf-16"), "[erased]".encode("utf-16")),
        (b"<b>Zo&euml; M&uuml;ller</b> &auml;", "<b>[erased]</b> ä".encode()),
    ],
)
def test_a_text_file_stays_one_in_its_coding(raw: bytes, left: bytes) -> None:
    assert any(ANN.holds(text) for text in layers(raw))
    assert redacted_file(raw, ANN, is_mail=False, at=0) == left


def packed(name: str, body: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return file.getvalue()


@each(
    "raw",
    [
        b"%PDF\xff Zoe Muller", "%PDF \0 Zoë Müller".encode() + b"\xff\xfe",
        b"%PDF-1.4 stream\n" + zlib.compress(b"(Zoe Muller) Tj"),
        packed("word/document.xml", "<w:t>Zoë Müller</w:t>" * 50), packed("Zoë Müller.txt", ""),
        gzip.compress(b"Zoe Muller"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_text_is_found_and_left_to_people(raw: bytes) -> None:
    assert any(ANN.holds(text) for text in layers(raw))
    assert redacted_file(raw, ANN, is_mail=False, at=0) is None


def test_a_bomb_is_unpacked_in_part() -> None:
    bomb = gzip.compress(b"\0" * (packing.MOST + 1_000))
    assert [len(part) for part in packing.unpacked(bomb)] == [packing.TIMES * len(bomb)]
    assert list(packing.unpacked(b"PK not at all")) == []


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
