"""The dashboard's lines: bars with their numbers and signs, and the query behind each. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sdesk.ops.service import SCORES
from sdesk.present import counted, duration
from sdesk.rules.attainment import NONE, By, Kept
from sdesk.rules.periods import Span
from sdesk.text import clean_line
from sdesk.widgets.cells import fit
from sdesk.widgets.clock_bar import bar

Part = tuple[str, str]
"""Text and tone."""
WIDE = 110
"""Columns from which the reasons of pauses have room."""
_SPARKS, _ASCII_SPARKS = "▁▂▃▄▅▆▇█", "_.:-=+*#"
_SIGNS = {"at risk": ("!", "risk"), "breached": ("!!", "breached"), "overdue": ("‖", "warn")}
_LABELS = {"overdue": "waiting, overdue"}


@dataclass(frozen=True, slots=True)
class DashLine:
    """A line; one without a query is a heading, which the cursor passes over."""

    key: str
    """What the cursor knows it by."""
    parts: tuple[Part, ...]
    query: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that the lines are made of."""

    counts: Mapping[str, Mapping[tuple[str, int], int]] = field(default_factory=dict)
    created: Sequence[int] = ()
    resolved: Sequence[int] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    rows: Sequence[Kept] = ()
    by: By = By.QUEUE
    span: Span | None = None
    queries: Mapping[str, str] = field(default_factory=dict)
    """Name of a count → its query."""
    is_known: bool = False
    """Whether the promises have been read, or some of them."""
    scores: Mapping[int, int] = field(default_factory=dict)
    """Score → how many requesters gave it in the span."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What the lines are drawn on."""

    width: int
    unicode: bool = True
    ref: Callable[[int], str] = str

    def bar(self, share: float, cells: int) -> str:
        if self.unicode:
            return bar(share, cells)
        full = round(max(0.0, min(1.0, share)) * cells)
        return "#" * full + "." * (cells - full)

    def sparks(self, numbers: Sequence[int]) -> str:
        """A column a number, the highest as tall as the line; nothing is the lowest."""
        steps = _SPARKS if self.unicode else _ASCII_SPARKS
        most = max(numbers, default=0)
        return "".join(
            steps[-(-n * (len(steps) - 1) // most)] if most else steps[0] for n in numbers
        )


def dash_lines(sheet: Sheet, paper: Paper) -> list[DashLine]:
    """Now, the last days, kept promises, and what is live by queue and priority."""
    return [
        *_now(sheet, paper),
        *_days(sheet, paper),
        *_satisfaction(sheet, paper),
        *_promises(sheet, paper),
        *_live(sheet, paper, "live by queue", 0, _queue_of),
        *_live(sheet, paper, "live by priority", 1, lambda priority: (f"priority:{priority}", "P")),
    ]


def _queue_of(queue: object) -> tuple[str, str]:
    return f"queue:{quoted(str(queue))}" if queue else "queue:none", ""


def _head(text: str, width: int) -> DashLine:
    head = f" ── {text} "
    return DashLine(f"head {text}", ((head + "─" * max(0, width - len(head) - 1), "key"),))


def _now(sheet: Sheet, paper: Paper) -> list[DashLine]:
    if not sheet.counts:
        return [_head("now", paper.width), DashLine("now wait", ((" counting …", "muted"),))]
    live = sum(sheet.counts["live"].values())
    cells = max(8, paper.width - 34)
    lines = [_head("now", paper.width)]
    for name, spread in sheet.counts.items():
        number = sum(spread.values())
        sign, tone = _SIGNS.get(name, ("", "text")) if number else ("", "muted")
        parts = (
            (f" {sign:<2} {fit(_LABELS.get(name, name), 17)}{number:>9,}  ", tone),
            (paper.bar(number / live if live else 0, cells), tone),
        )
        lines.append(DashLine(f"now {name}", parts, sheet.queries[name]))
    return lines


def _days(sheet: Sheet, paper: Paper) -> list[DashLine]:
    if not sheet.created:
        return []
    lines = [_head(f"the last {len(sheet.created)} days", paper.width)]
    for name, numbers in (("created", sheet.created), ("resolved", sheet.resolved)):
        words = f"  {numbers[-1]:,} today · {sum(numbers):,} in all"
        most = f" · at most {max(numbers):,} a day"
        if 32 + len(numbers) + len(words) + len(most) <= paper.width:
            words += most
        parts = ((f"    {name:<26}  ", "text"), (paper.sparks(numbers), "accent"), (words, "muted"))
        back = len(numbers) - 1
        lines.append(DashLine(f"days {name}", parts, f"{name}>={_ago(back)} sort:-{name}"))
    return lines


def _ago(days: int) -> str:
    return f"-{days}d" if days else "today"


def _satisfaction(sheet: Sheet, paper: Paper) -> list[DashLine]:
    """Mean and counts of what requesters have answered; nothing where nobody has."""
    total = sum(sheet.scores.values())
    if not total:
        return []
    mean = sum(score * count for score, count in sheet.scores.items()) / total
    counts = [sheet.scores.get(score, 0) for score in SCORES]
    words = "  ".join(f"{score}×{count:,}" for score, count in zip(SCORES, counts, strict=True))
    tone = "good" if mean >= 4 else "risk" if mean < 3 else "text"
    said = fit(f"  {words} · {counted(total, 'answer')}", max(0, paper.width - 37))
    parts = (
        (f"    {'satisfied, 1 to 5':<17}{mean:>9.1f}  ", tone),
        (paper.sparks(counts), "accent"),
        (said, "muted"),
    )
    query = "survey>=1"
    if sheet.span is not None:
        query += f" updated>={sheet.span.first} created<={sheet.span.last}"
    lines = [_head("what requesters say", paper.width)]
    return [*lines, DashLine("satisfied", parts, f"{query} sort:-updated")]


def _promises(sheet: Sheet, paper: Paper) -> list[DashLine]:
    lines = [_head(f"promises by {sheet.by}", paper.width)]
    if not sheet.rows:
        words = "no promise was due in this time" if sheet.is_known else "reading the clocks …"
        return [*lines, DashLine("promises none", ((f"    {words}", "muted"),))]
    lines.append(DashLine("promises columns", ((_columns(paper, sheet.by), "muted"),)))
    lines += [_promise(row, sheet, paper) for row in sheet.rows]
    return lines


def _cells(paper: Paper) -> tuple[int, int, int]:
    """Cells for the group, the bar and the reasons of pauses."""
    if paper.width < WIDE:
        return max(8, paper.width - 66), 6, 0
    return 20, 12, paper.width - 94


def _columns(paper: Paper, by: By) -> str:
    group, cells, pauses = _cells(paper)
    words = f"    {fit(by.value, group)}{'target':<11}{'met':>6}{'broken':>7}{'kept':>7} {'':<{cells}}{'used':>5} worst"
    return fit(fit(words, paper.width - pauses) + ("paused for" if pauses else ""), paper.width)


def _promise(row: Kept, sheet: Sheet, paper: Paper) -> DashLine:
    group, cells, pauses = _cells(paper)
    sign, tone = verdict(row)
    name = sheet.names.get(row.group, row.group) if sheet.by is By.QUEUE else row.group
    worst = f"+{duration(row.worst)} {paper.ref(row.worst_ticket)}" if row.breached else ""
    reasons = " · ".join(f"{clean_line(c)} {duration(s)}" for c, s in row.pauses.most_common(3))
    parts = [
        (f" {sign:<2} ", tone),
        (fit(clean_line(name), group - 1) + " ", "text"),
        (f"{row.target:<11}{row.met:>6,}", "muted"),
        (f"{row.breached:>7,}", tone if row.breached else "muted"),
        (f"{_percent(row.attainment):>7} {paper.bar(row.attainment, cells)}", tone),
        (f"{row.median_use:>5.0%} ", "muted"),
        (fit(worst, max(0, paper.width - pauses - group - cells - 42)), "muted"),
    ]
    if pauses:
        parts.append((fit(reasons, pauses - 1), "muted"))
    key = f"promise {row.group} {row.target}"
    return DashLine(key, tuple(parts), promise_query(row, sheet.by, sheet.span))


def _percent(share: float) -> str:
    """Rounded down: what reads 100.0% is whole."""
    return f"{int(share * 1000) / 10:.1f}%"


def verdict(row: Kept) -> tuple[str, str]:
    """Sign and tone: all kept · at least nine in ten · fewer."""
    if not row.breached:
        return "✓", "good"
    return ("!", "risk") if row.attainment >= 0.9 else ("!!", "breached")


def promise_query(row: Kept, by: By, span: Span | None) -> str:
    """The tickets behind a row: the broken promises of the group where there are any, else the kept ones."""
    value = row.group.removeprefix("P") if by is By.PRIORITY else quoted(row.group)
    if row.group == NONE and by in (By.QUEUE, By.ASSIGNEE, By.ORGANIZATION):
        value = "none"
    name = {"organization": "org:" if value == "none" else "org:="}.get(by.value, f"{by.value}:")
    query = f"{name}{value} sla:{row.target}:{'breached' if row.breached else 'met'}"
    if span is not None:
        query += f" (is:live or updated>={span.first}) created<={span.last}"
    return f"{query} sort:-updated"


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _live(
    sheet: Sheet, paper: Paper, title: str, place: int, term: Callable[[object], tuple[str, str]]
) -> list[DashLine]:
    """A row for each queue or priority with something live, the fullest queue first."""
    found: dict[object, dict[str, int]] = {}
    for name, spread in sheet.counts.items():
        for key, number in spread.items():
            row = found.setdefault(key[place], {})
            row[name] = row.get(name, 0) + number
    if not found:
        return []
    names = list(sheet.counts)
    heads = ("live", "nobody's", "at risk", "broken", "overdue")
    wide = 12 if paper.width < WIDE else 22
    words = f"    {'':<{wide}}" + "".join(f"{head:>10}" for head in heads)
    lines = [_head(title, paper.width), DashLine(f"{title} columns", ((words, "muted"),))]
    most = max(row.get("live", 0) for row in found.values())
    order = sorted(found, key=lambda k: (-found[k].get("live", 0), str(k)) if not place else (k,))
    for group in order:
        query, before = term(group)
        label = before + str(sheet.names.get(str(group), group) if not place else group)
        lines.append(
            _load(found[group], names, fit(clean_line(label) or "—", wide), most, query, paper)
        )
    return lines


def _load(
    row: Mapping[str, int], names: Sequence[str], label: str, most: int, query: str, paper: Paper
) -> DashLine:
    parts: list[Part] = [(f"    {label}", "text")]
    for name in names:
        number = row.get(name, 0)
        tone = _SIGNS.get(name, ("", "text"))[1] if number else "muted"
        parts.append((f"{number or '–':>10}" if not number else f"{number:>10,}", tone))
    share = row.get("live", 0) / most if most else 0
    left = max(0, paper.width - 4 - len(label) - 10 * len(names) - 3)
    parts.append((f"  {paper.bar(share, left)}", "accent"))
    return DashLine(f"load {query}", tuple(parts), f"state:open {query} sort:due")
