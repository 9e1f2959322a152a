"""Words of the `:` line about whole threads: merge, split, link, the bin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.errors import Usage
from sdesk.model import LinkKind
from sdesk.ops import Discard, Edit, Restore, Unmerge
from sdesk.screens.commands.word import Word, act, known, need
from sdesk.screens.thread_acts import OF_THE_TICKET

if TYPE_CHECKING:
    from sdesk.model import TicketId
    from sdesk.screens.desk_screen import DeskScreen

KINDS = (*map(str, LinkKind), *OF_THE_TICKET)


def _ticket(screen: DeskScreen, ref: str) -> TicketId:
    return screen.desk_app.desk.read.resolve(need(ref, "The other ticket"))


def _merge(screen: DeskScreen, rest: str) -> None:
    if not rest:
        screen.action_merge()
        return
    into = _ticket(screen, rest)
    screen.run_worker(screen.merge(screen.targets(), into), group="dialog", exclusive=True)


def _link(screen: DeskScreen, rest: str) -> None:
    if not rest:
        screen.action_link()
        return
    kind, _, ref = rest.partition(" ")
    screen.link(screen.targets(), known("link", kind, KINDS), _ticket(screen, ref.strip()))


def _parent(screen: DeskScreen, rest: str) -> None:
    if need(rest, "The parent") == "none":
        act(screen, Edit("parent", None), said="a child no more")
    else:
        screen.link(screen.targets(), "parent", _ticket(screen, rest))


def _split(screen: DeskScreen, _: str) -> None:
    split = getattr(screen, "action_split", None)
    if split is None:
        raise Usage("A message is split off in its ticket.", "Open it and go to the message with [ and ].")  # fmt: skip
    split()


def _discard(screen: DeskScreen, rest: str) -> None:
    if rest:
        act(screen, Discard(rest), said="put into the bin")
    else:
        screen.action_discard()


WORDS = (
    Word("bin", "bin [REASON]", "put it into the bin", _discard),
    Word("link", "link [KIND REF]", "link it with another ticket", _link, lambda _: KINDS),
    Word("merge", "merge [REF]", "merge it into another ticket", _merge),
    Word("parent", "parent REF|none", "make it the child of another ticket", _parent),
    Word("restore", "restore", "take it out of the bin", lambda s, _: act(s, Restore(), said="out of the bin")),
    Word("split", "split", "make a new ticket of the message", _split),
    Word("survivor", "survivor", "to the ticket that it was merged into", lambda s, _: s.action_survivor()),
    Word("unmerge", "unmerge", "take a merged ticket apart again", lambda s, _: act(s, Unmerge(), said="taken apart")),
)  # fmt: skip
