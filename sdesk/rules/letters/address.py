"""Addresses and Message-IDs as we write them: strictly, whatever the standards would allow. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_ID = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,120}@[A-Za-z0-9.:\[\]_-]{1,120}")
_NOBODY = re.compile(
    r"(?:no-?_?reply|do-?_?not-?_?reply|postmaster|mailer-daemon|bounces?|abuse|nobody|root|daemon|"
    r"listserv|majordomo|owner-.*|.*-(?:request|bounces?|owner))(?:[+=].*)?",
    re.IGNORECASE,
)
FAR_BACK = 9
"""Message-IDs of a thread that are named beside its first one."""


def usable(address: str) -> str:
    """The address as it goes into a header, its domain in ASCII; "" for one that can't be written to.

    Quoted names, comments, address literals and letters outside ASCII before the @ are refused:
    they are rare, and every one of them has smuggled a second recipient somewhere.
    """
    local, at, domain = address.strip().rpartition("@")
    if not at or not 0 < len(local) <= 64 or not _LOCAL.fullmatch(local):
        return ""
    domain = ascii_domain(domain)
    return f"{local}@{domain}" if domain else ""


def ascii_domain(domain: str) -> str:
    """The domain in lower case, its letters outside ASCII as xn--…; "" for what is none."""
    try:
        plain = domain.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    labels = plain.split(".")
    if len(plain) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return ""
    # A number alone is an address of a host, or a part of one.
    return "" if labels[-1].isdigit() else plain


def is_nobody(address: str) -> bool:
    """Whether nobody reads there: no-reply, postmaster, a list's own addresses."""
    return _NOBODY.fullmatch(address.partition("@")[0]) is not None


def message_id(text: str) -> str:
    """A Message-ID in angle brackets as we would name it in a header of ours; "" for anything else."""
    bare = text.strip().removeprefix("<").removesuffix(">")
    return f"<{bare}>" if _ID.fullmatch(bare) else ""


def thread(ids: Iterable[str]) -> str:
    """The References of a letter: the first Message-ID of its thread and the newest ones."""
    known = list(dict.fromkeys(found for text in ids if (found := message_id(text))))
    if len(known) > FAR_BACK + 1:
        known = [known[0], *known[-FAR_BACK:]]
    return " ".join(known)
