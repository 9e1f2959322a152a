"""How the queue looks: the columns and colours of its view, as saved or as just changed; the preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual import work
from textual.reactive import var

from sdesk.errors import SdeskError
from sdesk.looks import Wanted, fields_of, parse_columns, words
from sdesk.model import View
from sdesk.screens.desk_screen import DeskScreen
from sdesk.widgets.preview import Preview
from sdesk.widgets.ticket_list import TicketList

if TYPE_CHECKING:
    from sdesk.screens.queue_reading import Rows

PLACES = ("right", "bottom", "off")
RIGHT_FROM = 132
"""Columns from which the preview stands at the right, if nobody said otherwise."""
BOTTOM_FROM = 18
"""Lines from which there is room for it at the bottom."""
NO_VIEWS = (View("Open", "state:open sort:due", "", 0),)
LAST = "last"
"""The setting `view`: open on the view that was open when the desk was left."""


class Wear(NamedTuple):
    """The columns and colours of a view."""

    columns: tuple[str, ...]
    colours: tuple[tuple[str, str], ...]


class QueueLooks(DeskScreen):
    """What of the queue screen concerns columns, colours and the preview."""

    preview: var[str] = var("", init=False)
    """Where the preview stands: right, bottom, off; empty while the size decides."""

    listed: TicketList
    source: Rows
    pane: Preview

    def __init__(self) -> None:
        super().__init__()
        self.views: tuple[View, ...] = ()
        self.view: int | None = None
        self._changed: dict[tuple[str, str], Wear] = {}
        """(view, owner) → a look that is not saved."""

    def show_query(self, query: str) -> None:
        """Put a query on its line, and say when it is not the view's own."""
        raise NotImplementedError

    @property
    def query_shown(self) -> str:
        """The query on the line."""
        return str(getattr(self, "query_text", ""))

    @property
    def open_one(self) -> View:
        """The open view, or the one every desk has."""
        return self.views[self.view] if self.view is not None and self.views else NO_VIEWS[0]

    @property
    def look(self) -> Wear:
        view = self.open_one
        return self._changed.get((view.name, view.owner), Wear(view.columns, view.colours))

    @property
    def has_own_look(self) -> bool:
        """Whether columns or colours differ from what the view has saved."""
        view = self.open_one
        return self.look != Wear(view.columns, view.colours)

    def wear_look(self) -> None:
        """Have the list show the open view's columns, and read what they need."""
        try:
            wanted = parse_columns(self.look.columns)
        except SdeskError as error:  # a newer sdesk, or another hand, has saved it
            self.desk_app.complain(error)
            wanted = ()
        self.source.fields, self.source.colours = fields_of(wanted), self.look.colours
        self.listed.wear(wanted)

    def change_look(
        self,
        columns: tuple[str, ...] | None = None,
        colours: tuple[tuple[str, str], ...] | None = None,
    ) -> None:
        """Another look for the open view, until it is saved or `\\` takes it back."""
        had, view = self.look, self.open_one
        wanted = Wear(
            had.columns if columns is None else columns, had.colours if colours is None else colours
        )
        self._changed[view.name, view.owner] = wanted
        self.wear_look()
        self.listed.forget_rows()
        self.show_query(self.query_shown)
        self.reload()

    def forget_looks(self) -> None:
        """The views look as they are saved."""
        self._changed.clear()
        self.wear_look()

    def chosen_view(self) -> int | None:
        """The view that the settings say the desk opens on; None where they say nothing."""
        wanted = self.desk_app.opens_on
        names = [view.name.casefold() for view in self.views]
        return names.index(wanted.casefold()) if wanted.casefold() in names else None

    @work(exclusive=True, group="dialog")
    async def action_columns(self) -> None:
        from sdesk.screens.dialogs.columns import ColumnsDialog, standing

        shown = parse_columns(self.look.columns) or standing(self.listed.columns)
        known = self.desk_app.desk.read.field_names()
        found: tuple[Wanted, ...] | None = await self.app.push_screen_wait(
            ColumnsDialog(shown, known)
        )
        if found is not None:
            self.change_look(columns=words(found))

    # The preview

    @property
    def place(self) -> str:
        """Where the preview stands."""
        if self.preview:
            return self.preview
        width, height = self.app.size
        if width >= RIGHT_FROM:
            return "right"
        return "bottom" if height >= BOTTOM_FROM else "off"

    def action_preview(self) -> None:
        """Right, bottom, off, and round again."""
        self.preview = PLACES[(PLACES.index(self.place) + 1) % len(PLACES)]
        self.place_preview()
        self.reload()

    def place_preview(self) -> None:
        """Put the preview where it belongs. Each change of a class matches all rules again: only real ones."""
        self.pane.tall = self.place == "right"
        for name in PLACES:
            if self.has_class(f"-{name}") != (self.place == name):
                self.set_class(self.place == name, f"-{name}")
