"""The one table of commands: every key, its action and its words.

Bindings, the footer, the palette, the help screen, `sdesk keys` and docs/keys.md are made from it.
An id is public API: a user's keymap names it. The table itself needs no Textual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sdesk.errors import Usage, did_you_mean
from sdesk.key_presets import DEFAULT, PRESETS

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

    from textual.binding import BindingType


class Command(NamedTuple):
    """One thing a key does."""

    id: str
    keys: tuple[str, ...]
    action: str
    """A Textual action; `{key}` in it stands for the key pressed."""
    label: str
    """One or two words, for the footer."""
    help: str
    """One line, for the help screen and the docs."""
    group: str
    screens: tuple[str, ...]
    """Where it works: `list` (every ticket list), `queue`, `sla`, `ticket`, `calendar`, `notices`, `held`, `announcements`, `app` (everywhere)."""
    footer: int = 0
    """Its place among the hints of the bottom line; 0 for none."""
    prefix: str = ""
    """The id of the command whose key comes first; empty for a key of its own."""
    fixed: bool = False
    """Each of its keys does something of its own: another map names as many, in the same order."""


LAST = 99
DESK = ("queue", "sla", "ticket")
_PLACES = (*DESK, "dashboard", "calendar", "notices", "held", "announcements")
_MOVE = ("list", "ticket", "dashboard", "calendar")
_GO = "go.menu"


def _act(name: str, key: str, label: str, help_text: str, *, footer: int = 0) -> Command:
    return Command(f"ticket.{name}", (key,), name, label, help_text, "Acts", DESK, footer)


def _go(name: str, key: str, help_text: str) -> Command:
    return Command(
        f"go.{name}", (key,), f"go_{name}", name, help_text, "Go to", _PLACES, prefix=_GO
    )


def _day(
    name: str, keys: tuple[str, ...], action: str, label: str, help_text: str, footer: int = 0
) -> Command:
    return Command(f"calendar.{name}", keys, action, label, help_text, "Calendar", ("calendar",), footer)  # fmt: skip


def _notice(
    name: str, keys: tuple[str, ...], action: str, label: str, help_text: str, footer: int
) -> Command:
    return Command(f"notice.{name}", keys, action, label, help_text, "Notices", ("notices",), footer)  # fmt: skip


def _held(
    name: str, keys: tuple[str, ...], action: str, label: str, help_text: str, footer: int
) -> Command:
    return Command(f"held.{name}", keys, action, label, help_text, "Held mail", ("held",), footer)


def _announced(
    name: str, keys: tuple[str, ...], label: str, help_text: str, footer: int
) -> Command:
    return Command(f"announcement.{name}", keys, name, label, help_text, "Announcements", ("announcements",), footer)  # fmt: skip


COMMANDS: tuple[Command, ...] = (
    Command("list.down", ("j", "down"), "cursor_down", "down", "Move down", "Move", _MOVE),
    Command("list.up", ("k", "up"), "cursor_up", "up", "Move up", "Move", _MOVE),
    Command("list.page_down", ("ctrl+d", "pagedown"), "page_down", "page down", "Move down a page", "Move", _MOVE),
    Command("list.page_up", ("ctrl+u", "pageup"), "page_up", "page up", "Move up a page", "Move", _MOVE),
    Command("list.first", ("home",), "cursor_first", "first", "Move to the first row", "Move", _MOVE),
    Command("list.last", ("G", "end"), "cursor_last", "last", "Move to the last row", "Move", _MOVE),
    Command(_GO, ("g",), "go", "go", "Go to a place: the choices stand on one line, without a time-out", "Go to", _PLACES),
    _go("first", "g", "The first row"),
    _go("queue", "q", "The queue"),
    _go("triage", "t", "Triage: the unassigned tickets one after the other, with what decides them"),
    _go("sla", "s", "The SLA board"),
    _go("calendar", "c", "The calendars"),
    _go("notices", "n", "What I am told: warnings, escalations"),
    _go("held", "h", "Held mail: what waits for somebody to let it in or refuse it"),
    _go("announcements", "a", "Announcements: outages and planned work, and whom they are told to"),
    _go("dashboard", "d", "The dashboard: the desk in numbers, and which promises were kept"),
    _go("mine", "m", "What is assigned to me"),
    _go("unassigned", "u", "What nobody has"),
    _go("recent", "r", "What changed last"),
    Command("ticket.open", ("enter", "l"), "open", "open", "Open the ticket under the cursor", "Go to", ("queue", "sla"), 12),
    Command("go.back", ("h", "q", "escape"), "back", "back", "Back to where you came from; in the queue Esc clears the marks", "Go to", (*DESK, "dashboard", "notices", "held", "announcements")),
    Command("ticket.previous", ("K",), "previous_ticket", "previous", "The previous ticket of the view", "Go to", ("ticket",)),
    Command("ticket.next", ("J",), "next_ticket", "next", "The next ticket of the view", "Go to", ("ticket",)),
    Command("filter.edit", ("/",), "filter", "filter", "Change the query; the list filters as you type", "Find", ("queue",), 10),
    Command("filter.next", ("n",), "next_hit", "next hit", "To the next hit of the last filter", "Find", ("queue",)),
    Command("filter.previous", ("N",), "previous_hit", "previous hit", "To the previous hit of the last filter", "Find", ("queue",)),
    Command("filter.clear", ("\\",), "clear_filter", "clear", "Back to the view's own query", "Find", ("queue",)),
    Command("command.line", (":",), "command_line", "command", "The command line, with completion and history", "Find", _PLACES, 11),
    Command("mark.toggle", ("space",), "mark", "mark", "Mark or unmark the row and move down", "Marks", ("list",), 9),
    Command("mark.range", ("v",), "mark_range", "range", "Mark from the last mark to the cursor", "Marks", ("list",)),
    Command("mark.all", ("*",), "mark_all", "all", "Mark all in view, or clear the marks", "Marks", ("list",)),
    Command("triage.take", ("+",), "take_suggestions", "as suggested", "Take the ticked suggestions, as one batch", "Triage", ("triage",), 1),
    Command("triage.tick", tuple("1234"), "tick({key})", "tick", "Tick or untick one suggestion: category, queue, priority, assignee", "Triage", ("triage",), fixed=True),
    Command("triage.open", ("l",), "open", "whole", "Open the ticket whole, with its clocks and fields", "Triage", ("triage",)),
    Command("triage.look", tuple("56789"), "look({key})", "look", "Open a ticket that is listed beside: perhaps the same, or solved", "Triage", ("triage",), fixed=True),
    Command("ticket.new", ("o",), "new", "new", "Open a new ticket", "Acts", DESK, 13),
    _act("take", "i", "take", "Take it myself", footer=1),
    _act("assign", "a", "assign", "Assign to an agent", footer=2),
    _act("state", "s", "state", "Change the state", footer=3),
    _act("priority", "p", "priority", "Set the priority, 1 to 4 at once; or let impact and urgency decide", footer=4),
    _act("tags", "t", "tags", "Add and remove tags"),
    _act("move", "T", "queue", "Move to another queue"),
    _act("reply", "r", "reply", "Reply to the requester", footer=5),
    _act("reply_all", "R", "reply all", "Reply to everybody in the conversation, with the message at hand quoted"),
    _act("note", "c", "note", "Write an internal note", footer=6),
    _act("chat", "C", "chat", "Chat with the other agents in the ticket: Enter sends, Esc leaves"),
    _act("wait", "w", "wait", "Wait until a time, for the customer or for a supplier", footer=7),
    _act("resolve", "d", "done", "Resolve with a code and a text", footer=8),
    _act("escalate", "!", "escalate", "Escalate to another line, to people, or both, with a reason"),
    _act("due", "D", "due", "Set by hand when a clock is due, with a reason"),
    _act("files", "F", "files", "Files: attach one, also to all marked; view or save what is there"),
    _act("checklist", "V", "checklist", "The checklist: Space ticks, a adds a line"),
    _act("stopwatch", "b", "stopwatch", "Start the stopwatch; again: stop it and record the time"),
    _act("watch", "W", "watch", "Watch it, or stop: be told of public messages and new states"),
    _act("merge", "M", "merge", "Merge into another ticket, which goes on for both"),
    _act("link", "L", "link", "Link with another ticket, or make it parent or child"),
    _act("discard", "X", "bin", "Put it into the bin: spam, mistakes; asks by word"),
    Command("ticket.split", ("S",), "split", "split", "Make a new ticket of the message under the cursor", "Acts", ("ticket",)),
    Command("ticket.survivor", ("enter",), "survivor", "survivor", "To the ticket that this one was merged into", "Go to", ("ticket",)),
    _act("macro", "m", "macro", "A macro: a text and acts; a digit picks at once"),
    _act("repeat", ".", "repeat", "Do the last act once more, on the ticket or the marks"),
    _act("edit", "e", "edit", "Edit one field"),
    _act("edit_whole", "E", "edit all", "Edit the whole ticket as text in $EDITOR"),
    _act("pipe", "|", "pipe", "Pipe the ticket or the marks to a command, as text or JSON"),
    _act("history", "H", "history", "The ticket's history"),
    _act("clock", "=", "clock", "Explain the clock"),
    Command("ticket.copy_number", ("y",), "copy_number", "copy", "Copy the number, of marks all of them", "Acts", DESK),
    Command("ticket.copy_line", ("Y",), "copy_line", "copy line", "Copy number and subject, of marks a line each", "Acts", DESK),
    Command("batch.undo", ("u",), "undo", "undo", "Undo my last batch", "Acts", DESK),
    Command("batch.redo", ("ctrl+r",), "redo", "redo", "Do the undone batch again", "Acts", DESK),
    Command("view.previous", ("[",), "previous_view", "previous view", "The view to the left", "Views", ("queue",)),
    Command("view.next", ("]",), "next_view", "next view", "The view to the right", "Views", ("queue",)),
    Command("view.nth", tuple("123456789"), "view({key})", "view", "The view with that number", "Views", ("queue",), fixed=True),
    Command("section.previous", ("[",), "previous_section", "previous", "The lane above; in a ticket the message before; the section above", "Views", ("sla", "ticket", "dashboard")),
    Command("section.next", ("]",), "next_section", "next", "The next lane; in a ticket the next message; the next section", "Views", ("sla", "ticket", "dashboard")),
    Command("thread.fold", ("z",), "fold", "fold", "Fold the events between the messages, or show them", "Views", ("ticket",), 9),
    Command("thread.quotes", ("Z",), "quotes", "quotes", "Show what the messages quote and how they are signed, or fold it", "Views", ("ticket",)),
    Command("ticket.panel", ("tab",), "panel", "panel", "The panel of clocks and facts: shown, large, off", "Views", ("ticket",), 10),
    Command("view.last", ("-",), "last_view", "last view", "The view I was in before", "Views", ("queue",)),
    Command("view.preview", ("z",), "preview", "preview", "Preview: right, bottom or off", "Views", ("queue",)),
    Command("view.columns", ("Z",), "columns", "columns", "The columns of the view: which, in which order, how wide", "Views", ("queue",)),
    Command("view.sort", ("O",), "sort", "sort", "Sort by another field", "Views", ("queue",)),
    Command("report.open", ("enter", "l"), "open", "open", "The queue with the tickets behind the line", "Dashboard", ("dashboard",), 1),
    Command("report.group", tuple("12345"), "group({key})", "by", "Promises by queue, assignee, priority, policy or organization", "Dashboard", ("dashboard",), 2, fixed=True),
    Command("report.longer", (">",), "period(1)", "longer", "Another period: today, 7, 30, 90 days, this month, last month", "Dashboard", ("dashboard",), 3),
    Command("report.shorter", ("<",), "period(-1)", "shorter", "The period before", "Dashboard", ("dashboard",), 4),
    Command("report.target", ("f",), "target", "target", "Only one kind of target, the next one, all again", "Dashboard", ("dashboard",), 5),
    _notice("open", ("enter", "l"), "open", "open", "Open the ticket; its notices are seen then", 1),
    _notice("seen", ("d",), "seen", "done", "Done with it: the notice, or the marked ones, are seen", 2),
    _notice("all_seen", ("x",), "all_seen", "all seen", "All new notices are seen", 3),
    _notice("old", ("z",), "old", "seen ones", "Show the seen notices as well, or the new ones only", 4),
    _held("open", ("enter", "l"), "open", "read", "Read the whole mail", 1),
    _held("release", ("+",), "release", "let in", "Let the mail, or the marked ones, in: each becomes a ticket", 2),
    _held("into", ("M",), "into", "into…", "Put it into a ticket that is there", 3),
    _held("refuse", ("X",), "refuse", "refuse", "Refuse it: kept, in no ticket", 4),
    _held("undo", ("u",), "undo", "undo", "Take back what was decided here last", 5),
    _held("old", ("z",), "old", "refused ones", "Show the refused mails as well, or the held ones only", 6),
    _announced("open", ("enter", "l"), "text", "Unfold its text", 1),
    _announced("new", ("n",), "new", "Tell people of an outage or of planned work", 2),
    _announced("revise", ("e",), "update", "Tell the same people how it stands now", 3),
    _announced("end", ("x",), "end", "It works again, the work is done, or it does not take place", 4),
    _announced("old", ("z",), "past ones", "Show the past ones as well, or only those that stand", 5),
    _day("left", ("h", "left"), "cursor_left", "day before", "A day back"),
    _day("right", ("l", "right"), "cursor_right", "day after", "A day on; j and k go a week, PgUp and PgDn a month"),
    _day("previous_year", ("{",), "previous_year", "last year", "The year before"),
    _day("next_year", ("}",), "next_year", "year", "The year after", 7),
    _day("today", ("0",), "today", "today", "Today", 8),
    _day("previous", ("[",), "previous_calendar", "previous calendar", "The calendar to the left"),
    _day("next", ("]",), "next_calendar", "calendar", "The calendar to the right", 6),
    _day("switch", ("space",), "switch", "open/close", "Close an open day, or open a closed one", 1),
    _day("hours", ("enter",), "hours", "hours", "The hours of this one day", 2),
    _day("weekday", ("e",), "weekday", "weekly", "The weekly hours of this day of the week", 3),
    _day("undo", ("u",), "undo", "undo", "Take back the last change that is not saved", 5),
    _day("discard", ("U",), "discard", "discard", "Discard what is not saved, after asking"),
    _day("save", ("A",), "save", "save", "Save the changes, after asking, and compute the running clocks again", 4),
    _day("leave", ("q", "escape"), "back", "back", "Back to where you came from", 9),
    Command("help.keys", ("?",), "help", "help", "Help: every command with your keys; Enter runs it", "Desk", ("app",), LAST),
    Command("help.palette", ("ctrl+p",), "command_palette", "palette", "Find a command by name", "Desk", ("app",)),
    Command("desk.redraw", ("ctrl+l",), "redraw", "redraw", "Write the whole screen again, after another program has written on it", "Desk", ("app",)),
    Command("desk.quit", ("Q",), "quit_desk", "quit", "Leave sdesk", "Desk", ("app",)),
)  # fmt: skip

BY_ID: dict[str, Command] = {command.id: command for command in COMMANDS}

STACKS: dict[str, tuple[str, ...]] = {
    "queue": ("list", "queue", "app"),
    "sla": ("list", "sla", "app"),
    "ticket": ("ticket", "app"),
    "triage": ("triage", "ticket", "app"),
    "dashboard": ("dashboard", "app"),
    "calendar": ("calendar", "app"),
    "notices": ("list", "notices", "app"),
    "held": ("list", "held", "app"),
    "announcements": ("list", "announcements", "app"),
}
"""The scopes that answer keys together on each screen."""

_DEAD = {"ctrl+h", "ctrl+i", "ctrl+m", "ctrl+j", "ctrl+enter", "shift+enter"}
_NAMES = {
    "enter": "Enter", "escape": "Esc", "space": "Space", "down": "↓", "up": "↑", "left": "←", "right": "→", "pagedown": "PgDn",
    "pageup": "PgUp", "insert": "Ins", "delete": "Del", "home": "Home", "end": "End", "tab": "Tab", "backspace": "Backspace",
}  # fmt: skip


def on_screen(screen: str) -> tuple[Command, ...]:
    """The commands that work on a screen, in the order of the table."""
    stack = STACKS[screen]
    return tuple(c for c in COMMANDS if any(scope in stack for scope in c.screens))


def after(prefix: str) -> tuple[Command, ...]:
    """The choices behind a first key."""
    return tuple(c for c in COMMANDS if c.prefix == prefix)


def keys_of(command: Command, keymap: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The keys of a command under the user's keymap."""
    if keymap and (own := keymap.get(command.id)):
        return split_keys(own)
    return command.keys


def split_keys(text: str) -> tuple[str, ...]:
    """The keys in "j,down"; a comma by itself is a key."""
    if text.strip() == ",":
        return (",",)
    return tuple(key.strip() or " " for key in text.split(",") if key.strip())


def display(key: str) -> str:
    """A key as people read it on a keyboard."""
    return _NAMES.get(key, key)


def display_keys(command: Command, keymap: Mapping[str, str] | None = None) -> str:
    """All keys of a command as people read them: "j ↓", "g m", "1-9"."""
    keys = keys_of(command, keymap)
    if command.fixed:
        return f"{display(keys[0])}-{display(keys[-1])}"
    first = ""
    if command.prefix:
        first = display(keys_of(BY_ID[command.prefix], keymap)[0]) + " "
    return " ".join(first + display(key) for key in keys)


def bindings_for(scope: str) -> list[BindingType]:
    """The Textual bindings of a scope, for a class's BINDINGS."""
    from textual.binding import Binding  # here: `sdesk keys` reads the table without Textual

    made: list[BindingType] = []
    for command in COMMANDS:
        if scope in command.screens and not command.prefix:
            for action, key in _actions(command):
                made.append(
                    Binding(
                        key,
                        action,
                        command.label,
                        show=bool(command.footer),
                        id=f"{command.id}.{key}" if command.fixed else command.id,
                        tooltip=command.help,
                    )
                )
    return made


def _actions(command: Command) -> Iterable[tuple[str, str]]:
    """(action, key text) pairs: one for all the keys, or one a key where the action needs to know it."""
    if "{key}" in command.action:
        return [(command.action.format(key=key), key) for key in command.keys]
    return [(command.action, ",".join(command.keys))]


def check_keymap(mapping: Mapping[str, str], lines: Mapping[str, int] | None = None) -> None:
    """Refuse a keymap with an unknown id, a key no terminal sends, or two commands on one key.

    `lines` gives the line of the configuration file for each id. Raises `Usage`.
    """

    def where(command_id: str) -> str:
        number = (lines or {}).get(command_id)
        at = f" line {number}" if number else ""
        return f'[keys]{at}: "{command_id}" = "{mapping.get(command_id, "")}"'

    for command_id, text in mapping.items():
        _check_entry(command_id, text, where(command_id))
    for screen in STACKS:
        here = on_screen(screen)
        for prefix in {command.prefix for command in here}:
            _check_clash([c for c in here if c.prefix == prefix], mapping, lines or mapping, where)


def _check_entry(command_id: str, text: str, where: str) -> None:
    if (command := BY_ID.get(command_id)) is None:
        raise Usage(f"{where}: no such command.", did_you_mean(command_id, BY_ID))
    keys = split_keys(text)
    if command.fixed and len(keys) != len(command.keys):
        raise Usage(f"{where}: this command has {len(command.keys)} keys, each for one thing.")
    if not keys:
        raise Usage(f"{where}: there is no key.")
    for key in keys:
        if key.lower() in _DEAD:
            raise Usage(f"{where}: terminals don't send {key} as a key of its own.")
        if key.lower().startswith("alt+"):
            raise Usage(f"{where}: over SSH alt+{key[4:]} is Esc followed by {key[4:]}.")
        if command.prefix and len(keys) > 1:
            raise Usage(f"{where}: a choice of a menu has one key.")


def _check_clash(
    commands: Iterable[Command],
    mapping: Mapping[str, str],
    own: Container[str],
    where: Callable[[str], str],
) -> None:
    taken: dict[str, Command] = {}
    for command in commands:
        for key in keys_of(command, mapping):
            other = taken.setdefault(same_key(key), command)
            if other is not command:
                mine = min((command, other), key=lambda c: (c.id not in own, c.id not in mapping))
                rest = other if mine is command else command
                raise Usage(
                    f"{where(mine.id)}: '{display(key)}' already means {rest.id} ({rest.help}).",
                    "Give one of them another key.",
                )


_ALIASES = {
    ",": "comma",
    "return": "enter",
    "esc": "escape",
    "pgdn": "pagedown",
    "pgup": "pageup",
    " ": "space",
}
_LONG = {
    "question_mark": "?", "slash": "/", "backslash": "\\", "colon": ":", "asterisk": "*", "minus": "-",
    "equals_sign": "=", "left_square_bracket": "[", "right_square_bracket": "]", "comma": ",",
    "full_stop": ".", "less_than_sign": "<", "greater_than_sign": ">", "exclamation_mark": "!", "semicolon": ";", "plus_sign": "+",
}  # fmt: skip


def same_key(key: str) -> str:
    """One spelling for each key, so that `?` and `question_mark` clash."""
    key = _ALIASES.get(key.lower(), key)
    key = _LONG.get(key, key)
    return f"{key[6:].upper()}" if key.startswith("shift+") and len(key) == 7 else key


def textual_keymap(mapping: Mapping[str, str]) -> dict[str, str]:
    """The keymap as `App.set_keymap` takes it: without menu choices, which are no bindings."""
    made: dict[str, str] = {}
    for command_id, text in mapping.items():
        command, keys = (
            BY_ID[command_id],
            [_ALIASES.get(key.lower(), key) for key in split_keys(text)],
        )
        if command.fixed:
            made |= {
                f"{command_id}.{own}": key for own, key in zip(command.keys, keys, strict=True)
            }
        elif not command.prefix:
            made[command_id] = ",".join(keys)
    return made


def effective(preset: str, own: Mapping[str, str]) -> dict[str, str]:
    """The keymap of a preset with the user's own keys on top. Raises `Usage` for an unknown preset."""
    if (preset or DEFAULT) not in PRESETS:
        raise Usage(f"There is no key preset '{preset}'.", did_you_mean(preset, PRESETS))
    return {**PRESETS[preset or DEFAULT], **own}


def markdown() -> str:
    """The tables of docs/keys.md, a group each."""
    lines: list[str] = []
    for group in dict.fromkeys(command.group for command in COMMANDS):
        lines += [f"## {group}", "", "| keys | does | where | id |", "|---|---|---|---|"]
        for command in COMMANDS:
            if command.group == group:
                keys = " ".join(f"`{key}`" for key in display_keys(command).split())
                where = ", ".join(_WHERE.get(scope, scope) for scope in command.screens)
                lines.append(
                    f"| {keys.replace('|', chr(92) + '|')} | {command.help} | {where} | `{command.id}` |"
                )
        lines.append("")
    return "\n".join(lines)


_WHERE = {"list": "lists", "app": "everywhere", "sla": "SLA board", "held": "held mail"}
