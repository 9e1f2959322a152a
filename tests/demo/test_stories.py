"""The demo's conversations: they can be read, and every word in braces means something."""

from __future__ import annotations

from random import Random
from string import Formatter

import pytest

from sdesk.demo.casting import Casts
from sdesk.demo.company import ALL_QUEUES, people
from sdesk.demo.play import CATEGORY
from sdesk.demo.stories import MOVE, WAIT, Story, StoryFault, parse, stories
from sdesk.model import Kind
from tests.each import each

NOW = 1_764_150_000
TOLD = {"first", "login", "agent", "agent2", "date"}
"""Words that a ticket brings itself."""


def texts(story: Story) -> list[str]:
    steps = [text for step in (*story.steps, story.done) for text in step.texts]
    return [*story.subjects, *story.openings, *steps]


@each("story", stories(), ids=lambda story: story.key)
def test_a_story_says_only_what_a_cast_can_fill_in(story: Story) -> None:
    casts = Casts.draw(Random(1), people(Random(1), 20), count=1, since=NOW, until=NOW)
    known = set(casts.pool[0]) | TOLD
    for text in texts(story):
        words = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        assert words <= known, text
        assert "||" not in text


@each("story", stories(), ids=lambda story: story.key)
def test_a_story_uses_queues_states_and_kinds_that_the_desk_has(story: Story) -> None:
    assert story.kind in list(Kind)
    assert story.queue in ALL_QUEUES
    assert all(step.word in ALL_QUEUES for step in story.steps if step.mark == MOVE)
    assert all(step.word in CATEGORY for step in story.steps if step.mark == WAIT)
    assert " / " in story.path


def test_there_are_hundreds_of_texts() -> None:
    said = {text for story in stories() for text in texts(story)}
    assert len(said) > 600
    assert len({story.key for story in stories()}) == len(stories()) > 50


def test_a_line_without_a_mark_is_refused() -> None:
    head = "@ a | incident | A / B | network | A | 2 2 | a | 1"
    with pytest.raises(StoryFault, match="No mark"):
        parse(f"{head}\n? subject\n: opening\nhello\n= solved | done")
    with pytest.raises(StoryFault, match="0 endings"):
        parse(f"{head}\n? subject\n: opening")
