"""The proofs about mail in short: each holds, and each says no where what it guards against is planted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sdesk.mail.fetch import rounds
from sdesk.prove import corpus, hijack, intake, loops, mailfuzz, outbox, portal
from sdesk.prove.cases import feeding, folder, mails, tricks
from sdesk.prove.mails import fetchings, houses, sendings, shared
from sdesk.prove.mails.clock import Clock
from sdesk.prove.mails.damage import SECONDS
from sdesk.prove.mails.outsiders import Attack, numbered
from sdesk.prove.mails.sendings import Result
from sdesk.prove.mails.smtp_server import Fault, Got, Server
from sdesk.prove.model import Bench, Skipped, Verdict
from sdesk.rules.mail import judging

CASES = Path(__file__).parents[3] / "shared" / "cases" / "hostile"


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Bench]:
    """As much as one process does in a moment."""
    for module in (shared, hijack, intake, mailfuzz):
        monkeypatch.setattr(module, "PARTS", 1)

    def make(scale: float) -> Bench:
        (tmp_path / "desk").mkdir()
        return Bench(tmp_path, str(tmp_path / "desk" / "sdesk.db"), scale=scale)

    return make


def holds(verdict: Verdict) -> dict[str, Any]:
    assert verdict.holds, verdict.said
    return verdict.figures


# They hold


def test_damaged_mails_end_in_one_outcome(bench: Callable[..., Bench]) -> None:
    figures = holds(mailfuzz.run(bench(0.006)))
    assert (figures["mails"], figures["taken_in"], figures["counted"]) == (60, 12, 12)
    assert figures["slowest_seconds"] < SECONDS


def test_a_fetch_that_is_killed_leaves_one_ticket(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetchings, "KINDS", (fetchings.IMAP,))
    figures = holds(intake.run(bench(0.02)))
    assert figures["lines"] > 1_200
    assert figures["states"] > 4
    assert figures["kills"] > 3


def test_outsiders_stay_outside(bench: Callable[..., Bench]) -> None:
    figures = holds(hijack.run(bench(0.004)))
    assert figures["mails"] == 40
    assert min(figures[name] for name in ("new", "hold", "machine")) > 0


def test_letters_outlive_broken_servers_and_killed_senders(bench: Callable[..., Bench]) -> None:
    figures = holds(outbox.run(bench(0.01)))
    assert figures["mails"] == 10
    assert figures["broken_at_STARTTLS"] > 0


def test_answering_programs_stop(bench: Callable[..., Bench]) -> None:
    assert holds(loops.run(bench(0.012)))["forms"] == 12


def test_there_is_no_portal_and_it_says_so(bench: Callable[..., Bench]) -> None:
    assert not portal.run(bench(1)).holds


@pytest.fixture
def fed(tmp_path: Path) -> Callable[..., dict[str, str]]:
    def feed(cases: Any) -> dict[str, str]:
        desk = feeding.Feeding(tmp_path / "desk" / "sdesk.db")
        wrong, others = desk.feed(cases), desk.others()
        desk.close()
        return wrong | dict.fromkeys(others, "")

    return feed


def test_hostile_mails_of_ours_end_as_written(fed: Callable[..., dict[str, str]]) -> None:
    assert fed([*mails.MAILS, *tricks.TRICKS[::2]]) == {}


@pytest.mark.skipif(not CASES.exists(), reason="no hostile corpus beside the repository")
def test_hostile_mails_of_others_end_as_written(fed: Callable[..., dict[str, str]]) -> None:
    assert fed(folder.mails(CASES)) == {}


def test_files_and_strings_of_ours_end_as_written(
    bench: Callable[..., Bench], capfd: pytest.CaptureFixture[str]
) -> None:
    tally = corpus.Tally()
    given, room = bench(0.1), corpus.OURS
    with capfd.disabled():
        corpus.import_all(given, room, corpus.imports()[::11], tally)
        corpus.damage_all(given, room, 15, tally)
        corpus.say_all(given, room, corpus.strings()[::9], {}, tally)
    assert tally.wrong == {}


# They can fail


def test_a_mail_marked_before_it_is_kept_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hasty(desk: Any, box: Any, source: Any, done: Any, until: Any) -> None:
        for found in source.news(desk.desk.read):
            source.finish([found.spot])
            done.add([desk.settle(desk.keep(box.name, found.spot, found.raw))])

    monkeypatch.setattr(rounds, "_look", hasty)
    store = tmp_path / "desk" / "sdesk.db"
    intake.make(str(store))
    for kind in fetchings.KINDS:
        watched = fetchings.Watched(store, tmp_path / kind, kind)
        watched.run()
        found = list(watched.left())
        watched.close()
        assert found
        assert "0 tickets, 0 mails" in found[0]


def test_an_outsider_let_in_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def everybody(case: Any) -> Any:
        for standing in named(case):
            yield standing._replace(participants=standing.participants | {case.author})

    named = judging._named
    monkeypatch.setattr(judging, "_named", everybody)
    attack = Attack(tmp_path / "desk" / "sdesk.db")
    wrong = attack.run(numbered(20, 1))
    attack.post.desk.close()
    assert any("has changed" in said for said in wrong)


def test_thanks_to_everybody_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "why_no_ack", lambda _: "")
    desk = houses.House(tmp_path / "desk" / "sdesk.db", "help@here.example", Clock())
    assert houses.abused(desk, 3)
    desk.close()


def test_a_mail_that_ends_otherwise_is_named(fed: Callable[..., dict[str, str]]) -> None:
    asked = mails.HIJACKS[0]._replace(outcome="append", ack=False)
    assert "new, not append" in fed([asked])["outsider"]


@pytest.mark.parametrize(
    ("got", "what"),
    [
        ([], "lost"),
        ([b"Message-ID: <b>\r\nTo: a@b.example"], "ids_changed"),
        ([b"Message-ID: <a>\r\nBcc: x@y.example"], "injected"),
        ([b"Message-ID: <a>\r\nTo: a@b.example"] * 2, "extra"),
    ],
)
def test_what_a_server_got_wrong_is_counted(got: list[bytes], what: str) -> None:
    server = Server()
    server.wires.got = [Got("d@e", ("a@b.example",), raw + b"\r\n\r\nx") for raw in got]
    result = sendings.result(server, {"<a>": "a@b.example"}, 0, 1.0)
    server.close()
    assert getattr(result, what) == 1
    assert not result.is_well


def test_without_the_extra_they_say_what_is_missing(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdesk.mail.taking.find_spec", lambda _: None)
    given = bench(0.01)
    for one in (mailfuzz, corpus, intake, outbox, loops, hijack):
        with pytest.raises(Skipped, match=r"pip install 'sdesk\[mail\]'"):
            one.run(given)


def test_extra_copies_are_forgiven_for_crashes_only() -> None:
    one = Result(1, 0, 2, 1, 1, 0, 0, {}, 1.0)
    assert one.is_well
    assert not one._replace(crashes=0).is_well
    assert Fault("QUIT", "drop").step == "QUIT"
