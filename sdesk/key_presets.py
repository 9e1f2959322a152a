"""Key maps for those who come from elsewhere: what differs from the table of commands, by id."""

from __future__ import annotations

from collections.abc import Mapping

DEFAULT = "default"
PRESETS: dict[str, Mapping[str, str]] = {
    DEFAULT: {},
    # No letter moves: arrows, Home, End and the function keys that other programs use.
    "arrows": {
        "list.down": "down", "list.up": "up", "list.page_down": "pagedown", "list.page_up": "pageup",
        "list.last": "end", "ticket.open": "enter,right", "report.open": "enter,right",
        "notice.open": "enter,right", "go.back": "escape,left,q", "ticket.previous": "ctrl+up",
        "ticket.next": "ctrl+down", "view.next": "tab,]", "view.previous": "shift+tab,[",
        "filter.edit": "/,f3", "command.line": ":,f2", "mark.toggle": "space,insert",
        "calendar.left": "left", "calendar.right": "right", "help.keys": "f1,?", "desk.quit": "f10,Q",
    },
    # As in the index of mutt: l limits, t tags, s saves to a folder, c changes it, g replies to the group.
    "mutt": {
        "go.menu": "c", "filter.edit": "l,/", "ticket.open": "enter", "report.open": "enter",
        "notice.open": "enter", "mark.toggle": "t", "mark.all": "T", "mark.range": ";",
        "ticket.tags": "y", "ticket.move": "s", "ticket.state": "f", "ticket.reply_all": "g",
        "ticket.note": "I", "ticket.copy_number": "F", "ticket.files": "v", "ticket.clock": "%",
        "list.page_down": "z,pagedown,ctrl+d", "list.page_up": "Z,pageup,ctrl+u",
        "list.first": "=,home", "list.last": "*,end,G", "view.sort": "o", "ticket.new": "x",
        "view.preview": "P", "view.columns": "O", "thread.fold": "P", "thread.quotes": "T", "notice.old": "P", "held.old": "P",
        "announcement.old": "P",
        "notice.all_seen": "N",
    },
    # The standard style of JiraTUI, as far as a key does the same thing here and there.
    "jiratui": {
        "list.down": "down,j", "list.up": "up,k", "list.page_down": "pagedown,ctrl+d",
        "list.page_up": "pageup,ctrl+b", "list.first": "home,ctrl+home", "list.last": "end,ctrl+end,G",
        "filter.edit": "/,ctrl+f,f", "report.target": "F", "ticket.new": "ctrl+n,o", "ticket.note": "a,c",
        "ticket.assign": "A", "ticket.stopwatch": "w", "ticket.wait": "b", "help.keys": "f1,?",
        "desk.quit": "ctrl+q,Q",
    },
}  # fmt: skip
