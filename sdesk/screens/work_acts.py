"""The act keys of working together: chat, files, the checklist, time spent, watching."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from textual import work

from sdesk.errors import SdeskError
from sdesk.present import counted, duration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sdesk.app import SdeskApp
    from sdesk.model import Stopwatch, TicketId, TicketRow


class WorkActs:
    """Mixed into `DeskScreen`, like the other acts."""

    if TYPE_CHECKING:
        app: Any

        @property
        def desk_app(self) -> SdeskApp: ...
        def targets(self) -> tuple[TicketId, ...]: ...
        def current(self) -> TicketRow | None: ...
        def compose_text(self, kind: str) -> None: ...
        def _named(self) -> str: ...
        async def _answer(self, dialog: Callable[[], Any]) -> Any: ...
        def apply_ops(
            self, *ops: Any, said: str = "", tickets: Sequence[TicketId] | None = None
        ) -> None: ...

    def action_chat(self) -> None:
        """To the other agents, in the ticket; lines to several tickets are a note's business."""
        if len(self.targets()) == 1:
            self.compose_text("chat")
        else:
            self.desk_app.tell("a chat line goes to one ticket")

    def action_watch(self) -> None:
        """Watch the tickets, or, when I watch all of them, no more."""
        from sdesk.ops import Unwatch, Watch

        targets = self.targets()
        watched = self.desk_app.desk.read.watched(targets)
        if targets and len(watched) == len(targets):
            self.apply_ops(Unwatch(), said="not watched any more")
        else:
            self.apply_ops(Watch(), said="watched: W again to stop")

    @work(exclusive=True, group="dialog")
    async def action_stopwatch(self) -> None:
        """Start it on this ticket; the one that runs is stopped and its time recorded."""
        app, row = self.desk_app, self.current()
        running = app.stopwatch
        if running is not None and not await self._stop(running):
            return
        if row is None or (running is not None and running.ticket == row.id):
            return
        try:
            await app.start_stopwatch(row.id)
        except SdeskError as error:
            app.complain(error)
        else:
            app.tell(f"the stopwatch runs on {row.ref}: b stops it")

    async def _stop(self, running: Stopwatch) -> bool:
        """Ask what the time was for and record it; whether that was done."""
        from sdesk.ops import LogTime
        from sdesk.rules.spent import parse_spent, run_seconds
        from sdesk.screens.dialogs.prompt import Prompt

        app = self.desk_app
        ref = app.desk.ref(running.ticket)
        passed = duration(run_seconds(running.started_at, app.desk.now())).replace(" ", "")
        dialog = Prompt(
            f"Time spent on {ref}", "", "15m what for",
            validate=lambda text: text and parse_spent(text) and None,
            hint="the time and what it was for; empty: discard it",
        )  # fmt: skip
        dialog.initial = f"{passed} "
        text = await app.push_screen_wait(dialog)
        if text is None:
            return False
        if not text:
            async with app.writing_lock:
                await asyncio.to_thread(app.desk.drop_stopwatch)
            app.show_stopwatch(None)
            app.tell(f"the time on {ref} was discarded")
            return True
        seconds, note = parse_spent(text)
        said = f"{duration(seconds)} recorded"
        done = await app.act([running.ticket], LogTime(seconds, note, stop=True), said=said)
        if done is not None:
            app.show_stopwatch(None)
        return done is not None

    @work(exclusive=True, group="dialog")
    async def action_checklist(self) -> None:
        """Tick lines off, add some, take some away: one batch."""
        from sdesk.screens.dialogs.checklist import ChecklistDialog

        if len(self.targets()) > 1:
            self.desk_app.tell("a checklist is one ticket's; a macro puts lines on many")
            return
        if (row := self.current()) is None:
            return
        items = await asyncio.to_thread(self.desk_app.desk.read.checklist, row.id)
        ops = await self._answer(lambda: ChecklistDialog(f"Checklist · {row.ref}", items))
        if ops:
            self.apply_ops(*ops, said="checklist changed", tickets=[row.id])

    @work(exclusive=True, group="dialog")
    async def action_files(self) -> None:
        """Attach a file, look at one, or save it."""
        from sdesk.screens.filing import ask_for_file, offer_files

        if len(targets := self.targets()) > 1:
            op = await ask_for_file(self.desk_app, f"Attach to {self._named()}")
            if op is not None:
                self.apply_ops(op, said=f"got {op.name}", tickets=targets)
        elif (row := self.current()) is not None:
            await offer_files(self.desk_app, row, self.apply_ops)

    @work(exclusive=True, group="dialog")
    async def add_files(self, paths: Sequence[str]) -> None:
        """Attach files of this host by their paths."""
        app, targets = self.desk_app, self.targets()
        try:
            found = [await asyncio.to_thread(app.desk.read_file, path) for path in paths]
        except SdeskError as error:
            app.complain(error)
            return
        self.apply_ops(*found, said=f"{counted(len(found), 'file')} attached", tickets=targets)
