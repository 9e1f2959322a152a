"""After an act the cursor goes on, if the settings want it; and `.` does the last act once more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from textual import work

if TYPE_CHECKING:
    from sdesk.app import SdeskApp
    from sdesk.model import EventId, Macro, TicketId
    from sdesk.ops import Op

FINISHING = frozenset({"Resolve", "Wait", "Escalate", "Discard", "Close", "Cancel", "Merge"})
"""Operations after which a ticket is done with for now."""
SPOKEN = frozenset({"Reply", "LogCall"})
"""What the requester gets: never sent twice without asking."""
ONCE = frozenset({
    "Open", "Split", "Revert", "Unmerge", "Attach", "Detach", "Check", "Uncheck", "DropCheck",
    "LogTime", "SetDue",
})  # fmt: skip
"""What concerns one ticket, and would mean nothing on another."""


class Aim(NamedTuple):
    """What an act concerns, as it stood when its key was pressed: a list may change under a question."""

    tickets: tuple[TicketId, ...]
    based_on: EventId | None = None


class LastAct(NamedTuple):
    """What `.` repeats: operations, or a macro with what was answered to its questions."""

    said: str
    tickets: tuple[TicketId, ...]
    ops: tuple[Any, ...] = ()
    macro: Macro | None = None
    asked: Mapping[str, str] = MappingProxyType({})

    def names(self) -> set[str]:
        return {type(op).__name__ for op in self.ops}


class MovingOn:
    """Mixed into `DeskScreen`."""

    if TYPE_CHECKING:
        app: Any
        NAME: str

        @property
        def desk_app(self) -> SdeskApp: ...
        def targets(self) -> tuple[TicketId, ...]: ...
        def based_on(self) -> EventId | None: ...
        async def use_macro(
            self, macro: Macro, tickets: Sequence[TicketId], asked: Mapping[str, str] | None = None
        ) -> None: ...

    def aim(self) -> Aim:
        """What a key that is pressed now concerns."""
        return Aim(self.targets(), self.based_on())

    def apply_ops(
        self,
        *ops: Any,
        said: str = "",
        tickets: Sequence[TicketId] | None = None,
        aim: Aim | None = None,
        after: Callable[[], None] | None = None,
    ) -> None:
        """Apply operations to the targets (after a question: to those it was about), in the app's one
        line of writes; then the cursor goes on. Of several tickets, `after` is called in a thread
        when it is done."""
        aim = aim or self.aim()
        concerned = aim.tickets if tickets is None else tuple(tickets)
        app = self.desk_app
        if not concerned:
            app.tell("there is no ticket here")
            return
        if ops:
            app.last_act = LastAct(said, concerned, ops)
        if len(concerned) > 1:
            self._apply_to_many(ops, said, concerned, after)
            return
        is_last = bool({type(op).__name__ for op in ops} & FINISHING)
        back = self.move_on(concerned[0], is_last=is_last)
        app.start(concerned, *ops, based_on=aim.based_on, said=said, otherwise=back)

    def _apply_to_many(
        self,
        ops: Sequence[Op],
        said: str,
        tickets: tuple[TicketId, ...],
        after: Callable[[], None] | None,
    ) -> None:
        from sdesk.macros import each_its_own
        from sdesk.rules.acting import in_words
        from sdesk.screens.bulk import BulkAct

        words = ", ".join(in_words(op) for op in ops)
        texts = [str(op.text) for op in ops if type(op).__name__ in SPOKEN]  # type: ignore[union-attr]
        details = tuple(line for text in texts for line in text.splitlines()[:4])
        of = each_its_own(self.desk_app.desk, tuple(ops))
        self.desk_app.start_many(BulkAct(tickets, of, words, said, details, after))

    def move_on(self, ticket: TicketId, *, is_last: bool) -> Callable[[], None] | None:
        """Go to the next ticket at once, so that the next key means it; returns the way back, for an
        act that is refused. None where the cursor stays."""
        config = self.desk_app.config
        wanted = config.desk_move_on if config is not None else "finished"
        if wanted == "never" or (wanted == "finished" and not is_last):
            return None
        return self.go_on_from(ticket)

    def go_on_from(self, ticket: TicketId) -> Callable[[], None] | None:
        """Put the cursor on the next ticket of a list; the way back does nothing once it was moved."""
        listed: Any = getattr(self, "listed", None)
        if listed is None or self.targets() != (ticket,) or _is_marked(listed, ticket):
            return None
        before, now = _place(listed), ticket
        for _ in range(4):
            listed.action_cursor_down()
            now = next(iter(self.targets()), ticket)
            if now != ticket:
                break
        if now == ticket:
            return None

        def back() -> None:
            if self.targets() == (now,):
                listed.move_to(before)

        return back

    @work(exclusive=True, group="dialog")
    async def action_repeat(self) -> None:
        """Do the last act once more, on the ticket or the marks."""
        from sdesk.rules.acting import in_words

        app, tickets = self.desk_app, self.targets()
        last = app.last_act
        if last is None or not tickets:
            app.tell("there is nothing to repeat yet" if tickets else "there is no ticket here")
        elif last.macro is not None:
            await self.use_macro(last.macro, tickets, last.asked)
        elif last.names() & ONCE:
            app.tell(f"{in_words(last.ops[0])}: that can't be repeated")
        elif not last.names() & SPOKEN or await self._may_send(last, tickets):
            said = f"{last.said or 'changed'}, once more"
            self.apply_ops(*last.ops, said=said, tickets=tickets)
            app.last_act = LastAct(last.said, tickets, last.ops)

    async def _may_send(self, last: LastAct, tickets: Sequence[TicketId]) -> bool:
        """A text the requester has got goes to nobody twice, and to others only after asking."""
        from sdesk.rules.acting import in_words
        from sdesk.screens.dialogs.ask import Ask

        if set(last.tickets) & set(tickets):
            self.desk_app.tell("that reply has been sent here: r writes another one")
            return False
        details = [in_words(op)[:300] for op in last.ops]
        question = "Send the same reply here as well?"
        return bool(
            await self.app.push_screen_wait(Ask(question, {"y": "send it"}, details)) == "y"
        )


def _is_marked(listed: Any, ticket: int) -> bool:
    marks = listed.state.marks if hasattr(listed, "state") else listed.marks
    return ticket in marks


def _place(listed: Any) -> int:
    return int(listed.state.cursor if hasattr(listed, "state") else listed.cursor)
