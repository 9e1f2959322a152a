"""Driving the desk by keys: start it, wait for a condition, read the screen as text."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from sdesk.app import SdeskApp
from sdesk.desk import Desk
from sdesk.widgets.status_line import StatusLine
from sdesk.widgets.ticket_list import TicketList


def frame(app: SdeskApp) -> str:
    """What stands on the terminal, as text. The only place that asks Textual's compositor."""
    height = app.size.height
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(s.text for s in line).rstrip() for line in lines[:height])


async def settle(app: SdeskApp, pilot: Pilot[None], is_so: Callable[[], bool]) -> None:
    """Wait until the condition holds; the screen is in the failure's message."""
    for _ in range(400):
        await pilot.pause(0.01)
        if is_so():
            return
    raise AssertionError(f"it never came true; the screen:\n{frame(app)}")


@asynccontextmanager
async def at_desk(
    desk: Desk, size: tuple[int, int] = (80, 24), **options: object
) -> AsyncIterator[tuple[SdeskApp, Pilot[None]]]:
    """The desk on a screen of that size, with its first rows read."""
    app = SdeskApp(desk, **options)  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        await settle(app, pilot, lambda: app._watch is not None)
        yield app, pilot


def listed(app: SdeskApp) -> TicketList:
    return app.queue_screen.query_one(TicketList)


def told(app: SdeskApp) -> str:
    """What the status line says."""
    return app.screen.query_one(StatusLine).told


def complaints(app: SdeskApp) -> list[str]:
    return [n.message for n in app._notifications if n.severity == "error"]
