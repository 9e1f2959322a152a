"""Mails damaged in every way chance finds. Each number is one mail, always the same."""

from __future__ import annotations

import random
from collections.abc import Sequence

from sdesk.mail.reading import Message
from sdesk.prove.mails.samples import HEAD, multipart
from sdesk.text import clean, clean_line

TOKENS: tuple[bytes, ...] = (
    b"\r\n\r\n", b"\r", b"\n", b"\0", b"--=_b\r\n", b"--=_b--", b"=?utf-8?q?=0D=0A?=", b"=?utf-7?b?AAA?=",
    b"=?", b"?=", b"=?x?b?====?=", b"\xff\xfe", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\x1b]52;c;A\x07",
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n", b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Type: text/html; charset=utf-7\r\n", b"Content-Type: text/plain; charset=unicode_escape\r\n",
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n", b"From: a@b.example, (c) <d@e.example>\r\n",
    b"From: \"", b"<", b">", b"(((((", b"@", b";", b",", b"\\", b"\"", b"charset*0*=utf-8''%41",
    b"filename*1*=%00;", b"Date: Fri, 99 Foo 99999 99:99:99 +9999\r\n", b"begin 644 x\r\n", b"\r\nend\r\n",
    b"<div>" * 40, b"<table><tr><td>", b"</td>", b"<a href='javascript:x'>", b"<!--", b"&#x110000;",
    b"<blockquote type=cite>", b"> ", b"On 1.1.2026 10:00 a@b.example wrote:\n", b"-- \n", b"=" * 90,
    b"From: x\nSent: 1\nTo: y\nSubject: z\n", b"\t", b" " * 300, b"A" * 2_000, b"\xa0", b"%", b"=\r\n",
)  # fmt: skip
SECONDS = 2.0
"""Of the processor, for one mail."""


def mutated(seed: int, corpus: Sequence[bytes]) -> bytes:
    """The mail of this number."""
    chance = random.Random(seed)
    raw = bytearray(chance.choice(corpus))
    for _ in range(chance.randint(1, 12)):
        _mutate(raw, chance, corpus)
    if chance.random() < 0.05:
        raw = bytearray(HEAD + multipart("mixed", bytes(raw), bytes(raw)))
    return bytes(raw)


def _mutate(raw: bytearray, chance: random.Random, corpus: Sequence[bytes]) -> None:
    at = chance.randrange(len(raw) + 1)
    end = min(len(raw), at + chance.choice((1, 3, 20, 200, 2_000)))
    kind = chance.randrange(8)
    if kind == 0:
        raw[at:end] = bytes(chance.randrange(256) for _ in range(min(40, end - at)))
    elif kind == 1:
        del raw[at:end]
    elif kind in (2, 3):
        raw[at:at] = chance.choice(TOKENS)
    elif kind == 4:
        raw[at:at] = raw[at:end] * chance.choice((1, 2, 30))
    elif kind == 5:
        other = chance.choice(corpus)
        begin = chance.randrange(len(other) + 1)
        raw[at:end] = other[begin : begin + 2_000]
    elif kind == 6:
        del raw[chance.randrange(len(raw) + 1) :]
    else:
        raw[at:end] = raw[at:end].swapcase()


def wrong_with(message: Message) -> str:
    """What doesn't hold of a message that was read; '' when all does."""
    lines = (message.subject, *(one for values in message.headers.values() for one in values))
    if clean(message.text) != message.text or any(clean_line(one) != one for one in lines):
        return "something in it isn't clean"
    at = 0
    for start, stop in message.folds:
        if not at <= start < stop <= len(message.text):
            return f"the fold {start}-{stop} is out of place"
        at = stop
    if any("/" in one.name or not one.name for one in message.parts):
        return "an attachment has no harmless name"
    message.text.encode(), message.subject.encode()
    return ""
