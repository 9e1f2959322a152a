"""Priority from impact and urgency: the matrix most desks agree on."""

from __future__ import annotations

MATRIX = {
    (1, 1): 1, (1, 2): 2, (1, 3): 3,
    (2, 1): 2, (2, 2): 3, (2, 3): 4,
    (3, 1): 3, (3, 2): 4, (3, 3): 4,
}  # fmt: skip
"""(impact, urgency) → priority, each 1 for the highest."""


def priority(impact: int, urgency: int) -> int:
    return MATRIX[impact, urgency]
