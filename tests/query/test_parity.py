"""The two faces of every term agree: random filters over random tickets, on both engines."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sdesk.rules.query import TERMS, matches, parse, sort_key
from sdesk.rules.query.terms import HAS, IS, SLA_STATES, SORT_KEYS
from sdesk.store import finding
from sdesk.store.where import compile as compile_query
from tests.conftest import examples
from tests.query.conftest import BODIES, CONTEXT, SUBJECTS, VOCABULARY, Sample

WORDS = st.sampled_from((
    "printer", "jam", "vpn", "straße", "STRASSE", "unit_7", "ÜNIT", "東", "東京", "タワー", "cafe", "café", "file",
    "1", "zoe", "abc", "istanbul", "http", "korhonen", "acme", "3F", "no", '"printer jam"', '"jam printer"',
    '"the printer jam"', "prin*", "p*", "str*", '"printer ja"*', "zzz", "zz*", "100%", "a_b", "i̇", "ß",
))  # fmt: skip
TIMES = st.sampled_from((
    "1h", "30m", "2d", "1w", "30d", "0m", "-1h", "+1h", "-2d", "now", "today", "yesterday", "tomorrow", "monday",
    "wednesday", "sun", "2026-11-18", "2026-11", "2026", "13:06", "2026-11-17T13:06", "2026-11-18t13:06:40",
    '"2026-11-17 13:06"', "week", "last-week", "next-week", "month", "last-month", "year", "next-year",
))  # fmt: skip
RANGES = st.sampled_from((
    "2026-11-01..2026-11-17", "..2026-11-17", "2026-11-17..", "today..tomorrow", "1h..2d", "..2d", "2d..", "-2d..now",
    "2026-11-20..2026-11-01",
))  # fmt: skip
COMPARE = st.sampled_from((":", "=", "<", "<=", ">", ">=", ":<", "!="))
PLAIN = st.sampled_from((":", "=", ":=", "!="))
KEYS = {
    "queue": ("network", '"network team"', "ÄPPS", "none", "service-desk,apps", "network,none"),
    "assignee": ("me", "none", "ana", "BEN", '"zoe ek"', "me,none", "zoë,ben"),
    "owner": ("me", "none", "ben"),
    "mentions": ("me", "none", "ben", "me,none", '"zoe ek"', "zoë,ben"),
    "alarm": ("down", "up", "none", "down,up", "none,up"),
    "watcher": ("me", "none", "ana", "ben,none"),
    "policy": ('"gold p1"', "standard", "none"),
    "kind": ("incident", "request,question", "change"),
    "channel": ("mail", "walk-in", "phone,chat"),
    "state": ("open", "live", "new", "waiting", "closed", "resolved", '"in progress"', "waiting-customer",
              "new,waiting", "scheduled,closed", "cancelled", "resolved,closed"),
    "site": ("helsinki", "abo", '"åbo turku"', "tur*", "none"),
    "requester": ("korhonen", "matti", '"matti korhonen"', "mat*", "acme", "@x.example", "jam", "none", "oberg", "Öberg,li"),
    "org": ("acme", '"ACME Oy"', "oy", "nord*", "none", "acme,none"),
    "category": ("printer", "network", '"network vpn"', "Unit", "net*", "none", "strasse"),
    "service": ("vpn", '"e mail"', "e-mail", "vp*", "none"),
    "tag": ("vip", "VPN", '"c++"', "c#", "on-hold", "v*", "strasse*", "none", "straße", '"🔥"*', "vip,none", "c*"),
    "source": ("servicenow", "jira", "Jira", "s*", "none"),
    "external": ("INC12", "inc*", "INC*", "none", "INC3,inc3,INC5"),
    "resolution": ("fixed", "no*", "none"),
    "subject": ("printer", '"printer jam"', "pri*", "jam,vpn", "vp*", "straße"),
    "text": ("printer", "jam", '"jam printer"', "pr*", "strasse"),
    "from": ("korhonen", "acme", "oberg", "jam*", "nordtek,li"),
    "field.room": ("3F", "3f*", "none", '"3f 12"', "12"),
    'field."Cost centre"': ('"A 100"', "100", "none"),
    "field.x": ("printer", "none"),
    "field.nobody": ("printer", "none"),
    "is": tuple(IS),
    "has": tuple(HAS),
    "sla": (*SLA_STATES, "none", "response", "resolution", "response:met", "resolution:breached,paused", "update:running",
            "resolution<30m", "resolution<=1h", "response>1d", "resolution:today", "response:1h..2d", "supplier"),
}  # fmt: skip
NUMBERS = {
    "survey": ("1", "5", "1,2", "2..4", "none", "3..", "none,5"),
    "tier": ("1", "2", "1,2", "1..2", "none", "2.."),
    "priority": ("1", "2", "high", "1,4", "1..2", "low..", "..moderate", "critical"),
    "impact": ("1", "high", "2..3"),
    "urgency": ("low", "1,3"),
    "number": ("7", "SD-12", "#3", "10..20", "200..", "5,6,7"),
    "parent": ("5", "none", "10..90"),
    "reopens": ("0", "1", "2", "1.."),
}
NO_NONE = {":", "=", ":=", "!="}


@st.composite
def _keyed(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(sorted(KEYS)))
    operator = ":" if name == "sla" else draw(PLAIN)
    if (name, operator) == ("state", ":="):
        return "state:=" + draw(st.sampled_from(("open", '"in progress"', "closed,new")))
    return f"{name}{operator}{draw(st.sampled_from(KEYS[name]))}"


@st.composite
def _numbered(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(sorted(NUMBERS)))
    value = draw(st.sampled_from(NUMBERS[name]))
    is_plain = ".." in value or "," in value or value == "none"
    return f"{name}{draw(PLAIN if is_plain else COMPARE)}{value}"


@st.composite
def _timed(draw: st.DrawFn) -> str:
    name = draw(
        st.sampled_from(("due", "until", "created", "updated", "answered", "resolved", "closed"))
    )
    if draw(st.integers(0, 4)) == 0:
        none = ("none",) if TERMS[name].empty else ()
        return f"{name}:{draw(st.one_of(RANGES, st.sampled_from((*none, 'today,1h', '2d..'))))}"
    return f"{name}{draw(COMPARE)}{draw(TIMES)}"


_AGES = st.builds("age{}{}".format, COMPARE, st.sampled_from(("1h", "1d", "30d", "90d")))
_LEAVES = st.one_of(WORDS, _keyed(), _keyed(), _keyed(), _numbered(), _timed(), _timed(), _AGES)
FILTERS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        inner.map("-({})".format),
        inner.map("not ({})".format),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " ".join(parts) + ")"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " or ".join(parts) + ")"),
    ),
    max_leaves=8,
)
SORTS = st.lists(
    st.builds("{}{}".format, st.sampled_from(("", "-")), st.sampled_from(sorted(SORT_KEYS))),
    max_size=3,
).map(lambda keys: f" sort:{','.join(keys)}" if keys else "")

ON_SAMPLE = settings(
    deadline=None,
    max_examples=examples(45),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def check(sample: Sample, text: str) -> None:
    query = parse(text, VOCABULARY)
    expected = [fact for fact in sample.facts if matches(query, fact, CONTEXT)]
    expected.sort(key=lambda fact: sort_key(query, fact, CONTEXT))
    wanted = [fact.id for fact in expected]
    clause = compile_query(query, CONTEXT, sample.reader.dialect)
    assert list(finding.ids(sample.reader, clause, limit=None)) == wanted
    assert finding.count(sample.reader, clause) == len(wanted)
    assert finding.count(sample.reader, clause, at_most=5) == min(5, len(wanted))
    for limit, offset in ((4, 0), (3, 2), (1000, 0)):
        page = finding.ids(sample.reader, clause, limit=limit, offset=offset)
        assert list(page) == wanted[offset : offset + limit]


@ON_SAMPLE
@given(text=st.builds("{}{}".format, FILTERS, SORTS))
def test_both_faces_find_the_same_tickets_in_the_same_order(sample: Sample, text: str) -> None:
    check(sample, text)


@ON_SAMPLE
@given(
    text=st.builds("{} {} {}{}".format, WORDS, WORDS, FILTERS, SORTS),
    rare=st.sampled_from((0, 1, 5, 1000)), hits=st.sampled_from((1, 10, 1000)), tickets=st.sampled_from((1, 20, 1000)),
    share=st.sampled_from((1, 100)),
)  # fmt: skip
def test_every_way_to_a_first_page_leads_to_the_same_page(
    sample: Sample, text: str, rare: int, hits: int, tickets: int, share: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finding, "RARE", rare)
        patch.setattr(finding, "HITS", hits)
        patch.setattr(finding, "TICKETS", tickets)
        patch.setattr(finding, "SAMPLE", share)
        check(sample, text)


@ON_SAMPLE
@given(text=st.one_of(st.text(min_size=1, max_size=20), st.sampled_from([*SUBJECTS, *BODIES])))
def test_any_text_in_quotes_is_searched_for_literally(sample: Sample, text: str) -> None:
    from sdesk.rules.query.words import folded

    if folded(text):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        check(sample, f'"{escaped}"')
        check(
            sample,
            f'subject:"{escaped}"* or org:"{escaped}" or requester:"{escaped}" or field.room:"{escaped}"',
        )


@pytest.mark.parametrize("name", sorted(TERMS))
def test_every_term_finds_some_tickets_and_not_others(sample: Sample, name: str) -> None:
    """So that agreement is not agreement about nothing."""
    if name == "sort":
        return
    values = {**KEYS, **NUMBERS}.get(name) or KEYS.get(f"{name}.room") or ("2d", "1h", "30d")
    term = "field.room" if name == "field" else name
    counts = []
    for value in values:
        query = parse(f"{term}:{value}", VOCABULARY)
        counts.append(sum(matches(query, fact, CONTEXT) for fact in sample.facts))
    assert any(0 < count < len(sample.facts) for count in counts)


def test_what_is_unknown_is_not_excluded_by_not(sample: Sample) -> None:
    undated = [fact.id for fact in sample.facts if fact.due_at is None]
    assert undated
    clause = compile_query(parse("-due<1h -due>=1h"), CONTEXT, sample.reader.dialect)
    assert sorted(finding.ids(sample.reader, clause, limit=None)) == undated
