"""What is read of a mail: its parts, charsets, encodings, attachments and what it reports."""

from __future__ import annotations

import base64
import socket
from pathlib import Path

import pytest

from sdesk.mail.reading import Fate, limits, read
from sdesk.mail.reading.reader import read_or_raise
from sdesk.prove.mails import damage
from sdesk.prove.mails.samples import (
    BOUNCE,
    FORWARD,
    HEAD,
    HTML,
    PICTURE,
    PLAIN,
    SAMPLES,
    mail,
    multipart,
    part,
)
from tests.each import each


def text_of(body: bytes, charset: str) -> str:
    return read_or_raise(mail(f"Content-Type: text/plain; charset={charset}", body=body)).text


# Charsets


@each(
    ("charset", "body", "text"),
    [
        ("utf-8", "Grüße ✓".encode(), "Grüße ✓"),
        ("", "Grüße ✓".encode(), "Grüße ✓"),
        ("iso-8859-1", b"caf\xe9 \x80", "café €"),
        ("iso-8859-1", "Grüße ✓".encode(), "Grüße ✓"),
        ("utf-8", b"caf\xe9", "café"),
        ("us-ascii", b"caf\xe9", "café"),
        ("x-no-such-thing", "Grüße".encode(), "Grüße"),
        ("ISO_8859-15", b"\xa4", "€"),
        ("windows-1251", "Привет".encode("cp1251"), "Привет"),
        ("CP1250", "Ètvrtek".encode("cp1250", "replace"), "?tvrtek"),
        ("gb2312", "打印机〇".encode("gb18030"), "打印机〇"),
        ("shift_jis", "①プリンタ".encode("cp932"), "①プリンタ"),
        ("iso-2022-jp", b"\x1b$B%W%j%s%?\x1b(B", "プリンタ"),
        ("ks_c_5601-1987", "프린터".encode("cp949"), "프린터"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("utf-16", "hi ✓".encode("utf-16"), "hi ✓"),
        ("utf-16", "hi ✓".encode("utf-16-be"), "hi ✓"),
        ("utf-16", b"hi", "hi"),
        ("UTF8", b"\xef\xbb\xbfhi", "hi"),
    ],
)  # fmt: skip
def test_text_is_read_in_the_charset_it_is_in(charset: str, body: bytes, text: str) -> None:
    assert text_of(body, charset) == text


@each(
    "charset",
    ["unicode_escape", "raw_unicode_escape", "rot13", "idna", "punycode", "zlib", "hex", "base64_codec",
     "uu_codec", "undefined", "mbcs", "utf-7", "unicode-1-1-utf-7", "utf_7", "../../x", "a" * 500],
)  # fmt: skip
def test_a_name_that_only_python_knows_decodes_nothing(charset: str) -> None:
    text = r"\x1b]52;c;AAAA \u0041 +ADw-script+AD4- uryyb 6869"
    assert text_of(text.encode(), charset) == text


def test_no_control_character_and_no_lone_surrogate_is_left() -> None:
    found = text_of(b"ok \xed\xa0\x80 \x00 \x1b]52;c;AAAA\x07 \xff\xfe end", "utf-8")
    found.encode()
    assert found.startswith("ok ")
    assert found.endswith(" end")
    assert not set(found) & set("\0\x1b\x07")


# Headers


def test_encoded_words_are_joined_before_they_are_decoded() -> None:
    cut_in_two = b"=?utf-8?B?R3LDvMM=?=\r\n =?utf-8?B?n2U=?= AW: =?iso-8859-1?q?Gr=FC=DFe?="
    message = read_or_raise(HEAD.replace(b"Printer", cut_in_two) + b"\r\n")
    assert message.subject == "Grüße AW: Grüße"


@each(
    "subject",
    [b"=?utf-8?q?x=0D=0ABcc:_v@other.example?=", b"=?utf-8?b?eA0KQmNjOiB2QG90aGVyLmV4YW1wbGU=?="],
)
def test_a_line_break_in_an_encoded_word_makes_no_second_header(subject: bytes) -> None:
    message = read_or_raise(HEAD.replace(b"Printer", subject) + b"\r\n")
    assert message.subject == "x Bcc: v@other.example"
    assert "bcc" not in message.headers


@each(
    "subject", [b"=?", b"=?utf-8?q?", b"=?utf-8?x?y?=", b"=?=?=?=", b"=?utf-8?b?=?=", b"=??q?a?="]
)
def test_what_only_looks_like_an_encoded_word_is_text(subject: bytes) -> None:
    read_or_raise(HEAD.replace(b"Printer", subject) + b"\r\n")


def test_raw_letters_in_headers_are_read() -> None:
    raw = HEAD.replace(b"Printer", "Grüße ✓".encode()).replace(b"Ana Ruiz", b"Zo\xeb")
    message = read_or_raise(raw + b"\r\n")
    assert message.subject == "Grüße ✓"
    assert message.author is not None
    assert message.author.name == "Zoë"


def test_headers_keep_their_order_and_are_one_line_each() -> None:
    message = read_or_raise(
        b"Received: one\r\n\tfolded\r\nX-A: \x1b[31mred\r\nreceived:two\r\n\r\nhi"
    )
    assert message.headers["received"] == ("one folded", "two")
    assert message.headers["x-a"] == ("red",)


@each(
    ("raw", "subject", "text"),
    [
        (b"Subject: only headers", "only headers", ""),
        (b"", "", ""),
        (b"\r\n\r\nno headers", "", "no headers"),
        (b"just a text\nof two lines", "", "just a text\nof two lines"),
        (
            b"From ana@x.example Mon Nov  2 09:00:00 2026\nSubject: box\n\n>From here",
            "box",
            ">From here",
        ),
        (b"Subject: x\nno header at all\nmore", "x", "no header at all\nmore"),
        (b"\xef\xbb\xbfSubject: x\n\nhi", "x", "hi"),
    ],
)
def test_a_mail_without_this_or_that_is_a_mail(raw: bytes, subject: str, text: str) -> None:
    message = read_or_raise(raw)
    assert (message.subject, message.text) == (subject, text)


@each(
    ("value", "instant"),
    [
        ("Mon, 02 Nov 2026 09:00:00 +0100", 1_793_606_400),
        ("2 Nov 2026 08:00:00 GMT", 1_793_606_400),
        ("Fri, 99 Foo 99999 99:99:99 +9999", None),
        ("", None),
        ("yesterday", None),
        ("Mon, 02 Nov 2026 09:00:00 +999999999999999", None),
    ],
)
def test_a_date_is_one_or_none(value: str, instant: int | None) -> None:
    assert read_or_raise(f"Date: {value}\r\n\r\n".encode()).date == instant


@each(
    ("header", "own"),
    [
        ("Message-ID: <a1@x.example>", "<a1@x.example>"),
        ("Message-ID: a1@x.example", ""),
        ("Message-ID: <a b@x.example>", ""),
        ("Message-ID: <\x01\xff>", ""),
        ("Message-ID: <" + "x" * 2_000 + ">", ""),
        ("Message-ID: <a@x>\r\nMessage-ID: <b@x>", ""),
    ],
)
def test_a_message_id_is_sane_or_none(header: str, own: str) -> None:
    assert read_or_raise(f"{header}\r\n\r\n".encode("latin-1")).message_id == own


def test_of_a_long_thread_the_first_and_the_newest_ids_are_kept() -> None:
    ids = [f"<{n}@x.example>" for n in range(300)]
    found = read_or_raise(f"References: {' '.join(ids)}\r\n\r\n".encode()).references
    assert found == (*ids[:20], *ids[-80:])


# Parts


def test_the_plain_text_is_taken_where_there_is_one() -> None:
    message = read_or_raise(HEAD + multipart("alternative", PLAIN, HTML))
    assert message.text == "The printer on floor 3 is dead."
    assert message.parts == ()


@each("plain", ["", "  \r\n", "See the HTML part"])
def test_the_html_is_taken_where_the_plain_text_says_nothing(plain: str) -> None:
    html = part("text/html", f"<p>{'A long and winding explanation of what is wrong. ' * 9}</p>")
    message = read_or_raise(HEAD + multipart("alternative", part("text/plain", plain), html))
    assert message.text.startswith("A long and winding explanation")


def test_html_that_repeats_the_text_beside_it_is_not_said_twice() -> None:
    html = part("text/html", "<p>The printer on floor 3 is dead.</p>")
    assert read_or_raise(HEAD + multipart("mixed", PLAIN, html)).text.count("printer") == 1


def test_a_page_may_name_its_charset_itself() -> None:
    page = "<meta http-equiv=x content='text/html; charset=koi8-r'><p>Привет</p>".encode("koi8-r")
    assert read_or_raise(HEAD + part("text/html", page)).text == "Привет"


def test_a_pasted_picture_is_an_inline_part() -> None:
    (picture,) = read_or_raise(HEAD + multipart("related", HTML, PICTURE)).parts
    assert (picture.name, picture.media, picture.content_id) == ("shot.png", "image/png", "shot@1")
    assert picture.inline
    assert picture.body.startswith(b"\x89PNG")


def test_a_signed_mail_is_read_and_keeps_its_signature() -> None:
    signature = part(
        "application/pkcs7-signature; name=smime.p7s", "AAAA", "Content-Transfer-Encoding: base64"
    )
    message = read_or_raise(HEAD + multipart("signed", PLAIN, signature))
    assert message.text == "The printer on floor 3 is dead."
    assert [one.name for one in message.parts] == ["smime.p7s"]
    assert not message.damaged


@each(
    ("media", "name"),
    [("application/ms-tnef", "winmail.dat"), ("application/pkcs7-mime", "smime.p7m")],
)
def test_what_others_wrap_whole_mails_in_is_an_attachment(media: str, name: str) -> None:
    message = read_or_raise(HEAD + multipart("mixed", PLAIN, part(media, "AAAA")))
    assert [one.name for one in message.parts] == [name]
    assert bool(message.damaged) == (name == "smime.p7m")


def test_a_forwarded_mail_is_read_and_kept_whole() -> None:
    message = read_or_raise(HEAD + multipart("mixed", PLAIN, FORWARD))
    assert (
        "---------- Forwarded message ----------\nFrom: Ana Ruiz <ana@customer.example>"
        in message.text
    )
    assert message.text.endswith("the first mail")
    (kept,) = message.parts
    assert kept.name == "Printer.eml"
    assert kept.body.endswith(b"the first mail")
    assert not message.folds


def test_a_mail_in_a_forwarded_mail_is_read_and_not_kept_twice() -> None:
    inner = part("message/rfc822", HEAD + multipart("mixed", PLAIN, PICTURE, boundary="in"))
    outer = part("message/rfc822", HEAD + multipart("mixed", PLAIN, inner, boundary="mid"))
    message = read_or_raise(HEAD + multipart("mixed", PLAIN, outer))
    assert message.text.count("The printer on floor 3 is dead.") == 3
    assert [one.name for one in message.parts] == ["Printer.eml", "shot.png"]


def test_a_zip_stays_a_zip() -> None:
    body = base64.encodebytes(b"PK\x03\x04" + bytes(5_000)).decode()
    zipped = part('application/zip; name="a.zip"', body, "Content-Transfer-Encoding: base64")
    (kept,) = read_or_raise(HEAD + multipart("mixed", PLAIN, zipped)).parts
    assert (kept.name, len(kept.body)) == ("a.zip", 5_004)


def test_nothing_is_opened_because_a_mail_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("reading a mail opened something")

    html = part(
        "text/html", '<img src="https://x.example/a.png"><link href="https://x.example/a.css">hi'
    )
    outside = part(
        'message/external-body; access-type=local-file; name="/etc/passwd"', "\r\nhttp://x/"
    )
    raw = HEAD + multipart("mixed", html, outside)
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(Path, "open", refuse)
    message = read_or_raise(raw)
    assert message.text == "hi"
    assert [one.name for one in message.parts] == ["passwd"]


@each(
    ("given", "name"),
    [
        ('filename="../../.ssh/authorized_keys"', "authorized_keys"),
        ("filename*=utf-8''%E2%80%8B.htaccess", "htaccess"),
        ('filename="-rf"', "rf"),
        ('filename="a\x1b]0;t\x07b.txt"', "ab.txt"),
        ("filename*=utf-8''line%0D%0Abreak.txt", "line break.txt"),
        ("filename*0*=utf-8''Gr%C3%BC; filename*1*=%C3%9Fe; filename*2=.pdf", "Grüße.pdf"),
        ('filename="=?utf-8?q?Gr=C3=BC=C3=9Fe.pdf?="', "Grüße.pdf"),
        ("filename=Grüße.pdf", "Grüße.pdf"),
        ('filename=""', "file.bin"),
        ("", "file.bin"),
    ],
)  # fmt: skip
def test_a_file_has_a_harmless_name(given: str, name: str) -> None:
    raw = part("application/octet-stream", "x", f"Content-Disposition: attachment; {given}")
    (kept,) = read_or_raise(HEAD + multipart("mixed", PLAIN, raw)).parts
    assert kept.name == name


# Encodings


def test_base64_that_is_cut_off_keeps_what_is_there() -> None:
    raw = part(
        "application/pdf; name=x.pdf", "JVBERi0xLjQK###JVB=", "Content-Transfer-Encoding: base64"
    )
    message = read_or_raise(HEAD + multipart("mixed", PLAIN, raw))
    assert message.parts[0].body.startswith(b"%PDF-1.4")
    assert message.damaged == ("A part is cut off or damaged; what is there is kept.",)


def test_quoted_printable_that_is_none_stays_as_it_is() -> None:
    raw = mail("Content-Transfer-Encoding: quoted-printable", body="50=% =ZZ =C3=A4 end=")
    assert read_or_raise(raw).text.startswith("50=% =ZZ ä end")


def test_an_unknown_encoding_is_none() -> None:
    assert (
        read_or_raise(mail("Content-Transfer-Encoding: =?x?=", body="still readable")).text
        == "still readable"
    )


def test_a_file_that_stands_uuencoded_in_the_text_is_an_attachment() -> None:
    message = read_or_raise(mail(body="see\r\nbegin 644 a.txt\r\n#86)C\r\n`\r\nend\r\nthat\r\n"))
    assert message.text == "see\nthat"
    assert [(one.name, one.body) for one in message.parts] == [("a.txt", b"abc")]


def test_a_text_that_merely_begins_is_no_file() -> None:
    text = "begin 644 work\nand never stop\n"
    assert read_or_raise(mail(body=text)).text == text.strip()


def test_lines_that_flow_are_joined() -> None:
    body = "one \ntwo \nthree\n> a \n> b\n>> c \n-- \nAna\n"
    found = read_or_raise(mail("Content-Type: text/plain; format=flowed", body=body))
    assert found.text.splitlines() == ["one two three", "> a b", ">> c ", "-- ", "Ana"]


# Reports


def test_a_bounce_says_which_mail_and_why() -> None:
    message = read_or_raise(HEAD + BOUNCE)
    assert message.report is not None
    assert message.report.kind == "delivery-status"
    assert message.report.message_ids == ("<sd.7.1.k3@desk.example>",)
    assert message.report.failures == (
        Fate("gone@customer.example", "failed", "5.1.1", "550 5.1.1 No such user here"),
    )
    assert message.text == "I'm sorry to have to tell you"
    assert [one.name for one in message.parts] == ["Delivery report.txt", "Undelivered Message.eml"]


def test_a_delay_is_no_failure() -> None:
    message = read_or_raise(HEAD + BOUNCE.replace(b"Action: failed", b"Action: delayed"))
    assert message.report is not None
    assert message.report.fates[0].action == "delayed"
    assert message.report.failures == ()


# Limits


@each(
    "raw",
    [
        b"From: a@x.example\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 900) for n in range(400)) + b"\r\nhi",
        HEAD + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1_000)),
        HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 300,
        HEAD + multipart("mixed", *[PLAIN] * 5_000),
        b"To: " + b"(" * 200_000 + b"\r\n\r\nhi",
        b"To: " + b"a@b.example, " * 5_000 + b"\r\n\r\nhi",
        HEAD + part("text/html", "<p>x</p>" * 50_000),
        HEAD + part("text/html", "<div>" * 5_000),
        HEAD + b"\r\n" + b"x" * (limits.TEXT + 1),
    ],
    ids=["headers", "multiparts", "forwards", "parts", "comments", "recipients", "tags", "deep", "text"],
)  # fmt: skip
def test_what_is_beyond_a_limit_is_left_out_and_said(raw: bytes) -> None:
    assert read_or_raise(raw).damaged


def test_a_mail_that_is_too_large_is_read_as_far_as_it_goes() -> None:
    message = read_or_raise(HEAD + b"\r\nhello\r\n" + b"x" * limits.SIZE)
    assert message.text.startswith("hello")
    assert message.damaged[0] == "It is larger than 25 MB; the rest is not read."


def test_what_lies_too_deep_is_kept_as_one_attachment() -> None:
    message = read_or_raise(HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 300 + b"\r\ninmost")
    assert [one.name for one in message.parts] == ["message.eml"]
    assert message.parts[0].body.endswith(b"inmost")


def test_of_too_many_parts_the_first_are_read() -> None:
    message = read_or_raise(HEAD + multipart("mixed", PLAIN, *[PICTURE] * 300))
    assert message.text == "The printer on floor 3 is dead."
    assert len(message.parts) == limits.PARTS - 1
    assert message.damaged == ("It has 301 parts; the first 200 are read.",)


def test_a_fault_of_ours_hands_the_mail_over_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(raw: bytes) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr("sdesk.mail.reading.reader.read_or_raise", broken)
    message = read(b"Subject: x\r\n\r\nhello \x1b[31m")
    assert message.text == "Subject: x\n\nhello "
    assert message.author is None
    assert message.damaged


# Chance


def test_our_own_mails_are_read_whole() -> None:
    for raw in SAMPLES:
        message = read_or_raise(raw)
        assert not message.damaged
        assert not damage.wrong_with(message)


def test_mails_damaged_by_chance_are_read() -> None:
    wrong = {n: damage.wrong_with(read_or_raise(damage.mutated(n, SAMPLES))) for n in range(300)}
    assert not {number: said for number, said in wrong.items() if said}
