"""Search on PostgreSQL: by its index, exact beyond the limits of a `tsvector`, and behind policies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.rules.query import parse
from sdesk.rules.query.words import MAX_BODY
from sdesk.store import finding
from sdesk.store.reader import Reader, open_reader
from sdesk.store.where import compile as compile_query
from tests.conftest import Clock
from tests.databases import database
from tests.query.conftest import CONTEXT

pytestmark = pytest.mark.postgres
MANY = 6_000


@pytest.fixture(scope="module")
def crowded(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """A desk of thousands of tickets that tell much the same, and a few that don't."""
    import psycopg

    with database(postgres_server, postgres_template) as url:
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute(f"INSERT INTO ticket (id, subject) SELECT n, 'ticket ' || n FROM generate_series(1, {MANY}) n")  # fmt: skip
            owner.execute(
                "INSERT INTO ticket_text (ticket_id, subject, body, people) SELECT n, ' ticket ' || n || ' ',"
                " ' the printer jam is back ' || repeat('and on ', n % 50) || CASE WHEN n % 2000 = 7 THEN 'strange ' ELSE '' END,"
                f" ' mikko korhonen ' FROM generate_series(1, {MANY}) n"
            )
            owner.execute("VACUUM ANALYZE ticket_text")
            owner.execute("ANALYZE ticket")
        yield url


@pytest.fixture
def reader(crowded: str) -> Iterator[Reader]:
    opened = open_reader(crowded)
    yield opened
    opened.close()


def plan(reader: Reader, text: str, limit: int = 50) -> str:
    clause = compile_query(parse(text), CONTEXT, "postgresql")
    sql = f"EXPLAIN SELECT t.id FROM ticket t WHERE {clause.where} ORDER BY {clause.order} LIMIT {limit}"
    return "\n".join(row[0] for row in reader.all(sql, clause.params))


@pytest.mark.parametrize("text", ["strange", "strang*", '"back strange"', "subject:77", "strange -printer"])  # fmt: skip
def test_a_rare_word_is_found_by_the_index(reader: Reader, text: str) -> None:
    assert "Bitmap Index Scan on ticket_text_words" in plan(reader, text, MANY)


def test_a_word_of_every_ticket_is_looked_for_in_the_order_of_the_list(reader: Reader) -> None:
    steps = plan(reader, "printer sort:-number")
    assert "Index Scan Backward" in steps
    assert "Sort" not in steps


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("strange", 3), ("strang*", 3), ('"printer jam" -strange', MANY - 3), ("subject:printer", 0), ("subject:77", 1),
        ("text:strange", 3), ("from:mikko", MANY), ("from:strange", 0), ('"back strange"', 0), ('"on strange"', 3),
        ("strange or subject:77", 4),
    ],
)  # fmt: skip
def test_each_column_and_phrase_is_counted(reader: Reader, text: str, count: int) -> None:
    clause = compile_query(parse(text), CONTEXT, "postgresql")
    assert finding.count(reader, clause) == count


@pytest.fixture
def far(postgres_server: str, postgres_template: str) -> Iterator[Desk]:
    with (
        database(postgres_server, postgres_template) as url,
        Desk.open(url, actor="ana", clock=Clock()) as desk,
    ):
        yield desk


def test_nothing_is_lost_beyond_what_a_tsvector_counts(far: Desk) -> None:
    """16,383 places, 256 places of one word, 2,046 bytes of one: none of them is a limit here."""
    long = "𐌰" * 200
    body = "a b " * 16_000 + f"{long} the end"
    assert len(body) < MAX_BODY
    far.apply(None, ops.Open("Far away", body))
    for text in (
        '"the end"',
        '"b the"',
        '"a b a b"',
        f'"{long} the"',
        f"{long}*",
        '"th"*',
        "-x end",
    ):
        found = list(far.read.ids(text if text != '"b the"' else f'"b {long}"'))
        assert found == [1], text
    assert list(far.read.ids('"b b"')) == []


def test_an_agent_behind_policies_finds_by_the_index_what_may_be_seen(crowded: str) -> None:
    import psycopg

    with psycopg.connect(crowded, autocommit=True) as owner:
        owner.execute("UPDATE ticket SET restricted = 1, queue = 'network' WHERE id = 7")
        # Roles are the server's: another desk of this run may have a ben.
        with suppress(psycopg.errors.DuplicateObject):
            owner.execute("CREATE ROLE ben LOGIN")
        try:
            owner.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO ben")
            owner.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO ben")
            with Desk.open(crowded.replace("postgres:@", "ben:@"), clock=Clock()) as desk:
                assert desk.actor == "ben"
                assert list(desk.read.ids("strange")) == [4007, 2007]
                assert desk.read.count('"on strange" -x') == 2
                assert len(desk.read.similar_live(2007)) == 20
        finally:
            owner.execute("UPDATE ticket SET restricted = 0, queue = '' WHERE id = 7")
            owner.execute("DROP OWNED BY ben")
