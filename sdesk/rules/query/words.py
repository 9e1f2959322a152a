"""What the text of a ticket is to a search: folded words in three columns, and what is looked for in them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from sdesk.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_BODY = 65_536
"""Folded characters of a ticket's conversation that can be found; the oldest entries come first."""
MAX_WORD = 200
"""Longer words are cut to this, in documents and in queries: no person types them."""

_LONG = re.compile(rf"\S{{{MAX_WORD + 1},}}")


class Document(NamedTuple):
    """A ticket's words, folded; every column starts and ends with a space, or is empty."""

    subject: str
    body: str
    people: str


def document(subject: str, entries: Iterable[str], people: Iterable[str]) -> Document:
    """The document of a ticket: entries oldest first; the requester's name, e-mail and organization."""
    body: list[str] = []
    room = MAX_BODY
    for text in entries:
        # Folding can only lengthen a text by compatibility forms: four times is far beyond it.
        words = folded(text[: room * 4])
        body.append(words[:room].rpartition(" ")[0] if len(words) > room else words)
        room -= len(body[-1]) + 1
        if room <= 0:
            break
    return Document(padded(folded(subject)), _joined(body), _joined(map(folded, people)))


def folded(text: str) -> str:
    """`fold`, with over-long words cut."""
    words = fold(text)
    return _LONG.sub(lambda found: found[0][:MAX_WORD], words) if len(words) > MAX_WORD else words


def padded(words: str) -> str:
    return f" {words} " if words else ""


def pattern(text: str, *, prefix: bool = False) -> str:
    """What a column of a document contains when it holds these words as a phrase.

    With `prefix` the last word may go on. Only for a text that `folded` leaves words of.
    """
    return f" {folded(text)}" if prefix else f" {folded(text)} "


def caseless(text: str) -> str:
    """The form in which tags are compared: nothing but case and width is forgotten."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _joined(texts: Iterable[str]) -> str:
    return padded(" ".join(filter(None, texts)))
