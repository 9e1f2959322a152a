"""Letters as bytes: what a receiver reads in them, and that nobody gets a header in."""

from __future__ import annotations

import email
import email.policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdesk.mail import bodies
from sdesk.mail.checking import Unsendable, check
from sdesk.mail.writing import File, Letter, envelope
from tests.each import each

PLAIN = Letter(
    "reply", "Acme IT", "desk@acme.example", ("mikko@acme.example",), (), "[SD-1] VPN",
    "Restart it.\n\n-- \nAcme IT\n", "<sd.1.1.aa@acme.example>", (), 1_764_150_000,
    loop="desk@acme.example",
)  # fmt: skip


def read(letter: Letter) -> email.message.Message:
    return email.message_from_bytes(envelope(letter).raw, policy=email.policy.compat32)


def subject(message) -> str:
    return str(make_header(decode_header(message["Subject"].replace("\r\n", ""))))


def text(message, media: str = "text/plain") -> str:
    part = next(p for p in message.walk() if p.get_content_type() == media)
    return part.get_payload(decode=True).decode("utf-8").replace("\r\n", "\n")


def test_a_reply_is_an_ordinary_mail():
    message = read(PLAIN)
    assert message["From"] == "Acme IT <desk@acme.example>"
    assert message["To"] == "mikko@acme.example"
    assert message["Subject"] == "[SD-1] VPN"
    assert message["Date"] == "Wed, 26 Nov 2025 09:40:00 +0000"
    assert message["Message-ID"] == "<sd.1.1.aa@acme.example>"
    assert message["Auto-Submitted"] is None
    assert message["X-Sdesk-Loop"] == "desk@acme.example"
    assert message.get_content_type() == "multipart/alternative"
    assert text(message) == PLAIN.body
    assert message.defects == []


@each(
    ("kind", "submitted", "precedence"),
    [("acknowledgement", "auto-replied", "auto_reply"), ("closed", "auto-generated", None), ("announcement", "auto-generated", "bulk")],
)  # fmt: skip
def test_what_no_person_wrote_says_so(kind, submitted, precedence):
    message = read(PLAIN._replace(kind=kind))
    assert message["Auto-Submitted"] == submitted
    assert message["Precedence"] == precedence
    assert message["X-Auto-Response-Suppress"] == "All"


def test_a_letter_joins_its_thread():
    message = read(PLAIN._replace(refs=("<a@x.example>", "<x\r\nBcc: y@z>", "b@x.example")))
    assert message["In-Reply-To"] == "<b@x.example>"
    assert message["References"].split() == ["<a@x.example>", "<b@x.example>"]


def test_every_alphabet_arrives_and_no_line_is_long():
    said = "Ääkköset, 日本語, العربية, 🎉 " * 12
    message = read(PLAIN._replace(subject=said, name='Ääni "IT", <x@y>', body=said * 30))
    assert subject(message) == said.strip()
    assert str(make_header(decode_header(message["From"]))).startswith('Ääni "IT", <x@y> <desk@')
    assert " ".join(text(message).split()) == " ".join((said * 30).split())
    raw = envelope(PLAIN._replace(subject=said, body=said * 30)).raw
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_a_subject_of_plain_words_is_folded_and_leaves():
    subject = "Printer on the third floor " * 9
    raw = envelope(PLAIN._replace(subject=subject)).raw
    assert max(map(len, raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 76
    assert email.message_from_bytes(raw, policy=email.policy.default)["Subject"] == subject.strip()


def test_files_arrive_whole_under_their_names_and_nothing_runs():
    files = (
        File("Über 1.pdf", "application/pdf", bytes(range(256)) * 40),
        File('a"\r\nBcc: x.htm', "text/html", b"<script>"), File("", "nonsense\r\nX: y", b"\n.\r\n.."),
        File("mail.eml", "message/rfc822", b"From: x\r\n\r\n."),
    )  # fmt: skip
    message = read(PLAIN._replace(files=files))
    assert message.get_content_type() == "multipart/mixed"
    found = [p for p in message.walk() if p.get_content_disposition() == "attachment"]
    assert [p.get_payload(decode=True) for p in found] == [f.body for f in files]
    assert [p.get_content_type() for p in found] == ["application/pdf", *["application/octet-stream"] * 3]  # fmt: skip
    assert found[0].get_filename() == "Über 1.pdf"
    assert [p.get_filename() for p in found[2:]] == ["file", "mail.eml"]


@each(
    ("line", "sent"),
    [
        (".", b"=2E\r\n"), (".\r\n.\r\nMAIL FROM:<x>", b"=2E\r\n=2E\r\nMAIL FROM:<x>"),
        ("From here", b"\r\n From here"), ("a\r.\rb", b"a\r\n=2E\r\nb"), ("a\n.\n", b"a\r\n=2E"),
    ],
)  # fmt: skip
def test_no_line_of_the_body_is_the_end_of_the_mail(line, sent):
    raw = envelope(PLAIN._replace(body=f"x\n{line}\ny")).raw
    assert sent in raw
    assert b"\r\n." not in raw
    assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")


@each(
    "wrong",
    [
        {"to": ()}, {"to": ("x@y.example\r\nBcc: z@y.example",)}, {"to": ("x@y.example, z@y.example",)},
        {"cc": ("ä@x.example",)}, {"sender": "Desk <desk@acme.example>"}, {"message_id": ""},
        {"message_id": "<a@b>\r\nBcc: x@y"},
    ],
)  # fmt: skip
def test_a_letter_that_cannot_be_written_fails_by_itself(wrong):
    with pytest.raises(Unsendable):
        envelope(PLAIN._replace(**wrong))


def test_a_foreign_domain_is_written_in_ascii():
    made = envelope(PLAIN._replace(to=("x@bücher.example",)))
    assert made.recipients == ("x@xn--bcher-kva.example",)


HEAD = b"From: a@b\r\nTo: a@b\r\nSubject: x\r\nDate: x\r\nMessage-ID: <a@b>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n"


@each(
    ("raw", "said"),
    [
        (HEAD + b"Bcc: x@y\r\n\r\nx", "none of ours: Bcc"), (HEAD + b"To: x@y\r\n\r\nx", "To 2 times"),
        (HEAD.replace(b"To: a@b\r\n", b"") + b"\r\nx", "no To"), (HEAD, "no body"),
        (HEAD + b"\r\nx\n.\r\n", "bare line end"), (HEAD + b"\r\nx\r.\r\n", "bare line end"),
        (HEAD + b"\r\nx\r\n.\r\n", "begins with a dot"), (HEAD + b"\r\n\xe4", "not every server"),
        (HEAD + b"\r\n" + b"x" * 999, "more than 998"), (HEAD + b"what is this\r\n\r\nx", "that is none"),
        (HEAD.replace(b"x\r\nDate", b"=?utf-8?q?x=0ABcc:_y@z?=\r\nDate") + b"\r\nx", "control character"),
        (HEAD.replace(b"x\r\nDate", b"=?utf-8?b?eApCY2M6IHk=?=\r\nDate") + b"\r\nx", "control character"),
        (HEAD + b"bcc : x\r\n\r\nx", "that is none"),
    ],
)  # fmt: skip
def test_bytes_that_say_more_than_meant_do_not_leave(raw, said):
    with pytest.raises(Unsendable, match=said):
        check(raw)


HOSTILE = [
    "x\r\nBcc: a@b", "x\nBcc: a@b", "x\rBcc: a@b", "=?utf-8?q?x=0ABcc:_a@b?=", "x\u2028Bcc: a@b",
    "x\x85Bcc: a@b", "x\x0bBcc: a@b", "=?utf-8?b?eApCY2M6IGFAYg==?=", "\r\n.\r\nMAIL FROM:<x>",
    "\x00", "\ud800", "a" * 2000, "ä" * 2000, "", "\x1b]0;x\x07", "{7*7} ${x} {0.__class__}",
]  # fmt: skip


def assert_ours(letter: Letter) -> None:
    made = envelope(letter)
    head = made.raw.partition(b"\r\n\r\n")[0]
    parsed = email.message_from_bytes(made.raw, policy=email.policy.compat32)
    assert b"\nbcc" not in head.lower()
    assert parsed["Bcc"] is None
    assert parsed.get_all("To") == ["mikko@acme.example"]
    assert len(parsed.get_all("Subject")) == len(parsed.get_all("From")) == 1
    assert made.recipients == ("mikko@acme.example",)


@each("text", HOSTILE)
def test_hostile_text_gets_no_header_in(text):
    assert_ours(PLAIN._replace(subject=text, name=text, body=text, files=(File(text, text, b"x"),)))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=120))
def test_no_text_at_all_gets_a_header_in_or_ends_the_mail(body, line):
    assert_ours(PLAIN._replace(subject=line, name=line, body=body, files=(File(line, line, b"x"),)))


# The body


def test_long_lines_flow_and_what_is_quoted_keeps_its_lines():
    said = (
        "word " * 40 + "\n> " + "quoted " * 20 + "\n  indented\n>not a quote\nFrom me\n-- \nSigned"
    )
    lines = bodies.flowed(said).split("\n")
    assert max(len(line) for line in lines if not line.startswith(">")) <= 76
    assert lines[0].endswith("word ")
    assert "   indented" in lines
    assert " From me" in lines
    assert "-- " in lines


def test_html_is_escaped_has_no_pictures_and_shows_where_links_go():
    said = '<script>alert(1)</script> <img src=x>\n\nSee https://x.example/a?b=1&c="2". javascript:alert(1)\n> old\n-- \nAcme <IT>'
    made = bodies.html(said, "de")
    assert '<html lang="de">' in made
    assert "<script" not in made
    assert "<img" not in made
    assert '<a href="https://x.example/a?b=1&amp;c=">https://x.example/a?b=1&amp;c=</a>' in made
    assert 'href="javascript' not in made
    assert made.count("<blockquote") == 1
    assert "Acme &lt;IT&gt;" in made


def test_writing_takes_no_longer_than_its_text_is_long():
    for said in (
        "a" * 100_000,
        "a " * 50_000,
        "\n" * 100_000,
        "> " * 50_000,
        "http://" * 15_000,
    ):
        envelope(PLAIN._replace(body=said))
