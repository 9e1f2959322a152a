"""What a person is told: plain text, one short paragraph, nothing that any service would take for markup."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from sdesk.text import clean_line, cut

LONGEST = 280
"""Characters of one message's text: what a pager and a text message take."""
TOLD = 12
"""Messages that are told one by one when several go together."""
WITHHELD = "a restricted ticket"
_MARKS = re.compile(r"[<>`*_~|\[\]\\]")
_MENTIONS = re.compile(r"@(?=\w)|(?<!\S)#(?=\w)")


class Message(NamedTuple):
    """One thing to be told."""

    ref: str
    """The ticket's number; empty where it concerns none."""
    subject: str
    said: str
    """What happened and by whom."""
    due: str = ""
    """When its next promise is due, as people read it."""
    kind: str = ""
    restricted: bool = False


class Words(NamedTuple):
    title: str
    body: str


def plain(text: str) -> str:
    """One line without a character that chats take for markup, and without names that would ring elsewhere."""
    return clean_line(_MENTIONS.sub("", _MARKS.sub(" ", clean_line(text))))


def words_of(messages: Sequence[Message], desk: str) -> Words:
    """The title and the text of one message, or of several that go together."""
    if len(messages) == 1:
        only = messages[0]
        title = f"{plain(desk)}: {only.ref or only.kind}"
        return Words(cut(title, 80), cut(paragraph(only), LONGEST))
    refs = list(dict.fromkeys(m.ref for m in messages if m.ref))
    title = f"{plain(desk)}: {len(messages)} notices" + (
        f" on {len(refs)} tickets" if len(refs) > 1 else f" on {refs[0]}" if refs else ""
    )
    lines = [cut(paragraph(message), 140) for message in messages[:TOLD]]
    if len(messages) > TOLD:
        lines.append(f"and {len(messages) - TOLD} more: sdesk notices")
    return Words(cut(title, 80), "\n".join(lines))


def paragraph(message: Message) -> str:
    """ "SD-12 VPN drops every ten minutes: ben calls you. Due 14:30." """
    subject = WITHHELD if message.restricted else plain(message.subject)
    about = " ".join(filter(None, (message.ref, cut(subject, 90))))
    said = message.kind if message.restricted else plain(message.said)
    text = f"{about}: {said}" if about else said
    text = text if text.endswith((".", "…", "!", "?")) else f"{text}."
    return f"{text} Due {message.due}." if message.due else text
