"""The intake with the reader that belongs to it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from sdesk.desk import Desk, now_seconds
from sdesk.errors import Refused
from sdesk.intake import ACTOR, Deciding, Intake, Taken
from sdesk.mail.reading import read
from sdesk.model import Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


EXTRA = ("imap_tools", "inscriptis", "lxml", "mailparser_reply")


def check_extra() -> None:
    """Raises `Refused` where the extra is missing."""
    if any(find_spec(name) is None for name in EXTRA):
        raise Refused("Mail needs: pip install 'sdesk[mail]'")


def open_desk(place: str | Path, clock: Callable[[], int] = now_seconds) -> Desk:
    """A desk in nobody's name but the desk's own. Raises `Refused` for a role that may not write so."""
    from sdesk.store.roles import check_whole

    desk = Desk.open(place, actor=ACTOR, source=Source.MAIL, clock=clock, joined=True)
    try:
        check_whole(desk.read.reader, "Taking mail in")
    except BaseException:
        desk.close()
        raise
    return desk


def open_intake(desk: Desk) -> Intake:
    """Raises `Refused` where what reads mail is not installed: every mail would come in unread."""
    check_extra()
    from sdesk.alerts.settings import load  # here: most who look into mail take none in

    return Intake(desk, read, load().plan)


def deciding(desk: Desk) -> Deciding:
    """What an agent decides about held mail, on their own desk."""
    check_extra()
    return Deciding(desk, read)


__all__ = ["Deciding", "Intake", "Taken", "deciding", "open_desk", "open_intake"]
