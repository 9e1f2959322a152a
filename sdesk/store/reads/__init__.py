"""Everything that can be asked of a store: SQL text on the plain driver, frozen values back.

Importing this costs a `sqlite3`, not an SQLModel: the queue paints and `sdesk ls` answers with it.
"""

from __future__ import annotations

from sdesk.store.reads.alarms import AlarmReads
from sdesk.store.reads.clocks import ClockReads
from sdesk.store.reads.facts import FactsReads
from sdesk.store.reads.lessons import LessonReads
from sdesk.store.reads.letters import LetterReads
from sdesk.store.reads.lists import ListReads
from sdesk.store.reads.load import LoadReads
from sdesk.store.reads.mail import MailReads
from sdesk.store.reads.setup import VocabularyReads
from sdesk.store.reads.tickets import TicketReads
from sdesk.store.reads.timers import TimerReads
from sdesk.store.reads.views import ViewReads
from sdesk.store.reads.work import WorkReads


class Reads(
    AlarmReads, ClockReads, LessonReads, LetterReads, ListReads, LoadReads, MailReads, TicketReads, FactsReads, TimerReads, ViewReads, WorkReads, VocabularyReads
):  # fmt: skip
    """The desk's reads, family by family."""
