"""Mail comes in: kept first, then read, judged, applied and marked in one transaction.

`keep` commits a mail's bytes before anything looks into them. `settle` decides about one kept mail,
once: whoever comes second, after a crash or beside another process, finds it decided. A mail that
trips over a fault of ours becomes a ticket that says so; it is never lost and stops nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sdesk import ops
from sdesk.errors import Busy, NotFound, Refused, SdeskError, StoreFault
from sdesk.files import LIMIT, file_size
from sdesk.model import Channel, LinkKind, Source, TicketId
from sdesk.ops.checks import MAX_SUBJECT
from sdesk.rules import mail as rules
from sdesk.rules.mail import Outcome, Verdict
from sdesk.store import incoming, letters, participants
from sdesk.store.apply.ticket import NO_SUBJECT
from sdesk.store.transaction import event_value
from sdesk.text import clean, clean_line, cut, fold

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.door import Door, Work
    from sdesk.model import KeptMail, PersonId
    from sdesk.store.tables import TicketTable

ACTOR = "sdesk"
MOST_TEXT = 500_000
"""Characters of a mail that a ticket shows; all of it is kept as it came."""
MOST_FILES = 200
MOST_PARTICIPANTS = 20
NOT_READ = "not-fully-read"
"""The tag of a ticket whose mail could not be read whole."""
NOTHING = "(no text)"
UNKNOWN = "unknown sender"


class Mailbox(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def addr(self) -> str: ...


class Part(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def body(self) -> bytes: ...


class Letter(rules.Incoming, Protocol):
    """A mail that has been read: `mail.reading.Message`."""

    @property
    def folds(self) -> tuple[tuple[int, int], ...]: ...
    @property
    def damaged(self) -> tuple[str, ...]: ...
    @property
    def doubts(self) -> tuple[str, ...]: ...
    @property
    def parts(self) -> Sequence[Part]: ...


@dataclass(frozen=True, slots=True)
class Unread:
    """What is known of a mail that trips over a fault of ours: nothing but a little of its text."""

    text: str
    damaged: tuple[str, ...]
    subject: str = "(a mail that could not be read)"
    author: None = None
    from_headers: int = 0
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: int | None = None
    headers: dict[str, tuple[str, ...]] = None  # type: ignore[assignment]
    folds: tuple[tuple[int, int], ...] = ()
    parts: tuple[Part, ...] = ()
    report: None = None
    doubts: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        return self.text


class Taken(NamedTuple):
    """What became of one mail."""

    mail: int
    outcome: str
    ticket: TicketId | None = None
    ack: bool = False
    first: bool = True
    """Whether this call has decided it; else somebody had before."""


Reader = Callable[[bytes], Letter]


class Intake:
    """Takes mail in, in the desk's own name. For one thread."""

    def __init__(self, desk: Desk, read: Reader) -> None:
        self.desk, self._read = desk, read

    def _door(self) -> Door:
        door = self.desk.door()
        # The desk itself is no agent, and needs no leave.
        door.enforce = False
        return door

    # Keeping

    def keep(self, mailbox: str, spot: str, raw: bytes, *, size: int | None = None) -> int:
        """Commit a mail's bytes; its number. The same spot of a mailbox is kept once."""
        whole = len(raw) if size is None else size
        return self.keep_all(mailbox, [(spot, raw, whole)])[0]

    def keep_all(
        self, mailbox: str, mails: Sequence[tuple[str, bytes, int]], *, generation: str = "",
        progress: Mapping[str, Any] | None = None,
    ) -> list[int]:  # fmt: skip
        """`keep` for several (spot, bytes, size) in one transaction, which costs one flush of the disk.

        With `generation` a mail that was kept from another place of the mailbox is the same one.
        `progress`, columns of `mailbox`, is committed with them.
        """
        numbers = []
        with self._door().writer.write() as session:
            now = self.desk.now()
            for spot, raw, size in mails:
                number = None
                if generation:
                    number = incoming.adopt(session, mailbox, spot, raw, generation)
                if number is None:
                    number = incoming.keep(session, mailbox, spot, raw, size, now)
                numbers.append(number)
            if progress:
                incoming.set_mailbox(session, mailbox, progress)
        return numbers

    def note(self, mailbox: str, **values: Any) -> None:
        """Remember something of a mailbox: when it was looked at, what troubles it."""
        with self._door().writer.write() as session:
            incoming.set_mailbox(session, mailbox, values)

    # Deciding

    def settle(self, number: int) -> Taken:
        """Decide about one kept mail. Raises `Busy` and `StoreFault`, and `NotFound` for no such mail."""
        kept = self.desk.read.mail(number)
        if kept.outcome:
            return Taken(number, kept.outcome, kept.ticket, first=False)
        return self._decide(kept, self.desk.read.mail_bytes(number))

    def _decide(self, row: KeptMail, raw: bytes) -> Taken:
        try:
            return self._apply(row, self._message(row, raw))
        except (Busy, StoreFault):
            raise
        except Exception as error:
            # The mail must not be lost, nor keep those behind it from being read.
            unread = _unreadable(raw, error)
        try:
            return self._apply(row, unread)
        except (Busy, StoreFault):
            raise
        except Exception as error:
            return self._set_aside(row.id, error)

    def _message(self, row: KeptMail, raw: bytes) -> Letter:
        mail = self._read(raw)
        if row.size <= len(raw):
            return mail
        said = f"It has {file_size(row.size)}; {file_size(len(raw))} of it were taken in."
        return mail._replace(damaged=(*mail.damaged, said))  # type: ignore[attr-defined,no-any-return]

    def _apply(self, row: KeptMail, mail: Letter) -> Taken:
        with self._door().transaction() as work:
            return Settling(work, row.id, mail).run()

    def _set_aside(self, number: int, error: Exception) -> Taken:
        """Even a plain ticket could not be made of it: agents find it among the held mails."""
        said = f"It could not be taken in: {type(error).__name__}: {clean_line(str(error))[:200]}"
        with self._door().transaction() as work:
            incoming.mark(work.tx, number, Verdict(Outcome.HOLD, said))
            work.tx.record("mail_held", details={"mail": number})
        return Taken(number, Outcome.HOLD)

    def settle_waiting(self, until: Callable[[], bool] = lambda: False) -> list[Taken]:
        """Decide about what a crash has left behind."""
        done = []
        for number in self.desk.read.unjudged_mail():
            if until():
                break
            done.append(self.settle(number))
        return done


class Settling:
    """One mail inside the transaction that decides about it."""

    def __init__(self, work: Work, number: int, mail: Letter) -> None:
        self.work, self.tx, self.number, self.mail = work, work.tx, number, mail
        self.clues = rules.clues_of(mail, work.tx.prefix)
        self.author = mail.author.addr.casefold() if mail.author is not None else ""

    def run(self) -> Taken:
        row = incoming.row_of(self.tx.session, self.number)
        if row.outcome:
            return Taken(self.number, row.outcome, _ticket(row.ticket), first=False)
        world = incoming.world_of(self.tx, self.number, self.mail, self.clues)
        return self.carry_out(rules.judge(self.mail, self.clues, world))

    def carry_out(self, verdict: Verdict) -> Taken:
        """Do what the rules have decided, and write it down."""
        self.describe()
        verdict = self._with_damage(verdict)
        match verdict.outcome:
            case Outcome.NEW:
                return self.open(verdict)
            case Outcome.APPEND:
                return self.append(verdict)
            case Outcome.MACHINE if verdict.ticket is not None:
                self._record_machine(verdict.ticket)
            case Outcome.BOUNCE:
                self._record_bounce(verdict)
            case Outcome.HOLD:
                self.tx.record("mail_held", details={"mail": self.number})
        incoming.mark(self.tx, self.number, verdict)
        return Taken(self.number, verdict.outcome, _ticket(verdict.ticket))

    def describe(self) -> None:
        incoming.describe(
            self.tx, self.number, self.mail, self.clues, damaged=bool(self.mail.damaged)
        )

    def _with_damage(self, verdict: Verdict) -> Verdict:
        steps = [rules.Step("reading", said) for said in (*self.mail.damaged, *self.mail.doubts)]
        return verdict._replace(trace=(*steps, *verdict.trace))

    # A new ticket

    def open(self, verdict: Verdict) -> Taken:
        person = self.person()
        text, folds = _text(self.mail)
        tags = (NOT_READ,) if self.mail.damaged else ()
        opening = ops.Open(
            cut(clean_line(self.mail.subject), MAX_SUBJECT) or NO_SUBJECT, text, requester=person,
            queue=verdict.queue, channel=Channel.MAIL, tags=tags, mail=self.number,
            author="" if person is not None else UNKNOWN, folds=folds,
        )  # fmt: skip
        links = [ops.AddLink(LinkKind.RELATES, TicketId(verdict.linked))] if verdict.linked else []
        made = self.work.carry_out(None, [opening, *links, *self.files()], None)
        assert made is not None
        ticket = self.work.row(made)
        self._tell_doubts(ticket, verdict)
        self._let_join(ticket)
        sent = self._acknowledge(ticket) if verdict.ack else False
        incoming.mark(self.tx, self.number, verdict, ticket=made, entry=self._entry())
        return Taken(self.number, verdict.outcome, made, ack=sent)

    def person(self) -> PersonId | None:
        """The author as a person of the desk, made where they are new; None for nobody."""
        if self.mail.author is None or not self.author:
            return None
        found = incoming.person_of(self.tx, self.author)
        if found is None:
            known = ops.SavePerson(self._name(), self.mail.author.addr)
            self.work.carry_out(None, [known], None)
            found = incoming.person_of(self.tx, self.author)
        return found

    def _name(self) -> str:
        """What the author calls themselves; their address where that would pass for somebody else."""
        assert self.mail.author is not None
        address, name = self.mail.author.addr, cut(clean_line(self.mail.author.name), 200)
        if not name or "@" in name:
            return address
        agents = {fold(agent.name) for agent in self.work.reads.agents()}
        return f"{cut(name, 100)} ({address})" if fold(name) in agents else name

    def files(self) -> list[ops.Op]:
        limit = self.tx.settings.get("attachment_limit", "")
        most = int(limit) if limit.isdigit() else LIMIT
        parts = [part for part in self.mail.parts if 0 < len(part.body) <= most]
        return [ops.Attach(part.name or "file", part.body) for part in parts[:MOST_FILES]]

    def _tell_doubts(self, ticket: TicketTable, verdict: Verdict) -> None:
        """Tell agents, in the ticket, what is doubtful about it."""
        said = [verdict.reason] if verdict.hint is not None else []
        said += [*self.mail.doubts, *self.mail.damaged]
        too_large = (
            len(self.mail.parts) - len(self.files()) - sum(not p.body for p in self.mail.parts)
        )
        if too_large > 0:
            said.append(
                f"{too_large} of its files were too large, or too many, to be kept with it."
            )
        if said:
            details = {"mail": self.number, "said": said[:10]}
            self.tx.record("mail_doubted", ticket, details=details)

    def _let_join(self, ticket: TicketTable) -> None:
        """Whom the author has named as readers may write into the ticket too, where it is vouched
        for that the author named them."""
        customs = incoming.customs_of(self.tx)
        found = rules.vouched(
            self.mail.headers.get("authentication-results", ()), customs.authserv, self.author
        )
        if not self.author or not (found.genuine or not customs.require_auth):
            return
        nobody = customs.own | customs.agents | {self.author, ""}
        named = [box for box in (*self.mail.to, *self.mail.cc) if box.addr.casefold() not in nobody]
        participants.join(
            self.tx, ticket, {box.addr.casefold(): box.name for box in named[:MOST_PARTICIPANTS]}
        )

    def _acknowledge(self, ticket: TicketTable) -> bool:
        assert self.mail.author is not None
        return letters.put(
            self.tx, letters.ACKNOWLEDGEMENT, ticket, to=(self.mail.author.addr,),
            answers=(f"<{self.clues.own_id}>",) if self.clues.own_id else (),
        ) is not None  # fmt: skip

    def _entry(self) -> int | None:
        """The entry that this transaction has written for the mail."""
        events = map(event_value, reversed(self.tx.events))
        return next((e.details.get("entry") for e in events if e.kind == "received"), None)

    # In a ticket that was there

    def append(self, verdict: Verdict) -> Taken:
        assert verdict.ticket is not None
        text, folds = _text(self.mail)
        received = ops.Receive(
            text, sender=self.person(), mail=self.number, folds=folds,
            keeps_state=verdict.keeps_state,
        )  # fmt: skip
        tags = [ops.AddTags((NOT_READ,))] if self.mail.damaged else []
        acts = [received, *self.files(), *tags]
        made = self.work.carry_out(TicketId(verdict.ticket), acts, None)
        assert made is not None
        ticket = self.work.row(made)
        if self.mail.damaged or self.mail.doubts:
            self._tell_doubts(ticket, verdict)
        participants.join(self.tx, ticket, {self.author: self._own_name()} if self.author else {})
        self._let_join(ticket)
        incoming.mark(self.tx, self.number, verdict, ticket=made, entry=self._entry())
        return Taken(self.number, verdict.outcome, made)

    def _own_name(self) -> str:
        return self.mail.author.name if self.mail.author is not None else ""

    # Not a word of a person

    def _record_machine(self, ticket: int) -> None:
        details = {"mail": self.number, "author": self.author, "subject": self.mail.subject}
        self.tx.record("mail_noted", self.work.row(TicketId(ticket)), details=details)

    def _record_bounce(self, verdict: Verdict) -> None:
        assert verdict.letter is not None
        words = cut(clean_line(self.mail.said), 300)
        if _has_failed(self.mail.report):
            incoming.bounced(self.tx, verdict.letter, words)
        if verdict.ticket is not None:
            row = self.work.row(TicketId(verdict.ticket))
            details = {"mail": self.number, "letter": verdict.letter, "said": words}
            self.tx.record("letter_bounced", row, details=details)


def _has_failed(report: Any) -> bool:
    """Whether a delivery report speaks of failure: not of a delay, nor of success."""
    fates = getattr(report, "fates", ())
    return not fates or any(fate.action in ("failed", "") for fate in fates)


def _ticket(number: int | None) -> TicketId | None:
    return None if number is None else TicketId(number)


def _text(mail: Letter) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text as an entry keeps it, and where its quotes and signatures stand in that."""
    kept = mail.text.lstrip("\n")
    gone, text = len(mail.text) - len(kept), kept.rstrip("\n")
    if len(text) > MOST_TEXT:
        text = text[:MOST_TEXT] + "\n\n[…]"
    if not text.strip():
        return NOTHING, ()
    moved = ((max(0, start - gone), min(len(text), end - gone)) for start, end in mail.folds)
    return text, tuple((start, end) for start, end in moved if start < end)


def _unreadable(raw: bytes, error: Exception) -> Unread:
    said = f"It could not be read: {type(error).__name__}: {clean_line(str(error))[:200]}"
    text = clean(raw[:20_000].decode("latin-1"))
    return Unread(text, (said,), headers={})


class Deciding:
    """What agents decide about held mail; each act in their own name, by their own door."""

    def __init__(self, desk: Desk, read: Reader) -> None:
        self.desk, self._read = desk, read

    def release(self, number: int, to: TicketId | None = None) -> TicketId:
        """Make a ticket of a held or rejected mail, or put it into one; the ticket it is in."""
        with self.desk.door().transaction() as work:
            row, mail = self._held(work, number)
            settling = Settling(work, number, mail)
            reason = f"{work.tx.actor} has released it."
            before = row.outcome
            source, work.tx.source = work.tx.source, Source.MAIL
            try:
                taken = self._put(settling, reason, to)
            finally:
                work.tx.source = source
            assert taken.ticket is not None
            ticket = work.row(taken.ticket)
            details = {"mail": number, "author": settling.author}
            changes = {f"mail.{number}": (before, str(taken.outcome))}
            work.tx.record("mail_released", ticket, changes=changes, details=details)
            incoming.handle(work.tx, number, str(taken.outcome), by=work.tx.actor, reason=reason)
        return taken.ticket

    def _put(self, settling: Settling, reason: str, to: TicketId | None) -> Taken:
        settling.describe()
        if to is None:
            queue = rules.queue_of(settling.mail, incoming.customs_of(settling.tx))
            return settling.open(Verdict(Outcome.NEW, reason, queue=queue))
        return settling.append(Verdict(Outcome.APPEND, reason, ticket=int(to)))

    def reject(self, numbers: Sequence[int]) -> int:
        """Refuse held mails; they stay, and can be released still. How many it were."""
        done = 0
        with self.desk.door().transaction() as work:
            self._check_agent(work)
            for number in numbers:
                row = incoming.row_of(work.tx.session, number)
                if row.outcome == Outcome.HOLD:
                    said = f"{work.tx.actor} has rejected it."
                    incoming.handle(
                        work.tx, number, Outcome.REJECTED, by=work.tx.actor, reason=said
                    )
                    done += 1
            if done:
                work.tx.record("mail_rejected", details={"mails": list(numbers)})
        return done

    def hold_again(self, numbers: Sequence[int]) -> int:
        """Put rejected mails back among the held ones."""
        done = 0
        with self.desk.door().transaction() as work:
            self._check_agent(work)
            for number in numbers:
                row = incoming.row_of(work.tx.session, number)
                if row.outcome == Outcome.REJECTED:
                    said = f"{work.tx.actor} wants it looked at again."
                    incoming.handle(work.tx, number, Outcome.HOLD, by="", reason=said)
                    done += 1
            if done:
                work.tx.record("mail_held", details={"mails": list(numbers)})
        return done

    def _check_agent(self, work: Work) -> None:
        if self.desk.door().enforce and (work.agent is None or not work.agent.active):
            raise Refused(f"'{work.tx.actor}' is not an agent of this desk.")

    def _held(self, work: Work, number: int) -> tuple[incoming.MailRow, Letter]:
        self._check_agent(work)
        row = incoming.row_of(work.tx.session, number)
        if row.outcome not in (Outcome.HOLD, Outcome.REJECTED):
            raise Refused(
                f"Mail {number} is not held: it is {row.outcome or 'not judged yet'}.",
                "See: sdesk mail held",
            )
        raw = self.desk.read.mail_bytes(number)
        try:
            return row, self._read(raw)
        except SdeskError:
            raise
        except Exception as error:
            # As in `_decide`: what trips over a fault of ours is let in as plain text.
            return row, _unreadable(raw, error)


__all__ = ["ACTOR", "Deciding", "Intake", "NotFound", "Settling", "Taken", "Unread"]
