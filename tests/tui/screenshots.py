"""The README's pictures: the demo desk, driven by keys, drawn as SVG. `make screenshots` runs it."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from pathlib import Path

from sdesk.config import Config
from sdesk.demo.making import make
from sdesk.screens.sla import SlaScreen
from sdesk.screens.ticket import TicketScreen
from tests.tui.desk_pilot import at_desk, frame, settle

SIZE = (120, 34)
NOON = 1_763_980_920
"""Monday 2025-11-24, 12:42 in Helsinki: the demo's company is at work."""
THEME = "dark"


async def draw(folder: Path) -> None:
    """Queue, ticket and SLA board."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        desk = make(
            Path(place) / "demo.db",
            tickets=250, seed=1, caller="ana", caller_name="Ana Virtanen", clock=lambda: NOON,
        )  # fmt: skip
        with desk:
            async with at_desk(desk, SIZE, config=Config(theme=THEME)) as (app, pilot):
                last = str(len(app.queue_screen.views))
                await pilot.press(last)
                await settle(app, pilot, lambda: "1/" in frame(app) and "due" in frame(app))
                await pilot.press("space", "space", "j")
                await settle(app, pilot, lambda: "2 marked" in frame(app))
                picture(app, folder / "queue.svg")
                await pilot.press("escape", "k", "k", "enter")
                await settle(app, pilot, lambda: isinstance(app.screen, TicketScreen) and "CLOCKS" in frame(app))  # fmt: skip
                picture(app, folder / "ticket.svg")
                await pilot.press("q", "g", "s")
                await settle(app, pilot, lambda: isinstance(app.screen, SlaScreen) and bool(app.screen.targets()))  # fmt: skip
                await pilot.pause(0.3)
                picture(app, folder / "board.svg")


def picture(app: object, file: Path) -> None:
    svg: str = app.export_screenshot(title="sdesk", simplify=True)  # type: ignore[attr-defined]
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S)  # any font of one width will do
    file.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")
    print(file)


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1])))
