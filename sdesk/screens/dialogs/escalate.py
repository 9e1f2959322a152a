"""Escalate: to another line, to people, or both; and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from sdesk.errors import Invalid, SdeskError
from sdesk.model import Agent, Queue
from sdesk.ops import Escalate
from sdesk.screens.dialogs.form import FormLine
from sdesk.screens.dialogs.pick import Choice, Pick, PickInput
from sdesk.text import clean_line
from sdesk.widgets.choice_list import ChoiceList

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import TicketRow

LINES = {1: "first line", 2: "second line", 3: "third line"}
PEOPLE = {
    "oncall": "who is on call for the queue, else the queue",
    "lead": "who leads the queue, else every lead",
    "admin": "the administrators",
    "owner": "who answers for it to the requester",
    "assignee": "who works on it",
    "queue": "everybody who works the queue",
}
"""The words that stand for people, and whom."""


class Goal(NamedTuple):
    """Where it can go: to a queue, or to people by a login or a word."""

    queue: str = ""
    who: str = ""


def goals(queues: Iterable[Queue], agents: Iterable[Agent], me: str, here: str) -> list[Choice]:
    """Queues of a higher line than `here` (without one, than the first), people, the other queues."""
    queues = sorted(queues, key=lambda q: (q.tier, q.key))
    tier = next((q.tier for q in queues if q.key == here), 1)
    others = [q for q in queues if q.key != here]
    people = [Choice(Goal(who=word), word, words) for word, words in PEOPLE.items()]
    people += [
        Choice(Goal(who=a.login), a.login, f"{a.name} · {a.role}")
        for a in sorted(agents, key=lambda a: a.login)
        if a.active and a.login != me
    ]
    higher = [_line(queue) for queue in others if queue.tier > tier]
    return [*higher, *people, *(_line(queue) for queue in others if queue.tier <= tier)]


def _line(queue: Queue) -> Choice:
    words = f"{queue.name} · {LINES.get(queue.tier, f'tier {queue.tier}')}"
    return Choice(Goal(queue=queue.key), f"queue {queue.key}", words)


class EscalateDialog(Pick):
    """Returns an `Escalate`, or None. `keeper` says who the owner will be, as far as one is known."""

    KEYS = "enter, tab reason · esc close"
    BINDINGS = [
        Binding("tab", "next_line", show=False, id="escalate.next", priority=True),
        Binding("shift+tab", "next_line", show=False, id="escalate.previous", priority=True),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], *, keeper: str, most: int) -> None:
        super().__init__(title, choices, multi=True, most=most)
        self.keeper = clean_line(keeper)
        self.reason = Input(placeholder="why; required", select_on_focus=False, id="reason")

    @classmethod
    def of(cls, desk: Desk, row: TicketRow | None, *, what: str, tall: int) -> EscalateDialog:
        """For the ticket of that row; None: for several, each in its queue."""
        read = desk.read
        here = row.queue if row is not None else ""
        choices = goals(read.queues(), read.agents(), desk.actor, here)
        keeper = "each keeps its owner"
        if row is not None:
            keeper = (
                f"owner stays {row.owner}"
                if row.owner
                else f"owner becomes {row.assignee or desk.actor}"
            )
        return cls(f"Escalate · {what}", choices, keeper=keeper, most=max(3, min(10, tall - 10)))

    def more(self) -> Iterable[Widget]:
        yield FormLine("reason", self.reason)
        yield Static(Content(""), classes="hint", id="echo")

    def on_mount(self) -> None:
        self.call_after_refresh(self.look)

    def chosen(self) -> tuple[Goal, ...]:
        """What is marked, in the order of the list; else what stands under the cursor."""
        self.following.follow()
        listed = self.query_one(ChoiceList)
        assert not callable(self.choices)
        if listed.marked:
            return tuple(c.value for c in self.choices if c.value in listed.marked)
        return (listed.current.value,) if listed.current is not None else ()

    def _operation(self) -> Escalate:
        goals = self.chosen()
        queue = next((goal.queue for goal in goals if goal.queue), "")
        people = tuple(goal.who for goal in goals if goal.who)
        if not self.reason.value.strip():
            raise Invalid("Why? An escalation has a reason.")
        return Escalate(self.reason.value.strip(), queue, people)

    def look(self, wrong: str = "") -> None:
        """Say what would happen; or what is wrong."""
        goals = self.chosen()
        queue = next((goal.queue for goal in goals if goal.queue), "")
        people = ", ".join(goal.who for goal in goals if goal.who)
        parts = [f"to the queue {queue}, {self.keeper}" if queue else ""]
        parts += [
            f"tells {people}" if people else "",
            "enter in the reason sends",
        ]
        line = self.query_one("#echo", Static)
        line.set_class(bool(wrong), "-wrong")
        line.update(Content(clean_line(wrong or " · ".join(filter(None, parts)))))

    @on(Input.Changed)
    def look_again(self) -> None:
        self.call_after_refresh(self.look)

    @on(Input.Submitted, "#reason")
    def finish(self) -> None:
        """From the list to the reason; from there it is sent."""
        if self.focused is not self.reason:
            self.reason.focus()
            self.look()
            return
        try:
            self.dismiss(self._operation())
        except SdeskError as error:
            self.look(str(error))

    def action_next_line(self) -> None:
        (self.query_one(PickInput) if self.focused is self.reason else self.reason).focus()
        self.look()

    def move(self, by: int) -> None:
        super().move(by)
        self.look()

    def mark(self, clicked: Choice | None = None) -> None:
        """Mark or unmark the choice; a ticket stands in one queue, so a second one replaces the first."""
        listed = self.query_one(ChoiceList)
        if (choice := clicked or listed.current) is not None and choice.value.queue:
            listed.marked = {m for m in listed.marked if not m.queue or m == choice.value}
        super().mark(clicked)
        self.look()
