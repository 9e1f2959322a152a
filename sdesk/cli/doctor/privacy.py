"""What was to be erased and is not gone yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.cli.doctor.finding import Finding, note, ok, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.desk import Desk

CHECK = "erasing"


def findings(desk: Desk, *, quick: bool) -> Iterator[Finding]:
    """Nothing on a desk that has never erased anything and has no rule for it."""
    from sdesk.privacy import purge_due, under_way
    from sdesk.privacy.retaining import rules_of

    mend = "As an admin: sdesk person finish"
    if found := under_way(desk.read.reader):
        named = ", ".join(f"#{number}" for number in found)
        yield wrong(CHECK, f"Erasing person {named} was begun and not finished.", mend)
    elif purge_due(desk):
        yield note(CHECK, "What was erased can still be read from the store's files.", mend)
    elif desk.read.last_erasure() and not quick:
        yield ok(CHECK, "What was erased is gone from the store's files.")
    rules = rules_of(desk)
    if rules:
        names = ", ".join(rule.name for rule in rules)
        yield ok("retention", f"{len(rules)} rules erase closed tickets: {names}.")
