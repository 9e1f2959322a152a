"""Word to the admins that something is wrong with the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.model import Role
from sdesk.text import clean_line, cut

if TYPE_CHECKING:
    from sdesk.desk import Desk

KIND, FAILED = "damage_found", "backup_failed"
TROUBLE = "trouble"
"""The kind of notice, as a target that can't be told is one."""


def tell_admins(desk: Desk, what: str, said: str, kind: str = KIND) -> None:
    """Put it into the history and before every admin. `what` is "pages" or "events", of what `FAILED`
    "backup" or "verify"."""
    from sdesk.store.notices import active, tell

    said = cut(clean_line(said), 300)
    with desk.door().transaction() as work:
        event = work.tx.record(kind, details={"what": what, "reason": said})
        admins = [login for login, role in active(work.tx).items() if role == Role.ADMIN]
        tell(work.tx, admins, None, event, TROUBLE, said)
