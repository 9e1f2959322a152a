"""The `:` command line: its words, what they do, and how they complete."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdesk.errors import Invalid, NotFound, SdeskError, Usage, did_you_mean
from sdesk.model import PRIORITIES, PRIORITY_NAMES, StateCategory
from sdesk.ops import (
    AddNote,
    AddTags,
    Assign,
    Cancel,
    Close,
    Move,
    Op,
    RemoveTags,
    Reopen,
    Reply,
    Resolve,
    SaveView,
    SetPriority,
    SetState,
    Take,
    Wait,
)
from sdesk.rules.when import parse_until

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.screens.desk_screen import DeskScreen

Run = Callable[["DeskScreen", str], object]
Choices = Callable[["DeskScreen"], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the command line."""

    name: str
    usage: str
    help: str
    run: Run
    choices: Choices | None = None
    """What can follow it; None when that is free text."""


def _act(screen: DeskScreen, *ops: Op, said: str) -> None:
    screen.apply_ops(*ops, said=said)


def _need(rest: str, what: str) -> str:
    if not rest:
        raise Usage(f"{what} is missing.")
    return rest


def _known(what: str, name: str, choices: Iterable[str]) -> str:
    """The choice that was named, its beginning being enough where only one begins so."""
    choices = list(choices)
    if name in choices:
        return name
    begun = [choice for choice in choices if choice.casefold().startswith(name.casefold())]
    if len(begun) == 1:
        return begun[0]
    raise NotFound.named(what, name, choices)


def _agents(screen: DeskScreen) -> list[str]:
    return [a.login for a in screen.desk_app.desk.read.agents() if a.active]


def _queues(screen: DeskScreen) -> list[str]:
    return [q.key for q in screen.desk_app.desk.read.queues()]


def _states(screen: DeskScreen) -> list[str]:
    return [s.key for s in screen.desk_app.desk.read.states()]


def _views(screen: DeskScreen) -> list[str]:
    return [v.name for v in screen.desk_app.desk.read.views()]


def _tags(screen: DeskScreen) -> list[str]:
    return list(screen.desk_app.desk.read.tags(limit=200))


def _priorities(_: DeskScreen) -> list[str]:
    return [*PRIORITY_NAMES.values(), "auto"]


def _themes(screen: DeskScreen) -> list[str]:
    return sorted(screen.app.available_themes)


def _assign(screen: DeskScreen, rest: str) -> None:
    who = _need(rest, "The agent").split()[0]
    if who in ("nobody", "none", "-"):
        return _act(screen, Assign(""), said="assigned to nobody")
    login = screen.desk_app.desk.actor if who == "me" else _known("agent", who, _agents(screen))
    return _act(screen, Assign(login), said=f"assigned to {login}")


def _take(screen: DeskScreen, rest: str) -> None:
    _act(screen, Take(force=rest == "!"), said=f"taken by {screen.desk_app.desk.actor}")


def _state(screen: DeskScreen, rest: str) -> None:
    key = _known("state", _need(rest, "The state"), _states(screen))
    _act(screen, SetState(key), said=f"set to {key}")


def _priority(screen: DeskScreen, rest: str) -> None:
    named = {name: number for number, name in PRIORITY_NAMES.items()} | {
        f"{mark}{number}": number for number in PRIORITIES for mark in ("", "p", "P")
    }
    word = _need(rest, "The priority")
    if word in ("auto", "automatic"):
        return _act(screen, SetPriority(None), said="prioritized")
    number = (
        named[word] if word in named else named[_known("priority", word, PRIORITY_NAMES.values())]
    )
    return _act(screen, SetPriority(number), said=f"set to P{number}")


def _queue(screen: DeskScreen, rest: str) -> None:
    key = _known("queue", _need(rest, "The queue"), _queues(screen))
    _act(screen, Move(key), said=f"moved to {key}")


def _tag(screen: DeskScreen, rest: str) -> None:
    words = _need(rest, "The tag").replace(",", " ").split()
    gone = tuple(word[1:] for word in words if word.startswith("-"))
    added = tuple(word.removeprefix("+") for word in words if not word.startswith("-"))
    ops: list[Op] = [AddTags(added)] if added else []
    if gone:
        ops.append(RemoveTags(gone))
    _act(screen, *ops, said="tagged")


def _wait(screen: DeskScreen, rest: str) -> None:
    if not rest:
        screen.action_wait()
    else:
        _act(screen, wait_from(rest, screen.desk_app.desk), said="set to wait")


def wait_from(text: str, desk: Desk) -> Wait:
    """The `Wait` in "2d vendor", "customer", "until fri 9:00 the part comes". Raises `Invalid`."""
    words = text.removeprefix("until ").split()
    until, used = None, 0
    for count in range(len(words), 0, -1):
        try:
            until = parse_until(" ".join(words[:count]), now=desk.now(), zone=desk.settings.zone)
        except SdeskError:
            continue
        used = count
        break
    rest = words[used:]
    waiting = {s.key: s for s in desk.read.states() if s.category == StateCategory.WAITING}
    short = {key.removeprefix("waiting-"): key for key in waiting} | {"vendor": "waiting-supplier"}
    state = "scheduled" if until is not None and "scheduled" in waiting else "waiting-customer"
    if rest and (key := short.get(rest[0].casefold())) in waiting:
        state, rest = str(key), rest[1:]
    if until is None and state == "scheduled":
        raise Invalid("Scheduled needs a time.", "For example :wait 2d or :wait fri 9:00.")
    return Wait(state, until, " ".join(rest))


def _reply(screen: DeskScreen, rest: str) -> None:
    if rest:
        _act(screen, Reply(rest), said="replied")
    else:
        screen.action_reply()


def _note(screen: DeskScreen, rest: str) -> None:
    if rest:
        _act(screen, AddNote(rest), said="noted")
    else:
        screen.action_note()


def _resolve(screen: DeskScreen, rest: str) -> None:
    if rest:
        _act(screen, Resolve(text=rest), said="resolved")
    else:
        screen.action_resolve()


def _view(screen: DeskScreen, rest: str) -> None:
    name = _known("view", _need(rest, "The view"), _views(screen))
    screen.desk_app.action_go_queue()
    screen.desk_app.queue_screen.open_view(_views(screen).index(name))


def _save(screen: DeskScreen, rest: str) -> None:
    name = _need(rest, "The name of the view")
    shared = name.endswith("!")
    query = screen.desk_app.queue_screen.query_text
    screen.desk_app.start(
        None,
        SaveView(name.rstrip("! "), query, shared=shared),
        said=f"view {name.rstrip('! ')} saved" + (" for everybody" if shared else ""),
        then=lambda _: screen.desk_app.queue_screen.show_saved(name.rstrip("! ")),
    )


def _new(screen: DeskScreen, _: str) -> None:
    screen.action_new()


def _open(screen: DeskScreen, rest: str) -> None:
    screen.desk_app.open_ticket(screen.desk_app.desk.read.resolve(_need(rest, "The ticket")))


def _filter(screen: DeskScreen, rest: str) -> None:
    screen.desk_app.action_go_queue()
    screen.desk_app.queue_screen.open_query(rest)


def _sort(screen: DeskScreen, rest: str) -> None:
    screen.desk_app.queue_screen.sort_by(_need(rest, "The order").replace(" ", ","))


def _theme(screen: DeskScreen, rest: str) -> None:
    screen.app.theme = _known("theme", _need(rest, "The theme"), _themes(screen))


WORDS: dict[str, Word] = {
    word.name: word
    for word in (
        Word("assign", "assign WHO", "give it to an agent, me or nobody", _assign, lambda s: [*_agents(s), "me", "nobody"]),
        Word("calendar", "calendar [NAME]", "working hours and holidays", lambda s, r: s.desk_app.open_calendar(_known("calendar", r, s.desk_app.desk.read.calendars()) if r else ""), lambda s: s.desk_app.desk.read.calendars()),
        Word("cancel", "cancel [REASON]", "end it without a resolution", lambda s, r: _act(s, Cancel(r), said="cancelled")),
        Word("close", "close [REASON]", "close it", lambda s, r: _act(s, Close(r), said="closed")),
        Word("dashboard", "dashboard", "the desk in numbers", lambda s, _: s.action_go_dashboard()),
        Word("filter", "filter QUERY", "show what a query finds", _filter),
        Word("help", "help", "every key and command", lambda s, _: s.desk_app.action_help()),
        Word("history", "history", "the ticket's history", lambda s, _: s.action_history()),
        Word("new", "new", "open a new ticket", _new),
        Word("note", "note [TEXT]", "write an internal note", _note),
        Word("open", "open REF", "show a ticket by its number", _open),
        Word("priority", "priority 1-4|auto", "set the priority", _priority, _priorities),
        Word("queue", "queue QUEUE", "move it to a queue", _queue, _queues),
        Word("quit", "quit", "leave sdesk", lambda s, _: s.desk_app.action_quit_desk()),
        Word("redo", "redo", "do the undone batch again", lambda s, _: s.action_redo()),
        Word("reopen", "reopen [REASON]", "take it up again", lambda s, r: _act(s, Reopen(r), said="reopened")),
        Word("reply", "reply [TEXT]", "answer the requester", _reply),
        Word("resolve", "resolve [TEXT]", "done", _resolve),
        Word("save", "save NAME[!]", "save the query as a view; with ! for everybody", _save, _views),
        Word("sla", "sla", "the SLA board", lambda s, _: s.action_go_sla()),
        Word("sort", "sort KEY[,KEY]", "another order", _sort, lambda _: ("due", "priority", "-created", "-updated", "number")),
        Word("state", "state STATE", "change the state", _state, _states),
        Word("tag", "tag [+]TAG -TAG", "add and remove tags", _tag, _tags),
        Word("take", "take[!]", "take it myself; with ! from somebody else", _take),
        Word("theme", "theme NAME", "other colours", _theme, _themes),
        Word("undo", "undo", "undo my last batch", lambda s, _: s.action_undo()),
        Word("view", "view NAME", "show a view", _view, _views),
        Word("wait", "wait [TIME] [customer|supplier] [REASON]", "let it wait", _wait, lambda _: ("customer", "supplier", "1h", "2h", "1d", "2d", "1w")),
    )
}  # fmt: skip
ALIASES = {
    "q": "quit",
    "done": "resolve",
    "p": "priority",
    "tags": "tag",
    "move": "queue",
    "note!": "note",
}


def run_line(screen: DeskScreen, text: str) -> None:
    """Do what the line says, or tell what is wrong with it."""
    name, _, rest = text.strip().partition(" ")
    if not name:
        return
    if name == "take!":
        name, rest = "take", "!"
    try:
        if name.isdigit():
            _open(screen, name)
            return
        word = WORDS.get(ALIASES.get(name, name)) or WORDS[_command(name)]
        word.run(screen, rest.strip())
    except SdeskError as error:
        screen.desk_app.complain(error)


def _command(name: str) -> str:
    begun = [word for word in WORDS if word.startswith(name)]
    if len(begun) == 1:
        return begun[0]
    raise Usage(f"No command called '{name}'.", did_you_mean(name, begun or WORDS))


def completions(screen: DeskScreen, text: str) -> list[tuple[str, str]]:
    """How the line can go on: (the whole line then, its help)."""
    name, space, rest = text.lstrip().partition(" ")
    if not space:
        return [
            (f"{w.name} ", f"{w.usage}  {w.help}")
            for w in WORDS.values()
            if w.name.startswith(name)
        ]
    word = WORDS.get(ALIASES.get(name, name))
    if word is None or word.choices is None:
        return []
    before, _, last = rest.rpartition(" ")
    start = f"{name} {before} " if before else f"{name} "
    found = [
        choice for choice in word.choices(screen) if choice.casefold().startswith(last.casefold())
    ]
    return [(start + choice, word.help) for choice in found]
