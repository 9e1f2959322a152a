"""Text measured in terminal cells: fitted to a width, or wrapped to it, without splitting a wide character."""

from __future__ import annotations

from rich.cells import cell_len, chop_cells, split_graphemes

from sdesk.text import clean

TAB = 4


def fit(text: str, width: int) -> str:
    """The text in exactly so many cells: padded with spaces, or cut with an ellipsis."""
    if width <= 0:
        return ""
    size = cell_len(text)
    if size <= width:
        return text + " " * (width - size)
    kept = cut_cells(text, width - 1)
    return kept + "…" + " " * (width - 1 - cell_len(kept))


def cut_cells(text: str, width: int) -> str:
    """The longest beginning of the text that takes at most so many cells."""
    if width <= 0:
        return ""
    # No character takes more than two cells' worth of look-ahead here: the rest needs no measuring.
    text = text[: width * 8]
    if text.isascii():
        return text[:width]
    used = 0
    for start, _, size in split_graphemes(text)[0]:
        if used + size > width:
            return text[:start]
        used += size
    return text


def wrap(text: str, width: int, most: int | None = None) -> list[str]:
    """The cleaned text as lines of at most `width` cells, broken at spaces where there are any.

    Stops after `most` lines. A text without a line break is one paragraph, however long.
    """
    width = max(2, width)
    lines: list[str] = []
    for paragraph in clean(text).expandtabs(TAB).split("\n"):
        lines.extend(_wrap_paragraph(paragraph.rstrip(), width))
        if most is not None and len(lines) >= most:
            return lines[:most]
    return lines


def _wrap_paragraph(text: str, width: int) -> list[str]:
    if len(text) <= width and text.isascii():
        return [text]
    if text.isascii():
        return _wrap_narrow(text, width)
    if cell_len(text) <= width:
        return [text]
    return _wrap_wide(text, width)


def _wrap_narrow(text: str, width: int) -> list[str]:
    """Wrap where every character takes one cell: only slices and searches, for speed."""
    lines = []
    start, end = 0, len(text)
    while end - start > width:
        space = text.rfind(" ", start + 1, start + width + 1)
        stop = space if space > start else start + width
        lines.append(text[start:stop].rstrip())
        start = stop
        while start < end and text[start] == " ":
            start += 1
    if start < end or not lines:
        lines.append(text[start:])
    return lines


def _wrap_wide(text: str, width: int) -> list[str]:
    lines: list[str] = []
    line, used = "", 0
    for word in text.split(" "):
        size = cell_len(word)
        gap = 1 if line else 0
        if used + gap + size <= width:
            line, used = (f"{line} {word}" if gap else word), used + gap + size
            continue
        if line:
            lines.append(line)
        if size > width:
            *full, word = chop_cells(word, width) or [""]
            lines.extend(full)
            size = cell_len(word)
        line, used = word, size
    lines.append(line)
    return lines
