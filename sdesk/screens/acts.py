"""The act keys, the same on queue, ticket and SLA board: each gets operations and hands them on.

Where a choice is to be made, a dialog returns it; no dialog writes. What a key needs is imported
when it is pressed: dialogs and operations take 40 ms that the first paint need not pay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual import work

from sdesk.present import counted
from sdesk.text import clean_line

if TYPE_CHECKING:
    from sdesk.app import SdeskApp
    from sdesk.model import TicketId, TicketRow
    from sdesk.screens.moving_on import Aim


class Acts:
    """The actions; mixed into `DeskScreen`, which knows the targets."""

    if TYPE_CHECKING:
        app: Any

        @property
        def desk_app(self) -> SdeskApp: ...
        def targets(self) -> tuple[TicketId, ...]: ...
        def current(self) -> TicketRow | None: ...
        def aim(self) -> Aim: ...
        def apply_ops(
            self,
            *ops: Any,
            said: str = "",
            tickets: Sequence[TicketId] | None = None,
            aim: Aim | None = None,
            after: Callable[[], None] | None = None,
        ) -> None: ...

    def action_take(self) -> None:
        from sdesk.screens import choices

        act = choices.take(self.desk_app.desk.actor)
        self.apply_ops(*act.ops, said=act.said)

    def action_assign(self) -> None:
        """To an agent, to nobody, or into a queue: fuzzy over all of them."""
        self._choose("Assign", "assignees")

    def action_state(self) -> None:
        self._choose("State", "states")

    def action_priority(self) -> None:
        self._choose("Priority", "priorities")

    def action_move(self) -> None:
        self._choose("Move to queue", "queues")

    @work(exclusive=True, group="dialog")
    async def _choose(self, what: str, name: str) -> None:
        """Offer a list of acts for the targets, and do the chosen one."""
        from sdesk.screens import choices
        from sdesk.screens.dialogs.pick import Pick

        aim, offered = self.aim(), getattr(choices, name)(self.desk_app.desk)
        quick = choices.by_digit(offered) if name == "priorities" else {}
        act = await self._answer(lambda: Pick(f"{what} · {self._named()}", offered, quick=quick))
        if act is not None:
            self.apply_ops(*act.ops, said=act.said, aim=aim)

    @work(exclusive=True, group="dialog")
    async def action_tags(self) -> None:
        """Of one ticket the marked tags are its tags; several tickets get the marked ones added."""
        from sdesk.screens import choices

        aim, row = self.aim(), self.current()
        had = row.tags if row is not None and len(aim.tickets) == 1 else ()
        dialog = choices.tags(self.desk_app.desk, f"Tags · {self._named()}", had)
        wanted = await self._answer(lambda: dialog)
        if wanted is not None and (act := choices.retagged(had, wanted)) is not None:
            self.apply_ops(*act.ops, said=act.said, aim=aim)

    @work(exclusive=True, group="dialog")
    async def action_wait(self) -> None:
        from sdesk.screens.dialogs.wait import WaitDialog

        aim, desk = self.aim(), self.desk_app.desk
        zone, states = desk.settings.zone, desk.read.states()
        op = await self._answer(
            lambda: WaitDialog(zone, desk.now(), states=states, what=self._named())
        )
        if op is not None:
            self.apply_ops(op, said="set to wait", aim=aim)

    @work(exclusive=True, group="dialog")
    async def action_resolve(self) -> None:
        from sdesk.screens.dialogs.resolve import ResolveDialog

        aim = self.aim()
        if (op := await self._answer(lambda: ResolveDialog(what=self._named()))) is not None:
            self.apply_ops(op, said="resolved", aim=aim)

    @work(exclusive=True, group="dialog")
    async def action_new(self) -> None:
        """Open a ticket, and go to it."""
        from sdesk.screens.dialogs.open import NewTicket

        app = self.desk_app
        app.warm_up()
        if (op := await self.app.push_screen_wait(NewTicket())) is not None:
            app.start(None, op, said="opened", then=lambda done: app.open_ticket(done.ticket))

    def action_reply(self) -> None:
        self.compose_text("reply")

    def action_reply_all(self) -> None:
        """With the message at hand quoted; on several tickets each has its own, so none is."""
        self.compose_text("quoted" if len(self.targets()) == 1 else "reply")

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
        from sdesk.screens.compose import ComposeScreen

        screen = ComposeScreen(kind, targets)
        if (ops := await self._answer(lambda: screen)) is not None:
            said = "replied to" if kind == "reply" else "noted"
            self.apply_ops(*ops, said=said, tickets=targets, after=screen.forget)

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
        """The numbers of the marks, with a space between; else of the ticket under the cursor."""
        if self._has_targets():
            self.desk_app.copy_text(" ".join(map(self.desk_app.desk.ref, self.targets())))

    def action_copy_line(self) -> None:
        """A line for each of the marks, or for the ticket under the cursor."""
        if self._has_targets():
            rows = self.desk_app.desk.read.rows(self.targets())
            lines = [f"{row.ref}: {clean_line(row.subject)}" for row in rows]
            self.desk_app.copy_text("\n".join(lines))

    def _named(self, tickets: Sequence[TicketId] | None = None) -> str:
        """The targets in words, for a title."""
        targets = self.targets() if tickets is None else tuple(tickets)
        if len(targets) == 1:
            return self.desk_app.desk.ref(targets[0])
        return counted(len(targets), "ticket")

    def _has_targets(self) -> bool:
        if not self.targets():
            self.desk_app.tell("there is no ticket here")
        return bool(self.targets())

    async def _answer(self, dialog: Callable[[], Any]) -> Any:
        """What a dialog about the targets returns; None without targets. Writing is loaded meanwhile."""
        if not self._has_targets():
            return None
        self.desk_app.warm_up()
        return await self.app.push_screen_wait(dialog())
