"""Everything that can be asked of a store: SQL text on the plain driver, frozen values back.

Importing this costs a `sqlite3`, not an SQLModel: the queue paints and `sdesk ls` answers with it. The
families that neither needs are imported when one of their reads is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sdesk.store.reads.base import Base
from sdesk.store.reads.clocks import ClockReads
from sdesk.store.reads.facts import FactsReads
from sdesk.store.reads.lists import ListReads
from sdesk.store.reads.mail import MailReads
from sdesk.store.reads.setup import VocabularyReads
from sdesk.store.reads.tickets import TicketReads
from sdesk.store.reads.timers import TimerReads
from sdesk.store.reads.views import ViewReads
from sdesk.store.reads.work import WorkReads

if TYPE_CHECKING:
    from sdesk.store.reads.alarms import AlarmReads
    from sdesk.store.reads.lessons import LessonReads
    from sdesk.store.reads.letters import LetterReads
    from sdesk.store.reads.load import LoadReads

    class LateReads(AlarmReads, LessonReads, LetterReads, LoadReads):
        """What is there of them once they are imported."""
else:

    class LateReads(Base):
        """Takes the late families' reads on when one is missed."""

        def __getattr__(self, name: str) -> Any:
            for family in late_families():
                for read, what in vars(family).items():
                    if not read.startswith("__"):
                        setattr(LateReads, read, what)
            return object.__getattribute__(self, name)


_LATE = {
    "alarms": "AlarmReads", "lessons": "LessonReads", "letters": "LetterReads", "load": "LoadReads",
}  # fmt: skip


def late_families() -> list[type[Base]]:
    """The classes of the families that the first screen doesn't need."""
    return [getattr(import_module(f"{__name__}.{at}"), name) for at, name in _LATE.items()]


class Reads(
    ClockReads,
    ListReads,
    TicketReads,
    FactsReads,
    TimerReads,
    MailReads,
    ViewReads,
    WorkReads,
    VocabularyReads,
    LateReads,
):
    """The desk's reads, family by family."""
