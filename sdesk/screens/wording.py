"""Sentences that name keys: with the user's own ones in them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sdesk.keys import BY_ID, display, keys_of

_PLACE = re.compile(r"\{([a-z._]+)\}")
NOTHING_FITS = (
    "no ticket fits this query: {filter.edit} changes it, {filter.clear} gives the view back"
)
EMPTY: Mapping[str, str] = {
    "mine": "nothing is yours: {go.unassigned} shows what nobody has, {ticket.take} takes it",
    "unassigned": "everything has somebody: {go.mine} shows what is yours, {ticket.new} opens a ticket",
    "at risk": "no clock runs out within the hour: {go.sla} shows all clocks",
    "waiting": "nothing waits: {ticket.wait} lets a ticket wait, for somebody or until a time",
    "mentions": "nobody has called you: @name in a note calls a colleague",
    "reopened": "nothing has come back: what is solved stays solved so far",
    "vip": "no VIP has an open ticket: {view.next} goes to the next view",
    "all": "the desk is empty: {ticket.new} opens a ticket, sdesk import brings yours in",
}
"""View, in small letters → what to do next where it is empty."""


def keyed(words: str, keymap: Mapping[str, str]) -> str:
    """The words with a key for each `{command id}`."""
    return _PLACE.sub(lambda found: key_for(found[1], keymap), words)


def key_for(command_id: str, keymap: Mapping[str, str]) -> str:
    """The plainest key of a command: a letter (q before others) before Enter, Esc; "g u" behind a first key."""
    command = BY_ID[command_id]
    keys = [display(key) for key in keys_of(command, keymap)]
    plainest = min(keys, key=lambda key: (key != "q", len(key) > 1, keys.index(key)))
    return f"{key_for(command.prefix, keymap)} {plainest}" if command.prefix else plainest


def empty_words(view: str, keymap: Mapping[str, str]) -> str:
    """What an empty list says; `view` is empty when the query is no view's own."""
    return keyed(EMPTY.get(view.casefold(), NOTHING_FITS), keymap)
