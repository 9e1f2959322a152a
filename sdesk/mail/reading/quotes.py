"""Which lines of a text are new, and which quote somebody or sign: spans that a reader may fold.

New text is never hidden on a guess: a quote has to say so (by "> ", "On … wrote:", an "Original
Message", the head of a mail, our own line), a signature by "-- ", a rule, or a closing formula with
a block of lines behind it. Answers between quotes stay. Line by line, in linear time.
"""

from __future__ import annotations

import re

from sdesk.mail.reading import limits
from sdesk.mail.reading.quote_words import (
    FORWARDED,
    FROM,
    HEADS,
    ORIGINAL,
    SENT_FROM,
    SIGN_OFF,
    wrote,
)

_MARKER = re.compile(r"[>\s]*##-.{0,200}-##\s*")
"""The line that the desk's own letters carry above what they say."""
_HEAD = re.compile(r"[\s*_|]{0,4}(\w[\w ]{0,18}?)(?:[\s*]{0,3}[:：]|\s{2})")
_RULE = re.compile(r"\s{0,4}[-_=*]{8,}\s*")
_WHEN = re.compile(r"\d{1,4}[./-]\d{1,2}|\d{1,2}[:.]\d{2}|(?:19|20)\d\d|\d年")
_CONTACT = re.compile(r"@\w|https?://|www\.|\+?\d[\d ()/.-]{6,}\d")
_POSTSCRIPT = re.compile(r"\s*(?:p\.? ?s\.?|nb)\b", re.IGNORECASE)
QUOTE, SIGNATURE = "quote", "signature"
_TRIES = 40
"""How often the library is asked."""
_WINDOWS = 1_000
"""How many lines that end in a colon are looked at."""
_BLOCK = 40
"""Lines of the longest signature behind a closing formula."""


def folds_of(text: str) -> tuple[tuple[int, int], ...]:
    """The spans that quote or sign, in order; none where nothing else would be left."""
    head = text[: limits.QUOTES]
    lines = head.split("\n")
    kinds = [""] * len(lines)
    _mark_tail(lines, kinds)
    _mark_prefixed(lines, kinds)
    if not _has_new(lines, kinds):
        return ()
    _mark_signatures(lines, kinds)
    if not _has_new(lines, kinds):
        kinds = [kind if kind == QUOTE else "" for kind in kinds]
    return _spans(lines, kinds, len(text))


def _has_new(lines: list[str], kinds: list[str]) -> bool:
    return any(not kind and line.strip() for line, kind in zip(lines, kinds, strict=True))


def _spans(lines: list[str], kinds: list[str], end: int) -> tuple[tuple[int, int], ...]:
    """Runs of lines of one kind; blank lines between two of them belong to both."""
    found: list[tuple[int, int]] = []
    at, open_ = 0, ""
    for line, kind in zip(lines, kinds, strict=True):
        after = min(end, at + len(line) + 1)
        if kind and kind == open_:
            found[-1] = (found[-1][0], after)
        elif kind:
            found.append((at, after))
        if kind or line.strip():
            open_ = kind
        at = after
    if open_ and end > at:
        found[-1] = (found[-1][0], end)
    return tuple(found)


# Quotes


def _mark_tail(lines: list[str], kinds: list[str]) -> None:
    """Mark lines that introduce a quote, and everything after one that goes to the end."""
    tries, windows = _TRIES, _WINDOWS
    heads = [_head_word(line) for line in lines]
    forwards = False
    for at, line in enumerate(lines):
        bare = line.strip()
        if _MARKER.fullmatch(line):
            return _mark(kinds, at, len(lines))
        if not bare or bare[0] == ">" or forwards:
            continue
        forwards = _forwards(bare)
        if _is_between_rules(bare.lower(), ORIGINAL) or _is_head(lines, heads, at):
            if _says_before(lines, kinds, at):
                return _mark(kinds, _above(lines, at), len(lines))
        elif windows and bare[-1] in ":：" and len(bare) < 400 and not kinds[at]:
            windows -= 1
            start, asked = _introduced(lines, at, tries)
            tries -= asked
            if start is not None:
                _mark(kinds, start, at + 1)
                if not _next(lines, at).startswith(">") and _says_before(lines, kinds, start):
                    return _mark(kinds, start, len(lines))
    return None


def _says_before(lines: list[str], kinds: list[str], at: int) -> bool:
    return any(one.strip() and not kind for one, kind in zip(lines[:at], kinds, strict=False))


def _mark(kinds: list[str], start: int, end: int, kind: str = QUOTE) -> None:
    kinds[start:end] = [kind] * (end - start)


def _forwards(line: str) -> bool:
    """Whether a line says that a forwarded mail follows, which is what is said."""
    low = line.strip().lower() if len(line) < 100 else ""
    return bool(low) and (_is_between_rules(low, FORWARDED) or low.startswith("begin forwarded"))


def _is_between_rules(low: str, words: tuple[str, ...]) -> bool:
    """ "-----Original Message-----" and its like."""
    return low[0] in "-_*=" and len(low) < 100 and low.strip("-_*=> \t:").startswith(words)


def _above(lines: list[str], at: int) -> int:
    """Where a quote begins whose head stands there: with the rule above it, if there is one."""
    above = at
    while above and (not lines[above - 1].strip() or _RULE.fullmatch(lines[above - 1])):
        above -= 1
    return above


def _is_head(lines: list[str], heads: list[str], at: int) -> bool:
    """Whether the head of a mail begins there: From and two more of Sent, To, Subject and Cc."""
    near = set(heads[at : at + 10]) if heads[at] else set()
    if FROM not in near or len(near - {""}) < 3:
        return False
    found: set[str] = set()
    strangers = 0
    for line, word in zip(lines[at : at + 10], heads[at : at + 10], strict=True):
        strangers = 0 if word else strangers + 1
        if strangers > 1 or (not line.strip() and len(found) > 1):
            break
        found |= {word} if word else set()
    return FROM in found and len(found) > 2


def _head_word(line: str) -> str:
    match = _HEAD.match(line)
    return HEADS.get(match.group(1).lower().replace(" ", ""), "") if match else ""


def _introduced(lines: list[str], at: int, tries: int) -> tuple[int | None, int]:
    """The line at which "On … wrote:" begins that ends at this one, and how often that was asked."""
    quoted = _next(lines, at).startswith(">")
    asked = 0
    window = ""
    for start in range(at, max(-1, at - 4), -1):
        line = lines[start].strip().lstrip("-—*> ")
        if not line or lines[start].startswith(">"):
            break
        window = f"{line} {window}".strip()
        if len(window) > 400:
            break
        when = _WHEN.search(window)
        if not when:
            continue
        if asked < tries:
            asked += 1
            if wrote().match(window):
                return start, asked
        if "@" in window and len(window) < 250 and (quoted or start == at):
            return start, asked
        if quoted and start == at and len(window) < 120:
            return start, asked
    return None, asked


def _next(lines: list[str], at: int) -> str:
    """The next line that isn't blank, of the few that follow."""
    return next((line.lstrip() for line in lines[at + 1 : at + 8] if line.strip()), "")


def _mark_prefixed(lines: list[str], kinds: list[str]) -> None:
    """Mark runs of lines that begin with ">": two or more, or one that was introduced or is nested."""
    at = 0
    while at < len(lines):
        if kinds[at] or not lines[at].startswith((">", " >")):
            at += 1
            continue
        end, count = at, 0
        ahead = at
        while ahead < len(lines) and not kinds[ahead]:
            if lines[ahead].startswith((">", " >")):
                count, end = count + 1, ahead + 1
            elif lines[ahead].strip():
                break
            ahead += 1
        deep = lines[at].startswith(">>") and not lines[at].startswith(">>> ")
        if count > 1 or deep or _was_introduced(lines, kinds, at):
            _mark(kinds, at, end)
        at = max(end, at + 1)


def _was_introduced(lines: list[str], kinds: list[str], at: int) -> bool:
    before = at - 1
    while before >= 0 and not lines[before].strip():
        before -= 1
    return before >= 0 and kinds[before] == QUOTE


# Signatures


def _mark_signatures(lines: list[str], kinds: list[str]) -> None:
    start = 0
    while start < len(lines):
        if kinds[start]:
            start += 1
            continue
        end = start
        while end < len(lines) and not kinds[end] and not _forwards(lines[end]):
            end += 1
        found = _signature(lines, start, end)
        if found is not None:
            _mark(kinds, found, end, SIGNATURE)
        start = max(end, start + 1)


def _signature(lines: list[str], start: int, end: int) -> int | None:
    """The line at which the signature of these lines begins."""
    left = [0] * (end - start + 1)
    for at in range(end - 1, start - 1, -1):
        left[at - start] = left[at - start + 1] + bool(lines[at].strip())
    last = end - 1
    while last > start and not lines[last].strip():
        last -= 1
    for at in range(start, end):
        line, rest = lines[at], left[at - start] - 1
        bare = line.strip()
        if line == "-- " or (bare == "--" and rest <= 15):
            return at
        if not bare or rest > _BLOCK or len(bare) > 80:
            continue
        if at == last and SENT_FROM.match(bare) and len(bare) <= 60 and not set(bare) & set(",?!"):
            return at
        if _RULE.fullmatch(line) and 0 < rest <= 25 and _is_card(lines[at + 1 : end], 1):
            return at
        if rest > 3 and SIGN_OFF.fullmatch(bare) and _is_card(lines[at + 1 : end], 1):
            return at
    return None


def _is_card(lines: list[str], contacts: int) -> bool:
    """Whether lines could stand on a business card: short, no question, nothing afterwards."""
    if any(len(line) > 160 or "?" in line or _POSTSCRIPT.match(line) for line in lines):
        return False
    return sum(bool(_CONTACT.search(line)) for line in lines) >= contacts
