"""The act keys, the same on queue, ticket and SLA board: each builds operations and hands them on.

Where a choice is to be made, a dialog returns it; no dialog writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual import work

from sdesk.model import LEVEL_NAMES, PRIORITIES, PRIORITY_NAMES
from sdesk.ops import (
    AddTags,
    Assign,
    Edit,
    Move,
    Op,
    RemoveTags,
    SetPriority,
    SetState,
    Take,
    check_tag,
)
from sdesk.present import counted
from sdesk.screens.dialogs.pick import Choice, Pick
from sdesk.text import clean_line

if TYPE_CHECKING:
    from sdesk.app import SdeskApp
    from sdesk.model import TicketId, TicketRow

NOBODY = "nobody"


class Acts:
    """The actions; mixed into `DeskScreen`, which knows the targets."""

    if TYPE_CHECKING:
        app: Any
        desk_app: SdeskApp

        def targets(self) -> tuple[TicketId, ...]: ...
        def current(self) -> TicketRow | None: ...
        def apply_ops(
            self, *ops: Op, said: str = "", tickets: Sequence[TicketId] | None = None
        ) -> None: ...

    def action_take(self) -> None:
        self.apply_ops(Take(), said=f"taken by {self.desk_app.desk.actor}")

    @work(exclusive=True, group="dialog")
    async def action_assign(self) -> None:
        """To an agent, to nobody, or into a queue: fuzzy over all of them."""
        if (op := await self._pick("Assign", assignees(self.desk_app))) is not None:
            self.apply_ops(op, said=_said(op))

    @work(exclusive=True, group="dialog")
    async def action_state(self) -> None:
        if (op := await self._pick("State", states(self.desk_app))) is not None:
            self.apply_ops(op, said=_said(op))

    @work(exclusive=True, group="dialog")
    async def action_priority(self) -> None:
        if (ops := await self._pick("Priority", priorities())) is not None:
            self.apply_ops(*ops, said="prioritized")

    @work(exclusive=True, group="dialog")
    async def action_move(self) -> None:
        if (op := await self._pick("Move to queue", queues(self.desk_app))) is not None:
            self.apply_ops(op, said=_said(op))

    @work(exclusive=True, group="dialog")
    async def action_tags(self) -> None:
        """Of one ticket the marked tags are its tags; several tickets get the marked ones added."""
        row = self.current()
        had = row.tags if row is not None and len(self.targets()) == 1 else ()
        known = dict.fromkeys([*had, *self.desk_app.desk.read.tags(limit=200)])
        choices = [Choice(tag, tag) for tag in known]
        picked = await self.app.push_screen_wait(
            Pick(self._heading("Tags"), choices, multi=True, marked=had, other=_new_tag)
        )
        if picked is None:
            return
        ops: list[Op] = []
        if added := tuple(sorted(set(picked) - set(had))):
            ops.append(AddTags(added))
        if gone := tuple(sorted(set(had) - set(picked))):
            ops.append(RemoveTags(gone))
        if ops:
            self.apply_ops(*ops, said="tagged")

    @work(exclusive=True, group="dialog")
    async def action_wait(self) -> None:
        from sdesk.screens.dialogs.wait import WaitDialog  # here: not needed for the first paint

        desk = self.desk_app.desk
        dialog = WaitDialog(
            desk.settings.zone, desk.now(), states=desk.read.states(), what=self._named()
        )
        if self._has_targets() and (op := await self.app.push_screen_wait(dialog)) is not None:
            self.apply_ops(op, said="set to wait")

    @work(exclusive=True, group="dialog")
    async def action_resolve(self) -> None:
        from sdesk.screens.dialogs.resolve import ResolveDialog  # not needed for the first paint

        dialog = ResolveDialog(what=self._named())
        if self._has_targets() and (op := await self.app.push_screen_wait(dialog)) is not None:
            self.apply_ops(op, said="resolved")

    @work(exclusive=True, group="dialog")
    async def action_new(self) -> None:
        """Open a ticket, and go to it."""
        from sdesk.screens.dialogs.open import NewTicket  # here: not needed for the first paint

        if (op := await self.app.push_screen_wait(NewTicket())) is None:
            return
        app = self.desk_app
        app.start(None, op, said="opened", then=lambda done: app.open_ticket(done.ticket))

    def action_reply(self) -> None:
        self.compose_text("reply")

    def action_reply_all(self) -> None:
        self.compose_text("reply")

    def action_note(self) -> None:
        self.compose_text("note")

    def compose_text(self, kind: str) -> None:
        """One ticket: write in it. Several: one text for all of them."""
        targets = self.targets()
        if len(targets) == 1:
            self.desk_app.open_ticket(targets[0], compose=kind)
        elif targets:
            self._write_to_all(kind, targets)

    @work(exclusive=True, group="dialog")
    async def _write_to_all(self, kind: str, targets: Sequence[TicketId]) -> None:
        from sdesk.screens.compose import ComposeScreen  # here: not needed for the first paint

        if (op := await self.app.push_screen_wait(ComposeScreen(kind, targets))) is not None:
            self.apply_ops(op, said="replied to" if kind == "reply" else "noted", tickets=targets)

    def action_history(self) -> None:
        if (row := self.current()) is not None:
            self.desk_app.open_history(row.id)

    def action_clock(self) -> None:
        if (row := self.current()) is not None:
            self.desk_app.open_ledger(row.id)

    def action_undo(self) -> None:
        self.desk_app.take_back()

    def action_redo(self) -> None:
        self.desk_app.take_back(redo=True)

    def action_copy_number(self) -> None:
        if (row := self.current()) is not None:
            self.desk_app.copy_text(row.ref)

    def action_copy_line(self) -> None:
        if (row := self.current()) is not None:
            self.desk_app.copy_text(f"{row.ref}: {clean_line(row.subject)}")

    def _heading(self, what: str) -> str:
        return f"{what} · {self._named()}"

    def _named(self) -> str:
        targets = self.targets()
        return (
            self.desk_app.desk.ref(targets[0])
            if len(targets) == 1
            else counted(len(targets), "ticket")
        )

    def _has_targets(self) -> bool:
        if not self.targets():
            self.desk_app.tell("there is no ticket here")
        return bool(self.targets())

    async def _pick(self, what: str, choices: list[Choice]) -> Any:
        """The value of a choice for the targets, or None."""
        if not self._has_targets():
            return None
        self.desk_app.warm_up()
        return await self.app.push_screen_wait(Pick(self._heading(what), choices))


def assignees(app: SdeskApp) -> list[Choice]:
    """Me, nobody, every agent, every queue."""
    me, read = app.desk.actor, app.desk.read
    agents = sorted((a for a in read.agents() if a.active), key=lambda a: (a.login != me, a.login))
    found = [
        Choice(Assign(a.login), a.login, a.name + (" · me" if a.login == me else ""))
        for a in agents
    ]
    found.append(Choice(Assign(""), NOBODY, "back to the queue"))
    return found + [Choice(Move(q.key), f"queue {q.key}", q.name) for q in read.queues()]


def states(app: SdeskApp) -> list[Choice]:
    return [Choice(SetState(s.key), s.name, s.category) for s in app.desk.read.states()]


def queues(app: SdeskApp) -> list[Choice]:
    return [Choice(Move(q.key), q.key, f"{q.name} · tier {q.tier}") for q in app.desk.read.queues()]


def priorities() -> list[Choice]:
    """The four, then what impact and urgency make of it; each value is a tuple of operations."""
    found = [Choice((SetPriority(p),), f"{p} {PRIORITY_NAMES[p]}") for p in PRIORITIES]
    found.append(Choice((SetPriority(None),), "automatic", "impact and urgency decide"))
    for impact, i_name in LEVEL_NAMES.items():
        for urgency, u_name in LEVEL_NAMES.items():
            ops = (SetPriority(None), Edit("impact", impact), Edit("urgency", urgency))
            found.append(Choice(ops, f"impact {i_name} × urgency {u_name}", "automatic"))
    return found


def _new_tag(text: str) -> Choice | None:
    from sdesk.errors import Invalid

    try:
        check_tag(text)
    except Invalid:
        return None
    return Choice(text, text, "a tag that isn't there yet")


def _said(op: Op) -> str:
    match op:
        case Assign(agent):
            return f"assigned to {agent}" if agent else "assigned to nobody"
        case Move(queue):
            return f"moved to {queue}"
        case SetState(state):
            return f"set to {state}"
        case _:
            return ""
