"""Words of the `:` line about views: which there are, how they look, whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.errors import Usage
from sdesk.looks import COLUMNS, FIELD, TONES, check_colours, parse_columns, words
from sdesk.ops import DropView, Op, SaveView
from sdesk.rules import viewing
from sdesk.screens.commands.word import Word, known, need, views

if TYPE_CHECKING:
    from sdesk.model import View
    from sdesk.screens.desk_screen import DeskScreen
    from sdesk.screens.queue import QueueScreen

USUAL = ("usual", "default")
OFF = "off"


def _queue(screen: DeskScreen) -> QueueScreen:
    return screen.desk_app.queue_screen


def _view(screen: DeskScreen, rest: str) -> None:
    name = known("view", need(rest, "The view"), views(screen))
    screen.desk_app.action_go_queue()
    _queue(screen).open_view(views(screen).index(name))


def _save(screen: DeskScreen, rest: str) -> None:
    name = need(rest, "The name of the view")
    shared, name = name.endswith("!"), name.rstrip("! ")
    queue = _queue(screen)
    op = SaveView(
        name,
        queue.query_text,
        shared=shared,
        columns=queue.look.columns,
        colours=queue.look.colours,
    )
    _apply(screen, name, f"saved{' for everybody' if shared else ''}", op)


def _apply(screen: DeskScreen, name: str, said: str, *ops: Op) -> None:
    screen.desk_app.start(
        None, *ops, said=f"view {name} {said}", then=lambda _: _queue(screen).show_saved(name)
    )


def _meant(screen: DeskScreen, name: str) -> View:
    """The view of that name, or the open one."""
    if not name:
        return _queue(screen).open_one
    names = views(screen)
    return viewing.named(screen.desk_app.desk.read.views(), known("view", name, names))


def _share(screen: DeskScreen, rest: str) -> None:
    view = _meant(screen, rest)
    _apply(screen, view.name, "is everybody's now", *viewing.share(view))


def _unshare(screen: DeskScreen, rest: str) -> None:
    view = _meant(screen, rest)
    _apply(screen, view.name, "is yours alone now", *viewing.unshare(view))


def _drop(screen: DeskScreen, rest: str) -> None:
    view = _meant(screen, need(rest, "The view"))
    _apply(screen, view.name, "dropped", DropView(view.name, shared=not view.owner))


def _rename(screen: DeskScreen, rest: str) -> None:
    view, name = _queue(screen).open_one, need(rest, "The new name of the open view")
    ops = viewing.rename(view, name, screen.desk_app.desk.read.all_views())
    _apply(screen, name, f"was {view.name}", *ops)


def _order(screen: DeskScreen, rest: str) -> None:
    place = need(rest, "The place of the open view")
    if not place.isdigit():
        raise Usage(f"'{place}' is no place among the views.", "Give a number: :view-order 1")
    view = _queue(screen).open_one
    found = screen.desk_app.desk.read.views()
    _apply(screen, view.name, "stands elsewhere", *viewing.reorder(found, view, int(place)))


def _columns(screen: DeskScreen, rest: str) -> None:
    queue = _queue(screen)
    if not rest:
        screen.desk_app.action_go_queue()
        queue.action_columns()
        return
    wanted = () if rest in USUAL else words(parse_columns(rest))
    queue.change_look(columns=wanted)


def _colour(screen: DeskScreen, rest: str) -> None:
    """`alert priority:1` adds one; `alert off` and `off` take away."""
    queue = _queue(screen)
    tone, _, query = need(rest, "The tone").partition(" ")
    if tone == OFF:
        return queue.change_look(colours=())
    tone = known("tone", tone, TONES)
    kept = tuple(pair for pair in queue.look.colours if pair != (tone, query))
    if query.strip() == OFF:
        return queue.change_look(colours=tuple(pair for pair in kept if pair[0] != tone))
    pairs = (*kept, (tone, query.strip()))
    check_colours(pairs)
    screen.desk_app.desk.read.parse(query)
    return queue.change_look(colours=pairs)


def _column_names(screen: DeskScreen) -> list[str]:
    fields = screen.desk_app.desk.read.field_names()
    return [USUAL[0], *COLUMNS, *(FIELD + name for name in fields)]


WORDS = (
    Word("colour", "colour TONE QUERY|off", "colour the view's rows that a query finds", _colour, lambda _: [*TONES, OFF]),
    Word("columns", "columns [A,B:12,C*]", "the columns of the view; :12 cells, * what is left", _columns, _column_names, comma=True),
    Word("drop", "drop VIEW", "drop a view", _drop, views),
    Word("rename", "rename NAME", "another name for the open view", _rename),
    Word("save", "save NAME[!]", "save query, columns and colours as a view; with ! for everybody", _save, views),
    Word("share", "share [VIEW]", "make a view of mine everybody's", _share, views),
    Word("unshare", "unshare [VIEW]", "make a shared view mine alone", _unshare, views),
    Word("view", "view NAME", "show a view", _view, views),
    Word("view-order", "view-order PLACE", "put the open view at another place", _order),
)  # fmt: skip
