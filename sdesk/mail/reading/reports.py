"""What a mail server says of a mail that was sent: a delivery report (RFC 3464) or one of its kin."""

from __future__ import annotations

import re

from sdesk.mail.reading.fields import Fields, plain, split, unfolded
from sdesk.mail.reading.limits import Budget
from sdesk.mail.reading.marks import ids
from sdesk.mail.reading.structure import Piece
from sdesk.mail.reading.transfer import decoded
from sdesk.mail.reading.values import Address, Fate, Report
from sdesk.text import cut

_STATUS = (
    "message/delivery-status",
    "message/global-delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
)
RETURNED = (
    "message/rfc822", "message/global", "message/news", "text/rfc822-headers", "message/global-headers",
)  # fmt: skip
"""What of the mail itself a report gives back."""
MOST = 100
"""Recipients of one report."""


def is_status(piece: Piece) -> bool:
    """Whether this part is the machine's half of a report."""
    return piece.media in _STATUS


def report_of(piece: Piece, budget: Budget) -> Report:
    """The report that a multipart/report holds."""
    found: list[str] = []
    fates: list[Fate] = []
    kind = piece.typed.params.get("report-type", "").lower()
    for part in piece.parts:
        if is_status(part):
            kind = kind or part.media.partition("/")[2]
            groups = _groups(part, budget)
            fates += [fate for fate in map(_fate, groups) if fate]
            found += [one for group in groups for one in ids(group.first("original-message-id"))]
        elif part.media in RETURNED:
            found += ids(_returned(part, budget).first("message-id"))
    return Report(kind[:40], tuple(dict.fromkeys(found))[:10], tuple(fates[:MOST]))


_QUOTED_ID = re.compile(
    r"^[ \t>]*message-id:[ \t]*(<[!-;=?-~]{1,250}>)", re.IGNORECASE | re.MULTILINE
)
_SERVERS = ("mailer-daemon", "postmaster")


def told_in_words(fields: Fields, author: Address | None, text: str) -> Report | None:
    """The report of a server that writes no multipart/report, as qmail and older Exims do.

    It has the mark of a bounce, and below its words stands the head of the mail that it returns.
    """
    failed = fields.first("x-failed-recipients")
    path = fields.all("return-path")
    by_server = author is not None and author.addr.partition("@")[0].casefold() in _SERVERS
    if not (failed or by_server or (path and unfolded(path[0]).startswith("<>"))):
        return None
    if not (found := _QUOTED_ID.findall(text)):
        return None
    subject = plain(fields.first("subject")).casefold()
    action = "delayed" if "delay" in subject or "warning" in subject else "failed"
    who = [name.strip(" <>") for name in plain(failed, 2_000).split(",")[:MOST]] or [""]
    said = cut(" ".join(text.split()), 300)
    fates = tuple(Fate(name, action, "", said if not at else "") for at, name in enumerate(who))
    return Report("", tuple(dict.fromkeys(found))[:10], fates)


def _returned(part: Piece, budget: Budget) -> Fields:
    if part.parts:
        return part.parts[0].fields
    body = decoded(part.body, part.fields.first("content-transfer-encoding"), budget).lstrip()
    return split(body, 0, len(body), budget)


def _groups(part: Piece, budget: Budget) -> list[Fields]:
    """The groups of fields, one for the mail and one for each recipient."""
    body = decoded(part.body, part.fields.first("content-transfer-encoding"), budget)
    groups: list[Fields] = []
    at = 0
    while at < len(body) and len(groups) <= MOST:
        fields = split(body, at, len(body), budget)
        if fields.body <= at:
            break
        at = fields.body
        if fields.items:
            groups.append(fields)
    return groups


def _fate(group: Fields) -> Fate | None:
    recipient = group.first("final-recipient") or group.first("original-recipient")
    if not recipient:
        return None
    address = plain(recipient, 400).rpartition(";")[2].strip(" <>")
    diagnostic = plain(group.first("diagnostic-code"), 1_000)
    kind, semi, rest = diagnostic.partition(";")
    said = rest.strip() if semi and " " not in kind else diagnostic
    status = plain(group.first("status"), 40).split(" ")[0]
    return Fate(address, plain(group.first("action"), 40).lower(), status, cut(said, 500))
