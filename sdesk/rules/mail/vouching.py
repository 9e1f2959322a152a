"""What our own mail server found out about a sender: the topmost Authentication-Results it signed.

Whoever sends a mail can write such a header as well. Only the topmost one that bears our server's
name counts, and of it only what stands outside comments and quoted strings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PASS, FAIL = "pass", "fail"
LONGEST = 8_192
"""Characters of a header that are read."""
_RESULT = re.compile(r"\s*([a-z][a-z0-9-]*)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(header|smtp)\.([a-z]+)\s*=\s*([^\s;]+)", re.IGNORECASE)


class Vouched(NamedTuple):
    """What is known of a mail's sender."""

    present: bool = False
    """Whether our server has said anything."""
    dmarc: str = ""
    """pass, fail, none …; empty where nothing was said."""
    aligned: bool = False
    """Whether a signature, or the server it came from, belongs to the author's own domain."""

    @property
    def passed(self) -> bool:
        return self.dmarc == PASS

    @property
    def failed(self) -> bool:
        return self.dmarc == FAIL

    @property
    def genuine(self) -> bool:
        """Whether it is from the author it names, as far as our server can tell."""
        return self.passed or (self.aligned and not self.failed)

    @property
    def words(self) -> str:
        if not self.present:
            return "our mail server says nothing of the sender"
        return f"dmarc={self.dmarc}" if self.dmarc else "nothing is said of dmarc"


def vouched(values: Sequence[str], authserv: str, author: str) -> Vouched:
    """Read the headers, topmost first, for the mail of an author's address.

    Without a server's name nothing good is believed of any; that the topmost one says fail is.
    """
    for value in values:
        name, results = _read(value)
        if authserv and name == authserv.casefold():
            return _judged(results, author)
        if not authserv:
            found = _judged(results, author)
            return Vouched(dmarc=FAIL) if found.failed else Vouched()
    return Vouched()


def _judged(results: Sequence[str], author: str) -> Vouched:
    domain = author.rpartition("@")[2].casefold()
    dmarc, aligned = "", False
    for result in results:
        if (found := _RESULT.match(result)) is None:
            continue
        method, said = found[1].casefold(), found[2].casefold()
        facts = {f"{a}.{b}".casefold(): c.casefold() for a, b, c in _PROPERTY.findall(result)}
        if method == "dmarc" and dmarc != FAIL:
            other = _ascii(facts.get("header.from", domain).strip("<>\"'").rpartition("@")[2])
            dmarc = "none" if said == PASS and other != domain else said
        elif said == PASS and method in ("dkim", "spf"):
            aligned = aligned or _is_of(_domain(method, facts), domain)
    return Vouched(present=True, dmarc=dmarc, aligned=aligned)


def _domain(method: str, facts: dict[str, str]) -> str:
    if method == "dkim":
        return facts.get("header.d", "") or facts.get("header.i", "").rpartition("@")[2]
    path = facts.get("smtp.mailfrom", "").strip("<>\"'")
    return path.rpartition("@")[2] if path.count("@") < 2 else ""


def _ascii(domain: str) -> str:
    """A domain as addresses have it: some servers tell its letters, others xn--…."""
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def _is_of(found: str, domain: str) -> bool:
    """Whether a domain vouches for another: it is the same one, or one of two labels or more above it."""
    if not found or not domain:
        return False
    return found == domain or ("." in found and domain.endswith(f".{found}"))


def _read(value: str) -> tuple[str, list[str]]:
    """The name of the server and its results, without comments and quoted strings."""
    first, *results = "".join(_plain(value[:LONGEST])).split(";")
    names = first.split()
    return (names[0].casefold() if names else ""), results


def _plain(value: str) -> Iterator[str]:
    """The characters outside (nested) comments and quoted strings; a quoted string becomes a mark."""
    depth, quoted, escaped = 0, False, False
    for char in value:
        if escaped:
            escaped = False
        elif char == "\\" and (quoted or depth):
            escaped = True
        elif quoted:
            quoted = char != '"'
        elif char == '"' and not depth:
            quoted = True
            yield "?"
        elif char == "(":
            depth += 1
        elif char == ")" and depth:
            depth -= 1
            yield " "
        elif not depth:
            yield char
