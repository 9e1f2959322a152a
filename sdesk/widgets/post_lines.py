"""What became of the mails of a ticket, as the thread, the panel and the preview say it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sdesk.posted import BOUNCED, DROPPED, FAILED, SENT, WAITING, Composed, Posted
from sdesk.present import counted
from sdesk.text import clean, clean_line
from sdesk.widgets.cells import fit, wrap
from sdesk.widgets.thread_lines import Line, Part

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
