"""What a mail points at: our letters, our tickets, and the key by which its double is known."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sdesk.numbering import MARK, is_restricted, number_in

if TYPE_CHECKING:
    from sdesk.rules.mail.words import Incoming

MOST = 120
"""Message-IDs and numbers that are looked up for one mail: all that reading leaves of a long thread."""
DIGITS = 15
"""A longer number is no ticket's."""
WEAK = "~"
"""What the key of a mail begins with that has neither a Message-ID nor a Date: the same words may
well be meant anew another day."""


class Clues(NamedTuple):
    """Pointers, none of them believed yet."""

    own_id: str
    """Its Message-ID, bare."""
    answered: tuple[str, ...]
    """Message-IDs it refers to, bare, the nearest first."""
    reported: tuple[str, ...]
    """Message-IDs that a delivery report speaks of, bare."""
    numbers: tuple[int, ...]
    """Tickets that its subject names."""
    key: str
    """The same for the same mail, however often and by whichever way it is delivered."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Every Message-ID there is to look up."""
        return tuple(dict.fromkeys(filter(None, (self.own_id, *self.answered, *self.reported))))


def bare(message_id: str) -> str:
    """A Message-ID without its angle brackets."""
    return message_id.strip().removeprefix("<").removesuffix(">")


def clues_of(mail: Incoming, prefix: str) -> Clues:
    """What a mail points at; `prefix` is that of the desk's ticket numbers."""
    answered = [*mail.in_reply_to, *reversed(mail.references)]
    reported = mail.report.message_ids if mail.report is not None else ()
    return Clues(
        own_id=bare(mail.message_id),
        answered=tuple(dict.fromkeys(filter(None, map(bare, answered))))[:MOST],
        reported=tuple(dict.fromkeys(filter(None, map(bare, reported))))[:MOST],
        numbers=numbers_in(mail.subject, prefix),
        key=key_of(mail),
    )


def numbers_in(subject: str, prefix: str) -> tuple[int, ...]:
    """The tickets that a subject names as [SD-1042], in ASCII only, each once."""
    found = (number_in(digits) for digits in _token(prefix).findall(subject))
    return tuple(dict.fromkeys(number for number in found if number))[:MOST]


_OURS = re.compile(r"sd\.([0-9]{1,15})\.", re.ASCII)


def names_restricted(clues: Clues) -> bool:
    """Whether a mail points at a ticket of the restricted file, by its number or by a letter of ours."""
    letters = (found for name in (*clues.answered, *clues.reported) if (found := _OURS.match(name)))
    numbers = (*clues.numbers, *(int(found[1]) for found in letters))
    return any(map(is_restricted, numbers))


@lru_cache(maxsize=8)
def _token(prefix: str) -> re.Pattern[str]:
    # ASCII: else a long s matched the S, and other scripts' digits the numbers.
    return re.compile(
        rf"\[{re.escape(prefix)}-({MARK}?[0-9]{{1,{DIGITS}}})\]", re.IGNORECASE | re.ASCII
    )


def key_of(mail: Incoming) -> str:
    """Message-ID, author, date and what was said and attached; without a Message-ID its subject.

    "" where nothing at all could be read: two such mails may be anything but the same.
    """
    author = mail.author.addr.casefold() if mail.author is not None else ""
    identity = bare(mail.message_id)
    digest = hashlib.sha256()
    for part in (identity or f"\0{mail.subject}", author, str(mail.date), _words(mail.text)):
        digest.update(part.encode(errors="surrogatepass"))
        digest.update(b"\0\0")
    for file in mail.parts:
        digest.update(hashlib.sha256(file.body).digest())
    if not (identity or author or mail.subject or mail.text.strip() or mail.parts):
        return ""
    weak = not identity and mail.date is None
    return (WEAK if weak else "") + digest.hexdigest()


def _words(text: str) -> str:
    """A text whatever a relay did to its line breaks."""
    return " ".join(text.split())
