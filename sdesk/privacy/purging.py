"""Writing the store anew so that nothing erased can be read from its files; when that is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.errors import StoreFault
from sdesk.store import purging, upkeep
from sdesk.suggesting import cache_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from sdesk.desk import Desk

DUE = "purge"
"""Of `upkeep`: since when something erased may still be read from the files."""
_DONE = "DELETE FROM upkeep WHERE name = :name AND at <= :at"


def purge(desk: Desk, on_step: Callable[[str], None] = lambda _: None) -> None:
    """Write index, file and log anew. Nobody can write meanwhile. Raises `Busy`, `StoreFault`."""
    began = desk.now()
    forget_model(desk)
    purging.purge(desk.place, on_step)
    from sdesk.store.brief import written

    with written(desk.place) as run:
        run(_DONE, {"name": DUE, "at": began})


def purge_due(desk: Desk) -> bool:
    """Whether something erased may still be read from the files."""
    return upkeep.known(desk.read.reader, DUE) is not None


def forget_model(desk: Desk) -> None:
    """What was learned for suggestions knows the words; every agent's own is learned again."""
    try:
        cache_file(desk.place).unlink(missing_ok=True)
    except (OSError, StoreFault):
        return
