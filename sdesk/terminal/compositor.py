"""Putting a screen together from its widgets, where only some lines have changed.

Textual asks every widget for all of its lines and keeps those that are wanted: of 40 rows, ten widgets
and a changed line that is most of what a key costs. The frames are the same, cell by cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual._compositor import Compositor
from textual.geometry import Region

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.strip import Strip


class NearCompositor(Compositor):
    """Asks only what shows within the changed lines, and nothing behind what covers them."""

    def _get_renders(
        self, crop: Region | None = None
    ) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if not crop:
            yield from super()._get_renders(crop)
            return
        # The widgets come from the front to the back.
        for widget, (region, clip) in self.visible_widgets.items():
            shown = region.intersection(clip)
            seen = Region(shown.x, crop.y, shown.width, crop.height).intersection(shown)
            if not seen or not seen.overlaps(crop):
                continue
            lines = Region(seen.x - region.x, seen.y - region.y, seen.width, seen.height)
            yield region, seen, widget.render_lines(lines)
            if seen.contains_region(crop):
                return
