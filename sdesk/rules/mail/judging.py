"""The rules of intake, asked one after the other; the first that decides has decided.

A rule gets everything that is known and gives a `Verdict`, or the words why it did not apply. What
every rule said stays with the mail, so that "why?" has an answer years later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from sdesk.model import StateCategory
from sdesk.numbering import reference
from sdesk.rules.letters.address import usable
from sdesk.rules.mail.clues import Clues
from sdesk.rules.mail.thanks import is_confirmation, is_only_thanks
from sdesk.rules.mail.vouching import Vouched, vouched
from sdesk.rules.mail.words import Customs, Incoming, Outcome, Standing, Step, Verdict, World
from sdesk.rules.survey import survey_answer
from sdesk.text import clean_line, cut

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LOOP_HEADER = "x-sdesk-loop"
ACKS_AN_HOUR = 3
"""Acknowledgements that one sender gets within an hour, whatever they write."""
_NO_REPLY = re.compile(
    r"(?:.*[._+-])?(?:no|not|do-?not|dont|never)[._-]?(?:reply|respond|answer)(?:[._+-].*)?"
    r"|postmaster|mailer-?daemon|bounces?(?:[._+-].*)?|hostmaster|abuse|root|nobody|daemon"
)
DELIVERY = ("delivery-status", "")
"""Reports that tell what became of a mail; others are receipts and complaints."""
_BULK = ("bulk", "junk", "list", "auto_reply")
_RESPONDERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-vacation")
"""Headers of vacation programs that are older than Auto-Submitted."""


class Case(NamedTuple):
    """All that a rule may look at."""

    mail: Incoming
    world: World
    clues: Clues
    vouched: Vouched

    @property
    def author(self) -> str:
        """The author's address, case-folded; empty for nobody."""
        return self.mail.author.addr.casefold() if self.mail.author is not None else ""

    def header(self, name: str) -> Sequence[str]:
        return self.mail.headers.get(name, ())


Said = Verdict | str
Rule = Callable[[Case], Said]


def judge(mail: Incoming, clues: Clues, world: World) -> Verdict:
    """The verdict on a mail, with what every rule said."""
    author = mail.author.addr if mail.author is not None else ""
    found = vouched(mail.headers.get("authentication-results", ()), world.customs.authserv, author)
    case = Case(mail, world, clues, found)
    trace: list[Step] = []
    for name, rule in RULES:
        said = rule(case)
        if isinstance(said, str):
            trace.append(Step(name, said))
            continue
        trace.append(Step(name, said.reason, decided=True))
        return _finished(case, said._replace(trace=tuple(trace)))
    raise AssertionError("the last rule decides")


def _finished(case: Case, verdict: Verdict) -> Verdict:
    """With the queue, and whether an acknowledgement goes out."""
    if verdict.outcome != Outcome.NEW:
        return verdict
    refusal = why_no_ack(case)
    namesake = case.world.namesake
    return verdict._replace(
        queue=queue_of(case.mail, case.world.customs),
        doubt=f"Mail {namesake} has the same Message-ID, but another author, date or text."
        if namesake is not None
        else "",
        ack=not refusal,
        ack_reason=refusal or "goes to the author",
    )


# 1


def _own_mail(case: Case) -> Said:
    """Our own mail coming back: by its loop header, or because it bears a Message-ID of ours."""
    for value in case.header(LOOP_HEADER):
        if _is_ours(value, case):
            return Verdict(Outcome.DROP, "It is a mail of this desk that has come back.")
    if case.clues.own_id in case.world.letters and case.clues.own_id:
        return Verdict(Outcome.DROP, "It bears the Message-ID of a mail of this desk.")
    if case.header(LOOP_HEADER):
        return "it comes from another desk of the same make"
    return "it is no mail of ours"


def _is_ours(value: str, case: Case) -> bool:
    """Whether a loop header names this desk; one that names no address or domain is taken for ours."""
    named = clean_line(value).casefold().strip("<> ")
    own = case.world.customs.own
    domains = {address.rpartition("@")[2] for address in own}
    if "@" in named:
        local, _, domain = named.rpartition("@")
        is_id = local.startswith("sd.") and domain in domains
        return named in own or is_id or case.author in own
    above = {named, named.partition(".")[2]}
    return "." not in named or bool(above & domains) or case.author in own


# 2


def _delivery_report(case: Case) -> Said:
    """A delivery report counts only where it speaks of a mail that we have sent."""
    if case.mail.report is None:
        return "it is no delivery report"
    if case.mail.report.kind not in DELIVERY:
        return Verdict(Outcome.MACHINE, "It is a report of a program: a receipt, or a complaint.")
    # Some servers name the mail in their own References only.
    for reported in case.clues.reported or case.clues.answered:
        if (sent := case.world.letters.get(reported)) is not None:
            said = "A mail server reports on a mail of ours."
            return Verdict(Outcome.BOUNCE, said, ticket=sent.ticket, letter=sent.id)
    return Verdict(
        Outcome.MACHINE, "It is a delivery report, but of no mail that this desk has sent."
    )


# 3


def _seen_before(case: Case) -> Said:
    """The same Message-ID, author, date and text: delivered twice."""
    world = case.world
    if world.twin is not None and world.twin_held and case.vouched.passed:
        # Else whoever foretells a mail in somebody's name could keep theirs out.
        return f"mail {world.twin}, the same, was held; for this one our mail server vouches"
    if world.twin is not None:
        said = f"It is the same mail as number {world.twin}, delivered once more."
        return Verdict(Outcome.DUPLICATE, said, duplicate_of=world.twin)
    if world.namesake is not None:
        return (
            f"mail {world.namesake} has the same Message-ID, but another author or text: both stay"
        )
    return "it has not been here before"


# 4


def _doubtful_author(case: Case) -> Said:
    """Who claims to be the desk, an agent, or somebody our mail server knows they are not."""
    author, customs = case.author, case.world.customs
    if case.mail.from_headers > 1:
        return Verdict(Outcome.HOLD, "It has two From headers: nobody can say who wrote it.")
    if author and author in customs.own:
        return Verdict(Outcome.HOLD, "It says it is from the desk's own address, and is not.")
    if author and author in customs.agents:
        said = f"It says it is from {author}, an agent; by mail nobody speaks as an agent."
        return Verdict(Outcome.HOLD, said)
    if case.vouched.failed:
        said = f"Our mail server says it is not from {author or 'its author'}: dmarc=fail."
        return Verdict(Outcome.HOLD, said)
    return f"nothing speaks against its author ({case.vouched.words})"


# 5


def _from_a_machine(case: Case) -> Said:
    """What a program wrote is recorded, and never answered."""
    if not (mark := next(_marks(case), "")):
        return "a person wrote it, as far as its headers say"
    mine = (s for s in _named(case) if case.author in s.participants)
    found = None if _doubted(case) else next(mine, None)
    said = f"A program wrote it: {mark}."
    return Verdict(Outcome.MACHINE, said, ticket=found.survivor if found else None)


def _marks(case: Case) -> Iterator[str]:
    """Every header by which a program's mail is known."""
    for value in case.header("auto-submitted"):
        word = value.partition(";")[0].partition("(")[0].strip().casefold()
        if word != "no":
            yield f"Auto-Submitted: {_shown(word)}"
    if any(_is_null(value) for value in case.header("return-path")[:1]):
        yield "an empty Return-Path"
    for value in case.header("precedence"):
        if value.strip().casefold() in _BULK:
            yield f"Precedence: {_shown(value)}"
    if case.header("list-id"):
        yield "List-Id, as mailing lists have it"
    for value in case.header("x-auto-response-suppress"):
        if value.strip().casefold() not in ("", "none"):
            yield f"X-Auto-Response-Suppress: {_shown(value)}"
    for name in _RESPONDERS:
        if any(value.strip().casefold() not in ("no", "false", "0") for value in case.header(name)):
            yield f"{name.title()}, as programs have it that tell of an absence"


def _is_null(value: str) -> bool:
    return "".join(value.split()) in ("<>", "")


def _shown(value: str) -> str:
    return cut(clean_line(value), 40)


# 6


def _in_a_ticket(case: Case) -> Said:
    """Into a ticket only by its number or a letter of ours, and only from who takes part in it."""
    named = list(_named(case))
    mine = [standing for standing in named if case.author in standing.participants]
    if not mine:
        return _to_a_new_one(case, named)
    if _doubted(case):
        return f"it says it is from {case.author}, but nothing vouches for that"
    if (answered := _survey_answered(case, mine[0])) is not None:
        return _too_many(case) or answered
    standing = next((s for s in mine if _is_open_to(s, case)), mine[0])
    if not _is_open_to(standing, case):
        return (
            f"{_ref(case, standing.number)} is {_ended(standing)}: it is continued in a new ticket"
        )
    return _too_many(case) or _appended(case, standing)


def _appended(case: Case, standing: Standing) -> Verdict:
    ref = _ref(case, standing.number)
    if standing.survivor != standing.number:
        ref = f"{ref}, which goes on as {_ref(case, standing.survivor)}"
    said = f"{case.author} takes part in {ref}."
    keeps = confirms = False
    if standing.category == StateCategory.RESOLVED:
        world = case.world
        keeps = world.customs.thanks_keeps_closed and is_only_thanks(case.mail.said, world.names)
        is_theirs = standing.requester in ("", case.author)
        confirms = keeps and is_theirs and is_confirmation(case.mail.said)
        if confirms:
            said += " It confirms that it is solved: it is closed."
        else:
            said += (
                " It says no more than thanks: it stays resolved." if keeps else " It is reopened."
            )
    return Verdict(
        Outcome.APPEND, said, ticket=standing.survivor, keeps_state=keeps, confirms=confirms
    )


def _survey_answered(case: Case, standing: Standing) -> Verdict | None:
    """A reply to the survey that begins with a number from 1 to 5: kept, and nothing reopened."""
    asked = any(
        (sent := case.world.letters.get(name)) is not None
        and sent.kind == "survey"
        and sent.ticket == standing.number
        for name in case.clues.answered
    )
    if not asked or (answer := survey_answer(case.mail.said)) is None:
        return None
    score, comment = answer
    said = f"{case.author} answers the survey of {_ref(case, standing.number)}: {score} of 5."
    return Verdict(
        Outcome.APPEND, said, ticket=standing.survivor, keeps_state=True, score=score,
        comment=comment,
    )  # fmt: skip


def _is_open_to(standing: Standing, case: Case) -> bool:
    """Whether a message may still go in: it lives, or was resolved not long ago."""
    if standing.binned or standing.category == StateCategory.CLOSED:
        return False
    if standing.category != StateCategory.RESOLVED:
        return True
    since = case.world.now - (standing.resolved_at or 0)
    return since <= case.world.customs.window


def _ended(standing: Standing) -> str:
    if standing.binned:
        return "in the bin"
    return "closed" if standing.category == StateCategory.CLOSED else "resolved for too long"


def _to_a_new_one(case: Case, named: Sequence[Standing]) -> str:
    if not named:
        return "it points at no ticket of ours"
    refs = ", ".join(_ref(case, standing.number) for standing in named[:3])
    return f"it points at {refs}, but {case.author or 'nobody'} takes no part in it"


def _named(case: Case) -> Iterator[Standing]:
    """The tickets it points at: by letters of ours, the nearest first, then by its subject."""
    world, seen = case.world, set()
    sent = (world.letters.get(name) for name in case.clues.answered)
    numbers = [found.ticket for found in sent if found is not None and found.ticket is not None]
    for number in (*numbers, *case.clues.numbers):
        standing = world.tickets.get(number)
        if standing is not None and number not in seen:
            seen.add(number)
            yield standing


# 7


def _new_ticket(case: Case) -> Said:
    """Everything else is new; agents see what it claims to belong to."""
    if (held := _too_many(case)) is not None:
        return held
    named = list(_named(case))
    mine = [standing for standing in named if case.author in standing.participants]
    if mine and not _doubted(case):
        ref = _ref(case, mine[0].number)
        said = f"{ref} is {_ended(mine[0])}: it is continued here."
        return Verdict(Outcome.NEW, said, linked=mine[0].survivor)
    if named:
        hinted = (mine or named)[0]
        why = (
            f"nothing vouches that {case.author} wrote it"
            if mine
            else f"{case.author or 'its author'} takes no part in it"
        )
        said = f"It claims to belong to {_ref(case, hinted.number)}, but {why}."
        return Verdict(Outcome.NEW, said, hint=hinted.number)
    return Verdict(Outcome.NEW, "It is a new request.")


def _doubted(case: Case) -> bool:
    """Whether our mail server could have vouched for the author, and has not."""
    customs = case.world.customs
    return bool(customs.authserv) and customs.require_auth and not case.vouched.genuine


def _too_many(case: Case) -> Verdict | None:
    """One who writes hundreds of mails in minutes waits, so that the others' are seen."""
    lately, most = case.world.lately, case.world.customs.sender_limit
    if not case.author or lately < most:
        return None
    said = f"{case.author} has sent {lately} mails within ten minutes; what is above {most} waits."
    return Verdict(Outcome.HOLD, said)


def _ref(case: Case, number: int) -> str:
    return reference(case.world.customs.prefix, number)


RULES: tuple[tuple[str, Rule], ...] = (
    ("own mail", _own_mail),
    ("delivery report", _delivery_report),
    ("duplicate", _seen_before),
    ("author", _doubtful_author),
    ("machine", _from_a_machine),
    ("thread", _in_a_ticket),
    ("new ticket", _new_ticket),
)
"""Name → rule, in the order in which they are asked."""


def queue_of(mail: Incoming, customs: Customs) -> str:
    """The queue whose own address the mail was sent to; empty for none of them.

    Delivered-To first: our own server wrote the topmost; the others only choose among our own.
    """
    return addressed(mail, customs.queues)


def addressed(mail: Incoming, queues: Mapping[str, str]) -> str:
    """The queue, by address, that a mail was sent to."""
    heads = mail.headers.get("delivered-to", ())[:1]
    delivered = [value.strip().strip("<>").casefold() for value in heads]
    written = [box.addr.casefold() for box in (*mail.to, *mail.cc)]
    return next((queues[one] for one in (*delivered, *written) if one in queues), "")


def why_no_ack(case: Case) -> str:
    """Why a new ticket's author gets no acknowledgement; empty where they get one."""
    author, customs, world = case.author, case.world.customs, case.world
    if not author:
        return "nobody is known to have written it"
    if _NO_REPLY.fullmatch(author.rpartition("@")[0]):
        return f"nobody reads what is sent to {author}"
    if not usable(author):
        return f"this desk can't write to an address like {author}"
    if customs.require_auth:
        if not case.vouched.present:
            return "our mail server says nothing of its author"
        if not (case.vouched.passed or world.verified):
            return f"nobody has verified its author ({case.vouched.words})"
    if world.acknowledged >= ACKS_AN_HOUR:
        return f"{author} has got {world.acknowledged} within the hour"
    return ""
