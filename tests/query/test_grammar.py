"""What can be written, and that it is written again as it was meant."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sdesk.errors import QueryError
from sdesk.rules.query import (
    And,
    Condition,
    Not,
    Or,
    Query,
    SortKey,
    Vocabulary,
    Words,
    matches,
    order,
    parse,
)
from sdesk.rules.query.terms import Facts
from sdesk.rules.query.words import document
from tests.conftest import examples
from tests.each import each
from tests.query.conftest import CONTEXT, VOCABULARY
from tests.query.test_parity import FILTERS, SORTS


def where(text: str) -> object:
    return parse(text, VOCABULARY).where


def test_the_empty_filter_asks_for_everything() -> None:
    assert parse("").where is None
    assert parse("  \t\n").where is None
    assert matches(parse(""), Facts(), CONTEXT)


def test_conditions_beside_each_other_must_all_hold() -> None:
    assert where("vpn printer") == And((Words("vpn"), Words("printer")))
    assert where("vpn and printer") == where("vpn printer")


def test_or_binds_less_than_what_stands_beside_each_other() -> None:
    assert where("a b or c") == Or((And((Words("a"), Words("b"))), Words("c")))
    assert where("a (b or c)") == And((Words("a"), Or((Words("b"), Words("c")))))


def test_a_minus_and_not_exclude() -> None:
    assert where("-vpn") == where("not vpn") == Not(Words("vpn"))
    assert where("-(a or b)") == Not(Or((Words("a"), Words("b"))))
    assert where("priority!=1") == where("-priority:1")


@each(
    "word",
    ["or", "and", "not", "NOT", "none", "a:b", "-x", "(x)", 'say "hi"', "back\\slash", "pri*"],
)
def test_quotes_take_a_text_as_it_is(word: str) -> None:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    assert where(f'"{escaped}"') == Words(word)


def test_a_star_at_the_end_leaves_a_word_open() -> None:
    assert where("pri*") == Words("pri", prefix=True)
    assert where('"printer ja"*') == Words("printer ja", prefix=True)
    assert where('"pri*"') == Words("pri*")


def test_words_may_be_looked_for_in_one_place() -> None:
    assert where("subject:jam") == Words("jam", column="subject")
    assert where("text:jam*") == Words("jam", prefix=True, column="body")
    assert where("from:a,b") == Or((Words("a", column="people"), Words("b", column="people")))


def test_names_of_queues_states_and_agents_stand_for_their_keys() -> None:
    def key(text: str) -> str:
        node = where(text)
        assert isinstance(node, Condition)
        return node.values[0].key  # type: ignore[union-attr]

    assert key('queue:"network TEAM"') == key("queue:Network") == "network"
    assert key("assignee:zoe") == key('assignee:"ZOË EK"') == "zoë"
    assert key('state:"waiting for customer"') == "waiting-customer"
    assert key('policy:"gold p1"') == "Gold P1"


def test_state_open_is_every_live_state_unless_it_says_exactly() -> None:
    facts = Facts(state="scheduled", category="waiting")
    assert matches(parse("state:open", VOCABULARY), facts, CONTEXT)
    assert matches(parse("state:waiting", VOCABULARY), facts, CONTEXT)
    assert not matches(parse("state:=open", VOCABULARY), facts, CONTEXT)
    assert matches(parse("state:=open", VOCABULARY), Facts(state="open", category="open"), CONTEXT)


def test_without_a_vocabulary_keys_are_taken_as_they_stand() -> None:
    query = parse("queue:elsewhere assignee:somebody state:whatever policy:x")
    facts = Facts(queue="elsewhere", assignee="somebody", state="whatever", policy="x")
    assert matches(query, facts, CONTEXT)


def test_nobody_is_me_where_nobody_asks() -> None:
    nobody = CONTEXT._replace(me="")
    for text in ("assignee:me", "owner:me", "is:mine", "is:owned"):
        assert not matches(parse(text), Facts(), nobody)


def test_a_number_may_be_written_as_people_say_it() -> None:
    assert (
        where("#12") == where("SD-12") == where("sd-12") == where("number:12") == where("id:SD-12")
    )
    assert parse("HELP-7", Vocabulary(prefix="HELP")).where == where("number:7")
    assert where("12") == Words("12")


def test_an_address_is_searched_for_and_not_read_as_a_term() -> None:
    assert where("https://vpn.example/x") == Words("https://vpn.example/x")


def test_the_order_stands_beside_the_conditions() -> None:
    query = parse("sort:due vpn sort:-priority,due")
    assert query.where == Words("vpn")
    assert query.sort == (SortKey("due"), SortKey("priority", descending=True))
    assert str(query) == "vpn sort:due,-priority"
    assert str(query.with_sort(SortKey("number"))) == "vpn sort:number"
    assert str(parse("a or b sort:due")) == "(a or b) sort:due"


@each(
    ("text", "first"),
    [("state:open", "due"), ("state:new,waiting", "due"), ("is:unread queue:network", "due"),
     ("(state:new or is:waiting)", "due"), ("", "-number"), ("queue:network", "-number"), ("state:closed", "-number"),
     ("-state:closed", "-number"), ("state:open or vpn", "-number"), ("state:open vpn", "-number"),
     ("state:open -vpn", "due"), ("state:open vpn sort:priority", "priority")],
)  # fmt: skip
def test_live_tickets_come_by_due_and_others_newest_first(text: str, first: str) -> None:
    assert str(order(parse(text))[0]) == first


@each("text", ["created:>=2026-11-01", "created>=2026-11-01"])
def test_a_colon_before_a_comparison_changes_nothing(text: str) -> None:
    assert where(text) == where("created>=2026-11-01")


@settings(deadline=None, max_examples=examples(80))
@given(text=st.builds("{}{}".format, FILTERS, SORTS))
def test_what_is_written_again_means_the_same(text: str) -> None:
    query = parse(text, VOCABULARY)
    again = parse(str(query), VOCABULARY)
    assert again == query
    assert str(again) == str(query)


_PIECES = st.one_of(
    st.text(max_size=12), st.sampled_from(sorted("()\"-:,.*<>=! \\\t|&#")),
    st.sampled_from(("or", "not", "and", "state:", "queue:", "due<", "field.", "sla:", "sort:", "..", "none", "me",
                     "1h", "2026-11-01", "' OR 1=1 --", ":p0", "%s", "\x00", "\ud800", "NEAR(a b)", "{subject}:", "^")),
)  # fmt: skip


@settings(deadline=None, max_examples=examples(100))
@given(pieces=st.lists(_PIECES, max_size=10))
def test_any_text_is_a_filter_or_refused_with_its_place(pieces: list[str]) -> None:
    text = "".join(pieces)
    result = parsed_or_refused(text)
    if isinstance(result, QueryError):
        assert 1 <= result.column <= len(text) + 1
        assert result.message
    else:
        assert parse(str(result), VOCABULARY) == result


def parsed_or_refused(text: str) -> Query | QueryError:
    try:
        return parse(text, VOCABULARY)
    except QueryError as error:
        return error


def test_facts_need_no_store() -> None:
    facts = Facts(
        id=1, subject="Printer jam", words=document("Printer jam", ["It is back."], ["Jun Li"])
    )
    assert matches(parse('"printer jam" back from:li'), facts, CONTEXT)
    assert not matches(parse('"jam it"'), facts, CONTEXT)
