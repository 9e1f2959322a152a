"""What a mail server says of a mail that was sent: a delivery report (RFC 3464) or one of its kin."""

from __future__ import annotations

from sdesk.mail.reading.fields import Fields, plain, split
from sdesk.mail.reading.limits import Budget
from sdesk.mail.reading.marks import ids
from sdesk.mail.reading.structure import Piece
from sdesk.mail.reading.transfer import decoded
from sdesk.mail.reading.values import Fate, Report
from sdesk.text import cut

_STATUS = (
    "message/delivery-status",
    "message/global-delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
)
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
        elif part.media in ("message/rfc822", "message/global", "text/rfc822-headers"):
            found += ids(_returned(part, budget).first("message-id"))
    return Report(kind[:40], tuple(dict.fromkeys(found))[:10], tuple(fates[:MOST]))


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
