"""Bytes as texts: every text that a file or a raw mail may hold, and a file without names. Pure.

Never raises: a file may be anything.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header
from html import unescape
from typing import TYPE_CHECKING

from sdesk.rules.packed import unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

    from sdesk.rules.traces import Traces

DEEPEST = 4
"""Mails within mails are looked into so far."""
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)
"""What reading a mail that is none may end in."""
_TAGS = re.compile(r"<[^<>]{0,2000}>")
_RUN = re.compile(rb"(?:[A-Za-z0-9+/]{20,}={0,2}[ \t]*\r?\n?)+")
_WORD = re.compile(rb"=\?[^?\s]{1,40}\?[bqBQ]\?[^?]*\?=(?:\s+=\?[^?\s]{1,40}\?[bqBQ]\?[^?]*\?=)*")
_BINARY = (b"%PDF", b"PK", b"\x1f\x8b", b"{\\rtf")
"""How files begin that no longer open when some of their letters go."""
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HEADERS = ("From", "To", "Cc", "Reply-To", "Date", "Subject", "Message-ID", "In-Reply-To", "References")  # fmt: skip


def layers(raw: bytes, depth: int = 0) -> Iterator[str]:
    """The texts in these bytes: as they stand, and as quoted-printable, base64, UTF-16 and encoded
    words say them."""
    text = _text(raw)
    yield text
    if not raw.isascii():
        # Bytes of a program with words among them.
        yield raw.decode("utf-8", "ignore")
    if "<" in text:
        yield without_tags(text)
    if b"\0" in raw:
        yield raw.decode("utf-16-le", "ignore")
        yield raw.decode("utf-16-be", "ignore")
        yield raw[1:].decode("utf-16-le", "ignore")
    if re.search(rb"=[0-9A-Fa-f]{2}|=\r?\n", raw):
        plain = _text(quopri.decodestring(raw))
        yield plain
        if "<" in plain:
            yield without_tags(plain)
    for found in _WORD.finditer(raw):
        yield _header(found[0].decode("ascii", "replace"))
    if depth < DEEPEST:
        for part in unpacked(raw):
            # Nothing is unpacked twice: of a bomb there is no end.
            yield from layers(part, DEEPEST)
        for run in _RUN.finditer(raw):
            if (inner := _from_base64(run[0])) is not None:
                yield from layers(inner, depth + 1)


def without_tags(text: str) -> str:
    """HTML as the text that it shows, roughly."""
    return unescape(_TAGS.sub(" ", text))


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _from_base64(run: bytes) -> bytes | None:
    joined = re.sub(rb"\s+", b"", run)
    for end in (len(joined), len(joined) - len(joined) % 4):
        try:
            return base64.b64decode(joined[:end], validate=True)
        except (binascii.Error, ValueError):
            continue
    return None


def _header(value: str) -> str:
    said = []
    try:
        for part, charset in decode_header(value):
            said.append(part if isinstance(part, str) else _decoded(part, charset or "utf-8"))
    except (ValueError, LookupError, binascii.Error):
        return value
    return "".join(said)


def _decoded(raw: bytes, charset: str) -> str:
    try:
        return raw.decode(charset)
    except (LookupError, UnicodeDecodeError, ValueError):
        return _text(raw)


def redacted_file(raw: bytes, traces: Traces, *, is_mail: bool, at: int) -> bytes | None:
    """The file without the names; a mail as plain text with what its headers said. None where it is
    neither text nor mail, and nothing can be taken out of it."""
    if is_mail or _looks_like_mail(raw):
        return traces.redacted(_as_text(raw, at)).encode("utf-8", "replace")
    text, coding = _as_written(raw)
    made = traces.redacted(text)
    if made == text:
        # Letters that a page of HTML names.
        made = traces.redacted(unescape(text))
        coding = "utf-8"
    if not traces.holds(text) and not traces.holds(unescape(text)):
        return None
    return made.encode(coding, "xmlcharrefreplace")


def _as_written(raw: bytes) -> tuple[str, str]:
    """A text file as text, and how it is coded; nothing where it is none."""
    if raw.startswith(_BINARY):
        return "", "utf-8"
    codings = ["utf-16"] if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "cp1252"]
    for coding in codings:
        with suppress(UnicodeDecodeError):
            text = raw.decode(coding)
            if not _NO_TEXT.search(text):
                return text, "utf-8" if coding == "utf-8-sig" else coding
    return "", "utf-8"


def _looks_like_mail(raw: bytes) -> bool:
    head = raw[:16_384].lower()
    return re.search(rb"^from:", head, re.M) is not None and re.search(rb"^(?:subject|date|message-id):", head, re.M) is not None  # fmt: skip


def _as_text(raw: bytes, at: int) -> str:
    day = datetime.fromtimestamp(at, tz=UTC).date().isoformat()
    lines = [
        f"X-Sdesk-Erased: {day}; a person was taken out of this mail. Its files are not in it."
    ]
    try:
        mail = message_from_bytes(raw)
        for name in _HEADERS:
            lines += [f"{name}: {_line(value)}" for value in mail.get_all(name, [])]
        body = "\n\n".join(_bodies(mail))
    except _BROKEN:
        body = "\n\n".join(layers(raw))
    head = [*lines, "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]  # fmt: skip
    return "\n".join([*head, "", body, ""])


def _line(value: object) -> str:
    return " ".join(_header(str(value)).split())


def _bodies(mail: Message) -> Iterator[str]:
    for part in mail.walk():
        if part.get_content_maintype() == "text" and not part.get_filename():
            raw = part.get_payload(decode=True)
            if isinstance(raw, bytes):
                text = _decoded(raw, part.get_content_charset() or "utf-8")
                yield without_tags(text) if part.get_content_subtype() == "html" else text
        elif part.get_filename():
            yield f"[file: {_line(part.get_filename())}]"
