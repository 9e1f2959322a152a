"""The command line. One table names every command, its module and its line of help.

A module is imported when its command is called: each holds `app`, a Typer with one or more
commands or groups, and imports desk, editor and tables inside the functions that need them. A
command has a docstring whose first line is the table's, and an example. The table itself needs no
Typer: `sdesk` alone opens the desk without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FAMILIES: dict[str, dict[str, tuple[str, str]]] = {
    "Begin": {
        "init": ("setup", "Make a new desk; you become its administrator."),
        "demo": ("demo", "Make a desk with a believable company in it."),
    },
    "Look": {
        "ls": ("look", "List the tickets that a query finds."),
        "views": ("views", "List, show, save, share and drop views."),
        "show": ("look", "Show tickets whole: fields, clocks, conversation."),
        "suggest": ("suggest", "Suggest category, queue and priority, as solved tickets have it."),
        "notices": ("escalation", "Show what you are told: mentions, warnings, escalations."),
        "sla": ("sla", "Explain, foretell, compare and report the clocks."),
    },
    "Work": {
        "new": ("talk", "Open a new ticket."),
        "set": ("edit", "Set fields of tickets."),
        "take": ("edit", "Take tickets yourself."),
        "assign": ("edit", "Give tickets to an agent."),
        "reply": ("talk", "Answer the requester in public."),
        "note": ("talk", "Write a note that only agents see."),
        "inform": (
            "announce",
            "Answer the requester and those of all unfinished tickets below: a major incident.",
        ),
        "chat": ("together", "Write a line to the other agents in a ticket."),
        "attach": ("together", "Attach files to a ticket."),
        "attachments": ("together", "List, save or print the files of a ticket."),
        "time": ("together", "Record time spent on a ticket, or report it."),
        "check": ("together", "Show or change a ticket's checklist."),
        "watch": ("together", "Watch tickets: be told of public messages and new states."),
        "wait": ("states", "Let tickets wait, for somebody or until a time."),
        "escalate": ("escalation", "Refer tickets to another line, tell people of them, or both."),
        "resolve": ("states", "Mark tickets as done."),
        "close": ("states", "Close resolved tickets for good."),
        "reopen": ("states", "Take resolved or closed tickets up again."),
        "merge": ("threads", "Merge tickets into one that goes on."),
        "unmerge": ("threads", "Take merged tickets apart again, each with its own thread."),
        "split": ("threads", "Make a new ticket of a message. Prints its number."),
        "link": ("threads", "Link a ticket with another one, or make it its parent or child."),
        "bin": ("threads", "Put tickets into the bin: out of every list, kept in the store."),
        "unbin": ("threads", "Take tickets out of the bin, as they were."),
        "survey": (
            "announce",
            "Show or note how satisfied the requester of a ticket is, from 1 to 5.",
        ),
        "announce": ("announce", "Tell people of planned work, an outage, and its end."),
        "undo": ("states", "Take your last change back."),
        "redo": ("states", "Do again what you have just taken back."),
    },
    "Move data": {
        "import": ("transfer", "Bring tickets in from a file."),
        "export": ("transfer", "Write the tickets that a query finds to a file."),
        "dump": ("transfer", "Write the whole store as an archive."),
        "restore": ("backup", "Make a store from an archive or a backup."),
        "backup": ("backup", "Copy the store, verified, while others write."),
    },
    "Look after": {
        "macros": ("macros", "List, show, edit and use macros."),
        "templates": ("macros", "List, show and edit the texts that replies begin with."),
        "agents": ("admin", "List, add and change agents."),
        "queues": ("admin", "List, add and change queues."),
        "person": ("person", "Show, export and erase what is kept of a person."),
        "retention": ("retention", "Rules by which closed tickets are erased when they are old."),
        "calendar": ("calendars", "Show, ask and change working hours and holidays."),
        "alert": ("alert", "Take alerts of monitors: a payload in a file or on standard input."),
        "mail": ("mail", "Take mail in, send it, and see what became of it."),
        "notify": ("notify", "See and test what goes to pagers, chats and webhooks."),
        "restricted": (
            "restricted",
            "Keep restricted tickets in a file of their own, for a Unix group.",
        ),
        "oncall": ("oncall", "Show or set who is on call for a queue."),
        "worker": ("worker", "Keep time: warn, escalate, end waits, close what is done."),
        "audit": ("audit", "Check the history and its anchors, or show it."),
        "keys": ("reference", "List every key of the desk."),
        "config": ("reference", "Show the settings and where they come from."),
        "doctor": ("doctor", "Find what is wrong with host, terminal, file and clock."),
        "prove": ("prove", "Show that what sdesk promises holds on this host."),
    },
}
"""Heading → command → (module in sdesk.cli, its line of help)."""
COMMANDS: Mapping[str, tuple[str, str]] = {
    name: entry for family in FAMILIES.values() for name, entry in family.items()
}
