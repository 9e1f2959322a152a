"""Transfer encodings taken off: base64, quoted-printable, uuencode; and lines that flow.

Damage costs what is damaged: the rest is kept, and the caller is told.
"""

from __future__ import annotations

import binascii
import re

from sdesk.mail.reading.fields import unbase64
from sdesk.mail.reading.limits import Budget

_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,255})\r?$", re.MULTILINE)


def decoded(body: bytes, coding: bytes, budget: Budget) -> bytes:
    """The bytes that were sent. An unknown encoding is none."""
    word = coding.split(b";")[0].strip().strip(b"\"'").lower()
    if word in (b"base64", b"b64"):
        made, sound = unbase64(body)
        if not sound:
            budget.damage("A part is cut off or damaged; what is there is kept.")
        return made
    if word in (b"quoted-printable", b"q", b"qp"):
        return binascii.a2b_qp(body)
    if word in (b"x-uuencode", b"uuencode", b"x-uue", b"uue"):
        found = list(uuencoded(body, budget))
        return found[0][1] if found else body
    return body


def uuencoded(body: bytes, budget: Budget) -> list[tuple[str, bytes, int, int]]:
    """The files that stand uuencoded in a text: (name, bytes, start, end)."""
    found: list[tuple[str, bytes, int, int]] = []
    at = misses = 0
    while len(found) < 50 and misses < 100 and (match := _UU_BEGIN.search(body, at)):
        end = _uu_end(body, match.end())
        if end is None:
            at, misses = match.end(), misses + 1
            continue
        data, sound = _uu_lines(body[match.end() : end])
        if not sound:
            budget.damage("A part is cut off or damaged; what is there is kept.")
        stop = body.find(b"\n", end + 1)
        at = len(body) if stop < 0 else stop + 1
        found.append((match.group(1).decode("utf-8", "replace").strip(), data, match.start(), at))
    return found


def _uu_end(body: bytes, start: int) -> int | None:
    """Where the line "end" begins; None without one, as in a text that merely says "begin"."""
    at = body.find(b"\nend", start)
    return at if at >= 0 and body[at + 4 : at + 5] in (b"", b"\r", b"\n") else None


def _uu_lines(body: bytes) -> tuple[bytes, bool]:
    made, sound = [], True
    for line in body.split(b"\n"):
        line = line.rstrip(b"\r")
        if not line or line == b"`":
            continue
        try:
            made.append(binascii.a2b_uu(line))
        except binascii.Error:
            sound = False
    return b"".join(made), sound


def reflowed(text: str, *, delete_space: bool) -> str:
    """The lines of a text/plain part with format=flowed (RFC 3676), joined as they were typed."""
    made: list[str] = []
    held: list[str] = []
    depth = 0
    for line in text.split("\n"):
        bare = line.lstrip(">")
        quoted = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        if held and (quoted != depth or bare == "-- "):
            made.append(_quoted(depth, held))
            held = []
        depth = quoted
        flows = bare.endswith(" ") and bare != "-- "
        held.append(bare[:-1] if flows and delete_space else bare)
        if not flows or len(held) > 1_000:
            made.append(_quoted(depth, held))
            held = []
    return "\n".join([*made, _quoted(depth, held)] if held else made)


def _quoted(depth: int, pieces: list[str]) -> str:
    return (">" * depth + " " if depth else "") + "".join(pieces)
