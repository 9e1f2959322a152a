"""What is done with a suggestion: ticked, taken, looked into, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdesk.rules.suggestion import QUESTIONS
from sdesk.rules.triage import SURE
from sdesk.screens.triage_reading import Offer, Sight, offers
from sdesk.widgets.timeline import Timeline
from sdesk.widgets.triage_lines import FIRST_LOOK, listed
from sdesk.widgets.triage_panel import TriagePanel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sdesk.app import SdeskApp
    from sdesk.desk import Undone
    from sdesk.model import TicketId, TicketRow
    from sdesk.ops import Op
    from sdesk.screens.moving_on import Aim

LARGE = "large"
"""How the panel stands when it has most of the room."""


class TriageActs:
    """Mixed into the triage screen."""

    if TYPE_CHECKING:
        query: Any
        query_one: Any
        has_class: Any
        panel: Any
        number: TicketId

        desk_app: SdeskApp

        def current(self) -> TicketRow | None: ...
        def apply_ops(
            self,
            *ops: Any,
            said: str = "",
            tickets: Sequence[TicketId] | None = None,
            aim: Aim | None = None,
            after: Callable[[], None] | None = None,
        ) -> None: ...

    sight: Sight | None = None
    """The ticket at hand with what decides it."""
    own_ticks: dict[str, bool]
    """Question → whether the agent wants it taken, where they said so."""
    returning: frozenset[int] = frozenset()
    """Tickets of the batch that was taken back last."""

    def offers(self) -> dict[str, Offer]:
        return offers(self.sight) if self.sight is not None else {}

    def ticked(self) -> frozenset[str]:
        """The suggestions that `take_suggestions` takes: what is sure, or was ticked by hand."""
        return frozenset(
            question
            for question, offer in self.offers().items()
            if not offer.is_so and self.own_ticks.get(question, offer.probability >= SURE)
        )

    def likely_same(self) -> tuple[TicketRow, ...]:
        """Open tickets that are probably the same report, the likeliest first: what a merge offers first."""
        if self.sight is None or self.current() is None:
            return ()
        return tuple(one.ticket for one in self.sight.advice.duplicates)

    def action_tick(self, number: int) -> None:
        """Tick one suggestion, or untick it."""
        question = QUESTIONS[number - 1]
        offer = self.offers().get(question)
        if offer is None:
            self.desk_app.tell(f"no {question} is suggested")
        elif offer.is_so:
            self.desk_app.tell(f"the {question} is {offer.said} already")
        else:
            self.own_ticks[question] = question not in self.ticked()
            for panel in self.query(TriagePanel):
                panel.show(self.sight, self.ticked())

    def action_take_suggestions(self) -> None:
        """Do what is ticked, as one batch."""
        ticked = self.ticked()
        wanted = [offer for question, offer in self.offers().items() if question in ticked]
        if self.current() is None:
            self.desk_app.tell("there is no ticket here")
        elif not wanted:
            is_so = all(offer.is_so for offer in self.offers().values())
            why = (
                "it is as suggested already"
                if is_so
                else "no suggestion is ticked: 1 to 4 tick them"
            )
            self.desk_app.tell(why if self.offers() else "nothing is suggested")
        else:
            said = ", ".join(f"{offer.question} {offer.said}" for offer in wanted)
            self.apply_ops(*operations(wanted), said=f"as suggested: {said}")

    def action_look(self, key: int) -> None:
        """Open one of the tickets that the panel lists."""
        rows = listed(self.sight) if self.sight is not None else []
        if key - FIRST_LOOK < len(rows):
            self.desk_app.open_ticket(rows[key - FIRST_LOOK].id)
        else:
            self.desk_app.tell(f"no ticket is listed under {key}")

    def _scrolled(self) -> Any:
        """What the keys scroll: the text, or the panel where that has taken its place."""
        is_panel = self.panel == LARGE and self.has_class("-narrow")
        return self.query_one(TriagePanel if is_panel else Timeline)

    def action_cursor_down(self) -> None:
        self._scrolled().scroll_lines(1)

    def action_cursor_up(self) -> None:
        self._scrolled().scroll_lines(-1)

    def action_page_down(self) -> None:
        self._scrolled().scroll_pages(1)

    def action_page_up(self) -> None:
        self._scrolled().scroll_pages(-1)

    def action_undo(self) -> None:
        self.desk_app.take_back(then=self._taken_back)

    def action_redo(self) -> None:
        self.desk_app.take_back(redo=True, then=self._taken_back)

    def _taken_back(self, done: Undone) -> None:
        self.returning = frozenset(done.tickets)


def operations(wanted: Sequence[Offer]) -> list[Op]:
    """What makes a ticket as suggested."""
    from sdesk.ops import Assign, Edit, Move, SetPriority  # here: the first look needs none

    made: dict[str, Op] = {}
    for offer in wanted:
        match offer.question:
            case "category":
                made["category"] = Edit("category", offer.value)
            case "queue":
                made["queue"] = Move(offer.value)
            case "priority":
                made["priority"] = SetPriority(int(offer.value))
            case "assignee":
                made["assignee"] = Assign(offer.value)
    return [made[question] for question in QUESTIONS if question in made]
