"""The parts of a mail: a tree found by position in the raw bytes, nothing copied, nothing recursive.

Every multipart is searched for its own boundary with `bytes.find`, so the cost is at most the depth
limit times the size. What lies deeper, or after the last part that is read, stays one piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sdesk.mail.reading import limits
from sdesk.mail.reading.fields import Fields, Typed, split, typed
from sdesk.mail.reading.limits import Budget

_PLAIN = "text/plain"
_FALSE_STARTS = 20_000
"""Lines that begin like a boundary and are none: more are somebody's game."""


@dataclass
class Piece:
    """A part of the mail, or all of it: `raw[start:end]` is its body."""

    raw: bytes
    fields: Fields
    end: int
    depth: int
    inside: str = ""
    """The media type of what it stands in."""
    within: bool = False
    """It stands in a forwarded mail, which is kept whole."""
    cut: bool = False
    """It has parts, but they are beyond the limits."""
    parts: list[Piece] = field(default_factory=list)
    media: str = field(init=False)
    typed: Typed = field(init=False)
    placed: Typed = field(init=False)
    """The Content-Disposition."""

    def __post_init__(self) -> None:
        self.typed = typed(self.fields.first("content-type"))
        self.placed = typed(self.fields.first("content-disposition"))
        default = "message/rfc822" if self.inside == "multipart/digest" else _PLAIN
        self.media = _media(self.typed.word) or default

    @property
    def start(self) -> int:
        """Where its body begins."""
        return self.fields.body

    @property
    def body(self) -> bytes:
        """Its body as it was sent, before any transfer encoding is taken off."""
        return self.raw[self.start : self.end]


_MEDIA_LETTERS = set("abcdefghijklmnopqrstuvwxyz0123456789!#$&-^_.+")


def _media(word: str) -> str:
    main, slash, sub = word.replace(" ", "").partition("/")
    sound = slash and main and sub and len(word) < 130 and not set(main + sub) - _MEDIA_LETTERS
    if sound:
        return f"{main}/{sub}"
    return {"text": _PLAIN, "html": "text/html", "text/": _PLAIN}.get(word, "")


def parse(raw: bytes, budget: Budget) -> Piece:
    """The whole mail as a tree."""
    end = min(len(raw), limits.SIZE)
    if len(raw) > end:
        budget.damage(f"It is larger than {limits.SIZE // 1_000_000} MB; the rest is not read.")
    root = Piece(raw, split(raw, _skipped(raw), end, budget), end, 0)
    waiting = [root]
    while waiting:
        piece = waiting.pop()
        if not _has_parts(piece):
            continue
        if piece.depth >= limits.DEPTH:
            piece.cut = True
            budget.damage(f"It is nested more than {limits.DEPTH} deep.")
            continue
        if budget.parts >= limits.PARTS or budget.is_spent():
            piece.cut = True
            continue
        piece.parts = list(_children(piece, budget))
        waiting.extend(reversed(piece.parts))
    return root


def _skipped(raw: bytes) -> int:
    """Past empty lines, and a byte-order mark, before the first header."""
    at = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    while raw[at : at + 1] in (b"\r", b"\n"):
        at += 1
    return at


def _has_parts(piece: Piece) -> bool:
    if piece.media in ("message/rfc822", "message/global", "message/news"):
        return not _is_coded(piece)
    return piece.media.startswith("multipart/")


def _is_coded(piece: Piece) -> bool:
    """A mail inside must not be encoded as a whole; where one is, it stays an attachment."""
    coding = piece.fields.first("content-transfer-encoding").strip().lower()
    return coding in (b"base64", b"quoted-printable")


def _children(piece: Piece, budget: Budget) -> Iterator[Piece]:
    is_mail = not piece.media.startswith("multipart/")
    within, depth = piece.within or is_mail, piece.depth + 1
    if is_mail:
        inner = split(piece.raw, _skipped_from(piece), piece.end, budget)
        budget.parts += 1
        yield Piece(piece.raw, inner, piece.end, depth, piece.media, within)
        return
    boundary = piece.typed.params.get("boundary", "").encode("utf-8", errors="replace").rstrip()
    spans = list(_spans(piece, boundary, budget)) if boundary else []
    if not spans and (boundary := _guess(piece)):
        spans = list(_spans(piece, boundary, budget))
    if not spans:
        # No boundary is found: what stands there is text.
        fields = Fields((), piece.start)
        yield Piece(piece.raw, fields, piece.end, depth, piece.media, within)
    for start, end in spans:
        inner = split(piece.raw, start, end, budget)
        yield Piece(piece.raw, inner, end, depth, piece.media, within)


def _skipped_from(piece: Piece) -> int:
    at = piece.start
    while piece.raw[at : at + 1] in (b"\r", b"\n") and at < piece.end:
        at += 1
    return at


def _guess(piece: Piece) -> bytes:
    """The boundary of a part that doesn't say it: the first line that looks like one and is
    followed by a header."""
    head = piece.raw[piece.start : min(piece.end, piece.start + 4_000)]
    before = b""
    for line in head.split(b"\n"):
        if before and line.lower().startswith(b"content-"):
            return before
        before = line.strip()[2:] if line.startswith(b"--") else b""
    return b""


def _spans(piece: Piece, boundary: bytes, budget: Budget) -> Iterator[tuple[int, int]]:
    """(start, end) of each part between the lines of this boundary."""
    start: int | None = None
    for at, after, is_last in _marks(piece, b"--" + boundary, budget):
        if start is not None:
            budget.parts += 1
            yield start, _before(piece.raw, start, at)
        if is_last:
            return
        if budget.parts >= limits.PARTS:
            mark = b"--" + boundary
            count = piece.raw.count(mark, piece.start, piece.end)
            count -= piece.raw.count(mark + b"--", piece.start, piece.end)
            budget.damage(f"It has {count:,} parts; the first {limits.PARTS} are read.")
            return
        start = after
    if start is not None and start < piece.end:
        budget.parts += 1
        yield start, piece.end


def _before(raw: bytes, start: int, at: int) -> int:
    """Where a part ends: before the line break that belongs to the boundary."""
    if at > start and raw[at - 1 : at] == b"\n":
        at -= 1
        if at > start and raw[at - 1 : at] == b"\r":
            at -= 1
    return at


def _marks(piece: Piece, mark: bytes, budget: Budget) -> Iterator[tuple[int, int, bool]]:
    """(where a boundary line begins, where the next line does, whether it is the closing one)."""
    raw, at, misses = piece.raw, piece.start, 0
    while (at := raw.find(mark, at, piece.end)) >= 0:
        stop = raw.find(b"\n", at, piece.end)
        stop = piece.end if stop < 0 else stop + 1
        rest = raw[at + len(mark) : min(stop, at + len(mark) + 80)].strip()
        begins = at == piece.start or raw[at - 1 : at] == b"\n"
        if begins and rest in (b"", b"--"):
            yield at, stop, rest == b"--"
            at = stop
            continue
        misses += 1
        if misses > _FALSE_STARTS:
            budget.damage("Its parts can't be told apart.")
            return
        at += len(mark)
