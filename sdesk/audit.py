"""The audit trail: the chain of events checked, against anchors that lie outside the store as well.

Whoever can write the store's file can make the whole chain anew. An anchor is the number and hash of
the newest event at some moment, written where they can't reach: into syslog each hour, into the
manifest beside each backup. Up to the newest anchor the history is proved.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sdesk.store import chained
from sdesk.store.chained import Anchor, Broken, Chain, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sdesk.desk import Desk
    from sdesk.store.home import Copied


__all__ = ["Anchor", "Broken", "Chain", "Fault", "anchors_in", "verify"]

verify = chained.verify
SIGN = "sdesk-anchor"
_LINE = re.compile(
    rf"{SIGN} store=(?P<store>[0-9a-f]{{1,64}}) event=(?P<event>\d{{1,18}}) hash=(?P<hash>[0-9a-f]{{64}})"
    r" at=(?P<at>\d{1,15})",
    re.ASCII,
)


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
        f"{found.path} was copied by hand, not by sdesk backup: changes that stood in the file"
        f" {found.path.name}-wal then are not here. Its newest event is of {newest}."
        " If nothing is missing: sdesk doctor --accept-copy"
    )
