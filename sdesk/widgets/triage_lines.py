"""What decides a ticket in triage, as lines: suggestions, the requester, the same, and the solved. Pure.

Where there is room each thing has a section of its own; where there is not, each has one line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len

from sdesk.model import LIVE, Instant, TicketRow
from sdesk.present import age, counted, moment, state_badge
from sdesk.rules.suggestion import QUESTIONS
from sdesk.rules.triage import SURE
from sdesk.screens.triage_reading import Offer, Sight, came_to, value_words
from sdesk.suggesting import Duplicate, Similar
from sdesk.text import clean_line
from sdesk.widgets.cells import cut_cells, fit, wrap
from sdesk.widgets.clock_bar import clock_sign, tone_of

Line = tuple[tuple[str, str], ...]
FIRST_LOOK, LAST_LOOK = 5, 9
"""The digits that open the tickets the panel lists."""
MOST_SAME, MOST_THEIRS = 2, 4
_NAME = 10
TICKED, OPEN, IS_SO, UNKNOWN = "☑", "☐", "=", "–"


@dataclass(frozen=True, slots=True)
class Paper:
    """How to lay out: the width, whether one line must do for each thing, and how times are said."""

    width: int
    now: Instant
    zone: str
    is_compact: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The suggestions for a ticket, and which of them are ticked."""

    offers: Mapping[str, Offer] = field(default_factory=dict)
    ticked: frozenset[str] = frozenset()


def listed(sight: Sight) -> list[TicketRow]:
    """The tickets that the digits open, in their order."""
    same = [one.ticket for one in sight.advice.duplicates[:MOST_SAME]]
    most = LAST_LOOK - FIRST_LOOK + 1
    return [*same, *(one.ticket for one in sight.advice.similar)][:most]


def panel_lines(sight: Sight, choice: Choice, paper: Paper) -> list[Line]:
    """All of the panel."""
    if paper.is_compact:
        return [*suggestion_lines(sight, choice, paper), *_compact(sight, paper)]
    sections = (
        [_heading(sight, paper.width), *suggestion_lines(sight, choice, paper)],
        _same_section(sight, paper),
        _requester(sight, paper),
        _clocks(sight, paper),
        _solved_section(sight, paper),
    )
    lines: list[Line] = []
    for section in filter(None, sections):
        lines += [*([()] if lines else []), *section]
    return lines


def _heading(sight: Sight, width: int) -> Line:
    return (
        ("SUGGESTED", "heading"),
        (cut_cells(f"  {_state_of(sight)}", max(0, width - 9)), "muted"),
    )


def _state_of(sight: Sight) -> str:
    """From how much the suggestions are learned, or why there are none."""
    learned = sight.advice.suggestions.learned
    if sight.advice.learning:
        return "learning from the solved tickets …"
    if not list(sight.advice.suggestions):
        return "nothing: too little is known"
    return f"from {learned:,} solved"


# Suggestions


def suggestion_lines(sight: Sight, choice: Choice, paper: Paper) -> list[Line]:
    """A line for each question, and where there is room one for its reason."""
    lines: list[Line] = []
    for number, question in enumerate(QUESTIONS, 1):
        offer = choice.offers.get(question)
        if offer is None:
            lines.append(_without(sight, question, number, paper))
        else:
            lines += _offered(offer, number, question in choice.ticked, sight, paper)
    return lines


def _without(sight: Sight, question: str, number: int, paper: Paper) -> Line:
    value = value_words(sight.page, question, came_to(sight.page)[question]) or "—"
    note = ""
    if paper.is_compact and question == QUESTIONS[0] and not list(sight.advice.suggestions):
        note = f"  {_state_of(sight)}"
    head = f"{UNKNOWN} {number} {fit(question, _NAME)}"
    return ((head, "muted"), (fit(value + note, max(0, paper.width - cell_len(head))), "muted"))


def _offered(offer: Offer, number: int, ticked: bool, sight: Sight, paper: Paper) -> list[Line]:
    sign = IS_SO if offer.is_so else TICKED if ticked else OPEN
    part = "muted" if offer.is_so else "good" if ticked else "text"
    head = f"{sign} {number} {fit(offer.question, _NAME)}"
    sure = f" {round(offer.probability * 100):>3}%"
    tone = "good" if offer.probability >= SURE else "warn"
    value = offer.said
    if not offer.is_so and (was := value_words(sight.page, offer.question, came_to(sight.page)[offer.question])):  # fmt: skip
        value = f"{value}  (now {was})"
    if paper.is_compact:
        room = max(12, min(30, (paper.width - cell_len(head) - 6) // 2))
        rest = max(0, paper.width - cell_len(head) - room - 7)
        return [((head, part), (fit(value, room), "strong" if ticked else part), (sure, tone), (f"  {cut_cells(offer.why, rest)}", "muted"))]  # fmt: skip
    room = max(0, paper.width - cell_len(head) - cell_len(sure))
    first: Line = ((head, part), (fit(value, room), "strong" if ticked else part), (sure, tone))
    return [
        first,
        *(
            ((f"    {text}", "muted"),)
            for text in _cut(offer.why, paper.width - 4, 1 if offer.is_so else 2)
        ),
    ]


def _cut(text: str, width: int, most: int) -> list[str]:
    """The text in at most so many lines, the last one saying when there is more."""
    lines = wrap(text, width, most + 1)
    if len(lines) > most:
        lines = [*lines[: most - 1], fit(f"{lines[most - 1]} …", width)]
    return [line for line in lines if line]


# Sections


def _same_section(sight: Sight, paper: Paper) -> list[Line]:
    same = sight.advice.duplicates
    if not same:
        return []
    keys = {int(row.id): number for number, row in enumerate(listed(sight), FIRST_LOOK)}
    head: Line = (("PERHAPS THE SAME", "bad"), ("  M merges", "muted"))
    return [head, *(_same(one, keys, paper) for one in same)]


def _same(one: Duplicate, keys: Mapping[int, int], paper: Paper) -> Line:
    key = str(keys.get(int(one.ticket.id), " "))
    like = f"{round(one.likeness.near * 100)}%"
    by = " theirs" if one.likeness.same_requester else ""
    return _row(one.ticket, f"{key} ", f"{by} {like:>4}", paper, "text")


def _row(row: TicketRow, lead: str, tail: str, paper: Paper, part: str) -> Line:
    head = f"{lead}{row.ref} "
    room = max(0, paper.width - cell_len(head) - cell_len(tail))
    return ((head, "number"), (fit(clean_line(row.subject), room), part), (tail, "muted"))


def _requester(sight: Sight, paper: Paper) -> list[Line]:
    person, theirs = sight.page.ticket.requester, sight.page.others
    if person is None:
        return [(("REQUESTER", "heading"),), (("nobody", "muted"),)]
    name = clean_line(person.name) or clean_line(person.email)
    first: list[tuple[str, str]] = [(name, "text")]
    if person.vip:
        first.append((" ★ VIP", "warn"))
    if person.organization:
        first.append((f" · {clean_line(person.organization)}", "muted"))
    reach = " · ".join(filter(None, (clean_line(person.email), clean_line(person.phone))))
    live = sum(row.category in LIVE for row in theirs)
    lines: list[Line] = [(("REQUESTER", "heading"), (f"  {_count_of(live, len(theirs))}", "muted"))]
    lines += [tuple(first), ((reach, "muted"),)]
    for row in theirs[:MOST_THEIRS]:
        tail = f" {fit(state_badge(row), 10)} {age(row.updated_at, paper.now):>3}"
        lines.append(_row(row, "", tail, paper, "text" if row.category in LIVE else "muted"))
    return lines


def _count_of(live: int, shown: int) -> str:
    if not shown:
        return "no other tickets"
    return f"{live} open · {shown - live} past, of the last {shown}"


def _solved_section(sight: Sight, paper: Paper) -> list[Line]:
    if not sight.advice.similar:
        return []
    keys = {int(row.id): number for number, row in enumerate(listed(sight), FIRST_LOOK)}
    lines: list[Line] = [(("SIMILAR, SOLVED", "heading"),)]
    for one in sight.advice.similar:
        key = str(keys.get(int(one.ticket.id), " "))
        tail = f" {age(one.ticket.updated_at, paper.now):>3}"
        lines.append(_row(one.ticket, f"{key} ", tail, paper, "text"))
        lines.append(((f"  {cut_cells(_ending(one), paper.width - 2)}", "muted"),))
        if words := clean_line(one.text):
            lines.append(((fit(f"  “{words}”", paper.width), "muted"),))
    return lines


def _ending(one: Similar) -> str:
    parts = (one.ticket.queue, one.category, one.code, f"by {one.ticket.assignee}" if one.ticket.assignee else "")  # fmt: skip
    return " · ".join(clean_line(part) for part in parts if part)


def _clocks(sight: Sight, paper: Paper) -> list[Line]:
    running = [clock for clock in sight.page.clocks if clock.due_at is not None and clock.stopped_at is None]  # fmt: skip
    lines: list[Line] = [(("CLOCKS", "heading"), ("  = why", "muted"))] if running else []
    for clock in running:
        sign = clock_sign(clock, paper.now)[0]
        due = moment(clock.due_at, paper.zone, paper.now)
        lines.append(
            ((fit(clock.target, 12), "text"), (f"{sign} due {due}".strip(), tone_of(sign)))
        )
    return lines


# One line for each thing


def _compact(sight: Sight, paper: Paper) -> list[Line]:
    lines: list[Line] = []
    advice, numbers = sight.advice, iter(range(FIRST_LOOK, LAST_LOOK + 1))
    for one in advice.duplicates[:1]:
        more = len(advice.duplicates) - 1
        tail = f" {round(one.likeness.near * 100)}%" + (f" +{more}" if more else "")
        lines.append((("same?  ", "bad"), *_row(one.ticket, f"{next(numbers)} ", tail, _less(paper, 7), "text")))  # fmt: skip
    keys = {int(row.id): number for number, row in enumerate(listed(sight), FIRST_LOOK)}
    for similar in advice.similar[:2]:
        key = keys.get(int(similar.ticket.id), " ")
        head = f"{key} {similar.ticket.ref} "
        words = " · ".join(filter(None, (_ending(similar), clean_line(similar.text))))
        room = max(0, paper.width - 7 - cell_len(head))
        lines.append((("solved ", "heading"), (head, "number"), (fit(words, room), "text")))
    lines.append(_from(sight, paper))
    return lines


def _less(paper: Paper, by: int) -> Paper:
    return Paper(max(0, paper.width - by), paper.now, paper.zone, paper.is_compact)


def _from(sight: Sight, paper: Paper) -> Line:
    """Who it is from, and what else they have."""
    person, theirs = sight.page.ticket.requester, sight.page.others
    if person is None:
        return (("from   ", "heading"), ("nobody", "muted"))
    live = [row for row in theirs if row.category in LIVE]
    vip = " ★ VIP" if person.vip else ""
    name = f"{clean_line(person.name) or clean_line(person.email)}{vip}"
    had = "no other tickets" if not theirs else counted(len(live), "other open ticket")
    if theirs and not live:
        had = counted(len(theirs), "past ticket")
    rest = ", ".join(f"{row.ref} {clean_line(row.subject)}" for row in live or theirs)
    words = f" · {had}" + (f": {rest}" if rest else "")
    name = cut_cells(name, 30)
    room = max(0, paper.width - 7 - cell_len(name))
    return (("from   ", "heading"), (name, "text"), (fit(words, room), "muted"))


# The end


def summary_lines(
    done: int, pace: str, lost: int, kept: Mapping[str, tuple[int, int]], names: Sequence[str]
) -> list[Line]:
    """What stands when nothing is left to triage. `names`: what the keys are called to go on."""
    lines: list[Line] = [(), (("Nothing is left to triage.", "strong"),), ()]
    if done:
        lines.append(((f"{counted(done, 'ticket')} settled, {pace} a ticket.", "good"),))
    if lost:
        lines.append(((f"{counted(lost, 'ticket')} settled by others meanwhile.", "text"),))
    right, of = (sum(pair[n] for pair in kept.values()) for n in (0, 1))
    if of:
        each = " · ".join(f"{question} {a} of {b}" for question, (a, b) in kept.items())
        lines += [(), ((f"{right} of {of} suggestions were right: {each}.", "text"),)]
    lines += [(), ((" · ".join(names), "muted"),)]
    return lines
