"""Words of the `:` line that act on tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.model import PRIORITIES, PRIORITY_NAMES
from sdesk.ops import (
    AddNote,
    AddTags,
    Assign,
    Cancel,
    Close,
    DropMail,
    Move,
    Op,
    RemoveTags,
    Reopen,
    Reply,
    Resend,
    Resolve,
    SetPriority,
    SetState,
    Take,
)
from sdesk.rules.policy import TARGET_KINDS
from sdesk.screens.commands.word import (
    Word,
    act,
    agents,
    known,
    need,
    priorities,
    queues,
    states,
    tags,
)
from sdesk.screens.typed_acts import due_from, escalate_from, wait_from

if TYPE_CHECKING:
    from sdesk.screens.desk_screen import DeskScreen


def _assign(screen: DeskScreen, rest: str) -> None:
    who = need(rest, "The agent").split()[0]
    if who in ("nobody", "none", "-"):
        return act(screen, Assign(""), said="assigned to nobody")
    login = screen.desk_app.desk.actor if who == "me" else known("agent", who, agents(screen))
    return act(screen, Assign(login), said=f"assigned to {login}")


def _take(screen: DeskScreen, rest: str) -> None:
    act(screen, Take(force=rest == "!"), said=f"taken by {screen.desk_app.desk.actor}")


def _state(screen: DeskScreen, rest: str) -> None:
    key = known("state", need(rest, "The state"), states(screen))
    act(screen, SetState(key), said=f"set to {key}")


def _priority(screen: DeskScreen, rest: str) -> None:
    named = {name: number for number, name in PRIORITY_NAMES.items()} | {
        f"{mark}{number}": number for number in PRIORITIES for mark in ("", "p", "P")
    }
    word = need(rest, "The priority")
    if word in ("auto", "automatic"):
        return act(screen, SetPriority(None), said="prioritized")
    number = (
        named[word] if word in named else named[known("priority", word, PRIORITY_NAMES.values())]
    )
    return act(screen, SetPriority(number), said=f"set to P{number}")


def _queue(screen: DeskScreen, rest: str) -> None:
    key = known("queue", need(rest, "The queue"), queues(screen))
    act(screen, Move(key), said=f"moved to {key}")


def _tag(screen: DeskScreen, rest: str) -> None:
    words = need(rest, "The tag").replace(",", " ").split()
    gone = tuple(word[1:] for word in words if word.startswith("-"))
    added = tuple(word.removeprefix("+") for word in words if not word.startswith("-"))
    ops: list[Op] = [AddTags(added)] if added else []
    if gone:
        ops.append(RemoveTags(gone))
    act(screen, *ops, said="tagged")


def _wait(screen: DeskScreen, rest: str) -> None:
    if not rest:
        screen.action_wait()
    else:
        act(screen, wait_from(rest, screen.desk_app.desk), said="set to wait")


def _escalate(screen: DeskScreen, rest: str) -> None:
    if not rest:
        screen.action_escalate()
    else:
        act(screen, escalate_from(rest, screen.desk_app.desk), said="escalated")


def _due(screen: DeskScreen, rest: str) -> None:
    if not rest:
        screen.action_due()
    else:
        act(screen, due_from(rest, screen.desk_app.desk), said="due as set")


def _reply(screen: DeskScreen, rest: str) -> None:
    if rest:
        act(screen, Reply(rest), said="replied")
    else:
        screen.action_reply()


def _note(screen: DeskScreen, rest: str) -> None:
    if rest:
        act(screen, AddNote(rest), said="noted")
    else:
        screen.action_note()


def _resolve(screen: DeskScreen, rest: str) -> None:
    if rest:
        act(screen, Resolve(text=rest), said="resolved")
    else:
        screen.action_resolve()


def _new(screen: DeskScreen, _: str) -> None:
    screen.action_new()


WORDS = (
    Word("announcements", "announcements", "outages and planned work that people are told of", lambda s, _: s.action_go_announcements()),
    Word("assign", "assign WHO", "give it to an agent, me or nobody", _assign, lambda s: [*agents(s), "me", "nobody"]),
    Word("cancel", "cancel [REASON]", "end it without a resolution", lambda s, r: act(s, Cancel(r), said="cancelled")),
    Word("close", "close [REASON]", "close it", lambda s, r: act(s, Close(r), said="closed")),
    Word("dropmail", "dropmail", "give up the mails that did not arrive", lambda s, _: act(s, DropMail(), said="mail given up")),
    Word("due", "due CLOCK TIME|policy REASON", "set by hand when a clock is due", _due, lambda _: TARGET_KINDS),
    Word("escalate", "escalate [QUEUE] [@WHO] REASON", "refer it to another line or to people", _escalate, lambda s: [*queues(s), *(f"@{a}" for a in ("lead", "admin", "owner", *agents(s)))]),
    Word("history", "history", "the ticket's history", lambda s, _: s.action_history()),
    Word("new", "new", "open a new ticket", _new),
    Word("note", "note [TEXT]", "write an internal note", _note),
    Word("held", "held", "mail that waits for somebody to let it in", lambda s, _: s.action_go_held()),
    Word("notices", "notices", "warnings and escalations that I am told", lambda s, _: s.action_go_notices()),
    Word("priority", "priority 1-4|auto", "set the priority", _priority, priorities),
    Word("queue", "queue QUEUE", "move it to a queue", _queue, queues),
    Word("redo", "redo", "do the undone batch again", lambda s, _: s.action_redo()),
    Word("reopen", "reopen [REASON]", "take it up again", lambda s, r: act(s, Reopen(r), said="reopened")),
    Word("reply", "reply [TEXT]", "answer the requester", _reply),
    Word("resend", "resend", "send the mails again that did not arrive", lambda s, _: act(s, Resend(), said="sent again")),
    Word("resolve", "resolve [TEXT]", "done", _resolve),
    Word("state", "state STATE", "change the state", _state, states),
    Word("tag", "tag [+]TAG -TAG", "add and remove tags", _tag, tags),
    Word("take", "take[!]", "take it myself; with ! from somebody else", _take),
    Word("undo", "undo", "undo my last batch", lambda s, _: s.action_undo()),
    Word("wait", "wait [TIME] [customer|supplier] [REASON]", "let it wait", _wait, lambda _: ("customer", "supplier", "1h", "2h", "1d", "2d", "1w")),
)  # fmt: skip
