"""Words of the `:` line about working together: files, time, the checklist, chat, watching."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.errors import NotFound, Usage
from sdesk.ops import AddCheck, Chat, Check, DropCheck, LogTime, Op, Uncheck, Unwatch, Watch
from sdesk.present import duration
from sdesk.rules.spent import EXAMPLES, parse_spent
from sdesk.screens.commands.word import Word, act, need
from sdesk.screens.dialogs.path import ways_on

if TYPE_CHECKING:
    from sdesk.screens.desk_screen import DeskScreen

TURNS: dict[str, type[Check | Uncheck | DropCheck]] = {
    "done": Check,
    "undone": Uncheck,
    "drop": DropCheck,
}


def _attach(screen: DeskScreen, rest: str) -> None:
    if rest:
        screen.add_files([rest])
    else:
        screen.action_files()


def _chat(screen: DeskScreen, rest: str) -> None:
    if rest:
        act(screen, Chat(rest), said="told the other agents")
    else:
        screen.action_chat()


def _time(screen: DeskScreen, rest: str) -> None:
    seconds, note = parse_spent(need(rest, f"The time ({EXAMPLES})"))
    act(screen, LogTime(seconds, note), said=f"{duration(seconds)} recorded")


def _check(screen: DeskScreen, rest: str) -> None:
    word, _, text = rest.partition(" ")
    if not word:
        screen.action_checklist()
    elif word == "add":
        act(screen, AddCheck(need(text.strip(), "The line")), said="put on the checklist")
    elif word in TURNS:
        act(screen, _turned(screen, word, text.strip()), said="checklist changed")
    else:
        raise Usage(
            f"Checklist: '{word}' is not known.", "Known: add TEXT, done N, undone N, drop N."
        )


def _turned(screen: DeskScreen, word: str, text: str) -> Op:
    row = screen.current()
    items = screen.desk_app.desk.read.checklist(row.id) if row is not None else ()
    number = need(text, "The number of the line")
    if not number.isdecimal() or not 1 <= int(number) <= len(items):
        raise NotFound(f"The checklist has no line {number}.", f"It has {len(items)}.")
    return TURNS[word](items[int(number) - 1].id)


def _watch(screen: DeskScreen, rest: str) -> None:
    act(screen, Unwatch() if rest == "off" else Watch(rest), said="watched by " + (rest or "you") if rest != "off" else "not watched any more")  # fmt: skip


def _paths(_: DeskScreen) -> list[str]:
    return ways_on("", folders=False)


WORDS = (
    Word("attach", "attach [FILE]", "attach a file, or list the files", _attach, _paths),
    Word("chat", "chat [TEXT]", "a line to the other agents", _chat),
    Word("check", "check [add TEXT|done N|undone N|drop N]", "the checklist", _check, lambda _: ("add", "done", "undone", "drop")),
    Word("files", "files", "the ticket's files", lambda s, _: s.action_files()),
    Word("stopwatch", "stopwatch", "start or stop the stopwatch", lambda s, _: s.action_stopwatch()),
    Word("time", "time 15m [NOTE]", "record time spent", _time),
    Word("watch", "watch [AGENT|off]", "be told of what happens", _watch),
)  # fmt: skip
