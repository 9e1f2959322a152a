"""What every screen's head tells at its right end: outages and planned work, and new notices."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from sdesk.text import clean_line
from sdesk.widgets.cells import cut_cells
from sdesk.widgets.line_view import LineView

SIGN = "✉"
ANNOUNCED = "⚠"
MOST = 999
LEAST_TITLE = 4
"""Cells of a title below which the number of announcements says more."""


class Letters(LineView):
    """A head: it shows what is announced, and how many notices the app knows to be new."""

    def letters(self, room: int | None = None) -> str:
        """ "⚠ VPN +1  ✉ 3", or nothing; what is announced in at most so many cells (None: a fifth
        of the line)."""
        titles: Sequence[str] = getattr(self.app, "announced", ())
        fifth = max(12, min(30, self.size.width // 5))
        parts = (
            in_short(titles, fifth if room is None else min(room, fifth)),
            _new(int(getattr(self.app, "letters", 0))),
        )
        return "  ".join(part for part in parts if part)


def in_short(titles: Sequence[str], room: int) -> str:
    """ "⚠ VPN +1": the first title and how many there are besides; their number where it is narrow."""
    if not titles:
        return ""
    more = f" +{len(titles) - 1}" if len(titles) > 1 else ""
    title, left = clean_line(titles[0]), room - 2 - len(more)
    if cell_len(title) > left:
        if left < LEAST_TITLE:
            return f"{ANNOUNCED} {len(titles)}"
        title = cut_cells(title, left - 1).rstrip() + "…"
    return f"{ANNOUNCED} {title}{more}"


def _new(count: int) -> str:
    """ "✉ 3", or nothing."""
    if not count:
        return ""
    return f"{SIGN} {count}" if count <= MOST else f"{SIGN} {MOST}+"
