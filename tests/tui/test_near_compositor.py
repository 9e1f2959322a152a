"""The compositor that asks only what shows within the changed lines, against Textual's own."""

from __future__ import annotations

import random
from collections.abc import Callable

from textual._compositor import Compositor
from textual.geometry import Region

from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.terminal.compositor import NearCompositor
from tests.tui.desk_pilot import at_desk

Make = Callable[..., TicketId]
Cell = tuple[str, object]


def cells(compositor: Compositor, crop: Region, kind: type[Compositor]) -> list[list[Cell]]:
    """What it paints within the crop, row by row and cell by cell."""
    compositor.__class__ = kind
    rows = compositor._render_chops(crop, lambda y: crop.y <= y < crop.bottom)
    compositor.__class__ = NearCompositor
    painted = []
    for row in list(rows)[crop.y : crop.bottom]:
        line: list[Cell] = []
        for x, strip in row.items():
            line += [("", None)] * (x - len(line))
            line += [] if strip is None else [(c, s.style) for s in strip for c in s.text]
        line += [("", None)] * (crop.right - len(line))
        painted.append(line[crop.x : crop.right])
    return painted


async def test_both_paint_the_same(desk: Desk, make_ticket: Make) -> None:
    drawn = random.Random(4)
    for number in range(40):
        make_ticket(f"Ticket {number}")
    async with at_desk(desk, (90, 26)) as (app, pilot):
        for key in ("j", "ctrl+d", "p", "p", "p", "a", "escape", "enter", "q"):
            await pilot.press(key)
            compositor = app.queue_screen._compositor
            assert isinstance(compositor, NearCompositor)
            for _ in range(8):
                x, y = drawn.randrange(80), drawn.randrange(24)
                width, height = drawn.randint(1, 90 - x), drawn.randint(1, 26 - y)
                crop = Region(x, y, width, height)
                assert cells(compositor, crop, NearCompositor) == cells(
                    compositor, crop, Compositor
                )
