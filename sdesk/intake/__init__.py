"""Mail comes in: kept first, then read, judged, applied and marked in one transaction.

`keep` commits a mail's bytes before anything looks into them. `settle` decides about one kept mail,
once: whoever comes second, after a crash or beside another process, finds it decided. A mail that
trips over a fault of ours becomes a ticket that says so; it is never lost and stops nothing.
"""

from __future__ import annotations

from sdesk.intake.deciding import Deciding
from sdesk.intake.keeping import ACTOR, Intake
from sdesk.intake.letter import Letter, Taken

__all__ = ["ACTOR", "Deciding", "Intake", "Letter", "Taken"]
