"""Call the person at the terminal: its bell, or a notification of their own desktop, however far away."""

from __future__ import annotations

from sdesk.terminal.clean import HARMFUL

BELL = "\a"
OFF, RINGS, OSC9, OSC777 = "off", "bell", "osc9", "osc777"
LONGEST = 120


def sequence(how: str, title: str, text: str, *, tmux: bool = False, spare: bool = False) -> str:
    """What to send to the terminal; empty for nothing.

    Of a title and a text nothing passes that could end the sequence, or be read as a part of it. Inside
    tmux, which passes no notification on, and where bytes are spared it is the bell.
    """
    if how == OFF:
        return ""
    if how == RINGS or tmux or spare:
        return BELL
    title, text = plain(title), plain(text)
    if how == OSC777:
        return f"\x1b]777;notify;{title};{text}\a"
    # "4;…" is the progress of other terminals: a letter first, and no semicolon at all.
    title = title if title[:1].isalpha() else f"sdesk {title}".rstrip()
    return f"\x1b]9;{title}: {text}\a"


def plain(text: str) -> str:
    """One line of characters that stand for themselves."""
    shown = "".join(c if c.isprintable() and c != ";" else " " for c in text)
    return " ".join(HARMFUL.sub("", shown).split())[:LONGEST]
