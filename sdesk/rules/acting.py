"""Acts in words: "priority 2", "tag vpn", "wait 2d customer asked again" as operations. Pure.

Macros and the ladders of policies are written in them. The words are read before any value of a
ticket is put in, so that no text from outside can become an act.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sdesk import ops
from sdesk.errors import Invalid, SdeskError, did_you_mean
from sdesk.model import PRIORITIES, PRIORITY_NAMES
from sdesk.rules.when import EXAMPLES, parse_until

CODES = ("solved", "workaround", "not-reproducible", "duplicate", "no-answer", "withdrawn")
"""How a ticket can have ended; the first one unless another is named."""
SHIPPED_WAITS = ("waiting-customer", "waiting-supplier", "scheduled")
NOBODY = ("nobody", "none", "-")
_WORD = re.compile(r"(?:\{[^{}]*\}|\S)+")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the words of an act may depend on."""

    priority: int = PRIORITIES[-1]
    """The ticket's, for "up" and "down"."""
    me: str = ""
    now: int = 0
    zone: str = "UTC"
    waits: Collection[str] = SHIPPED_WAITS
    """The desk's states of category waiting."""


Maker = Callable[[str, Circumstances], "tuple[ops.Op, ...]"]


class Act(NamedTuple):
    """One word that acts begin with."""

    usage: str
    help: str
    make: Maker
    bare: bool = False
    """Whether nothing need follow."""


def operations_of(
    act: str, at: Circumstances, *, only: Sequence[str] | None = None
) -> tuple[ops.Op, ...]:
    """The operations that an act in words stands for. Raises `Invalid`; `only` names the words that may be."""
    word, _, rest = act.strip().partition(" ")
    known = [name for name in ACTS if only is None or name in only]
    if word not in known:
        raise Invalid(f"'{act}' is not known.", did_you_mean(word, known))
    rest = rest.strip()
    if not rest and not ACTS[word].bare:
        raise Invalid(f"'{act}' does not say what.", f"Write it like: {ACTS[word].usage}")
    try:
        return ACTS[word].make(rest, at)
    except SdeskError as error:
        raise Invalid(f"'{act}': {error.message}", error.hint) from None


def words(text: str) -> list[str]:
    """The words of a text; a variable in braces is one, whatever it holds."""
    return _WORD.findall(text)


def wait_from(text: str, at: Circumstances) -> ops.Wait:
    """The `Wait` in "2d vendor", "customer", "until fri 9:00 the part comes". Raises `Invalid`."""
    until, rest = time_of(words(text.removeprefix("until ")), at)
    short = {key.removeprefix("waiting-"): key for key in at.waits}
    short |= {"vendor": "waiting-supplier"} | {key: key for key in at.waits}
    scheduled = until is not None and "scheduled" in at.waits
    state = "scheduled" if scheduled else "waiting-customer"
    if rest and (key := short.get(rest[0].casefold())) in at.waits:
        state, rest = str(key), rest[1:]
    if until is None and state == "scheduled":
        raise Invalid("Scheduled needs a time.", f"For example {EXAMPLES}.")
    return ops.Wait(state, until, " ".join(rest))


def time_of(given: list[str], at: Circumstances) -> tuple[int | None, list[str]]:
    """The time that the words begin with, as many of them as make one, and the rest."""
    for count in range(min(len(given), 4), 0, -1):
        try:
            found = parse_until(" ".join(given[:count]), now=at.now, zone=at.zone)
        except SdeskError:
            continue
        return found, given[count:]
    return None, given


def escalate_from(text: str) -> ops.Escalate:
    """The `Escalate` in "network needs an expert", "@mia @lead the customer is furious"."""
    queue, rest = "", words(text)
    people: list[str] = []
    if rest and not rest[0].startswith("@"):
        queue, rest = rest[0], rest[1:]
    while rest and rest[0].startswith("@"):
        people += [who for who in rest.pop(0)[1:].split(",") if who]
    if not rest:
        raise Invalid("The reason is missing.", "For example: escalate network needs an expert")
    return ops.Escalate(" ".join(rest), queue, tuple(people))


def _priority(text: str, at: Circumstances) -> tuple[ops.Op, ...]:
    names = {name: number for number, name in PRIORITY_NAMES.items()}
    names |= {f"{mark}{number}": number for number in PRIORITIES for mark in ("", "p")}
    names |= {
        "up": max(PRIORITIES[0], at.priority - 1), "down": min(PRIORITIES[-1], at.priority + 1),
    }  # fmt: skip
    if text in ("auto", "automatic"):
        return (ops.SetPriority(None),)
    if (number := names.get(text.casefold())) is None:
        raise Invalid("A priority is 1 to 4, 'up', 'down' or 'auto'.")
    return (ops.SetPriority(number),)


def _assign(text: str, at: Circumstances) -> tuple[ops.Op, ...]:
    who = "" if text in NOBODY else at.me if text == "me" else text
    return (ops.Assign(who),)


def _resolve(text: str, _: Circumstances) -> tuple[ops.Op, ...]:
    first = text.split(maxsplit=1)
    if first and first[0] in CODES:
        return (ops.Resolve(*first),)
    return (ops.Resolve(CODES[0], text),)


def _take(text: str, _: Circumstances) -> tuple[ops.Op, ...]:
    if text not in ("", "!"):
        raise Invalid("After 'take' comes nothing, or '!' to take it from somebody else.")
    return (ops.Take(force=text == "!"),)


def _field(text: str, _: Circumstances) -> tuple[ops.Op, ...]:
    name, is_set, value = text.partition("=")
    if not is_set:
        raise Invalid("A custom field is set by its name and a value.", "For example: field site=Turku")  # fmt: skip
    return (ops.SetField(name.strip(), value.strip()),)


def _level(field: str) -> Maker:
    levels = {"high": 1, "medium": 2, "low": 3, "1": 1, "2": 2, "3": 3}

    def make(text: str, _: Circumstances) -> tuple[ops.Op, ...]:
        if text not in levels:
            raise Invalid(f"The {field} is high, medium or low.", did_you_mean(text, levels))
        return (ops.Edit(field, levels[text]),)

    return make


def _text(made: Callable[[str], ops.Op]) -> Maker:
    """An operation that takes the rest of the line."""
    return lambda text, _: (made(text),)


def _edit(field: str) -> Maker:
    return _text(lambda value: ops.Edit(field, value))


ACTS: Mapping[str, Act] = {
    "take": Act("take[ !]", "take it myself; with ! from somebody else", _take, bare=True),
    "assign": Act("assign me|nobody|LOGIN", "give it to an agent", _assign),
    "queue": Act("queue QUEUE", "move it to a queue", _text(ops.Move)),
    "priority": Act("priority 1-4|up|down|auto", "set the priority", _priority),
    "impact": Act("impact high|medium|low", "set the impact", _level("impact")),
    "urgency": Act("urgency high|medium|low", "set the urgency", _level("urgency")),
    "category": Act("category PATH", "set the category", _edit("category")),
    "service": Act("service NAME", "set the service", _edit("service")),
    "kind": Act("kind KIND", "make it an incident, a request, …", _edit("kind")),
    "field": Act("field NAME=VALUE", "set a custom field", _field),
    "tag": Act("tag TAG …", "add tags", _text(lambda rest: ops.AddTags(tuple(words(rest))))),
    "untag": Act("untag TAG …", "take tags away", _text(lambda rest: ops.RemoveTags(tuple(words(rest))))),
    "state": Act("state STATE", "change the state", _text(ops.SetState)),
    "wait": Act("wait [TIME] [customer|supplier] [REASON]", "let it wait", lambda text, at: (wait_from(text, at),), bare=True),
    "resume": Act("resume", "end the wait", lambda _, __: (ops.EndWait(),), bare=True),
    "escalate": Act("escalate [QUEUE] [@WHO] REASON", "refer it to another line or to people", _text(escalate_from)),
    "resolve": Act("resolve [CODE] [TEXT]", "done; the text goes to the requester", _resolve, bare=True),
    "close": Act("close [REASON]", "close it", _text(ops.Close), bare=True),
    "cancel": Act("cancel [REASON]", "end it without a resolution", _text(ops.Cancel), bare=True),
    "reopen": Act("reopen [REASON]", "take it up again", _text(ops.Reopen), bare=True),
    "note": Act("note TEXT", "write an internal note", _text(ops.AddNote)),
    "reply": Act("reply TEXT", "answer the requester", _text(ops.Reply)),
    "inform": Act("inform TEXT", "answer the requester and those of all unfinished tickets below", _text(ops.Inform)),
    "resend": Act("resend", "send the mails again that did not arrive", lambda _, __: (ops.Resend(),), bare=True),
    "dropmail": Act("dropmail", "give up the mails that did not arrive", lambda _, __: (ops.DropMail(),), bare=True),
    "check": Act("check TEXT", "add a line to the checklist", _text(ops.AddCheck)),
    "watch": Act("watch", "be told of it", lambda _, __: (ops.Watch(),), bare=True),
    "unwatch": Act("unwatch", "be told no more", lambda _, __: (ops.Unwatch(),), bare=True),
}  # fmt: skip
"""Word → what it means."""


def in_words(op: ops.Op) -> str:
    """An operation as an act would say it, in short: for a preview, for what `.` repeats."""
    match op:
        case ops.SetPriority(priority):
            said = "priority auto" if priority is None else f"priority {priority}"
        case ops.Assign(agent):
            said = f"assign {agent or 'nobody'}"
        case ops.Take():
            said = "take"
        case ops.AddTags(tags):
            said = f"tag {' '.join(tags)}"
        case ops.RemoveTags(tags):
            said = f"untag {' '.join(tags)}"
        case ops.SetField(name, value):
            said = f"field {name}={value}"
        case ops.Edit(field, value):
            said = f"{field} {'' if value is None else value}"
        case ops.Wait(state, _, reason):
            said = f"wait {state.removeprefix('waiting-')} {reason}"
        case ops.Escalate(reason, queue, to):
            said = f"escalate {' '.join(filter(None, (queue, *to)))} {reason}"
        case ops.Resolve(code, text):
            said = f"resolve {code} {text}"
        case ops.Move(queue):
            said = f"queue {queue}"
        case ops.SetState(state):
            said = f"state {state}"
        case (
            ops.Reply(text)
            | ops.Inform(text)
            | ops.AddNote(text)
            | ops.Chat(text)
            | ops.LogCall(text)
        ):
            said = f"{_SPOKEN[type(op)]}: {text}"
        case _:
            said = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(op).__name__).lower()
    return " ".join(said.split())


_SPOKEN: dict[type, str] = {
    ops.Reply: "reply", ops.Inform: "inform", ops.AddNote: "note", ops.Chat: "chat", ops.LogCall: "call",
}  # fmt: skip
