"""What a mail quotes and how it is signed: one line each in the thread, all of it by key."""

from __future__ import annotations

from collections.abc import Callable

from sdesk import ops
from sdesk.desk import Desk
from sdesk.mail.reading.quotes import folds_of
from sdesk.model import Entry, EntryId, EntryKind, TicketId
from sdesk.widgets.thread_lines import Manner, lay_out
from tests.tui.desk_pilot import at_desk, frame, settle
from tests.tui.ticket_pilot import show, until_shown

Make = Callable[..., TicketId]

TEXT = (
    "It prints again.\n\n"
    "On Mon, 2 Nov 2026 at 09:00, Help <help@desk.example> wrote:\n> Is it dead?\n> When may we come?\n\n"
    "Monday at ten.\n\n-- \nAna Ruiz\nAccounting\n"
)


def lines_of(text: str, *, quotes: bool) -> list[str]:
    entry = Entry(
        EntryId(1), TicketId(1), EntryKind.INBOUND, 0, "Ana", "", text, folds=folds_of(text)
    )
    (block,) = lay_out([entry], [], Manner(80, 0, "UTC", quotes=quotes))
    return ["".join(part for part, _ in line).strip(" ▎") for line in block.lines[1:-1]]


def test_a_quote_and_a_signature_are_a_line_each() -> None:
    assert lines_of(TEXT, quotes=False) == [
        "It prints again.",
        "▸ 3 quoted lines",
        "Monday at ten.",
        "▸ 3 lines of signature",
    ]


def test_all_of_it_stands_there_when_it_is_wanted() -> None:
    found = lines_of(TEXT, quotes=True)
    assert [line for line in found if line] == [
        line.strip() for line in TEXT.splitlines() if line.strip()
    ]


def test_an_old_mail_under_an_answer_is_a_quote() -> None:
    text = "Thanks.\n\n________________________________\nFrom: Help\nSent: Monday\nTo: Ana\nSubject: x\n\nhi"
    assert lines_of(text, quotes=False) == ["Thanks.", "▸ 7 quoted lines"]


async def test_a_key_unfolds_what_mails_quote(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.Receive(TEXT, folds=folds_of(TEXT)))
    async with at_desk(desk, (80, 24)) as (app, pilot):
        await show(app, pilot, ticket)
        await until_shown(app, pilot, "It prints again.", "▸ 3 quoted lines", "Monday at ten.")
        assert "When may we come?" not in frame(app)
        await pilot.press("Z")
        await until_shown(app, pilot, "It prints again.", "When may we come?")
        await pilot.press("G")
        await until_shown(app, pilot, "Monday at ten.", "Accounting")
        await pilot.press("Z")
        await settle(app, pilot, lambda: "When may we come?" not in frame(app))


async def test_the_preview_shows_what_is_new(desk: Desk, make_ticket: Make) -> None:
    ticket = make_ticket()
    desk.apply(ticket, ops.Receive(TEXT, folds=folds_of(TEXT)))
    async with at_desk(desk, (120, 40)) as (app, pilot):
        await until_shown(app, pilot, "It prints again.", "Monday at ten.")
        assert "When may we come?" not in frame(app)
