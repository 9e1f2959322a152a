"""The body of a letter: plain text that mail programs may flow, and the same as restrained HTML. Pure."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from html import escape

from sdesk.text import clean

WIDTH = 74
"""Characters of a line; with what quoting adds it stays within 78 for some rounds."""
SIGNATURE = "-- "
_WORDS = re.compile(r"(\s+)")
_LINK = re.compile(r"https?://[^\s<>\"'`{}|\\^\[\]\x00-\x1f]{1,1000}")
_TRAILING = ".,;:!?)"
STYLE = "font-family:sans-serif;font-size:14px;line-height:1.45;color:#222"
QUOTE = "margin:0 0 0 .3em;padding-left:.8em;border-left:2px solid #bbb;color:#555"


def flowed(text: str) -> str:
    """The text as `format=flowed` has it: lines within 78 columns, ending in a space where they go on."""
    found: list[str] = []
    for line in _lines(text):
        if line == SIGNATURE or line.startswith(">"):
            # What is quoted keeps its lines; the signature's mark is known by its space.
            found.append(line if line == SIGNATURE else line.rstrip())
            continue
        pieces = list(_wrapped(line.rstrip()))
        found += [_stuffed(piece) + " " for piece in pieces[:-1]]
        found.append(_stuffed(pieces[-1]))
    return "\n".join(found) + "\n"


def _lines(text: str) -> list[str]:
    return clean(text).replace("\t", "    ").strip("\n").split("\n")


def _wrapped(line: str) -> Iterator[str]:
    """The line in pieces of at most `WIDTH`; a longer word stays whole."""
    piece = ""
    for part in _WORDS.split(line):
        if piece.strip() and len(piece) + len(part) > WIDTH and not part.isspace():
            yield piece.rstrip()
            piece = part
        else:
            piece += part
    yield piece.rstrip()


def _stuffed(line: str) -> str:
    """Lines that begin like a quote, an indent or a mailbox's separator say that they are none."""
    return f" {line}" if line.startswith((" ", ">", "From ")) else line


def html(text: str, language: str) -> str:
    """The text as HTML without pictures, scripts and anything from elsewhere; links are those it shows."""
    blocks = "\n".join(_block(block) for block in _blocks(_lines(text)))
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head><meta charset="utf-8"></head>\n'
        f'<body style="{STYLE}">\n{blocks}\n</body>\n</html>\n'
    )


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """Paragraphs, and what is quoted or signs apart from them."""
    block: list[str] = []
    signing = False
    for line in lines:
        quoted = line.startswith(">")
        is_over = not line.strip() or line == SIGNATURE
        if block and not signing and (is_over or quoted != block[0].startswith(">")):
            yield block
            block = []
        signing = signing or line == SIGNATURE
        if line.strip() or signing:
            block.append(line)
    if block:
        yield block


def _block(lines: list[str]) -> str:
    if lines[0] == SIGNATURE:
        return f'<p style="color:#666">{_inside(lines[1:])}</p>'
    if lines[0].startswith(">"):
        bare = [re.sub(r"^[> ]{1,40}", "", line) for line in lines]
        return f'<blockquote style="{QUOTE}">{_inside(bare)}</blockquote>'
    return f"<p>{_inside(lines)}</p>"


def _inside(lines: list[str]) -> str:
    return "<br>\n".join(_linked(line) for line in lines)


def _linked(line: str) -> str:
    made, at = [], 0
    for found in _LINK.finditer(line):
        url = found[0].rstrip(_TRAILING)
        made.append(_shown(line[at : found.start()]))
        made.append(f'<a href="{escape(url)}">{escape(url)}</a>')
        at = found.start() + len(url)
    made.append(_shown(line[at:]))
    return "".join(made)


def _shown(text: str) -> str:
    """Escaped; runs of spaces keep their width."""
    return re.sub(r"  +|^ ", lambda found: "&nbsp;" * len(found[0]), escape(text))


def quoted_printable(text: str) -> bytes:
    """UTF-8 as quoted-printable, lines ended by CRLF. No line begins with a dot or with "From "."""
    encoded = binascii.b2a_qp(text.encode("utf-8", "replace"), quotetabs=False, istext=True)
    lines = encoded.replace(b"\r", b"=0D").split(b"\n")
    return b"\r\n".join(line for each in lines for line in _guarded(each))


def _guarded(line: bytes) -> list[bytes]:
    """No server that handles dots or mailboxes carelessly can cut or change the mail here."""
    if line.startswith(b"."):
        line = b"=2E" + line[1:]
    elif line.startswith(b"From "):
        line = b"=46" + line[1:]
    if len(line) <= 76:
        return [line]
    return [line[:3] + b"=", line[3:]]
