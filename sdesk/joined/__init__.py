"""Two files as one desk: the ordinary tickets and the restricted ones, for who may open both.

The two are joined in the process of a member and nowhere else. Each write touches one file, so that it
is whole or not at all; what is asked of both is put together here. `routes` says of every read where it
goes, `desk` of every act.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sdesk import restricted
from sdesk.errors import StoreFault
from sdesk.numbering import is_restricted
from sdesk.store import place as places

if TYPE_CHECKING:
    from sdesk.desk import Desk


def join(first: Desk, setting: str) -> Desk:
    """The desk over both files, where this user may open the second; else the first, as it is.
    Raises `StoreFault` for a second file that is not to be believed, or is damaged."""
    if not setting or places.is_postgres(first.place):
        return first
    path = restricted.openable(Path(first.place), setting)
    if path is None:
        return first
    from sdesk.joined.desk import JoinedDesk

    second = type(first).open(path, actor=first.actor, source=first.source, clock=first.now)
    if not is_restricted(int(second.read.last_event())):
        # The first file, which any agent can write, may name any file at all: itself, an old copy.
        second.close()
        raise StoreFault(
            f"{path} is no file for restricted tickets, though {first.place} says so.",
            "An admin: sdesk doctor; see docs/restricted.md.",
        )
    return JoinedDesk(first, second)
