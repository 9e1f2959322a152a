"""Reading a filter's characters: words, quotes, operators, each with its column."""

from __future__ import annotations

import re
from typing import NamedTuple

from sdesk.errors import QueryError

_TERM = re.compile(
    r'([A-Za-z][A-Za-z0-9_-]*)(?:\.("(?:[^"\\]|\\.)*"|[^\s:<>=!()",]+))?(:[<>]=?|:=|:|!=|[<>]=?|=)'
)
_BARE = re.compile(r'[^\s()"]+')
_PIECE = re.compile(r'[^\s()",]+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_WORD_END = re.compile(r'[\s()"]|$')


class Head(NamedTuple):
    """The beginning of a term: `field.room:`, `due<`."""

    name: str
    part: str
    operator: str
    column: int


class Item(NamedTuple):
    """One value as written; `pieces` are its texts, with whether each stood in quotes."""

    pieces: tuple[tuple[str, bool], ...]
    column: int

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.pieces)

    @property
    def is_bare(self) -> bool:
        return len(self.pieces) == 1 and not self.pieces[0][1]

    def starred(self) -> tuple[Item, bool]:
        """The item without a closing `*`, and whether there was one."""
        text, is_quoted = self.pieces[-1]
        if is_quoted or not text.endswith("*"):
            return self, False
        rest = (*self.pieces[:-1], *(((text[:-1], False),) if text[:-1] else ()))
        return (Item(rest, self.column), True) if rest else (self, False)

    def ends(self) -> tuple[Item, Item] | None:
        """The two ends of a range (`low..high`), or None when it is none."""
        for index, (text, is_quoted) in enumerate(self.pieces):
            if is_quoted or ".." not in text:
                continue
            low, _, high = text.partition("..")
            before = (*self.pieces[:index], *(((low, False),) if low else ()))
            after = (*(((high, False),) if high else ()), *self.pieces[index + 1 :])
            return Item(before, self.column), Item(after, self.column)
        return None


class Scanner:
    """A place in a filter's text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    @property
    def column(self) -> int:
        return self.at + 1

    def skip_space(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self, literal: str) -> bool:
        if not self.text.startswith(literal, self.at):
            return False
        self.at += len(literal)
        return True

    def keyword(self, word: str) -> bool:
        """Take `or`, `and`, `not` where it stands as a word of its own."""
        end = self.at + len(word)
        if self.text[self.at : end].lower() != word or not _WORD_END.match(self.text, end):
            return False
        self.at = end
        return True

    def head(self) -> Head | None:
        """The beginning of a term, unless what follows is an address such as `https://…`."""
        found = _TERM.match(self.text, self.at)
        if found is None or self.text.startswith("//", found.end()):
            return None
        part = found[2] or ""
        if part.startswith('"'):
            part = unescaped(part[1:-1])
        head = Head(found[1], part, found[3], self.column)
        self.at = found.end()
        return head

    def match(self, expression: re.Pattern[str]) -> re.Match[str] | None:
        found = expression.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def quoted(self) -> str:
        """The text between quotes; the scanner stands on the opening one."""
        start = self.column
        found = self.match(_QUOTED)
        if found is None:
            raise QueryError(
                "a quotation mark is not closed.",
                column=start,
                word=self.text[self.at :],
                hint='Close it with ".',
            )
        return unescaped(found[1])

    def bare(self) -> str:
        found = self.match(_BARE)
        return found[0] if found else ""

    def items(self) -> list[Item]:
        """The values of a term, separated by commas."""
        items = [self._item()]
        while self.take(","):
            items.append(self._item())
        return items

    def _item(self) -> Item:
        start = self.column
        pieces: list[tuple[str, bool]] = []
        while True:
            if self.peek() == '"':
                pieces.append((self.quoted(), True))
            elif found := self.match(_PIECE):
                pieces.append((found[0], False))
            else:
                return Item(tuple(pieces), start)


def unescaped(text: str) -> str:
    return _ESCAPE.sub(r"\1", text)
