"""Documents and the index over them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from sdesk.rules.query.words import MAX_BODY, MAX_WORD, document, folded
from sdesk.store.search import SQLITE_DDL, SearchIndex


@pytest.fixture
def connection() -> Any:
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    driver: Any = engine.raw_connection().driver_connection
    for statement in SQLITE_DDL:
        driver.execute(statement)
    driver.execute("INSERT INTO organization (id, name) VALUES (1, 'ACME Oy')")
    driver.execute(
        "INSERT INTO person (id, name, email, organization_id) VALUES (1, 'Zoë Ek', 'z@acme.example', 1)"
    )
    driver.execute(
        "INSERT INTO ticket (id, subject, path, requester_id) VALUES (1, 'VPN drops', 'Net / VPN', 1)"
    )
    driver.execute("INSERT INTO entry (ticket_id, body) VALUES (1, 'Since Monday.')")
    SearchIndex(driver).refresh([1])
    return driver


def found(connection: Any, words: str) -> list[int]:
    rows = connection.execute("SELECT rowid FROM ticket_fts WHERE ticket_fts MATCH ?", (words,))
    return [row[0] for row in rows]


def test_a_ticket_is_found_by_subject_conversation_and_people(connection: Any) -> None:
    for words in ("vpn", "monday", "zoe", '"acme oy"', '"z acme example"'):
        assert found(connection, words) == [1]


def test_a_change_forgets_the_old_words_and_finds_the_new_ones(connection: Any) -> None:
    connection.execute("UPDATE ticket SET subject = 'Mail is slow'")
    connection.execute("UPDATE entry SET withdrawn = 1")
    index = SearchIndex(connection)
    index.refresh([1])
    assert found(connection, "vpn") == found(connection, "monday") == []
    assert found(connection, "slow") == [1]
    index.check()


def test_a_person_s_new_name_is_found_on_all_their_tickets(connection: Any) -> None:
    connection.execute("UPDATE person SET name = 'Zoë Lind'")
    SearchIndex(connection).refresh([1])
    assert found(connection, "lind") == [1]
    assert found(connection, "ek") == []


def test_a_ticket_that_is_gone_leaves_the_index(connection: Any) -> None:
    connection.execute("DELETE FROM ticket")
    index = SearchIndex(connection)
    index.refresh([1])
    assert found(connection, "vpn") == []
    index.check()


def test_a_rebuild_makes_the_index_again(connection: Any) -> None:
    connection.execute("DELETE FROM ticket_text")
    index = SearchIndex(connection)
    with pytest.raises(connection.DatabaseError):
        index.check()
    assert index.rebuild(batch=1) == 1
    index.check()
    assert found(connection, "vpn") == [1]


@given(text=st.text())
def test_a_document_holds_words_and_single_spaces(text: str) -> None:
    for column in document(text, [text, text], [text]):
        assert column == "" or (column[0] == column[-1] == " " and "  " not in column)
        # FTS5's ascii tokenizer takes everything beyond ASCII for a part of a word.
        assert all(char == " " or char.isalnum() or char > "\x7f" for char in column)


def test_a_long_conversation_is_indexed_up_to_a_limit() -> None:
    body = document("", ["word " * MAX_BODY], []).body
    assert MAX_BODY - 10 < len(body) <= MAX_BODY + 2
    assert set(body.split()) == {"word"}
    assert document("", ["first", "x " * MAX_BODY, "last"], []).body.split()[0] == "first"


def test_over_long_words_are_cut_alike_in_documents_and_queries() -> None:
    long = "a" * 5_000
    assert document(long, [], []).subject.strip() == folded(long) == "a" * MAX_WORD
