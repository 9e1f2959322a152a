"""A letter's template: a subject and a text with fixed names in them. Pure, and no code.

As in `rules.wording`, a value is put in once and never looked at again, `{name|words}` stands for
the words where the value is empty, and `{{name}}` is the way to write a name itself. Beyond that a
line all of whose names are empty is left out, so that one text serves with a link and without.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from sdesk.errors import Invalid, did_you_mean
from sdesk.text import clean, clean_line, cut


class Template(NamedTuple):
    """What a letter says, before its values are in it."""

    subject: str
    text: str


class Written(NamedTuple):
    """What a letter says."""

    subject: str
    text: str


VARIABLES: Mapping[str, str] = {
    "ref": "the ticket's number: SD-1042",
    "subject": "the ticket's subject",
    "text": "what the agent wrote: the reply, the question, the solution, the announcement",
    "requester": "the requester's whole name",
    "requester.first": "their first name",
    "agent": "the name of the agent who writes",
    "queue": "the queue's name",
    "desk": "the desk's name",
    "signature": "the queue's signature, else the desk's",
    "date": "the day on which a request closes by itself",
    "link": "a page for the answer, where the desk has one",
    "title": "what an announcement is about",
    "starts": "when it begins or began",
    "ends": "when it ends or ended",
}
"""Name → what stands there afterwards."""
OF_THE_SENDER = ("subject", "text", "requester", "requester.first")
"""Values that a stranger may have written: an acknowledgement must not carry them to anybody."""
_OF_ANNOUNCEMENTS = ("title", "starts", "ends")
MAX_SUBJECT, MAX_TEXT = 200, 20_000
_NAME = r"[a-z]+(?:\.[a-z]+)?(?:\|[^{}\n]*)?"
_VARIABLE = re.compile(rf"\{{\{{(?P<literal>{_NAME})\}}\}}|(?P<space> ?)\{{(?P<name>{_NAME})\}}")
_EMPTY_LINES = re.compile(r"\n{3,}")
_MARK = "\0"


def names_in(text: str) -> tuple[str, ...]:
    """The variables of a text, in order and each once, without their words for nothing."""
    found = (m["name"].partition("|")[0] for m in _VARIABLE.finditer(text) if m["name"])
    return tuple(dict.fromkeys(found))


def write(template: Template, values: Mapping[str, str]) -> Written:
    """The letter with its values in it; names without a value count as empty."""
    subject = clean_line(_line(template.subject, values))
    # The lines are the template's own: those of a value stay, whatever they hold.
    held = {name: value.replace("\n", _MARK) for name, value in values.items()}
    lines = [_line(line, held) for line in template.text.split("\n") if _stays(line, held)]
    # Empty lines are gathered where left-out lines met, never inside what somebody wrote.
    text = _EMPTY_LINES.sub("\n\n", "\n".join(lines)).replace(_MARK, "\n")
    return Written(cut(subject, MAX_SUBJECT), clean(text).strip("\n") + "\n")


def _stays(line: str, values: Mapping[str, str]) -> bool:
    names = [m["name"] for m in _VARIABLE.finditer(line) if m["name"]]
    return not names or any("|" in name or values.get(name, "").strip(_MARK) for name in names)


def _line(line: str, values: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        if found["literal"]:
            return f"{{{found['literal']}}}"
        name, _, words = found["name"].partition("|")
        put = values.get(name, "") or words
        # "Hello {requester|}," is "Hello," where nobody has a name.
        return found["space"] + put if put else ""

    return _VARIABLE.sub(value, line)


def check(kind: str, template: Template) -> None:
    """Refuse what no letter of that kind can say. Raises `Invalid` naming place and mend."""
    subject, text = template
    if not clean_line(subject) or not clean(text).strip():
        raise Invalid(f"{kind}: a letter has a subject and a text.")
    if len(subject) > MAX_SUBJECT or "\n" in subject or len(text) > MAX_TEXT:
        raise Invalid(
            f"{kind}: a subject is one line of at most {MAX_SUBJECT} characters, "
            f"a text has at most {MAX_TEXT:,}."
        )
    for place, words in (("subject", subject), ("text", text)):
        _check_names(kind, place, words)
    if _is_on_a_ticket(kind) and "[{ref}]" not in subject:
        raise Invalid(
            f"{kind}, subject: [{{ref}}] is missing.",
            "By it an answer finds its ticket where a mail program drops the rest.",
        )
    if kind in ("update", "planned", "outage", "restored", "cancelled") and "text" not in names_in(
        text
    ):
        raise Invalid(f"{kind}, text: {{text}} is missing: it is what the agent wrote.")


def _is_on_a_ticket(kind: str) -> bool:
    return kind not in ("planned", "outage", "restored", "cancelled")


def _check_names(kind: str, place: str, words: str) -> None:
    for name in names_in(words):
        if name not in VARIABLES:
            raise Invalid(
                f"{kind}, {place}: there is no variable {{{name}}}.",
                did_you_mean(name, VARIABLES) or "See: docs/mail.md",
            )
        if kind == "acknowledgement" and name in OF_THE_SENDER:
            raise Invalid(
                f"{kind}, {place}: {{{name}}} is the sender's word.",
                "An acknowledgement carries none of it, or it could be made to say anything to anybody.",
            )
        if _is_on_a_ticket(kind) and name in _OF_ANNOUNCEMENTS:
            raise Invalid(f"{kind}, {place}: {{{name}}} is for announcements.")
        if not _is_on_a_ticket(kind) and name in ("ref", "subject", "requester.first", "requester"):
            raise Invalid(f"{kind}, {place}: an announcement has no {{{name}}}.")
