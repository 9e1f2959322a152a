"""The text of a mail out of its parts: plain text where there is some, else what the HTML says.

Signed mails are read and keep their signature; forwarded mails are read and kept whole beside;
the returned half of a bounce is kept and not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sdesk.mail.reading.attachments import attached, is_named, uuencoded_part
from sdesk.mail.reading.charsets import decode
from sdesk.mail.reading.fields import plain
from sdesk.mail.reading.html_text import html_text
from sdesk.mail.reading.limits import Budget
from sdesk.mail.reading.reports import RETURNED, is_status, report_of
from sdesk.mail.reading.structure import Piece
from sdesk.mail.reading.transfer import decoded, reflowed, uuencoded
from sdesk.mail.reading.values import Part, Report
from sdesk.text import clean, fold

_TEXTS = {"text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown"}
_MAILS = ("message/rfc822", "message/global", "message/news")
_BLANKS = re.compile(r"\n(?:[ \t\xa0]*\n){2,}")
"""Empty lines that say no more than one does."""
_IN_PAGE = re.compile(rb"<meta[^<>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_-]{1,40})", re.IGNORECASE)
_STUB = 60
"""Letters of a plain part that only says to look at the other one."""


@dataclass
class Content:
    """What a part brings: its text, its files, and a report where it is one."""

    text: str = ""
    media: str = "text/plain"
    """What the text was made from."""
    parts: list[Part] = field(default_factory=list)
    report: Report | None = None


def content(piece: Piece, budget: Budget) -> Content:
    """All that the part brings; the tree is at most as deep as the limit."""
    if piece.cut or budget.is_spent():
        # A forwarded mail that this stands in is kept already.
        return Content(parts=[] if piece.within else [attached(piece, budget)])
    if piece.media == "multipart/alternative":
        return _alternative(piece, budget)
    if piece.media == "multipart/report" or any(is_status(part) for part in piece.parts):
        return _reported(piece, budget)
    if piece.media in _MAILS and piece.parts:
        return _forwarded(piece, budget)
    if piece.parts:
        return _mixed([content(part, budget) for part in piece.parts], piece, budget)
    return _leaf(piece, budget)


def _leaf(piece: Piece, budget: Budget) -> Content:
    bare = not piece.depth and not piece.placed.word
    if piece.media in _TEXTS and (bare or not is_named(piece)):
        return _text(piece, budget)
    if piece.media in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        if piece.typed.params.get("smime-type", "enveloped-data") == "enveloped-data":
            budget.damage("It is encrypted; its text can't be read here.")
    elif piece.media == "message/partial":
        budget.damage("It is one piece of a mail that was sent in several.")
    if not piece.body.strip() and not is_named(piece):
        return Content()
    return Content(parts=[attached(piece, budget)])


def _text(piece: Piece, budget: Budget) -> Content:
    coding = piece.fields.first("content-transfer-encoding")
    body = decoded(piece.body, coding, budget)
    files: list[Part] = []
    if piece.media == "text/plain" and b"\nend" in body:
        body, files = _without_files(body, budget)
    # A letter has at most four bytes. What is behind them isn't even decoded.
    text, _ = decode(body[: budget.text * 4 + 4], _charset(piece, body))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if piece.media in ("text/html", "text/enriched", "text/richtext"):
        return Content(budget.taken(html_text(text, budget)), "text/html", files)
    text = budget.taken(text)
    if piece.typed.params.get("format", "").lower() == "flowed":
        text = reflowed(text, delete_space=piece.typed.params.get("delsp", "").lower() == "yes")
    return Content(_BLANKS.sub("\n\n", clean(text)).strip("\n"), "text/plain", files)


def _charset(piece: Piece, body: bytes) -> str:
    """What the part says, else what its page says of itself."""
    named = piece.typed.params.get("charset", "")
    if named or piece.media != "text/html":
        return named
    found = _IN_PAGE.search(body[:2_000])
    return found.group(1).decode("ascii") if found else ""


def _without_files(body: bytes, budget: Budget) -> tuple[bytes, list[Part]]:
    """The text without what stands uuencoded in it, and that as files."""
    kept, files, at = [], [], 0
    for name, data, start, end in uuencoded(body, budget):
        kept.append(body[at:start])
        files.append(uuencoded_part(name, data))
        at = end
    return b"".join([*kept, body[at:]]), files


def _alternative(piece: Piece, budget: Budget) -> Content:
    """One text of several that say the same; the files of all of them."""
    found = [content(part, budget) for part in piece.parts]
    said = [one for one in found if one.text.strip()]
    best = next((one for one in said if one.media == "text/plain"), said[0] if said else Content())
    other = next((one for one in said if one.media == "text/html"), best)
    if len(best.text.strip()) < _STUB and len(other.text) > 5 * len(best.text):
        best = other
    report = next((one.report for one in found if one.report), None)
    return Content(best.text, best.media, [part for one in found for part in one.parts], report)


def _mixed(found: list[Content], piece: Piece, budget: Budget) -> Content:
    texts: list[Content] = []
    for one in found:
        if one.text.strip() and not (texts and _says_again(one, texts[-1])):
            texts.append(one)
    if piece.media == "multipart/encrypted":
        budget.damage("It is encrypted; its text can't be read here.")
    return Content(
        "\n\n".join(one.text for one in texts),
        texts[0].media if texts else "text/plain",
        [part for one in found for part in one.parts],
        next((one.report for one in found if one.report), None),
    )


def _says_again(one: Content, before: Content) -> bool:
    """Whether an HTML part repeats the text before it, as careless programs send it."""
    if one.media != "text/html" or before.media == "text/html":
        return False
    return fold(one.text[:4_000])[:1_000] == fold(before.text[:4_000])[:1_000]


def _reported(piece: Piece, budget: Budget) -> Content:
    """The words for people; the report is read, and the mail it returns is only kept."""
    found = []
    for part in piece.parts:
        if part.media in RETURNED or is_status(part):
            found.append(Content(parts=[attached(part, budget)]))
        else:
            found.append(content(part, budget))
    made = _mixed(found, piece, budget)
    made.report = report_of(piece, budget)
    return made


def _forwarded(piece: Piece, budget: Budget) -> Content:
    """The text of a mail within the mail under its own head; the mail itself is kept beside it once."""
    inner = piece.parts[0]
    inside = content(inner, budget)
    head = ["---------- Forwarded message ----------"]
    for name in ("From", "Date", "Subject", "To"):
        value = plain(inner.fields.first(name.lower()), 500)
        if value:
            head.append(f"{name}: {value}")
    text = "\n".join([*head, "", inside.text]) if inside.text.strip() or len(head) > 1 else ""
    kept = [] if piece.within else [attached(piece, budget)]
    return Content(text, "text/plain", [*kept, *inside.parts], None)
