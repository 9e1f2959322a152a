"""Numbers as people say them: SD-1042, and SD-R42 for a ticket that lies in the restricted file.

Every number in the restricted file is above `RESTRICTED`, so that any number says which file it is of.
"""

from __future__ import annotations

import re

RESTRICTED = 1_000_000_000
"""No number of an ordinary store comes up to it: it would be the thousandth million of its events."""
MARK = "R"
_NUMBER = re.compile(rf"({MARK}?)([0-9]{{1,15}})", re.ASCII | re.IGNORECASE)


def is_restricted(number: int) -> bool:
    """Whether what has this number (a ticket, a person, a message, a mail …) lies in the restricted file."""
    return number > RESTRICTED


def base_of(number: int) -> int:
    """Above what the numbers of a file lie, told from any one of them."""
    return RESTRICTED if number > RESTRICTED else 0


def short(number: int) -> str:
    """The number without a prefix: 1042, R42."""
    return f"{MARK}{number - RESTRICTED}" if number > RESTRICTED else str(number)


def reference(prefix: str, number: int) -> str:
    """SD-1042, SD-R42."""
    return f"{prefix}-{short(number)}"


def number_in(text: str) -> int | None:
    """1042 and R42 as numbers; None for anything else."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    return int(found[2]) + (RESTRICTED if found[1] else 0)


def read_reference(text: str, prefix: str) -> int | None:
    """The number that people mean by SD-1042, sd1042, #1042, 1042, SD-R42 or R42; None for no number."""
    given = text.strip().removeprefix("#")
    for lead in (f"{prefix}-", prefix, ""):
        if given[: len(lead)].upper() == lead.upper():
            number = number_in(given[len(lead) :])
            if number is not None:
                return number
    return None
