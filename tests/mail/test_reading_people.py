"""Who a mail is from and to: one valid address, or nobody."""

from __future__ import annotations

from sdesk.mail.reading import Address
from sdesk.mail.reading.reader import read_or_raise
from sdesk.prove.mails.samples import sent_from
from tests.each import each


@each(
    ("value", "name", "addr"),
    [
        ("ana@x.example", "", "ana@x.example"),
        ("<ana@x.example>", "", "ana@x.example"),
        ("Ana Ruiz <Ana@X.Example>", "Ana Ruiz", "Ana@x.example"),
        ('"Ruiz, Ana" <ana@x.example>', "Ruiz, Ana", "ana@x.example"),
        ("Ruiz, Ana <ana@x.example>", "Ruiz, Ana", "ana@x.example"),
        ("=?utf-8?q?Ruiz=2C_Ana?= <ana@x.example>", "Ruiz, Ana", "ana@x.example"),
        ("=?utf-8?q?R, =20Ana?= <ana@x.example>", "R, Ana", "ana@x.example"),
        ("ana@x.example (Ana Ruiz)", "Ana Ruiz", "ana@x.example"),
        ('"Ana \\"the\\" Ruiz" <ana@x.example>', 'Ana "the" Ruiz', "ana@x.example"),
        ("Ana\r\n <ana@x.example>", "Ana", "ana@x.example"),
        ("ana@x.example.", "", "ana@x.example"),
        ("JIRA: Alerts <ana@x.example>", "Alerts", "ana@x.example"),
        ("ana@bücher.example", "", "ana@xn--bcher-kva.example"),
        ("root@localhost", "", "root@localhost"),
        ("ana+tag@x.example", "", "ana+tag@x.example"),
    ],
)  # fmt: skip
def test_one_valid_address_is_somebody(value: str, name: str, addr: str) -> None:
    assert read_or_raise(sent_from(value)).author == Address(name, addr)


@each(
    "value",
    [
        "",
        "Ana",
        "<>",
        "ana@",
        "@x.example",
        "ana@x..example",
        "ana ruiz@x.example",
        ".ana@x.example",
        "ana@-x.example",
        "ana@[127.0.0.1]",
        '"ana ruiz"@x.example',
        "Team: ana@x.example, ben@x.example;",
        "undisclosed:;",
        "alice@a.example)<mallory@evil.example>",
        "alice@a.example<mallory@evil.example>",
        "alice@a.example <mallory@evil.example>",
        "<alice@a.example> <mallory@evil.example>",
        "<alice@a.example>mallory@evil.example",
        "<alice@a.example",
        "alice@a.example(<mallory@evil.example>",
        '"alice@a.example <mallory@evil.example>',
        "<alice(x)@a.example>",
        "alice(x)@a.example",
        "a" * 65 + "@x.example",
        "ana@" + "x" * 300 + ".example",
        "ana@x.example\0.evil.example",
        "ana\x7f@x.example",
    ],
)
def test_anything_else_is_nobody_and_a_doubt(value: str) -> None:
    message = read_or_raise(sent_from(value))
    if message.author is not None:
        # A NUL within is dropped before anything is read; it must not cut the address there.
        assert message.author.addr == "ana@x.example.evil.example"
    else:
        assert message.doubts


def test_encoded_words_never_make_an_address() -> None:
    message = read_or_raise(sent_from("=?utf-8?q?ceo=40desk.example=2C?= <mallory@evil.example>"))
    assert message.author is not None
    assert message.author.addr == "mallory@evil.example"
    assert message.doubts == (
        "The name looks like another address; it was sent by mallory@evil.example.",
    )


def test_of_two_authors_the_first_counts() -> None:
    message = read_or_raise(sent_from("mallory@evil.example, alice@a.example"))
    assert message.author == Address("", "mallory@evil.example")
    assert message.others == (Address("", "alice@a.example"),)
    assert message.doubts


@each("second", [b"From: b@x.example", b"FROM : b@x.example", b"from:b@x.example"])
def test_two_from_headers_are_nobody(second: bytes) -> None:
    message = read_or_raise(b"From: a@x.example\r\n" + second + b"\r\n\r\n")
    assert (message.author, message.from_headers) == (None, 2)
    assert message.doubts == ("It has 2 From headers.",)


def test_a_bare_carriage_return_makes_no_second_header() -> None:
    message = read_or_raise(b"Subject: x\rFrom: b@x.example\r\nFrom: a@x.example\r\n\r\n")
    assert message.from_headers == 1
    assert message.author == Address("", "a@x.example")


@each(
    "value",
    [
        '"alice@a.example" <mallory@evil.example>',
        "mallory@evil.example (alice@a.example)",
        "Ana <ana@аpple.example>",
        "Аna Ruiz <ana@x.example>",
    ],
)
def test_a_name_that_poses_as_somebody_else_is_a_doubt(value: str) -> None:
    message = read_or_raise(sent_from(value))
    assert message.author is not None
    assert len(message.doubts) == 1


@each("value", ["Ana <ana@x.example>", "ana@x.example <ana@x.example>", "Олена <olena@x.example>"])
def test_an_ordinary_name_is_no_doubt(value: str) -> None:
    assert read_or_raise(sent_from(value)).doubts == ()


@each(
    ("value", "addresses"),
    [
        ("a@x.example, B <b@x.example>", ["a@x.example", "b@x.example"]),
        ("a@x.example; b@x.example", ["a@x.example", "b@x.example"]),
        ("Team: a@x.example, b@x.example;, c@x.example", ["a@x.example", "b@x.example", "c@x.example"]),
        ('"a, b" <a@x.example>, junk, <>, A@X.example', ["a@x.example"]),
        ("undisclosed-recipients:;", []),
        ("((((", []),
        ('"', []),
    ],
)  # fmt: skip
def test_of_the_recipients_the_valid_ones_are_read_once(value: str, addresses: list[str]) -> None:
    found = read_or_raise(f"To: {value}\r\nCc: {value}\r\n\r\n".encode())
    assert [one.addr for one in found.to] == [one.addr for one in found.cc] == addresses


def test_reply_to_and_sender_are_told_and_are_nobodys_identity() -> None:
    raw = b"From: a@x.example\r\nReply-To: B <b@x.example>\r\nSender: c@x.example\r\n\r\n"
    message = read_or_raise(raw)
    assert message.author == Address("", "a@x.example")
    assert message.reply_to == Address("B", "b@x.example")
    assert message.sender == Address("", "c@x.example")
