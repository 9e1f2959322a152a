"""Hostile mails fed to one desk, in their order: what of each is not as it must be."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.prove.cases.mails import OURS, OURS_TO_CAROL, Mail
from sdesk.prove.mails.clock import Clock
from sdesk.prove.mails.desks import (
    ALICE,
    CAROL,
    Post,
    add_ticket,
    open_post,
    setup_operations,
)
from sdesk.text import clean, clean_line

if TYPE_CHECKING:
    from sdesk.intake import Taken
    from sdesk.model import KeptMail

LETTERS = "SELECT count(*) FROM letter"
QUEUE, PRIORITY = "service-desk", 3
NOT_READ = "not-fully-read"


class Fed(NamedTuple):
    """What became of one."""

    taken: Taken
    acks: int
    seconds: float


class Feeding:
    """A desk that hostile mails come to, an hour apart: one sender gets three thanks within it."""

    def __init__(self, store: str | Path) -> None:
        self.clock = Clock()
        with Desk.create(store, setup=setup_operations(), actor="ann", clock=self.clock) as desk:
            add_ticket(desk, 1001, ALICE, [OURS])
            add_ticket(desk, 1002, CAROL, [OURS_TO_CAROL], restricted=True)
        self.post: Post = open_post(store, self.clock)
        self.desk = self.post.desk
        self.fed: dict[str, Fed] = {}

    def close(self) -> None:
        self.desk.close()

    def feed(self, mails: Sequence[Mail]) -> dict[str, str]:
        """Take them in; name → what is wrong, for those with which something is."""
        found = {}
        for mail in mails:
            self._take(mail)
            if said := self.wrong(mail):
                found[mail.name] = said
        return found

    def _take(self, mail: Mail) -> None:
        self.clock.forward(3_600)
        before, begun = self._letters(), time.process_time()
        taken = self.post.take(mail.raw)
        spent = time.process_time() - begun
        self.fed[mail.name] = Fed(taken, self._letters() - before, spent)

    def _number(self, name: str) -> int | None:
        fed = self.fed.get(name)
        return None if fed is None else fed.taken.mail

    def _letters(self) -> int:
        return int((self.desk.read.reader.one(LETTERS) or (0,))[0])

    def wrong(self, mail: Mail) -> str:
        """What of a mail that was fed is not as it must be; '' where all is."""
        fed = self.fed[mail.name]
        kept = self.desk.read.mail(fed.taken.mail)
        said = {
            f"{fed.taken.outcome}, not {mail.outcome} ({kept.reason})": fed.taken.outcome != mail.outcome,
            f"{fed.acks} acknowledgements": fed.acks != mail.ack,
            f"took {fed.seconds:.1f} s": fed.seconds > mail.seconds,
            "its bytes are not as they came": self.desk.read.mail_bytes(fed.taken.mail) != mail.raw,
            f"in ticket {fed.taken.ticket}": mail.ticket not in (None, fed.taken.ticket),
            f"hints at {kept.hint}": mail.outcome == "new" and kept.hint != mail.hint,
            f"is taken for {kept.author}": kept.author in ({mail.not_from} - {""})
            or mail.requester not in (None, kept.author),
            "is not said to be the same as the other": mail.twin != ""
            and kept.duplicate_of != self._number(mail.twin),
        }  # fmt: skip
        found = [what for what, is_so in said.items() if is_so]
        if not found and mail.outcome in ("new", "append"):
            found = self._wrong_in_ticket(mail, kept)
        return "; ".join(found)

    def _wrong_in_ticket(self, mail: Mail, kept: KeptMail) -> list[str]:
        number = TicketId(kept.ticket or 0)
        ticket, read = self.desk.read.ticket(number), self.desk.read
        entry: Any = next(one for one in read.conversation(number) if one.mail == kept.id)
        told = [one for event in read.history(number) for one in event.details.get("said", ())]
        requester = ticket.requester.email.casefold() if ticket.requester else ""
        said = {
            "its text is not clean": clean(entry.text) != entry.text,
            f"its subject is {ticket.subject!a}": clean_line(ticket.subject) != ticket.subject
            or (mail.outcome == "new" and mail.subject not in (None, ticket.subject)),
            f"does not say {mail.says!a}": mail.says not in entry.text,
            "says what nobody may see": any(word in entry.text for word in mail.hides),
            f"is {requester}'s": mail.requester is not None and requester != mail.requester,
            f"agents are not told '{mail.told}'": mail.told not in " ".join(told),
            f"steered to {ticket.queue}, P{ticket.priority}": mail.outcome == "new"
            and (ticket.queue, ticket.priority) != (QUEUE, PRIORITY),
            "its files are not all there": mail.files not in (None, len(read.attachments(number))),
            "is not marked as not fully read": mail.not_read is True
            and (not kept.damaged or NOT_READ not in ticket.tags),
        }  # fmt: skip
        return [what for what, is_so in said.items() if is_so]

    def others(self) -> list[str]:
        """What is wrong with the whole: each mail counted once, nothing in Carol's ticket."""
        read = self.desk.read
        said = {
            "not every mail is counted once": sum(read.count_mail().values()) != len(self.fed),
            "a mail is left undecided": bool(read.unjudged_mail()),
            "somebody wrote into SD-1002": {e.author for e in read.conversation(TicketId(1002))}
            != {"Carol"},
        }
        return [what for what, is_so in said.items() if is_so]
