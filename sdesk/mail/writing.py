"""A letter as bytes: headers of ours only, plain text, a restrained HTML alternative, files.

Written by hand and not by `email.message`: that one lets a line end inside an encoded word become a
header (CVE-2024-6923; hosts lag behind its mends). The result is ASCII, has CRLF for every line end
and is looked at once more (`checking`) before anybody may send it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import NamedTuple
from urllib.parse import quote

from sdesk.errors import Invalid
from sdesk.mail import bodies
from sdesk.mail.checking import Unsendable, check
from sdesk.rules.letters import address
from sdesk.text import clean_line

WORD = 45
"""Bytes of text in one encoded word: 60 letters of base64, 72 with what stands around them."""
_PHRASE = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]+")
_PLAIN = re.compile(r"[ -~]*")
_MEDIA = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")
_ACTIVE = ("multipart/", "message/", "text/html", "text/xml", "application/xhtml", "image/svg")
"""What is sent as plain bytes: parts of mails, and what a program could run."""
AUTOMATIC = {
    "acknowledgement": ("auto-replied", "auto_reply"), "announcement": ("auto-generated", "bulk"),
}  # fmt: skip
"""Kind → Auto-Submitted and Precedence; other kinds that no person wrote are auto-generated."""
ANSWERED_BY_HAND = "reply"


class File(NamedTuple):
    """An attachment."""

    name: str
    media: str
    body: bytes


class Letter(NamedTuple):
    """What is to be sent."""

    kind: str
    name: str
    """Who writes, for people: the desk's name."""
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    body: str
    message_id: str
    refs: tuple[str, ...]
    at: int
    language: str = "en"
    loop: str = ""
    """The desk's own address: by it a mail that comes back is known."""
    files: tuple[File, ...] = ()


class Envelope(NamedTuple):
    """Whom the server is told, and what it is given."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


def envelope(letter: Letter) -> Envelope:
    """The letter's bytes with the addresses they go to. Raises `Unsendable`."""
    try:
        sender = _address(letter.sender)
        recipients = tuple(_address(one) for one in (*letter.to, *letter.cc))
    except Invalid as error:
        raise Unsendable(error.message) from None
    if not letter.to:
        raise Unsendable("The mail goes to nobody.")
    raw = written(letter)
    check(raw)
    return Envelope(sender, tuple(dict.fromkeys(recipients)), raw)


def written(letter: Letter) -> bytes:
    """The bytes, not looked at yet."""
    boundary = hashlib.sha256(letter.message_id.encode()).hexdigest()[:32]
    typed, body = _content(letter, boundary)
    head = "".join(f"{name}: {value}\r\n" for name, value in [*_headers(letter), *typed])
    return head.encode("ascii", "replace") + b"\r\n" + body


def _headers(letter: Letter) -> list[tuple[str, str]]:
    found = [
        ("From", f"{_phrase(letter.name)}<{_address(letter.sender)}>"),
        ("To", _addresses(letter.to)),
    ]
    if letter.cc:
        found.append(("Cc", _addresses(letter.cc)))
    if not (own := address.message_id(letter.message_id)):
        raise Unsendable("The mail has no Message-ID.")
    found += [
        ("Subject", _text(letter.subject, first=9)),
        ("Date", format_datetime(datetime.fromtimestamp(letter.at, UTC))),
        ("Message-ID", own),
    ]
    if refs := address.thread(letter.refs).split():
        found += [("In-Reply-To", refs[-1]), ("References", "\r\n ".join(refs))]
    return found + _automatic(letter)


def _automatic(letter: Letter) -> list[tuple[str, str]]:
    """What keeps machines from answering: by it our own intake knows what is ours, too."""
    found: list[tuple[str, str]] = []
    if letter.kind != ANSWERED_BY_HAND:
        submitted, precedence = AUTOMATIC.get(letter.kind, ("auto-generated", ""))
        found.append(("Auto-Submitted", submitted))
        if precedence:
            found.append(("Precedence", precedence))
    # Of a reply, only what announces an absence is of no use to anybody.
    suppressed = "All" if letter.kind != ANSWERED_BY_HAND else "OOF, AutoReply"
    found.append(("X-Auto-Response-Suppress", suppressed))
    if loop := address.usable(letter.loop):
        found.append(("X-Sdesk-Loop", loop.casefold()))
    return found


def _content(letter: Letter, boundary: str) -> tuple[list[tuple[str, str]], bytes]:
    """The headers of the body, and it: text and HTML, with the files around them."""
    text = bodies.quoted_printable(bodies.flowed(letter.body))
    html = bodies.quoted_printable(bodies.html(letter.body, letter.language))
    parts = [
        _part("text/plain; charset=utf-8; format=flowed", "quoted-printable", text),
        _part("text/html; charset=utf-8", "quoted-printable", html),
    ]
    typed, body = _multipart("alternative", f"=_a{boundary}", parts)
    if letter.files:
        inner = f"Content-Type: {typed}\r\n\r\n".encode("ascii") + body
        files = [_file(file) for file in letter.files]
        typed, body = _multipart("mixed", f"=_m{boundary}", [inner, *files])
    return [("MIME-Version", "1.0"), ("Content-Type", typed)], body


def _multipart(kind: str, boundary: str, parts: list[bytes]) -> tuple[str, bytes]:
    # "=_" stands in no quoted-printable and no base64: the boundary can't be met inside a part.
    mark = boundary.encode("ascii")
    body = b"".join(b"--" + mark + b"\r\n" + part + b"\r\n" for part in parts)
    return f'multipart/{kind};\r\n boundary="{boundary}"', body + b"--" + mark + b"--\r\n"


def _part(media: str, encoding: str, body: bytes, more: str = "") -> bytes:
    head = f"Content-Type: {media}\r\nContent-Transfer-Encoding: {encoding}\r\n{more}\r\n"
    return head.encode("ascii") + body


def _file(file: File) -> bytes:
    media = file.media.casefold()
    if not _MEDIA.fullmatch(media) or media.startswith(_ACTIVE):
        media = "application/octet-stream"
    name = clean_line(file.name)[:90] or "file"
    plain = re.sub(r"[^A-Za-z0-9 ._+-]", "_", name)
    shown = f'filename="{plain}"'
    if plain != name:
        # Alone: beside a plain one, some readers take that.
        shown = f"filename*=UTF-8''{quote(name.encode('utf-8', 'replace'), safe='')}"
    lines = base64.encodebytes(file.body).replace(b"\n", b"\r\n").rstrip(b"\r\n")
    return _part(media, "base64", lines, f"Content-Disposition: attachment;\r\n {shown}\r\n")


def _address(text: str) -> str:
    if not (found := address.usable(text)):
        raise Invalid(
            f"'{clean_line(text)}' is no address that this desk can write to.",
            "Letters outside ASCII before the @ and quoted names are not supported.",
        )
    return found


def _addresses(addresses: tuple[str, ...]) -> str:
    """A line each: a hundred would not fit on one."""
    return ",\r\n ".join(_address(one) for one in addresses)


def _phrase(name: str) -> str:
    """A display name with the space after it."""
    plain = clean_line(name)[:100]
    if not plain:
        return ""
    if _PHRASE.fullmatch(plain) and "=?" not in plain:
        return f"{plain} "
    return f"{_words(plain, 6)}\r\n "


def _text(text: str, first: int) -> str:
    """An unstructured header on one line of letters, folded; `first` columns are taken already."""
    plain = clean_line(text)
    if _PLAIN.fullmatch(plain) and "=?" not in plain:
        return _folded(plain, first) or "(none)"
    return _words(plain, first)


def _folded(text: str, first: int) -> str:
    """Folded before words, so that no line is longer than 76 where its words allow that."""
    lines, line = [], ""
    room = 76 - first
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line, room = word, 75
        else:
            line = f"{line} {word}" if line else word
    lines.append(line)
    made = "\r\n ".join(lines)
    # A word as long as a mail server's line is no word.
    return made if max(map(len, lines)) < 900 else _words(text, first)


def _words(text: str, first: int) -> str:
    """Encoded words (RFC 2047), no letter cut in two, one a line."""
    pieces, piece = [], b""
    room = WORD - (first + 3) // 4 * 3
    for char in text:
        letter = char.encode("utf-8", "replace")
        if len(piece) + len(letter) > room:
            pieces.append(piece)
            piece, room = b"", WORD
        piece += letter
    pieces.append(piece)
    return "\r\n ".join(
        f"=?utf-8?b?{binascii.b2a_base64(one, newline=False).decode('ascii')}?=" for one in pieces
    )
