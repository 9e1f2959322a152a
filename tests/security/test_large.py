"""Text without measure: what is laid out of it is bounded, and the rest is said to be there."""

from __future__ import annotations

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.screens.dialogs.reader import Lines
from sdesk.screens.filing import TextReader
from sdesk.widgets.thread_lines import MOST_LINES, shown
from tests.each import each
from tests.security.test_every_widget import Watch
from tests.tui.desk_pilot import at_desk

LARGE = {
    "one line of a megabyte": "A" * 1_000_000,
    "words of a megabyte": "words and " * 100_000,
    "twenty thousand lines": "line\n" * 20_000,
    "twenty thousand empty lines": "\n" * 20_000 + "below",
    "marks": "Z" + "\u0301" * 50_000,
    "wide": "日本" * 200_000,
}


@each("text", LARGE.values(), ids=LARGE)
def test_of_a_large_text_a_bounded_part_is_laid_out(text: str) -> None:
    lines = shown(text, 80)
    assert len(lines) <= MOST_LINES + 1
    assert sum(map(len, lines)) <= 100_100
    assert lines[-1].startswith("…") or len(text) < 100_000


async def test_large_texts_stand_in_a_ticket_and_in_a_reader(desk: Desk) -> None:
    ticket = desk.apply(
        None, ops.Open("subject", LARGE["one line of a megabyte"], requester=1)
    ).ticket
    for text in LARGE.values():
        desk.apply(ticket, ops.AddNote(text))
    async with at_desk(desk, (80, 24)) as (app, pilot):
        watch = Watch(app, pilot)
        app.open_ticket(TicketId(ticket or 1))
        await watch.look("ticket")
        await watch.keys("above", "home")
        await app.push_screen(TextReader("x", LARGE["one line of a megabyte"]))
        await watch.look("reader")
        assert len(app.screen.query_one(Lines).content) <= MOST_LINES + 1
    assert not watch.leaks
