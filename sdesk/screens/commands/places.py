"""Words of the `:` line that go somewhere, or change what is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.ops import SaveView
from sdesk.screens.commands.word import Word, known, need, themes, views

if TYPE_CHECKING:
    from sdesk.screens.desk_screen import DeskScreen


def _view(screen: DeskScreen, rest: str) -> None:
    name = known("view", need(rest, "The view"), views(screen))
    screen.desk_app.action_go_queue()
    screen.desk_app.queue_screen.open_view(views(screen).index(name))


def _save(screen: DeskScreen, rest: str) -> None:
    name = need(rest, "The name of the view")
    shared = name.endswith("!")
    query = screen.desk_app.queue_screen.query_text
    screen.desk_app.start(
        None,
        SaveView(name.rstrip("! "), query, shared=shared),
        said=f"view {name.rstrip('! ')} saved" + (" for everybody" if shared else ""),
        then=lambda _: screen.desk_app.queue_screen.show_saved(name.rstrip("! ")),
    )


def _open(screen: DeskScreen, rest: str) -> None:
    screen.desk_app.open_ticket(screen.desk_app.desk.read.resolve(need(rest, "The ticket")))


def _filter(screen: DeskScreen, rest: str) -> None:
    screen.desk_app.action_go_queue()
    screen.desk_app.queue_screen.open_query(rest)


def _sort(screen: DeskScreen, rest: str) -> None:
    screen.desk_app.queue_screen.sort_by(need(rest, "The order").replace(" ", ","))


def _theme(screen: DeskScreen, rest: str) -> None:
    screen.app.theme = known("theme", need(rest, "The theme"), themes(screen))


WORDS = (
    Word("calendar", "calendar [NAME]", "working hours and holidays", lambda s, r: s.desk_app.open_calendar(known("calendar", r, s.desk_app.desk.read.calendars()) if r else ""), lambda s: s.desk_app.desk.read.calendars()),
    Word("dashboard", "dashboard", "the desk in numbers", lambda s, _: s.action_go_dashboard()),
    Word("filter", "filter QUERY", "show what a query finds", _filter),
    Word("help", "help", "every key and command", lambda s, _: s.desk_app.action_help()),
    Word("open", "open REF", "show a ticket by its number", _open),
    Word("quit", "quit", "leave sdesk", lambda s, _: s.desk_app.action_quit_desk()),
    Word("save", "save NAME[!]", "save the query as a view; with ! for everybody", _save, views),
    Word("sla", "sla", "the SLA board", lambda s, _: s.action_go_sla()),
    Word("sort", "sort KEY[,KEY]", "another order", _sort, lambda _: ("due", "priority", "-created", "-updated", "number")),
    Word("theme", "theme NAME", "other colours", _theme, themes),
    Word("view", "view NAME", "show a view", _view, views),
)  # fmt: skip
