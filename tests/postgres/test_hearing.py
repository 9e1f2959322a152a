"""A desk hears of others' work, also after its server or the way to it was gone for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from sdesk import ops
from sdesk.errors import StoreFault
from sdesk.store import listening
from sdesk.store.listening import PostgresWatch
from sdesk.store.postgres import KEPT, PostgresReader
from tests.desk.test_watch import hears
from tests.postgres.conftest import Home

pytestmark = pytest.mark.postgres
DROP = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def waits(claim: Callable[[], bool]) -> bool:
    pause, until = threading.Event(), time.monotonic() + 60
    while not (holds := claim()) and time.monotonic() < until:
        pause.wait(0.01)
    return holds


def opened(shared: Home, subject: str = "VPN") -> None:
    with shared.desk() as ana:
        ana.apply(None, ops.Open(subject, requester=1, text="drops"))


def test_a_dropped_connection_is_made_again_and_counts_as_one_change(shared: Home) -> None:
    reader = PostgresReader(shared.of("ben"))
    watch = PostgresWatch(reader, pauses=(0.01,))
    assert not watch.changed()
    shared.sql("", DROP)
    assert hears(watch)
    opened(shared)
    assert hears(watch)
    watch.close()
    reader.close()


def test_where_nobody_listens_for_it_the_newest_event_is_asked_for(
    shared: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As through a pooler that lends a connection for one transaction: LISTEN is taken, and nothing comes."""
    monkeypatch.setattr(listening, "CHANNEL", "elsewhere")
    monkeypatch.setattr(listening, "BREATH", 0.02)
    monkeypatch.setattr(listening, "DOUBT", 0.05)
    reader = PostgresReader(shared.of("ben"))
    watch = PostgresWatch(reader)
    assert not watch.is_polling
    opened(shared)
    assert hears(watch)
    assert waits(lambda: watch.is_polling)
    opened(shared, "Printer")
    assert hears(watch)
    watch.close()
    reader.close()


def test_a_desk_hears_of_tickets_it_doesnt_see_without_seeing_them(shared: Home) -> None:
    with shared.desk("ben") as ben:
        watch = ben.watch()
        with shared.desk() as ana:
            ana.apply(None, ops.Open("Secret", requester=1, text="x", queue="network", restricted=True))  # fmt: skip
        assert hears(watch)
        assert not ben.read.count("secret")
        watch.close()


def test_who_comes_and_goes_stirs_and_changes_nothing(shared: Home) -> None:
    from sdesk.store import presence

    opened(shared)
    with shared.desk("ben") as ben:
        watch = ben.watch()
        watch.changed()
        presence.beat(shared.of("mia"), "s", "mia", 1, presence.LOOKING, 1)

        def stirred() -> bool:
            assert not watch.changed()
            return watch.stirred

        assert waits(stirred)
        watch.close()


def test_a_read_over_a_dropped_connection_is_asked_again_on_a_new_one(shared: Home) -> None:
    opened(shared)
    with shared.desk("ben") as ben:
        count = ben.read.count("")
        shared.sql("", DROP)
        assert ben.read.count("") == count
        shared.sql("", DROP)
        assert len(list(ben.read.reader.stream("SELECT id FROM ticket"))) == count
        shared.sql("", DROP)
        ben.apply(ben.read.resolve("1"), ops.AddNote("written as well"))


def test_a_desk_keeps_few_connections(shared: Home) -> None:
    reader = PostgresReader(shared.of("ben"))
    threads = [
        threading.Thread(target=reader.all, args=("SELECT pg_sleep(0.02)",)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    mine = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'ben'"  # fmt: skip
    assert waits(lambda: shared.sql("", mine)[0][0] <= KEPT)
    reader.close()


def test_a_server_that_is_gone_is_told_in_one_sentence(shared: Home) -> None:
    with shared.desk("ben") as ben:
        ben.read.reader.url = "postgresql://ben@127.0.0.1:1/nowhere"  # type: ignore[attr-defined]
        shared.sql("", DROP)
        with pytest.raises(StoreFault, match="does not answer: Connection refused"):
            ben.read.count("")
