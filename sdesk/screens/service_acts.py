"""The act keys around what was promised: escalate it, and set by hand when it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from sdesk.screens.acts import Acts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdesk.desk import Desk
    from sdesk.model import TicketId

MOST = 200
"""Marked tickets whose running clocks are looked up for the choice."""


class ServiceActs(Acts):
    """Mixed into `DeskScreen`, like the other acts."""

    @work(exclusive=True, group="dialog")
    async def action_escalate(self) -> None:
        from sdesk.screens.dialogs.escalate import EscalateDialog

        desk, aim = self.desk_app.desk, self.aim()
        targets = aim.tickets
        row = next(iter(desk.read.rows(targets)), None) if len(targets) == 1 else None
        tall = self.app.size.height
        op = await self._answer(lambda: EscalateDialog.of(desk, row, what=self._named(), tall=tall))
        if op is not None:
            self.apply_ops(
                op,
                said=f"escalated to {', '.join(filter(None, (op.queue, *op.to)))}",
                aim=aim,
            )

    @work(exclusive=True, group="dialog")
    async def action_due(self) -> None:
        from sdesk.screens.dialogs.due import DueDialog

        desk, aim = self.desk_app.desk, self.aim()
        targets = aim.tickets
        clocks = running_targets(desk, targets)
        if targets and not clocks:
            self.desk_app.tell("no clock of it runs: there is nothing to set")
            return
        target = self.clock_in_sight() or clocks[0] if clocks else ""
        op = await self._answer(
            lambda: DueDialog(
                desk.settings.zone, desk.now(), clocks, target=target, what=self._named()
            )
        )
        if op is not None:
            said = "due by its policy" if op.at is None else "due by hand"
            self.apply_ops(op, said=said, aim=aim)

    def clock_in_sight(self) -> str:
        """The target of the clock under the cursor, where the screen shows clocks."""
        return ""


def running_targets(desk: Desk, tickets: Sequence[TicketId]) -> list[str]:
    """The targets whose clocks haven't stopped, the resolution first."""
    rows = desk.read.clocks_among(tickets[:MOST])
    found = {c.target for clocks in rows.values() for c in clocks if c.stopped_at is None}
    return sorted(found, key=lambda target: (target != "resolution", target))
