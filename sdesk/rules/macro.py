"""A macro: a text and acts in words, with a ticket's values and what is asked for in them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sdesk import ops
from sdesk.errors import Invalid, NotFound
from sdesk.model import Macro
from sdesk.rules import wording
from sdesk.rules.acting import ACTS, Circumstances, operations_of

SPEAKS = (ops.Reply, ops.Inform, ops.Resolve)
"""What an act can say to the requester with."""


class Known(NamedTuple):
    """The desk's own keys, to hold a macro against."""

    queues: Collection[str]
    agents: Collection[str]
    states: Collection[str]


def operations(
    macro: Macro,
    at: Circumstances,
    values: Mapping[str, str],
    asked: Mapping[str, str],
    *,
    text: bool = True,
) -> tuple[ops.Op, ...]:
    """What it does to one ticket; its own text first, unless that is written elsewhere.

    The agent's answers are put in before the acts are read ("wait {ask.days} supplier"), the
    ticket's values after. Raises `Invalid`.
    """
    answers = {name: wording.literal(answer) for name, answer in asked.items()}
    said: list[ops.Op] = []
    if text and macro.text.strip():
        words = wording.expand(macro.text, answers)
        said.append(ops.AddNote(words) if macro.note else ops.Reply(words))
    for act in macro.acts:
        said += operations_of(wording.expand(act, answers), at)
    return tuple(wording.expand_op(op, values) for op in said)


def questions(macro: Macro) -> dict[str, str]:
    """Variable → what is asked for it before anything happens, those of the table first, in its order."""
    found = wording.questions_in((macro.text, *macro.acts), dict(macro.asks))
    order = [f"ask.{name}" for name, _ in macro.asks if f"ask.{name}" in found]
    return {name: found[name] for name in (*order, *(n for n in found if n not in order))}


def check(macro: Macro, known: Known | None = None) -> None:
    """Refuse a macro that could not be carried out, naming what is wrong with it. Raises `Invalid`."""
    place = f"Macro '{macro.name}'"
    if not macro.text.strip() and not macro.acts:
        raise Invalid(f"{place} has neither a text nor anything to do.")
    asks = [name for name, _ in macro.asks]
    for text in (macro.text, *macro.acts):
        wording.check(text, place, asks)
    for op in _read(macro, place):
        if not macro.send and isinstance(op, SPEAKS) and op.text.strip():
            raise Invalid(
                f"{place} speaks to the requester unseen.",
                "Put the words into its text, which is shown before it goes; or say: send = true",
            )
        if known is not None:
            _check_keys(op, known, place)


def _read(macro: Macro, place: str) -> list[ops.Op]:
    """The acts that can be read by now; of one that asks for a part of itself only the word."""
    found: list[ops.Op] = []
    for act in macro.acts:
        try:
            found += operations_of(act, Circumstances(me="me"))
        except Invalid as error:
            if act.partition(" ")[0] not in ACTS or "{ask" not in act:
                raise Invalid(f"{place}: {error.message}", error.hint) from None
    return found


def _check_keys(op: ops.Op, known: Known, place: str) -> None:
    named: tuple[tuple[str, str, Collection[str]], ...] = ()
    match op:
        case ops.Move(queue) | ops.Escalate(queue=queue):
            named = (("queue", queue, known.queues),)
        case ops.Assign(agent):
            named = (("agent", agent, (*known.agents, "me", "")),)
        case ops.SetState(state) | ops.Wait(state=state):
            named = (("state", state, known.states),)
    for what, key, keys in named:
        if key and "{" not in key and key not in keys:
            error = NotFound.named(what, key, keys)
            raise Invalid(f"{place}: {error.message}", error.hint)
