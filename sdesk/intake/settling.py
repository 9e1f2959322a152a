"""One mail inside the transaction that decides about it: judged, applied, marked, acknowledged."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from sdesk import ops
from sdesk.files import LIMIT
from sdesk.intake import monitors
from sdesk.intake.letter import Letter, Taken
from sdesk.model import Channel, LinkKind, TicketId
from sdesk.ops.checks import MAX_SUBJECT
from sdesk.rules import mail as rules
from sdesk.rules.mail import Outcome, Verdict
from sdesk.store import incoming, letters
from sdesk.store.apply import mailing
from sdesk.store.apply.ticket import NO_SUBJECT
from sdesk.store.tables import PersonTable, QueueTable
from sdesk.store.transaction import event_value
from sdesk.text import clean_line, cut, fold

if TYPE_CHECKING:
    from sdesk.door import Work
    from sdesk.model import PersonId
    from sdesk.rules.alarm import Plan
    from sdesk.store.tables import TicketTable

MOST_TEXT = 500_000
"""Characters of a mail that a ticket shows; all of it is kept as it came."""
MOST_FILES = 200
MOST_PARTICIPANTS = 20
NOT_READ = "not-fully-read"
"""The tag of a ticket whose mail could not be read whole."""
NOTHING = "(no text)"
UNKNOWN = "unknown sender"


class Settling:
    """One mail inside the transaction that decides about it."""

    def __init__(self, work: Work, number: int, mail: Letter, plan: Plan | None = None) -> None:
        self.work, self.tx, self.number, self.mail = work, work.tx, number, mail
        self.plan = plan
        """How alarms are taken; None: as they are where nothing is set."""
        self.clues = rules.clues_of(mail, work.tx.prefix)
        self.author = mail.author.addr.casefold() if mail.author is not None else ""

    @cached_property
    def customs(self) -> rules.Customs:
        return incoming.customs_of(self.tx)

    def world(self) -> rules.World:
        """What the store knows of all that the mail points at."""
        return incoming.world_of(self.tx, self.number, self.mail, self.clues, self.customs)

    def run(self) -> Taken:
        row = incoming.row_of(self.tx.session, self.number)
        if row.outcome:
            return Taken(self.number, row.outcome, as_ticket(row.ticket), first=False)
        if reason := self.elsewhere():
            self.describe()
            verdict = Verdict(Outcome.HOLD, reason)
            self.tx.record("mail_held", details={"mail": self.number})
            incoming.mark(self.tx, self.number, verdict)
            return Taken(self.number, verdict.outcome)
        world = self.world()
        return self.decide(rules.judge(self.mail, self.clues, world))

    def elsewhere(self) -> str:
        """Why the mail belongs into the file for restricted tickets, and not into this one; else empty.

        Who keeps mail and may open that file has put it there before it comes so far.
        """
        if not self.tx.settings.get("restricted_store") or self.tx.base:
            return ""
        if rules.names_restricted(self.clues):
            return "It is for a restricted ticket: let a member of that group decide."
        queue = rules.queue_of(self.mail, self.customs) or self.tx.intake
        kept = self.tx.settings.get("restricted_queues", "").split()
        return (
            f"It is for the restricted queue '{queue}': let a member of its group decide."
            if queue in kept
            else ""
        )

    def decide(self, verdict: Verdict) -> Taken:
        """Fold the mail of a monitor; do with any other what the rules have decided."""
        alert = monitors.alert_of(self.tx, self.mail, self.author, verdict)
        if alert is None:
            return self.carry_out(verdict)
        from sdesk.alarms import fold  # here: most mails are people's
        from sdesk.rules.alarm import Plan

        folded = fold(self.work, alert, self.plan or Plan())
        self.describe()
        verdict = monitors.told(verdict, folded)
        incoming.mark(self.tx, self.number, verdict)
        return Taken(self.number, verdict.outcome, folded.ticket)

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
        return Taken(self.number, verdict.outcome, as_ticket(verdict.ticket))

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
            restricted=self.tx.base > 0,
        )  # fmt: skip
        links = [ops.AddLink(LinkKind.RELATES, TicketId(verdict.linked))] if verdict.linked else []
        # A session forgets rows that nobody holds: these two are asked for again and again.
        held = (
            self.tx.session.get(QueueTable, verdict.queue or self.tx.intake),
            person and self.tx.session.get(PersonTable, person),
        )
        made = self.work.carry_out(None, [opening, *links, *self.files()], None)
        assert made is not None
        ticket = self.work.row(made)
        self._tell_doubts(ticket, verdict)
        self._let_join(ticket, is_new=True)
        sent = self._acknowledge(ticket) if verdict.ack else False
        del held
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
        said += [verdict.doubt] if verdict.doubt else []
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

    def _let_join(self, ticket: TicketTable, *, is_new: bool = False) -> None:
        """Whom the author has named as readers may write into the ticket too, where it is vouched
        for that the author named them. Where nobody ever vouches, into a new ticket only: it holds
        nothing yet that a forger could get to read."""
        customs = self.customs
        found = rules.vouched(
            self.mail.headers.get("authentication-results", ()), customs.authserv, self.author
        )
        believed = found.genuine or (is_new and not customs.require_auth)
        if not self.author or not believed:
            return
        nobody = customs.own | customs.agents | {self.author, ""}
        named = [box for box in (*self.mail.to, *self.mail.cc) if box.addr.casefold() not in nobody]
        mailing.join(
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

    def append(self, verdict: Verdict, *, joins: bool = True) -> Taken:
        """Put it into the ticket; with `joins` its author and readers take part in it from now on."""
        assert verdict.ticket is not None
        text, folds = _text(self.mail)
        person = self.person()
        received = ops.Receive(
            text, sender=person, mail=self.number, folds=folds, keeps_state=verdict.keeps_state,
            author="" if person is not None else UNKNOWN,
        )  # fmt: skip
        tags = [ops.AddTags((NOT_READ,))] if self.mail.damaged else []
        acts = [received, *self.files(), *tags]
        if verdict.score is not None:
            acts.append(ops.RecordSurvey(verdict.score, verdict.comment))
        if verdict.confirms:
            acts.append(ops.Close("the requester confirmed that it is solved"))
        made = self.work.carry_out(TicketId(verdict.ticket), acts, None)
        assert made is not None
        ticket = self.work.row(made)
        if self.mail.damaged or self.mail.doubts:
            self._tell_doubts(ticket, verdict)
        # Who is in it by a merge takes part for as long as it lasts.
        if joins and self.author in incoming.participants_of(self.tx, ticket.number):
            mailing.join(self.tx, ticket, {self.author: self._own_name()} if self.author else {})
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
        """Mark the letter; what only tells of a delay, or of success, stands in the history."""
        assert verdict.letter is not None
        words = _words_of(self.mail)
        if _has_failed(self.mail.report):
            letters.bounced(self.tx, verdict.letter, words)
        elif verdict.ticket is not None:
            row = self.work.row(TicketId(verdict.ticket))
            details = {"mail": self.number, "letter": verdict.letter, "said": words}
            self.tx.record("letter_reported", row, details=details)


def _has_failed(report: Any) -> bool:
    """Whether a delivery report speaks of failure: not of a delay, nor of success."""
    fates = getattr(report, "fates", ())
    return not fates or any(fate.action in ("failed", "") for fate in fates)


def _words_of(mail: Letter) -> str:
    """What a delivery report says, in one line: the servers' own words where there are any."""
    fates = getattr(mail.report, "fates", ())
    said = [f"{fate.recipient}: {fate.status} {fate.diagnostic}".strip(" :") for fate in fates[:5]]
    return cut(clean_line("; ".join(said) or mail.said), 300)


def as_ticket(number: int | None) -> TicketId | None:
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
