"""Tables of HTML mails: real ones stay, those that only place things become lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Element = Any

ROWS, COLUMNS, CELL, ACROSS = 200, 12, 60, 110
"""The largest table that is drawn as one; ACROSS is its width in characters."""


def flatten_tables(tree: Element) -> None:
    """Turn every table that isn't small and plain into blocks."""
    for table in list(tree.iter("table")):
        nested = table.find(".//table") is not None
        rows = [] if nested else [_cells(row) for row in table.iter("tr")]
        if nested or not _is_drawn(rows):
            _flatten(table, rows)
    for element in list(tree.iter("tr", "td", "th")):
        if not _in_table(element):
            element.tag = "div"


def _cells(row: Element) -> list[tuple[Element, str]]:
    return [
        (cell, " ".join("".join(cell.itertext()).split()))
        for cell in row
        if cell.tag in ("td", "th")
    ]


def _is_drawn(rows: list[list[tuple[Element, str]]]) -> bool:
    filled = [row for row in rows if any(text for _, text in row)]
    if not 2 <= len(filled) <= ROWS or not 2 <= max(len(row) for row in filled) <= COLUMNS:
        return False
    if any(len(text) > CELL for row in filled for _, text in row):
        return False
    widths = [0] * COLUMNS
    for row in filled:
        for column, (_, text) in enumerate(row):
            widths[column] = max(widths[column], len(text))
    return sum(widths) <= ACROSS and sum(1 for width in widths if width) > 1


def _flatten(table: Element, rows: list[list[tuple[Element, str]]]) -> None:
    """Rows become lines where their cells are short, else every cell begins one."""
    for row in rows:
        short = len(row) > 1 and all(len(text) <= CELL for _, text in row[:-1])
        for cell, text in row:
            cell.tag = "span" if short else "div"
            if short and text:
                cell.tail = "  "
    table.tag = "div"
    for element in table.iter("tr", "tbody", "thead", "tfoot", "caption", "colgroup"):
        element.tag = "div"


def _in_table(element: Element) -> bool:
    """Whether the nearest element around a row or a cell that isn't part of a table is one."""
    above = element.getparent()
    while above is not None and above.tag in ("tr", "tbody", "thead", "tfoot", "td", "th"):
        above = above.getparent()
    return above is not None and above.tag == "table"
