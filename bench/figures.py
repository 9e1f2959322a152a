"""One figure beside its floor and its target, and the table of them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured. `floor` is the least that is possible here, measured in the same run."""

    what: str
    measured: float
    unit: str
    floor: float | None = None
    most: float | None = None
    """The target: at most so much."""
    least: float | None = None
    """The target: at least so much."""
    most_ratio: float | None = None
    """The target: at most so many times the floor."""

    @property
    def ratio(self) -> float | None:
        return self.measured / self.floor if self.floor else None

    @property
    def verdict(self) -> str:
        """What the target says of it; empty without one."""
        claims = []
        if self.most is not None:
            claims.append(self.measured <= self.most)
        if self.least is not None:
            claims.append(self.measured >= self.least)
        if self.most_ratio is not None and self.ratio is not None:
            claims.append(self.ratio <= self.most_ratio)
        return "" if not claims else "ok" if all(claims) else "MISSED"

    @property
    def target(self) -> str:
        parts = []
        if self.most is not None:
            parts.append(f"≤ {number(self.most)}")
        if self.least is not None:
            parts.append(f"≥ {number(self.least)}")
        if self.most_ratio is not None:
            parts.append(f"≤ {number(self.most_ratio)} × floor")
        return ", ".join(parts)


def number(value: float) -> str:
    """Three digits that matter, thousands parted."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


HEADS = ("what", "measured", "floor", "ratio", "target", "verdict")
_WIDTHS = (46, 16, 10, 7, 18, 7)


def line(cells: Iterable[str]) -> str:
    padded = [
        f"{cell:<{width}}" if index in (0, 4, 5) else f"{cell:>{width}}"
        for index, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=True))
    ]
    return " │ ".join(padded).rstrip()


def row(figure: Figure) -> str:
    return line(
        (
            figure.what,
            f"{number(figure.measured)} {figure.unit}",
            "—" if figure.floor is None else number(figure.floor),
            "—" if figure.ratio is None else f"{figure.ratio:.2f}",
            figure.target,
            figure.verdict,
        )
    )


def milliseconds(act: Callable[[], object], times: int = 15) -> float:
    """The median of an act's time; a first one warms up."""
    act()
    spent = []
    for _ in range(times):
        begun = perf_counter()
        act()
        spent.append(perf_counter() - begun)
    return statistics.median(spent) * 1e3


def side_by_side(
    one: Callable[[], float], other: Callable[[], float], times: int
) -> tuple[float, float]:
    """Medians of two measurements taken in turns, so that a busy machine slows both."""
    pairs = [(one(), other()) for _ in range(times)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


def percentile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
