"""Facts about working time from systems nobody here wrote, compared as their README says.

`cases.jsonl` is compared with `bf`, the count of our convention, and `oracle-biz.jsonl` with the
answers of a real run of another implementation.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from sdesk.rules.calendar import Calendar
from tests.rules.cases import Line, calendar_of, each_line, lines, moment, text_of

CASES = [line for line in lines("cases.jsonl") if line["op"] != "scenario"]
ORACLE = lines("oracle-biz.jsonl")


def why_not(line: Line) -> str:
    """Why a line says nothing about our conventions; empty when it applies."""
    spec = line["calendar"]
    if line.get("agree") == "differs":
        return "the source has another convention"
    if not line.get("trust", True):
        return "the source is wrong there"
    if set(spec.get("exceptions", {})) & set(spec.get("holidays", ())):
        return "an exception and a holiday on one date: ours lets the exception win"
    return ""


def applicable(found: list[Line]) -> list[Line]:
    return [line for line in found if not why_not(line)]


def pair(segments: list[Any]) -> list[list[str]]:
    return [[text_of(start), text_of(end)] for start, end in segments]


def answer(calendar: Calendar, line: Line) -> Any:
    start = moment(line.get("start") or line["at"])
    match line["op"]:
        case "due" | "due_back" if "pauses" in line:
            return text_of(due_with_pauses(calendar, line))
        case "elapsed" if "pauses" in line:
            return elapsed_with_pauses(calendar, line)
        case "due":
            return text_of(calendar.due(start, line["seconds"]))
        case "due_back":
            return text_of(calendar.due_back(start, line["seconds"]))
        case "elapsed":
            return calendar.elapsed(start, moment(line["end"]))
        case "is_open":
            return calendar.is_open(start)
        case "next_open":
            return text_of(calendar.next_open(start))
        case "prev_open":
            return text_of(calendar.prev_open(start))
        case "segments":
            return pair(calendar.segments_after(start, line["count"]))
        case "segments_back":
            return pair(calendar.segments_before(start, line["count"]))
        case "add_days":
            days, end_of_day = line["days"], line.get("end_of_day", False)
            return text_of(calendar.add_days(start, days, end_of_day=end_of_day))
    raise AssertionError(f"no such operation: {line['op']}")


def due_with_pauses(calendar: Calendar, line: Line) -> datetime:
    """Work up to each pause, skip it, and go on."""
    at, left = moment(line["start"]), line["seconds"]
    for begin, end in sorted((moment(a), moment(b)) for a, b in line["pauses"]):
        if end > at:
            worked = calendar.elapsed(at, begin)
            if worked >= left:
                break
            at, left = end, left - worked
    return calendar.due(at, left)


def elapsed_with_pauses(calendar: Calendar, line: Line) -> int:
    start, end = moment(line["start"]), moment(line["end"])
    paused = sum(
        calendar.elapsed(max(start, moment(a)), min(end, moment(b))) for a, b in line["pauses"]
    )
    return calendar.elapsed(start, end) - paused


def expected_of_case(line: Line) -> list[Any]:
    counted = line["bf"]
    if line["op"] == "due":
        return [counted["lower"]]
    if line["op"] == "due_back":
        return [counted["stay"], counted["roll"]]
    value = counted["value"]
    if line["op"] == "elapsed":
        # The count is signed; ours answers 0 when the end comes first.
        return [max(0, int(value))]
    return [value]


def expected_of_oracle(line: Line) -> list[Any]:
    clamp = line.get("bf_clamp", "agree")
    if clamp != "agree":
        return [clamp[0] if isinstance(clamp, list) else clamp]
    said = line.get("start_date_rule") or line
    return [said["expected_closing"] if line["op"] == "due" else said["expected"]]


@each_line(applicable(CASES), "cases.jsonl")
def test_a_fact_of_another_system_holds(line: Line) -> None:
    assert answer(calendar_of(line), line) in expected_of_case(line)


@each_line(applicable(ORACLE), "oracle-biz.jsonl")
def test_a_real_run_of_another_system_agrees(line: Line) -> None:
    assert answer(calendar_of(line), line) in expected_of_oracle(line)


@pytest.mark.skipif(not CASES, reason="NOT RUN: no ../shared/cases/sla beside the repository")
def test_hardly_any_line_is_left_out() -> None:
    found = CASES + ORACLE
    reasons = Counter(reason for line in found if (reason := why_not(line)))
    print(f"{len(found) - reasons.total()} lines applied, left out: {dict(reasons)}")
    assert reasons.total() < len(found) / 20
