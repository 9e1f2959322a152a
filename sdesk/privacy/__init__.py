"""What the desk keeps of a person: shown, given out, erased; and what it erases by itself in time."""

from __future__ import annotations

from sdesk.privacy.erasing import Erased, erase_person, erase_ticket, finish, under_way
from sdesk.privacy.exporting import export_person
from sdesk.privacy.looking import Found, occurrences
from sdesk.privacy.people import counts, find_person
from sdesk.privacy.purging import purge, purge_due
from sdesk.privacy.retaining import Ran, RuleRun, run_retention
from sdesk.store.reads.kept import PersonRow

__all__ = [
    "Erased", "Found", "PersonRow", "Ran", "RuleRun", "counts", "erase_person", "erase_ticket", "export_person", "find_person",
    "finish", "occurrences", "purge", "purge_due", "run_retention", "under_way",
]  # fmt: skip
