"""Learning from solved tickets: what is suggested, how sure, why, and when nothing is said."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdesk.rules.suggestion import QUESTIONS, Example, Model
from sdesk.rules.suggestion.blend import corrected
from sdesk.rules.suggestion.features import MOST_WORD, MOST_WORDS, features
from sdesk.rules.suggestion.likeness import DUPLICATE, Report, likeness, rarity
from tests.each import each

PLACES = ("third floor", "canteen", "warehouse", "reception", "lab", "annex")
KINDS = {
    ("Hardware / Printer", "workplace", "3"): ("Printer jams again", "The printer in the {} eats paper"),
    ("Network / VPN", "network", "2"): ("VPN drops", "The tunnel breaks when I work from the {}"),
    ("Accounts / Password", "service-desk", "4"): ("Password expired", "I cannot log in at the {}"),
}  # fmt: skip


def example(random: Random, kind: tuple[str, str, str] | None = None, **facts: str) -> Example:
    category, queue, priority = kind = kind or random.choice(list(KINDS))
    subject, text = KINDS[kind]
    answers = {"category": category, "queue": queue, "priority": priority}
    return Example(subject, text.format(random.choice(PLACES)), facts, answers)


def desk_of(tickets: int, seed: int = 1) -> list[Example]:
    random = Random(seed)
    return [example(random) for _ in range(tickets)]


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.learn(desk_of(150))


def test_a_new_ticket_is_judged_by_its_words(model):
    said = model.suggest(Example("Printer broken", "paper everywhere in the canteen"))
    assert said.category is not None
    assert said.category.value == "Hardware / Printer"
    assert said.queue is not None
    assert said.queue.value == "workplace"
    assert said.priority is not None
    assert said.priority.value == "3"
    assert said.learned == 150


def test_the_reason_is_a_word_of_the_ticket_with_its_count(model):
    said = model.suggest(Example("VPN trouble", "no tunnel"))
    assert said.queue is not None
    first = said.queue.reasons[0]
    assert first.text in ("vpn", "tunnel")
    assert first.support == first.of == said.queue.support


def test_a_fact_decides_where_there_are_no_words():
    random = Random(2)
    told = [
        Example("Help", "", {"requester": "7" if queue == "network" else "8"}, {"queue": queue})
        for queue in (random.choice(("network", "workplace")) for _ in range(120))
    ]
    said = Model.learn(told).suggest(Example("Help", "", {"requester": "7"}))
    assert said.queue is not None
    assert said.queue.value == "network"
    assert said.queue.reasons[0].family == "requester"


@each("tickets", [0, 1, 39])
def test_a_desk_that_has_solved_little_says_nothing(tickets):
    model = Model.learn(desk_of(tickets))
    assert list(model.suggest(Example("Printer jams again", "paper"))) == []


def test_nothing_is_said_of_words_nobody_has_seen(model):
    assert list(model.suggest(Example("Zxqv", "blorp wibble"))) == []


def test_nothing_is_said_where_answers_follow_nothing():
    random = Random(3)
    told = [
        Example("Something is wrong", "please help", {}, {"queue": random.choice("abcdefgh")})
        for _ in range(400)
    ]
    assert Model.learn(told).suggest(Example("Something is wrong", "please help")).queue is None


def test_a_value_that_is_gone_is_not_suggested(model):
    new = Example("Printer broken", "paper")
    assert model.suggest(new, {"queue": {"workplace"}}).queue is not None
    assert model.suggest(new, {"queue": {"network"}}).queue is None


def test_the_category_somebody_set_is_no_reason_for_itself():
    random = Random(4)
    told = [example(random, category=random.choice(("x", "y"))) for _ in range(100)]
    said = Model.learn(told).suggest(Example("VPN drops", "", {"category": "x"}))
    assert said.category is not None
    assert all(reason.family != "category" for reason in said.category.reasons)


def test_the_same_tickets_make_the_same_model():
    one, other = Model.learn(desk_of(80)), Model.learn(desk_of(80))
    assert json.dumps(one.to_json()) == json.dumps(other.to_json())


def test_a_model_from_its_file_says_nearly_the_same(model):
    again = Model.from_json(json.loads(json.dumps(model.to_json())))
    for new in desk_of(20, seed=9):
        one, other = model.suggest(new), again.suggest(new)
        assert [(q, s.value, s.reasons) for q, s in one] == [
            (q, s.value, s.reasons) for q, s in other
        ]
        for (_, mine), (_, its) in zip(one, other, strict=True):
            assert mine.probability == pytest.approx(its.probability, abs=0.02)


def test_what_is_no_model_is_refused():
    for said in ({}, {"format": 0}, {"format": 1, "learned": 3, "judges": {"queue": {}}}):
        with pytest.raises((ValueError, KeyError, TypeError)):
            Model.from_json(said)


@each("noise", [0.1, 0.3])
def test_how_sure_is_how_often_it_is_right(noise):
    """A tenth, or a third, of the tickets went anywhere: the desk must not claim more than that."""
    random = Random(5)

    def noisy() -> Example:
        made = example(random)
        if random.random() < noise:
            queue = random.choice(("workplace", "network", "service-desk"))
            return Example(made.subject, made.text, {}, {"queue": queue})
        return Example(made.subject, made.text, {}, {"queue": made.answers["queue"]})

    model = Model.learn([noisy() for _ in range(1_500)])
    asked = [noisy() for _ in range(400)]
    told = [(model.judge("queue", new)[0], new.answers["queue"]) for new in asked]
    claimed = sum(chance for (_, chance), _ in told) / len(told)
    right = sum(value == answer for (value, _), answer in told) / len(told)
    assert claimed == pytest.approx(right, abs=0.05)


def test_probabilities_fall_and_never_exceed_one(model):
    for new in desk_of(30, seed=8):
        for question in ("category", "queue", "priority"):
            chances = [chance for _, chance in model.judge(question, new)]
            assert chances == sorted(chances, reverse=True)
            assert 0 <= sum(chances) <= 1.000001


@given(st.floats(0, 1), st.floats(0, 1))
def test_what_seems_likelier_is_never_corrected_below(one, other):
    points = [(0.3, 0.2), (0.6, 0.65), (0.95, 0.9)]
    low, high = sorted((one, other))
    assert 0 <= corrected(low, points) <= corrected(high, points) <= 1


@settings(max_examples=25, deadline=None)
@given(
    st.text(max_size=200),
    st.text(max_size=400),
    st.dictionaries(st.text(max_size=8), st.text(max_size=120), max_size=4),
)
def test_any_text_is_only_words(subject, text, facts):
    found = features(Example(subject, text, facts))
    assert all(words for words in found.values())
    assert len(found.get("word", ())) <= MOST_WORDS
    assert all(len(word) <= MOST_WORD for word in found.get("word", ()))


@each(
    "text",
    ["\x1b]52;c;YWJj\x07 printer", "[@click=quit()]printer[/]", "printer " * 5_000, "{0.__class__} %s printer", "\ud800 printer"],
)  # fmt: skip
def test_hostile_text_is_learned_and_judged_as_words(text):
    told = [*desk_of(100), Example(text, text, {"requester": text}, {"queue": "workplace"})]
    said = Model.learn(told).suggest(Example(text, text, {"requester": text}))
    assert said.queue is not None
    assert said.queue.value == "workplace"


def test_every_question_has_a_place_in_the_answer():
    said = Model.learn([]).suggest(Example("x"))
    assert all(getattr(said, question) is None for question in QUESTIONS)


# Likeness

ONE = Report(" vpn drops every ten minutes ", " the tunnel breaks ", 1, "acme", 1_000)


def near(one: Report, other: Report) -> float:
    rare = rarity([one.subject + one.body, other.subject + other.body, " printer jams ", " help "])
    return likeness(one, other, rare).near


def test_the_same_text_from_the_same_person_is_a_duplicate():
    assert near(ONE, ONE) == 1.0
    assert near(ONE, Report(" vpn drops every ten minutes ", " tunnel ", 2, "", 2_000)) > DUPLICATE


def test_another_matter_of_the_same_person_is_none():
    other = Report(" printer jams ", " paper in the tray ", 1, "acme", 1_000)
    assert near(ONE, other) < DUPLICATE


def test_empty_tickets_are_not_alike():
    empty = Report("", "", None, "", 0)
    assert near(empty, empty) < DUPLICATE
