"""JSON lines: what JSON leaves open is refused line by line."""

from __future__ import annotations

import pytest

from sdesk.errors import Invalid
from sdesk.transfer.jsonlines import parse_line
from tests.each import each
from tests.transfer.conftest import Bring


@each(
    ("line", "reason"),
    [
        ('{"a": 1, "a": 2}', "the key 'a' is there twice"),
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": -Infinity}', "not a number"),
        ('{"a": 1e400}', "too large"),
        ('{"a": %s}' % ("9" * 5000), "a number of 5,000 digits"),
        ('{"a": ' * 100_000, "nested too deeply"),
        ('{"a": {"b": {"c": {"d": {"e": 1}}}}}', "nested too deeply"),
        ('{"a": "\\ud800"}', "half a character"),
        ('{"a": "x\\u0000"}', "NUL"),
        ("[1]", "not an object"),
        ('{"a": ', "can't be read as JSON"),
    ],
)
def test_a_line_that_means_nothing_good_is_refused(line: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        parse_line(line)


def test_blank_lines_a_mark_and_both_line_ends_are_fine(bring: Bring) -> None:
    content = '\ufeff{"external_id": "1", "subject": "one"}\r\n\r\n   \n{"external_id": 2, "subject": "two", "tags": ["a", "b"]}\n'
    report = bring(content, name="x.jsonl")
    assert (report.added, report.rejected) == (2, 0)


def test_bad_lines_are_told_and_the_rest_goes_in(bring: Bring) -> None:
    report = bring(
        '{"subject": "good"}\n{"subject": true}\n{"subject": ["x"]}\n{"subject": "a", "subject": "b"}\n',
        name="x.jsonl",
    )
    assert (report.added, report.rejected) == (1, 3)
    assert [problem.line for problem in report.problems] == [2, 3, 4]


def test_one_json_list_is_refused_with_the_way_round(bring: Bring) -> None:
    with pytest.raises(Invalid, match="jq"):
        bring('[{"subject": "x"}]', name="x.json")
