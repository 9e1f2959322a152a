"""Words of the `:` line that go somewhere, or change what is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.screens.commands.word import Word, known, need, themes

if TYPE_CHECKING:
    from sdesk.screens.desk_screen import DeskScreen


def _open(screen: DeskScreen, rest: str) -> None:
    screen.desk_app.open_ticket(screen.desk_app.desk.read.resolve(need(rest, "The ticket")))


def _filter(screen: DeskScreen, rest: str) -> None:
    screen.desk_app.action_go_queue()
    screen.desk_app.queue_screen.open_query(rest)


def _sort(screen: DeskScreen, rest: str) -> None:
    screen.desk_app.queue_screen.sort_by(need(rest, "The order").replace(" ", ","))


def _theme(screen: DeskScreen, rest: str) -> None:
    if rest:
        if said := screen.desk_app.choose_theme(known("theme", rest, themes(screen))):
            screen.desk_app.tell(said)
    else:
        screen.action_theme()


WORDS = (
    Word("calendar", "calendar [NAME]", "working hours and holidays", lambda s, r: s.desk_app.open_calendar(known("calendar", r, s.desk_app.desk.read.calendars()) if r else ""), lambda s: s.desk_app.desk.read.calendars()),
    Word("dashboard", "dashboard", "the desk in numbers", lambda s, _: s.action_go_dashboard()),
    Word("filter", "filter QUERY", "show what a query finds", _filter),
    Word("help", "help", "every key and command", lambda s, _: s.desk_app.action_help()),
    Word("open", "open REF", "show a ticket by its number", _open),
    Word("quit", "quit", "leave sdesk", lambda s, _: s.desk_app.action_quit_desk()),
    Word("sla", "sla", "the SLA board", lambda s, _: s.action_go_sla()),
    Word("sort", "sort KEY[,KEY]", "another order", _sort, lambda _: ("due", "priority", "-created", "-updated", "number")),
    Word("tour", "tour", "two minutes that show the desk by doing", lambda s, _: s.desk_app.start_tour()),
    Word("theme", "theme [NAME]", "other colours, tried on while you look for them; or only ASCII", _theme, themes),
)  # fmt: skip
