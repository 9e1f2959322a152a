"""The last look at a letter's bytes before they leave: what its headers are, not what was meant.

Whatever went wrong in making them, a letter with a header more than ours, with one twice, or with a
line that a server could take for the end of the mail does not leave.
"""

from __future__ import annotations

import re
from email.header import decode_header
from email.parser import BytesHeaderParser
from email.policy import compat32

from sdesk.errors import Refused

REQUIRED = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type")
ALLOWED = (
    *REQUIRED, "Cc", "In-Reply-To", "References", "Content-Transfer-Encoding", "Auto-Submitted",
    "Precedence", "X-Auto-Response-Suppress", "X-Sdesk-Loop",
)  # fmt: skip
LONGEST = 998
"""Bytes of a line, without its end (RFC 5322)."""
_HEADER = re.compile(rb"([!-9;-~]+):[ ]")


class Unsendable(Refused):
    """The letter must not leave as it is; others may."""


def check(raw: bytes) -> None:
    """Refuse bytes that say more, or could be read as more, than one mail of ours."""
    for line in raw.split(b"\r\n"):
        if b"\r" in line or b"\n" in line or b"\0" in line:
            raise Unsendable("The mail holds a bare line end or a NUL.")
        if len(line) > LONGEST:
            raise Unsendable(f"The mail has a line of more than {LONGEST} bytes.")
        if line.startswith(b"."):
            raise Unsendable("The mail has a line that begins with a dot.")
    if not raw.isascii():
        raise Unsendable("The mail holds bytes that not every server passes on.")
    head, gap, _ = raw.partition(b"\r\n\r\n")
    if not gap:
        raise Unsendable("The mail has no body.")
    _check_names(_names(head), _second_opinion(head))
    _check_words(head)


def _names(head: bytes) -> list[str]:
    """The names of the headers as the bytes have them, in order."""
    found: list[str] = []
    for line in head.split(b"\r\n"):
        if line.startswith((b" ", b"\t")) and found and line.strip():
            continue
        match = _HEADER.match(line)
        if match is None:
            raise Unsendable("The mail has a line among its headers that is none.")
        found.append(match[1].decode("ascii"))
    return found


def _second_opinion(head: bytes) -> list[str]:
    """The same as the standard library reads it, which many a receiver does."""
    return list(BytesHeaderParser(policy=compat32).parsebytes(head + b"\r\n\r\n").keys())


def _check_names(names: list[str], others: list[str]) -> None:
    if names != others:
        raise Unsendable("The headers of the mail can be read in two ways.")
    for name in names:
        if name not in ALLOWED:
            raise Unsendable(f"The mail has a header that is none of ours: {name}.")
        if names.count(name) > 1:
            raise Unsendable(f"The mail has the header {name} {names.count(name)} times.")
    for name in REQUIRED:
        if name not in names:
            raise Unsendable(f"The mail has no {name}.")


def _check_words(head: bytes) -> None:
    """No encoded word holds a line end: Python's own writer has made headers of them."""
    parsed = BytesHeaderParser(policy=compat32).parsebytes(head + b"\r\n\r\n")
    for name in ("From", "To", "Cc", "Subject"):
        # Folding is no control character; what is encoded stands within one line.
        unfolded = re.sub(r"\r?\n(?=[ \t])", "", str(parsed.get(name, "")))
        for word, charset in decode_header(unfolded):
            plain = word.decode(charset or "ascii", "replace") if isinstance(word, bytes) else word
            if re.search(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]", plain):
                raise Unsendable(f"The header {name} hides a control character.")
