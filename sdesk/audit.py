"""The audit trail: the chain of events checked, against anchors that lie outside the store as well.

Whoever can write the store's file can make the whole chain anew. An anchor is the number and hash of
the newest event at some moment, written where they can't reach: into syslog each hour, into the
manifest beside each backup. Up to the newest anchor the history is proved.
"""

from __future__ import annotations

import gzip
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.errors import Invalid, NotFound, Refused, SdeskError
from sdesk.model import EventId
from sdesk.store import chained, place, upkeep
from sdesk.store.chained import Anchor, Broken, Chain, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sdesk.desk import Desk
    from sdesk.store.home import Copied
    from sdesk.store.reader import Reader


__all__ = ["Anchor", "Broken", "Chain", "Fault", "anchors_in", "report", "unfounded", "verify"]

verify = chained.verify
SIGN = "sdesk-anchor"
_LINE = re.compile(
    rf"{SIGN} store=(?P<store>[0-9a-f]{{1,64}}) event=(?P<event>\d{{1,18}}) hash=(?P<hash>[0-9a-f]{{64}})"
    r" at=(?P<at>\d{1,15})",
    re.ASCII,
)

_TYPED = re.compile(r"(\d{1,18}):([0-9a-fA-F]{12,64})", re.ASCII)


def anchor_line(store: str, head: Anchor) -> str:
    """The line that syslog gets."""
    return f"{SIGN} store={store} event={head.event} hash={head.hash} at={head.at}"


def anchors_in(lines: Iterable[str], store: str, where: str) -> list[Anchor]:
    """The anchors of that store among the lines of a log; all others are passed over."""
    found = []
    for number, line in enumerate(lines, start=1):
        for match in _LINE.finditer(line):
            if match["store"] == store:
                place = f"{where}, line {number}"
                found.append(Anchor(int(match["event"]), match["hash"], int(match["at"]), place))
    return found


def copied_by_hand(desk: Desk, found: Copied) -> str:
    """What a user is told on opening a store that was copied by hand while in use."""
    from sdesk.present import moment

    newest = moment(found.newest_at, desk.settings.zone, desk.now())
    return (
        f"{found.path} was copied by hand, not by sdesk backup: if a desk was open on it then, the"
        f" changes that stood in the file {found.path.name}-wal are not here. Its newest event is of {newest}."
        " If nothing is missing: sdesk doctor --accept-copy"
    )


@dataclass(frozen=True, slots=True)
class Report:
    """One file's history, and what it was held against."""

    place: str
    chain: Chain
    anchors: tuple[Anchor, ...]
    """Those that could be reached, the newest first."""
    unfounded: tuple[str, ...] = ()
    """What of set-up and access is not as the history made it."""

    @property
    def is_whole(self) -> bool:
        return self.chain.is_whole and not self.unfounded

    @property
    def newest(self) -> Anchor | None:
        """The newest anchor that the history agrees with, of those that lie outside the store."""
        held = set(self.chain.held)
        return next((anchor for anchor in self.anchors if anchor in held), None)


def report(desk: Desk, folders: Iterable[Path], against: Iterable[str], *, quick: bool = False) -> Report:  # fmt: skip
    """Check the history against all anchors in reach: of manifests in these folders, and those given."""
    reader = desk.read.reader
    check_sight(reader)
    own = chained.store_id(reader)
    outside = [*_of_manifests(folders, own), *_given(against, own)]
    outside.sort(key=lambda anchor: (anchor.event, anchor.at), reverse=True)
    kept = last_anchor(reader)
    inside = [kept] if kept is not None else []
    chain = verify(reader, [*outside, *inside], since=kept if quick else None)
    # Where the history is not what it was, it says nothing of the rest.
    found = tuple(unfounded(reader)) if chain.is_whole and not quick else ()
    return Report(place.shown(desk.place), chain, tuple(outside), found)


def unfounded(reader: Reader) -> list[str]:
    """What of set-up and access is not as the history made it, a sentence for each."""
    # Here: a desk that only says of its store that it is a copy needs none of it.
    from sdesk.store import agreeing

    return agreeing.unfounded(reader)


def check_sight(reader: Reader) -> None:
    """Raises `Refused` where the server keeps events from this user: they would look deleted."""
    if reader.dialect == "sqlite":
        return
    from sdesk.store.roles import sees_all

    if not sees_all(reader):
        raise Refused(
            "Tickets are kept from you here, and so are their events: the chain can't be checked.",
            "Let an admin do it.",
        )


def last_anchor(reader: Reader) -> Anchor | None:
    """The anchor that was written last, as the store remembers it; None where none was."""
    kept = upkeep.known(reader, upkeep.ANCHOR)
    number, _, found = kept.value.partition(":") if kept is not None else ("", "", "")
    if kept is None or not number.isdigit():
        return None
    return Anchor(int(number), found, kept.at, "the last hour's anchor")


def _of_manifests(folders: Iterable[Path], own: str) -> list[Anchor]:
    from sdesk.transfer import manifest

    found = [one for folder in folders for one in manifest.in_folder(folder)]
    return [one.anchor for one in found if one.store == own and one.event]


def _given(against: Iterable[str], own: str) -> list[Anchor]:
    """Anchors as they were typed, or those in a log. Raises `Invalid`, `NotFound`."""
    found: list[Anchor] = []
    for word in against:
        if match := _TYPED.fullmatch(word):
            found.append(Anchor(int(match[1]), match[2].lower(), 0, "--against"))
            continue
        lines = anchors_in(_lines(word), own, "standard input" if word == "-" else word)
        if not lines:
            raise Invalid(
                f"'{word}' holds no anchor of this store ({own}).",
                f"Lines of syslog with the word {SIGN}, or EVENT:HASH.",
            )
        found += lines
    return found


def _lines(word: str) -> list[str]:
    if word == "-":
        return [line for line in sys.stdin if SIGN in line]
    path = Path(word)
    try:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8", errors="replace") as stream:
            return [line for line in stream if SIGN in line]
    except FileNotFoundError:
        raise NotFound(f"There is no file '{word}'.") from None
    except OSError as error:
        raise Invalid(f"'{word}' can't be read: {error.strerror or error}.") from None


EXPORTED = "exported"
DUMP = "the whole desk"


def took_out(desk: Desk, what: str, **details: object) -> str:
    """Put into the history that somebody takes tickets out of the desk: who, what and how many, nothing
    of their content. Why that could not be kept; empty where it was.

    A store that nobody works in (a backup, read) is left as it is; and a second dump of the same state
    is not told again, so that the same content makes the same archive.
    """
    reader = desk.read.reader
    mode = reader.one("PRAGMA journal_mode") if reader.dialect == "sqlite" else None
    if mode is not None and mode[0] != "wal":
        return ""
    value = {"what": what, **details}
    if what == DUMP:
        last = desk.read.events_since(EventId(desk.read.last_event() - 1), limit=1)
        if last and (last[0].kind, last[0].details) == (EXPORTED, value):
            return ""
    try:
        with desk.door().transaction() as work:
            work.tx.record(EXPORTED, details=value)
    except SdeskError as error:
        return error.message
    return ""
