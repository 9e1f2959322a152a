"""The conversations of the demo, read from the text files beside this module.

A file's first lines say its marks. A story is a head line and the steps that follow it in the
order in which they happen; a step holds its texts, of which one is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

FILES = ("network.txt", "workplace.txt", "business.txt")

SUBJECT, OPENING, INBOUND, REPLY, NOTE, CALL = "?", ":", ">", "<", "!", "~"
MOVE, PRIORITY, WAIT, DONE = "->", "^", "%", "="
_MARKS = (MOVE, SUBJECT, OPENING, INBOUND, REPLY, NOTE, CALL, PRIORITY, WAIT, DONE)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens. `word` is the queue, priority, state or code of the marks that have one."""

    mark: str
    texts: tuple[str, ...]
    word: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    key: str
    kind: str
    path: str
    queue: str
    service: str
    impact: int
    urgency: int
    tags: tuple[str, ...]
    weight: int
    subjects: tuple[str, ...]
    openings: tuple[str, ...]
    steps: tuple[Step, ...]
    """What happens between the opening and the end."""
    done: Step


class StoryFault(ValueError):
    """A line of a story file that can't be read; names the file's line."""


def _alternatives(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("||"))


def _step(mark: str, rest: str) -> Step:
    if mark in (MOVE, PRIORITY):
        return Step(mark, (), rest)
    if mark in (WAIT, DONE):
        word, _, said = rest.partition("|")
        return Step(mark, _alternatives(said), word.strip())
    return Step(mark, _alternatives(rest))


def _split(line: str) -> tuple[str, str]:
    for mark in _MARKS:
        if line.startswith(mark):
            return mark, line[len(mark) :].strip()
    raise StoryFault(f"No mark at the beginning of {line!r}.")


def _story(head: str, lines: list[str]) -> Story:
    key, kind, path, queue, service, levels, tags, weight = (
        part.strip() for part in head.split("|")
    )
    impact, urgency = map(int, levels.split())
    steps = [_step(*_split(line)) for line in lines]
    body = tuple(step for step in steps if step.mark not in (SUBJECT, OPENING, DONE))
    ends = [step for step in steps if step.mark == DONE]
    if len(ends) != 1:
        raise StoryFault(f"Story {key} has {len(ends)} endings.")
    return Story(
        key, kind, path, queue, service, impact, urgency, tuple(tags.split()), int(weight),
        subjects=tuple(step.texts[0] for step in steps if step.mark == SUBJECT),
        openings=tuple(text for step in steps if step.mark == OPENING for text in step.texts),
        steps=body,
        done=ends[0],
    )  # fmt: skip


def parse(text: str) -> list[Story]:
    """The stories of one file. Raises `StoryFault`."""
    stories = []
    for block in ("\n" + text).split("\n@ ")[1:]:
        head, *lines = block.splitlines()
        stories.append(_story(head, [line for line in lines if line and not line.startswith("#")]))
    return stories


@cache
def stories() -> tuple[Story, ...]:
    """Every story there is."""
    here = resources.files(__package__) / "stories"
    return tuple(
        story for name in FILES for story in parse((here / name).read_text(encoding="utf-8"))
    )


def is_alert(story: Story) -> bool:
    """A machine may have opened it."""
    return "monitoring" in story.tags
