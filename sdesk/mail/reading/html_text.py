"""HTML as text: what a reader would see, links by the host they really lead to, nothing fetched.

`lxml` parses (its own limit on depth holds), the tree is made plain here, `inscriptis` lays it out.
Both are given only what they are quick with: no styles, few elements, small tables. Quotes come out
behind "> ", so that one way of finding them serves plain mails and these.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sdesk.mail.reading.html_links import link_of
from sdesk.mail.reading.html_sight import Sight, hide, hiding_rules, seen_in
from sdesk.mail.reading.html_tables import flatten_tables
from sdesk.mail.reading.limits import Budget
from sdesk.text import clean, clean_line, cut

if TYPE_CHECKING:
    Element = Any

DEEPEST = 250
"""The parser stops at 256."""
LISTS = 6
"""Lists within lists that are indented."""
_OPEN, _SHUT = "\U0010fff0", "\U0010fff1"
_GONE = {
    "script", "style", "head", "title", "meta", "link", "template", "object", "embed", "applet",
    "iframe", "frame", "frameset", "noframes", "svg", "math", "input", "select", "textarea", "audio",
    "video", "canvas", "map", "base", "basefont", "xml", "noscript", "datalist",
}  # fmt: skip
_QUOTED = re.compile(r"gmail_quote|yahoo_quoted|moz-cite|protonmail_quote|zmail_extra_blockquote")
_BLANKS = re.compile(r"\n{3,}")
ATTRIBUTES = 200
"""Attributes of one tag; the parser compares every one with all before it."""
_CROWDED = re.compile(
    r"""(<[A-Za-z][^\s/>]*+(?:[\s/]*+[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+)"""
    rf"{{{ATTRIBUTES}}})[^>]*+>?"
)
_UNSAID = re.compile(r"<(?:script|style|title)\b[^<>]*>[^<]*", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


def html_text(html: str, budget: Budget) -> str:
    """What the page says, as lines."""
    html = _uncrowded(clean(_short(html, budget)).replace(_OPEN, "").replace(_SHUT, ""), budget)
    tree = _tree(html)
    if tree is None or budget.is_spent():
        return ""
    deepest = _make_plain(tree)
    flatten_tables(tree)
    lines = _quoted([line.rstrip() for line in clean(_laid_out(tree)).split("\n")])
    text = _BLANKS.sub("\n\n", "\n".join(lines)).strip("\n")
    if deepest >= DEEPEST:
        budget.damage(f"Its HTML is nested more than {DEEPEST} deep.")
        text = text or _bare(html)
    return text


def _bare(html: str) -> str:
    """All words of a page whose structure is beyond reading."""
    words = _TAG.sub(" ", _UNSAID.sub(" ", html))
    return clean(" ".join(words.split()))


def _short(html: str, budget: Budget) -> str:
    """As much of it as there is time for: so many letters and so many tags of all HTML in one mail."""
    kept = html[: budget.html]
    pieces = kept.split("<", budget.tags + 1)
    if len(pieces) > budget.tags + 1:
        kept = kept[: -len(pieces[-1]) - 1]
    if len(kept) < len(html):
        budget.damage("Its HTML is too long; the beginning is shown.")
    budget.html -= len(kept)
    budget.tags -= len(pieces) - 1
    return kept


def _uncrowded(html: str, budget: Budget) -> str:
    """The page without what is above `ATTRIBUTES` in a tag."""
    html, crowded = _CROWDED.subn(r"\1>", html)
    if crowded:
        budget.damage(f"A tag of its HTML has more than {ATTRIBUTES} attributes.")
    return html


def _tree(html: str) -> Element | None:
    from lxml import etree
    from lxml import html as parser

    made = parser.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True
    )
    try:
        return parser.document_fromstring(html.encode("utf-8", errors="replace"), parser=made)
    except (etree.LxmlError, ValueError):
        return None


def _make_plain(tree: Element) -> int:
    """Only what is seen stays, and only as words; no attribute is left. How deep it goes."""
    elements = list(tree.iter())
    sheets = [e.text or "" for e in elements if e.tag == "style" and _is_for_all(e)]
    rules, grounds = hiding_rules(sheets), any("background" in sheet for sheet in sheets)
    sights: dict[Element, Sight] = {}
    for element in elements:
        if not isinstance(element.tag, str):
            continue
        above = sights.get(element.getparent(), Sight())
        sight = sights[element] = seen_in(element, above, rules)
        if element.tag in _GONE or sight.gone:
            element.text, element.tag = None, "span"
            element[:] = []
            sights[element] = sight._replace(gone=True)
        elif sight.is_hidden(grounds):
            hide(element)
    for element in reversed(elements):  # what stands in a link is said before the link is
        if isinstance(element.tag, str):
            _said(element)
            if element.tag in ("ul", "ol") and sights[element].lists > LISTS:
                element.tag = "div"
    return max((sight.depth for sight in sights.values()), default=0)


def _is_for_all(sheet: Element) -> bool:
    """Whether a style sheet holds for every screen."""
    return (sheet.get("media") or "all").strip().lower() in ("all", "screen")


def _said(element: Element) -> None:
    """Say as words what an element shows by other means."""
    if element.tag == "img":
        element.text = _picture(element)
    elif element.tag == "a" and (said := link_of("".join(element.itertext()), element.get("href"))):
        _append(element, said)
    elif element.tag == "hr":
        element.tag, element.text = "div", "_" * 32
    if _is_quote(element):
        _mark(element)
    element.attrib.clear()
    if element.tag in ("a", "img", "blockquote", "font", "button", "label"):
        element.tag = "div" if element.tag == "blockquote" else "span"


def _append(element: Element, words: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + words
    else:
        element.text = (element.text or "") + words


def _mark(element: Element) -> None:
    """Put what says that a quote begins and ends there on lines of their own."""
    from lxml import etree

    before, after = etree.Element("div"), etree.SubElement(element, "div")
    before.text, before.tail, element.text = _OPEN, element.text, None
    element.insert(0, before)
    after.text = _SHUT


def _picture(element: Element) -> str:
    """ "[image: alt]"; a picture of the mail itself says so without one; others without say nothing."""
    sizes = [element.get("width") or "", element.get("height") or ""]
    if any(size.strip().removesuffix("px") in ("0", "1", "2") for size in sizes):
        return ""
    alt = cut(clean_line(element.get("alt") or ""), 80)
    source = (element.get("src") or "")[:200].lower()
    if alt:
        return f"[image: {alt}]"
    return "[image]" if source.startswith(("cid:", "data:")) else ""


def _is_quote(element: Element) -> bool:
    name = f"{element.get('class') or ''} {element.get('id') or ''}"[:200]
    if element.tag == "blockquote":
        style = (element.get("style") or "")[:1_000].lower()
        return element.get("type") == "cite" or "border-left" in style or "quote" in name
    return (
        element.tag == "div"
        and bool(_QUOTED.search(name))
        and "container" not in name
        and not (any(child.tag == "blockquote" for child in element))
    )


def _laid_out(tree: Element) -> str:
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.html_engine import Inscriptis
    from inscriptis.model.config import ParserConfig

    return str(Inscriptis(tree, ParserConfig(css=CSS_PROFILES["strict"].copy())).get_text())


def _quoted(lines: list[str]) -> list[str]:
    """Lines between the marks behind "> ", one for each quote they stand in."""
    made: list[str] = []
    depth = 0
    for line in lines:
        opened, shut = line.count(_OPEN), line.count(_SHUT)
        depth = min(depth + opened, 50)
        bare = line.replace(_OPEN, "").replace(_SHUT, "").rstrip()
        if bare or not (opened or shut):
            made.append(("> " * min(depth, 10) + bare).rstrip() if depth else bare)
        depth = max(0, depth - shut)
    return made
