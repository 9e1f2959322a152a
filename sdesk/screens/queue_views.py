"""Where the queue looks: its views, its query line, its order and its preview, by key."""

from __future__ import annotations

import re
from collections.abc import Callable

from textual import on, work
from textual.reactive import var
from textual.timer import Timer

from sdesk.errors import QueryError
from sdesk.messages import TicketOpened
from sdesk.screens.queue_looks import NO_VIEWS, QueueLooks
from sdesk.screens.wording import empty_words
from sdesk.widgets.header_bar import HeaderBar
from sdesk.widgets.query_bar import ListHeading, QueryBar, QueryInput
from sdesk.widgets.tabs import Tab, ViewTabs

TYPING = 0.06
"""Seconds after a letter of the query before it is asked."""
MINE = "state:open assignee:me sort:due"
UNASSIGNED = "state:open is:unassigned sort:due"
RECENT = "sort:-updated"
_SORT = re.compile(r"(?:^|\s)sort:\S+")


def with_order(query: str, order: str) -> str:
    """The query with another order; what else it says stays as typed."""
    bare = "".join(
        part if part.startswith('"') else _SORT.sub("", part)
        for part in re.split(r'("[^"]*"?)', query)
    )
    return f"{bare.strip()} sort:{order}".strip()


class QueueViews(QueueLooks):
    """The half of the queue screen that says what is to be shown; the other half reads and shows it."""

    query_text: var[str] = var("", init=False)
    """The query whose answer the list shows, or is about to show."""

    # The parts. Held, not looked up: a worker's last answer may come when the screen is being taken down.
    header: HeaderBar
    tabs: ViewTabs
    query_bar: QueryBar
    heading: ListHeading

    def __init__(self) -> None:
        super().__init__()
        self.last_view: int | None = None
        self.last_hits: frozenset[int] = frozenset()
        self.counts: dict[tuple[str, str], int] = {}
        """(view, owner) → how many tickets it has."""
        self.awaited: str | None = None
        """The query that was asked and isn't answered: keys for the list wait for it."""
        self.afresh = False
        """The answer that is awaited shows its first row, however often it is read."""
        self.impatient = False
        """Esc has ended the waiting: keys are taken, but none is for a row."""
        self._pending: dict[str, Timer] = {}

    def ask(self, query: str, *, keep: bool = False) -> None:
        """Show the answer to a query; with `keep` the cursor stays on its ticket."""
        raise NotImplementedError

    def read_now(self, query: str) -> None:
        """Show the first page of the answer, before anything else happens."""
        raise NotImplementedError

    def later(self, name: str, seconds: float, then: Callable[[], None]) -> None:
        """Do it once, so long after the last time it was asked for."""

        def now() -> None:
            self._pending.pop(name, None)
            then()

        self.never_mind(name)
        self._pending[name] = self.set_timer(seconds, now)

    def never_mind(self, name: str) -> None:
        """What was to be done later is not to be done."""
        if (timer := self._pending.pop(name, None)) is not None:
            timer.stop()

    # Views

    def load_views(self) -> None:
        """Read the views again; the open one stays open while it is there."""
        held = self.views[self.view] if self.view is not None and self.views else None
        self.views = self.desk_app.desk.read.views() or NO_VIEWS
        if held is not None:
            names = [(v.name, v.owner) for v in self.views]
            here = (held.name, held.owner)
            self.view = names.index(here) if here in names else None
        self.show_tabs()

    def show_tabs(self) -> None:
        """The tabs with the counts known so far."""
        tabs = tuple(Tab(v.name, self.counts.get((v.name, v.owner))) for v in self.views)
        self.tabs.show(tabs, self.view)

    def open_view(self, index: int, *, quietly: bool = False) -> None:
        """Show a view, its own query; the one before is remembered for `-`.

        Its first page is read at once, so that a key pressed right after works on it; `quietly`
        leaves it at that.
        """
        if not 0 <= index < len(self.views):
            self.desk_app.tell(f"there is no view {index + 1}")
            return
        if self.view is not None and self.view != index:
            self.last_view = self.view
        self.view = index
        self.wear_look()
        self.show_query(self.views[index].query)
        self.read_now(self.query_text)
        if not quietly:
            self.ask(self.query_text, keep=True)
        self.show_tabs()

    def open_first(self) -> None:
        """The view that was chosen; else the first that holds anything, so that no desk begins empty."""
        chosen = self.chosen_view()
        for index in range(len(self.views)) if chosen is None else (chosen,):
            self.open_view(index, quietly=True)
            if self.listed.state.ids or chosen is not None:
                break
        else:
            self.open_view(0, quietly=True)
        self.last_view = None
        self.ask(self.query_text, keep=True)

    def open_named(self, name: str, query: str) -> None:
        """The view with that query or name, else the query by itself."""
        for index, view in enumerate(self.views):
            if view.query == query or view.name.casefold() == name.casefold():
                self.open_view(index)
                return
        self.open_query(query)

    def open_query(self, query: str) -> None:
        """Show a query that is no view's."""
        self.show_query(query)
        self.ask(query)

    def show_query(self, query: str) -> None:
        """Put a query on its line, and say when it is not the view's own."""
        self.query_text = query
        own = self.view is not None and self.views[self.view].query == query
        changed = not own or self.has_own_look
        self.listed.empty = empty_words(self.open_one.name if own else "", self.desk_app.keymap)
        self.query_bar.show(query, "changed · \\ back · :save NAME" if changed else "")
        self.heading.show(fault=None, hint="")

    def show_saved(self, name: str) -> None:
        """The query on the line has become a view, or a view another one: make it the open one."""
        self.load_views()
        for index, view in enumerate(self.views):
            if view.name == name:
                self.view = index
        self.forget_looks()
        self.show_query(self.query_text)
        self.show_tabs()
        self.reload()

    def action_view(self, number: int) -> None:
        self.open_view(number - 1)

    def action_next_view(self) -> None:
        self._step_view(1)

    def action_previous_view(self) -> None:
        self._step_view(-1)

    def _step_view(self, by: int) -> None:
        self.open_view(((self.view or 0) + by) % len(self.views))

    def action_last_view(self) -> None:
        if self.last_view is None:
            self.desk_app.tell("there is no view before this one")
        else:
            self.open_view(self.last_view)

    @on(ViewTabs.Clicked)
    def open_clicked(self, event: ViewTabs.Clicked) -> None:
        self.open_view(event.index)

    def action_go_mine(self) -> None:
        self.open_named("Mine", MINE)

    def action_go_unassigned(self) -> None:
        self.open_named("Unassigned", UNASSIGNED)

    def action_go_recent(self) -> None:
        self.open_named("Recent", RECENT)

    def action_go_first(self) -> None:
        self.listed.move_to(0)

    # The query line

    def action_filter(self) -> None:
        self.query_bar.edit()

    @on(QueryBar.Edited)
    def filter_as_typed(self, event: QueryBar.Edited) -> None:
        """A letter: ask soon. Enter: ask at once, and go to the list; with a fault it stays where it is."""
        event.stop()
        if not event.settled:
            self.heading.show(hint="")
            self.later("typing", TYPING, lambda: self.ask(event.text))
            return
        self.never_mind("typing")
        try:
            self.desk_app.desk.read.parse(event.text)
        except QueryError as fault:
            self.query_text = event.text
            self.heading.show(fault=fault)
            return
        self.show_query(event.text)
        self.ask(event.text)
        self.listed.focus(scroll_visible=False)
        self.last_hits = frozenset()

    @on(QueryBar.GivenUp)
    def forget_edit(self, event: QueryBar.GivenUp) -> None:
        event.stop()
        self.never_mind("typing")
        changed = event.text != self.query_text
        self.show_query(event.text)
        if changed:
            self.read_now(event.text)
            self.ask(event.text, keep=True)
        self.listed.focus(scroll_visible=False)
        if event.key:
            self.desk_app.press_key(event.key)

    @on(QueryInput.CompletionWanted)
    def complete(self, event: QueryInput.CompletionWanted) -> None:
        """Put the first completion in; where there are several, show how the word can go on."""
        event.stop()
        from sdesk.rules.query import complete  # here: it isn't needed for the first paint

        line = self.query_bar.input
        found = complete(line.value, line.cursor_position, self.desk_app.desk.read.vocabulary())
        if not found:
            return
        first = found[0]
        line.value = line.value[: first.start] + first.text + line.value[first.end :]
        line.cursor_position = first.start + len(first.text)
        hint = "  ".join(one.text for one in found[:12]) if len(found) > 1 else first.help
        self.heading.show(fault=None, hint=hint)

    def action_clear_filter(self) -> None:
        """Back to the view's own query; what the filter found stays known to n and N."""
        self.last_hits = frozenset(self.listed.state.ids[:10_000])
        self.forget_looks()
        self.open_view(self.view or 0)

    def action_next_hit(self) -> None:
        self._to_hit(1)

    def action_previous_hit(self) -> None:
        self._to_hit(-1)

    def _to_hit(self, step: int) -> None:
        state = self.listed.state
        if not self.last_hits:
            self.listed.move_to(state.cursor + step)
            return
        index = state.cursor + step
        while 0 <= index < len(state.ids):
            if state.ids[index] in self.last_hits:
                self.listed.move_to(index)
                return
            index += step
        self.desk_app.tell("no hit further on" if step > 0 else "no hit before this one")

    @work(exclusive=True, group="dialog")
    async def action_sort(self) -> None:
        from sdesk.screens.choices import orders  # here: not needed for the first paint

        order = await self.app.push_screen_wait(orders())
        if order is not None:
            self.sort_by(order)

    def sort_by(self, order: str) -> None:
        """Another order for the query on the line."""
        self.open_query(with_order(self.query_text, order))

    # Opening, leaving

    def action_open(self) -> None:
        if (ticket := self.listed.cursor_id) is not None:
            self.post_message(TicketOpened(ticket, self.listed.state.ids))

    def action_back(self) -> None:
        """Esc takes the marks away; from the home screen there is no further back."""
        if self.listed.clear_marks():
            return
        if self.desk_app.on_tour:
            self.desk_app.end_tour()
        else:
            self.desk_app.tell("this is the home screen: Q leaves sdesk")
