"""What became of the mails of a ticket, which are to come, and what the requester thought of it, as
the thread, the panel and the preview say it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sdesk.announced import Survey
from sdesk.model import Instant
from sdesk.posted import BOUNCED, DROPPED, FAILED, SENT, WAITING, Composed, Posted
from sdesk.present import counted, local, moment
from sdesk.text import clean, clean_line
from sdesk.widgets.cells import fit, wrap
from sdesk.widgets.thread_lines import Line, Part

GOOD, POOR = 4, 2
"""Answers of who was satisfied, and of who was not."""
MOST_LINES = 5
_WORDS = {
    SENT: "sent", FAILED: "not delivered", BOUNCED: "came back", DROPPED: "given up",
}  # fmt: skip


def status(letter: Posted) -> Part:
    """How far a mail has come, in a word."""
    if letter.state == WAITING:
        return ("put off", "trouble") if letter.is_put_off else ("waiting to leave", "word")
    troubled = letter.state in (FAILED, BOUNCED)
    return _WORDS.get(letter.state, letter.state), "trouble" if troubled else "word"


def statuses(letters: Iterable[Posted]) -> Mapping[int, Part]:
    """Entry → what became of its mail."""
    return {one.entry: status(one) for one in letters if one.entry is not None}


def trouble_lines(letters: Iterable[Posted], width: int) -> list[Line]:
    """What did not arrive, why, and what can be done; nothing while all is well."""
    lines: list[Line] = []
    for one in letters:
        if not one.is_troubled:
            continue
        word, _ = status(one)
        lines.append(((fit(f"✗ {one.kind} {word}: {', '.join(one.to)}", width), "breached"),))
        lines += [((fit(text, width), "text"),) for text in wrap(clean_line(one.answer), width)[:3]]
    if lines:
        lines.append(((fit(":resend  or  :dropmail", width), "muted"),))
    return lines


def planned_lines(letters: Iterable[Posted], zone: str, now: Instant, width: int) -> list[Line]:
    """What the desk will write by itself, and when: "reminder on Thu 26 Nov". A reply says it in the
    thread."""
    return [
        ((fit(f"{clean_line(one.kind)} {_leaving(one.send_after, zone, now)}", width), "muted"),)
        for one in letters
        if one.state == WAITING and one.entry is None and not one.is_put_off
    ]


def _leaving(at: Instant, zone: str, now: Instant) -> str:
    if at <= now:
        return "waiting to leave"
    there = local(at, zone)
    if there.date() == local(now, zone).date():
        return f"at {there:%H:%M}"
    return f"on {there:%a} {there.day} {there:%b}"


def answer_lines(said: Survey | None, zone: str, now: Instant, width: int) -> list[Line]:
    """What the requester thought of the help: "4 of 5 · quick and kind"; or when they were asked."""
    if said is None:
        return []
    if said.score is None:
        return [((fit(f"asked {moment(said.asked_at, zone, now)}", width), "muted"),)]
    comment = f" · {clean_line(said.comment)}" if said.comment.strip() else ""
    part = "met" if said.score >= GOOD else "risk" if said.score <= POOR else "text"
    words = wrap(f"{said.score} of 5{comment}", width)[:MOST_LINES]
    return [((fit(text, width), part),) for text in words]


def in_title(found: Composed | None) -> str:
    """Where a reply goes, for the line above it."""
    if found is None:
        return "no mail goes out: there is no address"
    copies = f" and {counted(len(found.cc), 'copy', 'copies')}" if found.cc else ""
    return f"by mail to {', '.join(found.to)}{copies}"


def preview_lines(found: Composed, name: str) -> list[Line]:
    """The whole mail as the requester gets it."""
    heads = [
        ("From", f"{clean_line(name)} <{found.sender}>"), ("To", ", ".join(found.to)),
        ("Cc", ", ".join(found.cc)), ("Subject", found.subject),
    ]  # fmt: skip
    lines: list[Line] = [
        ((f"{head:<9}", "muted"), (clean_line(value), "text")) for head, value in heads if value
    ]
    lines.append(())
    lines += [((text, "text"),) for text in clean(found.body).rstrip("\n").split("\n")]
    return lines
