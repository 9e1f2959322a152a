"""Tells one ticket: who asks, who answers, in which words, and what they do to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sdesk.demo import plot
from sdesk.demo.casting import KEPT
from sdesk.demo.company import FIRST_LINE, TIERS
from sdesk.demo.play import Record, new_row
from sdesk.demo.plot import END, REOPEN, Act
from sdesk.demo.stories import (
    CALL,
    INBOUND,
    MOVE,
    NOTE,
    REPLY,
    Step,
    is_alert,
)
from sdesk.model import StateCategory
from sdesk.rules.priority import MATRIX

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from sdesk.demo.casting import Casts
    from sdesk.demo.company import Helper, Someone
    from sdesk.demo.plot import Situation, Terms
    from sdesk.demo.stories import Story
    from sdesk.model import Instant

_CHANNELS = ("phone", "phone", "phone", "mail", "mail", "mail", "web", "web", "chat", "walk-in")
_BY_ITSELF = ("mail", "web", "monitoring")
"""Channels by which a ticket opens without an agent."""
_GREETINGS = ("Hello,\n\n", "Hi,\n\n", "Good morning,\n\n", "", "")
_ANSWERS = ("Hello {first},\n\n", "Hi {first},\n\n", "Dear {first},\n\n", "{first}, ", "")
_FAREWELLS = ("\n\nKind regards\n{agent}", "\n\nRegards, {agent}", "\n\n{agent}", "")
_RELAPSES = (
    "I am sorry, it has come back this morning, the same as before.",
    "Not quite: it worked for a day and then began again.",
    "It is solved for me, but {colleague} still has it.",
    "Please open this again, the last step did not stay.",
)
_NUDGES = (
    "Is there any news?",
    "Any idea when somebody can look at it?",
    "We would really need this today.",
)
_ACKNOWLEDGED = Step(REPLY, ("Acknowledged, we are looking into it.",))
_MACHINE = (
    "Host ", "Check ", "CHECK", "WARNING", "Job ", "Sensor", "HTTP check", "Cooling", "Backup of",
    "The certificate of",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opening:
    """A ticket to be told: when it opens, and where it stands now; None when it is over."""

    at: Instant
    story: Story
    situation: Situation | None
    acts: Sequence[Act] = ()


@dataclass(slots=True)
class _Scene:
    """What the steps of one ticket share while they are told."""

    record: Record
    opening: Opening
    person: Someone
    choice: int
    """Which subject was taken: texts that go with it stand at the same place."""
    words: dict[str, Any] = field(default_factory=dict)
    agent: Helper | None = None


class Teller:
    """Turns openings into records, with the company's people and things."""

    def __init__(
        self, rng: Random, now: Instant, people: Sequence[Someone], machine: Someone,
        agents: Sequence[Helper], casts: Casts, *, brief: bool = False,
    ) -> None:  # fmt: skip
        """`brief` leaves most of what is over untold."""
        self._brief = brief
        self.rng, self.now, self.people, self.machine = rng, now, people, machine
        self.caller, self.casts = agents[0], casts
        self._members = {
            queue: [a for a in agents if queue in a.queues] or list(agents)
            for queue in {q for a in agents for q in a.queues}
        }

    def tell(self, opening: Opening, terms: Terms) -> Record:
        scene = self._open(opening)
        acts = opening.acts
        if opening.situation is None:
            acts = self._past_acts(opening, terms)
        moments = plot.instants(terms, opening.at, acts)
        for act, at in zip(acts, moments, strict=True):
            self._do(scene, act, at)
        if opening.situation is None:
            self._close(scene, terms)
        elif not scene.record.row["assignee"] and self.rng.random() < 0.15:
            self._hear(scene, min(self.now, opening.at + 900), self._pick(_NUDGES))
        return scene.record

    def _pick(self, choices: Sequence[Any]) -> Any:
        return choices[int(self.rng.random() * len(choices))]

    def _person(self) -> Someone:
        """Some people ask far more often than others."""
        return self.people[int(self.rng.random() ** 2.2 * len(self.people))]

    def _open(self, opening: Opening) -> _Scene:
        story, at = opening.story, opening.at
        choice = int(self.rng.random() * len(story.subjects))
        body = (
            story.openings[choice] if choice < len(story.openings) else self._pick(story.openings)
        )
        by_machine = is_alert(story) and body.startswith(_MACHINE)
        person = self.machine if by_machine else self._person()
        channel = "monitoring" if by_machine else self._pick(_CHANNELS)
        words = self._words(person, at)
        first_line = self._pick(self._members["service-desk"])
        row = new_row(
            at, kind=story.kind, subject=story.subjects[choice].format_map(words), path=story.path,
            impact=story.impact, urgency=story.urgency, priority=MATRIX[story.impact, story.urgency],
            queue=self._first_queue(story, by_machine), owner=first_line.login,
            requester_id=person.id, service=story.service, channel=channel,
            restricted=int("restricted" in story.tags),
        )  # fmt: skip
        said = story.subjects[choice] + body
        fields = {name: words[word] for word, name in KEPT.items() if f"{{{word}}}" in said}
        record = Record(row, self._tags(story, person), fields)
        scene = _Scene(record, opening, person, choice, words)
        opener = "" if channel in _BY_ITSELF else first_line.login
        if opener and self._brief and opening.situation is None:
            # Solved by whoever took the call: most of what comes in is, and it needs fewer events.
            scene.agent = first_line
            row |= {"assignee": opener, "state": "open", "category": "open"}
        record.event(at, opener, "opened", {}, _kept(record))
        text = body.format_map(words)
        if channel == "mail":
            text = f"{self._pick(_GREETINGS)}{text}\n\n{person.name}"
        record.say(at, "inbound", text, agent="", author=person.name, person=person.id)
        return scene

    def _first_queue(self, story: Story, by_machine: bool) -> str:
        moves = any(step.mark == MOVE for step in story.steps)
        if by_machine or not moves or story.queue in FIRST_LINE:
            return story.queue
        return "service-desk"

    def _words(self, person: Someone, at: Instant) -> dict[str, Any]:
        random, words = self.rng.random, dict(self._pick(self.casts.pool))
        words["first"], words["login"] = person.first, person.email.partition("@")[0]
        words["date"] = self.casts.date_after(at, 2 + int(random() * 15))
        if person.site:
            words["site"] = person.site
        if random() < 0.3:
            words["order"] = f"4500{int(random() * 10**6):06}"
        return words

    def _tags(self, story: Story, person: Someone) -> list[str]:
        kept = [
            tag for index, tag in enumerate(story.tags)
            if tag not in ("restricted",) and (index == 0 or self.rng.random() < 0.6)
        ]  # fmt: skip
        return sorted({*kept, "vip"} if person.vip else set(kept))

    def _past_acts(self, opening: Opening, terms: Terms) -> list[Act]:
        """The acts of a ticket that is over, squeezed where its end would lie ahead of now."""
        rng = self.rng
        steps = plot.chosen_steps(rng, opening.story, None, brief=self._brief)
        late = rng.random() < 0.08
        share = 1.02 + rng.random() if late else 0.05 + 0.85 * rng.random() ** 1.5
        # Where nothing is said before the end, the end is the answer, and keeps its time.
        answered = any(step.mark in (REPLY, CALL) for step in steps)
        budget = terms.resolution if answered else terms.response
        acts, length = plot.timeline(rng, steps, terms, max(60, int(budget * share)))
        acts.append(Act(length, END, opening.story.done))
        if rng.random() < 0.06:
            back = length + int(plot.HOUR * 10 * rng.random())
            acts += [
                Act(back, REOPEN),
                Act(back + int(plot.HOUR * 6 * rng.random()), END, opening.story.done),
            ]
        room = terms.calendar.elapsed_s(opening.at, self.now) * 0.95
        if (last := acts[-1].at) > room:
            acts = [Act(int(act.at * room / last), act.mark, act.step) for act in acts]
        return acts

    def _close(self, scene: _Scene, terms: Terms) -> None:
        """Closed by the desk some days after the last word, unless that would be tomorrow."""
        row = scene.record.row
        at = row["updated_at"] + int(plot.HOUR * (20 + 60 * self.rng.random()))
        if row["category"] == StateCategory.RESOLVED and at < self.now:
            scene.record.enter(at, row["owner"], "closed", "closed", reason="no objection")

    def _do(self, scene: _Scene, act: Act, at: Instant) -> None:
        record, mark, step = scene.record, act.mark, act.step
        login = scene.agent.login if scene.agent else ""
        match mark:
            case plot.TAKE:
                if scene.agent is None:
                    self._take(scene, at)
            case plot.WAKE:
                if record.row["category"] == "waiting":
                    record.enter(at, login, "open", "state_changed")
            case plot.REOPEN:
                self._hear(scene, at, self._pick(_RELAPSES).format_map(scene.words))
            case _ if step is not None:
                self._take_step(scene, step, at, login)

    def _take_step(self, scene: _Scene, step: Step, at: Instant, login: str) -> None:
        record = scene.record
        match step.mark:
            case "->":
                self._move(scene, step.word, at)
            case "^":
                priority = int(step.word)
                computed = MATRIX[record.row["impact"], record.row["urgency"]]
                record.change(
                    at,
                    login,
                    "prioritized",
                    {"priority": priority, "priority_overridden": int(priority != computed)},
                )
            case "%":
                self._wait(scene, step, at)
            case "=":
                self._resolve(scene, step, at)
            case ">":
                self._hear(scene, at, self._text(scene, step))
            case _:
                self._say(scene, step, at)

    def _take(self, scene: _Scene, at: Instant) -> None:
        record, queue = scene.record, scene.record.row["queue"]
        agent = self._agent_of(queue, scene.opening.situation is not None)
        scene.agent = agent
        if self.rng.random() < 0.7 or agent.login == record.row["owner"]:
            record.change(at, agent.login, "taken", {"assignee": agent.login})
        else:
            record.change(at, record.row["owner"], "assigned", {"assignee": agent.login})
        record.enter(at, record.events[-1].actor, "open", "state_changed")
        if record.row["channel"] == "monitoring":
            self._say(scene, _ACKNOWLEDGED, at)

    def _agent_of(self, queue: str, live: bool) -> Helper:
        """Somebody who works the queue; the caller gets a fair share of what is live."""
        members = self._members[queue]
        if live and self.caller in members and len(members) < 12 and self.rng.random() < 0.35:
            return self.caller
        return members[int(self.rng.random() ** 1.4 * len(members))]

    def _move(self, scene: _Scene, queue: str, at: Instant) -> None:
        record, mover = scene.record, scene.agent
        by = mover.login if mover else record.row["owner"]
        record.change(at, by, "moved", {"queue": queue}, tier=TIERS[queue])
        scene.agent = self._agent_of(queue, scene.opening.situation is not None)
        record.change(at, by, "assigned", {"assignee": scene.agent.login})

    def _wait(self, scene: _Scene, step: Step, at: Instant) -> None:
        until = None
        if step.word == "scheduled" or self.rng.random() < 0.5:
            until = max(at, self.now if scene.opening.situation else at) + int(
                plot.DAY * (0.7 + 6 * self.rng.random())
            )
        agent = scene.agent.login if scene.agent else ""
        scene.record.enter(
            at, agent, step.word, "waited", state_until=until,
            wait_reason=self._pick(step.texts).format_map(scene.words),
        )  # fmt: skip

    def _resolve(self, scene: _Scene, step: Step, at: Instant) -> None:
        self._say(scene, Step(REPLY, step.texts), at)
        agent = scene.agent.login if scene.agent else ""
        scene.record.enter(at, agent, "resolved", "resolved", resolution_code=step.word)

    def _hear(self, scene: _Scene, at: Instant, text: str) -> None:
        """The requester writes; that wakes a waiting ticket and takes up a finished one."""
        record = scene.record
        if scene.person is self.machine:
            return
        record.say(at, "inbound", text, agent="", author=scene.person.name, person=scene.person.id)
        if record.row["category"] == "waiting":
            record.enter(at, "", "open", "state_changed")
        elif not record.row["live"]:
            record.enter(at, "", "open", "reopened", reason="the requester wrote again")

    def _text(self, scene: _Scene, step: Step) -> str:
        texts = step.texts
        if len(texts) == len(scene.opening.story.subjects):
            return texts[scene.choice].format_map(scene.words)
        return str(self._pick(texts).format_map(scene.words))

    def _say(self, scene: _Scene, step: Step, at: Instant) -> None:
        agent = scene.agent or self.caller
        words = scene.words
        words["agent"] = words["agent2"] = agent.first
        text = self._text(scene, step)
        kind = _ENTRY_KINDS[step.mark]
        if kind == "reply" and scene.record.row["channel"] in ("mail", "web"):
            greeting, farewell = self._pick(_ANSWERS), self._pick(_FAREWELLS)
            text = greeting.format_map(words) + text + farewell.format_map(words)
        scene.record.say(at, kind, text, agent=agent.login, author=agent.name)


_ENTRY_KINDS = {REPLY: "reply", NOTE: "note", CALL: "call", INBOUND: "inbound"}
_OPENING = (
    "kind", "subject", "state", "category", "impact", "urgency", "priority", "queue", "assignee",
    "owner", "requester_id", "channel", "path", "service",
)  # fmt: skip


def _kept(record: Record) -> dict[str, Any]:
    """What an `opened` event keeps of the ticket as it was at the start."""
    kept = {name: record.row[name] for name in _OPENING}
    return kept | {
        "tags": record.tags,
        "fields": record.fields,
        "tier": TIERS[record.row["queue"]],
    }
