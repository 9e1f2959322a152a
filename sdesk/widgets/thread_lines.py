"""A conversation as lines: entries and the events between them, wrapped to a width. Pure, for a thread.

A line is a tuple of (text, part) pairs; the parts are the timeline's component classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rich.cells import cell_len

from sdesk.model import Entry, EntryKind, Event, Instant
from sdesk.present import counted, event_sentence, moment
from sdesk.text import clean_line
from sdesk.widgets.cells import cut_cells, fit, wrap

Part = tuple[str, str]
Line = tuple[Part, ...]

MOST_LINES = 2_000
MOST_CHARACTERS = 100_000
"""What is shown of one entry; the rest is told of."""
WIDEST = 110
"""Cells of running text that are still easy to read."""
_SPOKEN = {"replied", "received", "noted", "called", "chatted"}
"""Events whose entry says it all."""
_WORDS = {
    EntryKind.REPLY: "REPLY",
    EntryKind.INBOUND: "wrote",
    EntryKind.NOTE: "NOTE",
    EntryKind.CALL: "CALL",
    EntryKind.CHAT: "CHAT",
}
_SIGNS = {
    EntryKind.REPLY: "▸",
    EntryKind.INBOUND: "◂",
    EntryKind.NOTE: "┌",
    EntryKind.CALL: "▸",
    EntryKind.CHAT: "»",
}


Wrapped = dict[tuple[int, int, bool], list[Part]]
"""Bodies by entry, width and whether quotes are shown: lines, each with what it is (`text` or `fold`)."""


class Block(NamedTuple):
    """One entry, or a run of events, as lines. `key` names it across refreshes."""

    key: tuple[str, int]
    lines: tuple[Line, ...]
    is_entry: bool


@dataclass(frozen=True, slots=True)
class Manner:
    """How to lay out: the width, whether events are folded, and how times and names are said."""

    width: int
    now: Instant
    zone: str
    folded: bool = False
    quotes: bool = False
    """Whether what a message quotes and how it is signed is shown."""
    names: Mapping[str, str] = field(default_factory=dict)
    posts: Mapping[int, Part] = field(default_factory=dict)
    """Entry → what became of the mail that it left as."""
    ref: Callable[[int], str] = str
    """How a ticket's number is said."""


def lay_out(
    entries: Sequence[Entry],
    events: Sequence[Event],
    manner: Manner,
    cache: Wrapped | None = None,
) -> tuple[Block, ...]:
    """All blocks, oldest first. `cache` keeps wrapped bodies by entry and width from call to call."""
    cache = {} if cache is None else cache
    blocks: list[Block] = []
    run: list[Event] = []
    for item in in_order(entries, events):
        if isinstance(item, Event):
            run.append(item)
            continue
        if run:
            blocks.append(_events_block(run, manner))
            run = []
        blocks.append(_entry_block(item, manner, cache))
    if run:
        blocks.append(_events_block(run, manner))
    return tuple(blocks)


def in_order(entries: Sequence[Entry], events: Iterable[Event]) -> list[Entry | Event]:
    """Entries and the events between them by time; an entry stands where its event stood."""
    said: dict[int, int] = {}
    others: list[Event] = []
    for event in events:
        if event.kind in _SPOKEN:
            said[int(event.details.get("entry") or 0)] = event.id
        else:
            others.append(event)
    found: list[tuple[tuple[int, int], Entry | Event]] = [
        ((event.at, event.id), event) for event in others
    ]
    found += [((entry.at, said.get(entry.id, 0)), entry) for entry in entries]
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def _events_block(events: Sequence[Event], manner: Manner) -> Block:
    key = ("events", events[0].id)
    width = manner.width
    if manner.folded:
        words = f"   ⋯ {counted(len(events), 'event')}"
        return Block(key, (((cut_cells(words, width), "event"),), ()), False)
    lines: list[Line] = []
    for event in events:
        when = moment(event.at, manner.zone, manner.now)
        sentence = event_sentence(event, zone=manner.zone, names=manner.names)
        room = min(width, WIDEST) - cell_len(when) - 7
        lines.append(
            ((" · ", "event"), (fit(sentence, max(8, room)), "event"), (f"  {when}", "time"))
        )
    return Block(key, (*lines, ()), False)


def _entry_block(entry: Entry, manner: Manner, cache: Wrapped) -> Block:
    width = min(manner.width, WIDEST)
    when = moment(entry.at, manner.zone, manner.now)
    if entry.written_in is not None:
        when = f"in {manner.ref(entry.written_in)}  {when}"
    inner = max(8, width - (6 if entry.kind == EntryKind.NOTE else 4))
    key = (entry.id, inner, manner.quotes)
    body = cache.get(key)
    if body is None:
        body = cache[key] = _body(entry, inner, quotes=manner.quotes)
    dressed = (
        _note(entry, body, when, width)
        if entry.kind == EntryKind.NOTE
        else _said(entry, body, when, width, manner.posts.get(entry.id))
    )
    return Block(("entry", entry.id), (*dressed, ()), True)


def _body(entry: Entry, width: int, *, quotes: bool) -> list[Part]:
    """The lines of an entry: what is new, and one line in place of each quote and signature."""
    if not entry.folds:
        return [(text, "text") for text in shown(entry.text, width)]
    lines: list[Part] = []
    at = 0
    for start, end in (*entry.folds, (len(entry.text), len(entry.text))):
        new = entry.text[at:start].strip("\n")
        if new.strip():
            lines += [(text, "text") for text in shown(new, width)]
        folded = entry.text[start:end].strip("\n")
        if folded.strip() and quotes:
            lines += [(text, "fold") for text in shown(folded, width)]
        elif folded.strip():
            lines.append((cut_cells(fold_words(folded), width), "fold"))
        at = end
    return lines or [("(no text)", "text")]


def fold_words(text: str) -> str:
    """ "▸ 14 quoted lines", "▸ 3 lines of signature"."""
    lines = [line for line in text.splitlines() if line.strip()]
    count = text.count("\n") + 1
    first = next((line for line in lines if any(char.isalnum() for char in line)), "")
    is_card = lines[0].strip() in ("--", "—") or not (">" in text[:2] or ":" in first)
    if is_card:
        return f"▸ {counted(count, 'line')} of signature"
    return f"▸ {counted(count, 'quoted line')}"


def shown(text: str, width: int) -> list[str]:
    """The text's lines as far as they are shown; a last line says how much there is more."""
    kept = text[:MOST_CHARACTERS]
    lines = wrap(kept, width)
    hidden = len(lines) - MOST_LINES
    lines = lines[:MOST_LINES]
    while lines and not lines[-1]:
        lines.pop()
    rest = len(text) - len(kept)
    if rest and hidden <= 0:
        lines.append(f"… {rest:,} more characters")
    elif hidden > 0:
        more = hidden + (wrapped_size(text[MOST_CHARACTERS:], width) if rest else 0)
        lines.append(f"… {more:,} more lines")
    return lines or ["(no text)"]


def wrapped_size(text: str, width: int) -> int:
    """About how many lines a text takes, without wrapping it."""
    return text.count("\n") + len(text) // max(1, width) + 1


def _said(
    entry: Entry, body: Sequence[Part], when: str, width: int, post: Part | None = None
) -> list[Line]:
    part = str(entry.kind)
    author = cut_cells(clean_line(entry.author) or "somebody", 40)
    head = f" {_SIGNS[entry.kind]} {author} "
    word = _WORDS[entry.kind]
    fate: Line = ((f" · {post[0]}", post[1]),) if post is not None else ()
    spent = cell_len(head) + len(word) + sum(cell_len(text) for text, _ in fate)
    gap = max(1, width - spent - cell_len(when) - 2)
    lines: list[Line] = [
        ((head, f"{part}-head"), (word, "word"), *fate, (" " * gap, "text"), (f"{when}", "time"))
    ]
    lines += [((" ▎ ", f"{part}-head"), line) for line in body]
    return lines


def _note(entry: Entry, body: Sequence[Part], when: str, width: int) -> list[Line]:
    """Internal notes stand in a box that no public message has."""
    author = cut_cells(clean_line(entry.author) or "somebody", 40)
    head = f" ┌─ NOTE {author} "
    rule = "─" * max(1, width - cell_len(head) - cell_len(when) - 4)
    lines: list[Line] = [((head, "note-head"), (rule, "note-head"), (f" {when} ┐", "note-head"))]
    inner = width - 6
    lines += [
        ((" │ ", "note-head"), (fit(text, inner), "note"), (" │", "note-head")) for text, _ in body
    ]
    lines.append(((f" └{'─' * max(1, width - 4)}┘", "note-head"),))
    return lines
