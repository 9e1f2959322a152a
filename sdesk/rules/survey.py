"""The answer to the one question that is asked when a ticket is closed. Pure."""

from __future__ import annotations

import re

from sdesk.text import clean

_SCORE = re.compile(r"^[ \t]*([1-5])(?:[ \t]*/[ \t]*5)?(?:[.,:;! \t)-]+|$)(.*)", re.DOTALL)


def survey_answer(text: str) -> tuple[int, str] | None:
    """Score and comment of a reply to the survey: a number from 1 to 5 at the start of its first line
    that holds anything; None for a reply that is none."""
    said = clean(text[:4_000]).strip()
    if (found := _SCORE.match(said)) is None:
        return None
    return int(found[1]), found[2].strip()[:2_000]
