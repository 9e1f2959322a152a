"""The list: its vector and window, wide text, what is repainted, when it wakes up."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from rich.cells import cell_len
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Region

from sdesk.model import TicketId, TicketRow
from sdesk.widgets.list_state import ListState
from sdesk.widgets.ticket_list import TicketList
from sdesk.widgets.ticket_row import Look, Telling, columns_for, render_row
from tests.each import each

NOW = 1_764_150_000
PARTS = ("text", "cursor", "key", "muted", "strong", "breached", "risk")


def row(number: int, **values: Any) -> TicketRow:
    made = TicketRow(
        TicketId(number), f"SD-{number}", "incident", f"Subject {number}", "open", "open", None, 3,
        "network", "", "ana", "M. Korhonen", "ACME", False, NOW + 7_800, "resolution", None, False,
        NOW + 7_800, NOW - 60, NOW - 60, False, False,
    )  # fmt: skip
    return made._replace(**values)


class Rows:
    """A million rows that are made when asked for."""

    def __init__(self, **values: Any) -> None:
        self.values = values
        self.asked: list[int] = []

    def rows(self, ids: Sequence[int]) -> list[TicketRow]:
        self.asked.append(len(ids))
        return [row(i, **self.values) for i in ids]


class Listed(App[None]):
    def __init__(self, source: Rows, count: int) -> None:
        super().__init__()
        self.now = NOW
        self.list = TicketList(source, lambda: self.now)
        self.count = count
        self.sent: list[Region] = []

    def compose(self) -> ComposeResult:
        yield self.list

    def on_mount(self) -> None:
        self.list.show(array("q", range(1, self.count + 1)))
        self.list.focus()


def watch_regions(app: Listed, monkeypatch: pytest.MonkeyPatch) -> None:
    real = TicketList.refresh

    def refresh(self: TicketList, *regions: Region, **options: Any) -> Any:
        app.sent.extend(regions)
        return real(self, *regions, **options)

    monkeypatch.setattr(TicketList, "refresh", refresh)


async def test_a_key_in_sight_sends_two_lines_and_reads_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = Rows()
    app = Listed(source, 1_000_000)
    async with app.run_test(size=(80, 15)) as pilot:
        await pilot.pause()
        watch_regions(app, monkeypatch)
        source.asked.clear()
        await pilot.press("j")
        assert [r.y for r in app.sent] == [0, 1]
        assert source.asked == []


async def test_leaving_the_window_moves_a_row_or_half_a_page_and_reads_one_window() -> None:
    source = Rows()
    app = Listed(source, 1_000_000)
    async with app.run_test(size=(80, 15)) as pilot:
        await pilot.press("G")
        assert app.list.state.cursor == 999_999
        source.asked.clear()
        await pilot.press("g", "home")
        await pilot.press(*["j"] * 15)
        assert app.list.state.cursor == 15
        assert app.list.state.top == 1
        app.list.move_to(40)
        assert app.list.state.top == 33
        assert len(source.asked) <= 2
        assert sum(source.asked) < 250


async def test_a_refresh_sends_only_the_lines_that_look_different(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Listed(Rows(), 100)
    async with app.run_test(size=(80, 15)) as pilot:
        await pilot.pause()
        watch_regions(app, monkeypatch)
        rows = [row(i) for i in range(1, 101)]
        rows[4] = row(5, subject="Another subject")
        app.list.show(array("q", range(1, 101)), rows)
        assert [r.y for r in app.sent] == [4]


async def test_a_tick_sends_only_what_lies_before_the_end_of_the_countdown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Listed(Rows(), 5)
    async with app.run_test(size=(80, 15)) as pilot:
        await pilot.pause()
        watch_regions(app, monkeypatch)
        app.now += 60
        app.list._tick()
        assert {r.y for r in app.sent} == {0, 1, 2, 3, 4}
        assert all(r.width < 30 for r in app.sent)


async def test_nothing_wakes_the_list_while_no_countdown_runs() -> None:
    app = Listed(Rows(due_at=None, breach_at=None, remaining=3_600), 5)
    async with app.run_test(size=(80, 15)) as pilot:
        await pilot.pause()
        assert app.list._timer is None


async def test_the_cursor_stays_on_its_ticket_and_line_when_rows_come_and_go() -> None:
    app = Listed(Rows(), 100)
    async with app.run_test(size=(80, 15)) as pilot:
        await pilot.press(*["j"] * 6, "space")
        held, line = app.list.cursor_id, app.list.state.cursor - app.list.state.top
        app.list.show(array("q", [900, 901, *range(1, 101)]))
        assert app.list.cursor_id == held
        assert app.list.state.cursor - app.list.state.top == line
        assert app.list.state.marks == {7}


@each("width", [40, 60, 80, 100, 132, 200])
@each(
    "subject", ["plain", "電話が鳴らない" * 20, "e\u0301" * 90, "👩‍🔧 fixes it " * 9, "x" * 400, ""]
)
def test_a_row_is_exactly_as_wide_as_the_list(width: int, subject: str) -> None:
    made = row(1_000_000, subject=subject, requester=subject, vip=True)
    strip = render_row(
        made, columns_for(width, 10), width, dict.fromkeys(PARTS, Style()),
        look=Look(cursor=True), telling=Telling(NOW, {}),
    )  # fmt: skip
    assert strip.cell_length == width
    assert cell_len(strip.text) == width


@each("width", [44, 58, 72, 80, 96, 132, 200])
def test_columns_fill_the_width_and_the_subject_keeps_room(width: int) -> None:
    columns = columns_for(width)
    assert columns[-1].start + columns[-1].width == width
    assert next(c for c in columns if c.name == "subject").width >= 12


def says(**values: Any) -> str:
    return render_row(
        row(1042, **values), columns_for(100), 100, dict.fromkeys(PARTS, Style()),
        look=Look(writing="lea" if values.get("assignee") else ""), telling=Telling(NOW, {}),
    ).text  # fmt: skip


def test_state_is_told_by_signs() -> None:
    assert "!! −12m" in says(due_at=NOW - 720, breach_at=NOW - 720)
    assert "!  08:32" in says(due_at=NOW + 512)
    assert "‖" in says(state="waiting-customer", category="waiting", due_at=None, remaining=60)
    assert "✎ lea ben" in says(assignee="ben")
    assert "•" in says(unread=True)
    assert "★" in says(vip=True)


def state(count: int, height: int = 10) -> ListState:
    made = ListState()
    made.height = height
    made.replace(array("q", range(count)), whole=True, keep=False)
    return made


def test_pages_keep_the_cursors_line_and_end_on_the_last_row() -> None:
    made = state(25)
    made.move_to(3)
    made.turn(1)
    assert (made.top, made.cursor) == (9, 12)
    made.turn(1)
    made.turn(1)
    assert made.cursor == 24
    made.turn(-1)
    made.turn(-1)
    made.turn(-1)
    assert made.cursor == 0


def test_a_ticket_that_is_gone_leaves_the_cursor_at_its_place() -> None:
    made = state(10)
    made.move_to(5)
    made.replace(array("q", [0, 1, 2, 3, 4, 6, 7]), whole=True, keep=True)
    assert made.cursor_id == 6
    made.replace(array("q", []), whole=True, keep=True)
    assert made.cursor_id is None
    assert made.targets() == ()


@each("act", [ListState.toggle, ListState.mark_range, ListState.mark_all])
def test_an_empty_list_takes_every_key(act: Callable[[ListState], None]) -> None:
    made = state(0)
    act(made)
    made.turn(1)
    made.move_to(3)
    assert made.cursor == 0


def test_marks_outlive_a_filter_and_come_in_the_lists_order() -> None:
    made = state(10)
    made.marks = {3, 8, 5}
    made.replace(array("q", [8, 3, 1]), whole=True, keep=True)
    assert made.targets() == (8, 3, 5)
