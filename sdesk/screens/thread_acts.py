"""The act keys of whole threads: merge, split, link, and put into the bin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import work

from sdesk.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sdesk.app import SdeskApp
    from sdesk.model import TicketId, TicketRow

OF_THE_TICKET = ("parent", "child")


class ThreadActs:
    """Mixed into `DeskScreen`, like the other acts."""

    if TYPE_CHECKING:
        app: Any

        @property
        def desk_app(self) -> SdeskApp: ...
        def targets(self) -> tuple[TicketId, ...]: ...
        def current(self) -> TicketRow | None: ...
        def _named(self, tickets: Sequence[TicketId] | None = None) -> str: ...
        async def _answer(self, dialog: Callable[[], Any]) -> Any: ...
        def apply_ops(
            self, *ops: Any, said: str = "", tickets: Sequence[TicketId] | None = None
        ) -> None: ...

    @work(exclusive=True, group="dialog")
    async def action_merge(self) -> None:
        """Into a ticket that goes on for all of the targets; likely ones are offered."""
        targets = self.targets()
        if (row := await self._other(f"Merge {self._named()} into", targets)) is not None:
            await self.merge(targets, row.id)

    async def merge(self, targets: Sequence[TicketId], into: TicketId) -> None:
        """Ask by word before a restricted thread is shown to everybody."""
        from sdesk.ops import Merge
        from sdesk.screens.dialogs.confirm import Confirm

        desk = self.desk_app.desk
        into = desk.read.survivor(into)
        going = tuple(ticket for ticket in targets if ticket != into) or tuple(targets)
        secret = [row for row in desk.read.rows(going) if row.restricted]
        reveal = bool(secret) and not desk.read.ticket(into).restricted
        if reveal:
            words = (
                f"{secret[0].ref} is restricted, {desk.ref(into)} is not: everybody could read it"
            )
            if not await self.app.push_screen_wait(Confirm("reveal", words)):
                return
        self.apply_ops(Merge(into, reveal), said=f"merged into {desk.ref(into)}", tickets=going)

    @work(exclusive=True, group="dialog")
    async def action_link(self) -> None:
        """First the kind of link (or one that is to go), then the other ticket."""
        from sdesk.screens.dialogs.pick import Pick

        desk, targets = self.desk_app.desk, self.targets()
        known = desk.read.ticket(targets[0]) if len(targets) == 1 else None
        kind = await self._answer(lambda: Pick(f"Link · {self._named()}", kinds(known, desk.ref)))
        if kind is None:
            return
        if not isinstance(kind, str):
            self.apply_ops(*kind, said="linked no more", tickets=targets)
        elif (
            row := await self._other(f"{self._named(targets)} {in_words(kind)}", targets)
        ) is not None:
            self.link(targets, kind, row.id)

    def link(self, targets: Sequence[TicketId], kind: str, other: TicketId) -> None:
        """Link the targets with another ticket, or let them be its children or parent."""
        from sdesk.ops import AddLink, Edit

        ref = self.desk_app.desk.ref(other)
        said = f"{in_words(kind)} {ref}"
        if kind == "parent":
            self.apply_ops(Edit("parent", other), said=said, tickets=targets)
        elif kind == "child":
            self.apply_ops(Edit("parent", targets[0]), said="is a child now", tickets=[other])
        else:
            self.apply_ops(AddLink(kind, other), said=said, tickets=targets)

    def likely_same(self) -> tuple[TicketRow, ...]:
        """Tickets that are probably the same report, where the screen knows any."""
        return ()

    async def _other(self, title: str, targets: Sequence[TicketId]) -> TicketRow | None:
        """Another ticket than these, chosen."""
        from sdesk.screens.candidates import others
        from sdesk.screens.dialogs.pick import Pick

        source = others(self.desk_app.desk, targets, [r.id for r in self.likely_same()])
        row: TicketRow | None = await self._answer(lambda: Pick(title, source))
        return row

    @work(exclusive=True, group="dialog")
    async def action_discard(self) -> None:
        """Asks by word: what is in the bin is in no list any more."""
        from sdesk.ops import Discard
        from sdesk.screens.dialogs.confirm import Confirm

        targets = self.targets()
        words = f"Put {self._named()} into the bin? It leaves every list; nothing is deleted."
        if await self._answer(lambda: Confirm("bin", words)):
            self.apply_ops(Discard(), said="put into the bin", tickets=targets)

    def action_survivor(self) -> None:
        """To the ticket that goes on for this merged one."""
        if (row := self.current()) is None:
            return
        survivor = self.desk_app.desk.read.survivor(row.id)
        if survivor == row.id:
            self.desk_app.tell("it is merged into no other ticket")
        else:
            self.desk_app.open_ticket(survivor)


def in_words(kind: str) -> str:
    return {"parent": "is a child of", "child": "is the parent of", "relates": "relates to"}.get(
        kind, clean_line(kind).replace("-", " ")
    )


def kinds(ticket: Any, ref: Callable[[int], str]) -> list[Any]:
    """The kinds of link, and (operations) the links that are there, to take them away."""
    from sdesk.model import LinkKind
    from sdesk.ops import Edit, RemoveLink
    from sdesk.screens.dialogs.pick import Choice

    found = [Choice(str(kind), in_words(kind)) for kind in (*LinkKind, *OF_THE_TICKET)]
    if ticket is None:
        return found
    for kind, to in ticket.links:
        if kind in list(LinkKind):
            words = f"{in_words(kind)} {ref(to)} no more"
            found.append(Choice((RemoveLink(kind, to),), words, "take the link away"))
    if ticket.parent is not None:
        words = f"is a child of {ref(ticket.parent)} no more"
        found.append(Choice((Edit("parent", None),), words, "take the link away"))
    return found
