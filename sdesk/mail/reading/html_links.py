"""Where a link of an HTML mail really leads, for people: the text stays, the host is never hidden."""

from __future__ import annotations

import re
from urllib.parse import unquote

from sdesk.text import clean_line, cut

LONGEST = 160
"""Characters of an address that are shown."""
_WEB = re.compile(r"(https?)://([^/?#\\]{1,2000})([^\s]*)", re.IGNORECASE)


def link_of(text: str, href: str | None) -> str:
    """What is said after the link's text: " <https://host/path>", or '' where the text says it."""
    target = _target(clean_line((href or "")[:4_000]))
    words = clean_line(text[:2_000])
    if not target or _plain(words) == _plain(target):
        return ""
    return f" <{cut(target, LONGEST)}>" if words else f"<{cut(target, LONGEST)}>"


def _target(href: str) -> str:
    """The address as a browser would go there; '' for what isn't one (javascript:, data:, #here)."""
    href = href.replace("\\", "/").replace(" ", "%20")
    if href.lower().startswith(("mailto:", "tel:")):
        return unquote(href.partition(":")[2].partition("?")[0]).strip()
    if href.startswith("//"):
        href = f"https:{href}"
    match = _WEB.fullmatch(href)
    if not match:
        return ""
    scheme, place, rest = match.groups()
    host, colon, port = place.rpartition("@")[2].lower().partition(":")
    return f"{scheme.lower()}://{_ascii(host)}{colon}{port}{rest}"


def _ascii(host: str) -> str:
    """Letters of other alphabets in the form that can't be mistaken."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return ascii(host)[1:-1]


def _plain(text: str) -> str:
    """Two addresses that differ in this are two."""
    bare = re.sub(r"^(?:https?://|mailto:|tel:)", "", text.strip("<>() ").lower())
    return re.sub(r"[\s()-]", "", bare) if bare.startswith("+") else bare.rstrip("/.")
