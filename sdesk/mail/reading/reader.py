"""Reading a mail from end to end."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sdesk.mail.reading.addresses import author, mailboxes
from sdesk.mail.reading.bodies import content
from sdesk.mail.reading.charsets import decode
from sdesk.mail.reading.fields import Fields, plain, unfolded
from sdesk.mail.reading.limits import Budget
from sdesk.mail.reading.marks import date, ids, own_id
from sdesk.mail.reading.quotes import folds_of
from sdesk.mail.reading.reports import told_in_words
from sdesk.mail.reading.structure import parse
from sdesk.mail.reading.values import Message
from sdesk.text import clean, clean_line, cut

SUBJECT = 1_000
"""Characters of a subject that are kept."""
_FAULTS = (
    ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, RuntimeError,
    TypeError, ValueError,
)  # fmt: skip


def read(raw: bytes) -> Message:
    """The mail. Never raises: one that this module has a fault with is handed over as its raw text."""
    try:
        return read_or_raise(raw)
    except _FAULTS as fault:
        text, _ = decode(raw[:100_000])
        said = f"It could not be read ({type(fault).__name__}); this is how it came."
        return Message(text=clean(text), damaged=(said,), doubts=("Its sender is not known.",))


def read_or_raise(raw: bytes) -> Message:
    """`read` for tests: a fault of this module is to be seen."""
    budget = Budget()
    if b"\n" not in raw:
        # Lines of an old Macintosh; else all of the mail were one header.
        raw = raw.replace(b"\r", b"\n")
    root = parse(raw, budget)
    fields = root.fields
    who, others, doubts = author(fields.all("from"), budget)
    inside = content(root, budget)
    sender = mailboxes(fields.all("sender")[:1], budget)
    reply_to = mailboxes(fields.all("reply-to")[:1], budget)
    return Message(
        subject=cut(plain(fields.first("subject")), SUBJECT),
        author=who,
        from_headers=len(fields.all("from")),
        others=others,
        sender=next(iter(sender), None),
        reply_to=next(iter(reply_to), None),
        to=mailboxes(fields.all("to"), budget),
        cc=mailboxes(fields.all("cc"), budget),
        message_id=own_id(fields.all("message-id")),
        in_reply_to=ids(b" ".join(fields.all("in-reply-to")[:10])),
        references=ids(b" ".join(fields.all("references")[:10])),
        date=date(fields.first("date")),
        headers=_headers(fields),
        text=inside.text,
        folds=folds_of(inside.text),
        parts=tuple(inside.parts),
        report=inside.report or told_in_words(fields, who, inside.text),
        damaged=tuple(budget.damaged),
        doubts=doubts,
    )


def _headers(fields: Fields) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, value in fields.items:
        found.setdefault(name, []).append(clean_line(unfolded(value)))
    return MappingProxyType({name: tuple(values) for name, values in found.items()})
