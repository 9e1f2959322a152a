"""The proofs about the store in short: each holds here, and finds what is planted."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import TicketId
from sdesk.prove import PROMISES, jobs, kill, killpoints, perms, powercut, promise
from sdesk.prove.model import Bench, Skipped, Verdict
from sdesk.prove.running import Wish, prove
from sdesk.prove.screen import Screen
from sdesk.prove.strings import OWN

SPOKEN = {s for s in OWN if "title of theirs" in s or s.endswith(" moved")}
"""Made of words that the desk itself uses: a title, and places."""


def bench(folder: Path, scale: float) -> Bench:
    (folder / "desk").mkdir(parents=True)
    return Bench(folder, str(folder / "desk" / "sdesk.db"), scale=scale)


def held(verdict: Verdict) -> Verdict:
    assert verdict.holds, verdict.said
    return verdict


def test_every_promise_has_its_number_and_a_sentence() -> None:
    for key, number in PROMISES.items():
        found = promise(key)
        assert (found.key, found.number) == (key, number)
        assert found.title.endswith("."), key


def test_a_promise_is_proved_in_a_process_and_a_folder_that_are_gone_afterwards(
    tmp_path: Path,
) -> None:
    proof = prove("portal", Wish(scale=0.01, folder=str(tmp_path)))
    assert proof.number == 12
    assert "broke off" not in proof.said
    assert list(tmp_path.iterdir()) == []


def test_a_promise_that_can_not_be_tried_is_said_to_be_skipped(tmp_path: Path) -> None:
    proof = prove(
        "locks",
        Wish(engine="postgresql", server="postgresql://127.0.0.1:1/none", folder=str(tmp_path)),
    )
    assert proof.verdict == "skipped"
    assert proof.said
    assert list(tmp_path.iterdir()) == []


def test_kills_at_random_lose_nothing(tmp_path: Path) -> None:
    held(kill.run(bench(tmp_path, 0.01)))


def test_an_act_in_two_transactions_is_found_half_done(tmp_path: Path) -> None:
    def in_two(desk: Desk, ticket: TicketId, token: str) -> None:
        desk.apply(ticket, ops.AddNote(f"note {token}"))
        if token in ("1-2", "2-2"):  # the others go on, as the proof wants to see
            signal_myself()
        desk.apply(ticket, ops.SetField("last", token), ops.Assign("ben"))

    def signal_myself() -> None:
        import os
        import signal

        os.kill(os.getpid(), signal.SIGSTOP)  # until the proof kills it: no chance is needed

    verdict = kill.run(bench(tmp_path, 0.02), in_two)
    assert not verdict.holds
    assert int(verdict.figures["half"]) > 0


def test_kills_at_lines_leave_nothing_half_done(tmp_path: Path) -> None:
    chosen = [job for job in jobs.JOBS if job.name == "migration"]
    figures = held(killpoints.run(bench(tmp_path, 0.012), chosen)).figures
    assert int(figures["states"]) > 4
    assert int(figures["kills"]) > 0


def test_kills_at_lines_find_an_act_in_two_transactions(tmp_path: Path) -> None:
    def in_two(folder: Path) -> None:
        with jobs.opened(folder) as desk:
            desk.apply(TicketId(1), ops.Reply("Fixed, please try."))
            desk.apply(TicketId(1), ops.Assign("ben"))

    planted = jobs.Job("planted", jobs._desk, in_two)
    verdict = killpoints.run(bench(tmp_path, 0.012), [planted])
    assert not verdict.holds
    assert "planted" in verdict.said


def test_power_cuts_lose_nothing_and_would_be_seen_to(tmp_path: Path) -> None:
    try:
        figures = held(powercut.run(bench(tmp_path, 0.03))).figures
    except Skipped as reason:
        pytest.skip(str(reason))
    assert int(figures["normal_lost"]) + int(figures["normal_corrupt"]) > 0


def test_faults_are_met_with_one_clear_line() -> None:
    proof = prove("faults", Wish(scale=0.01))
    assert proof.verdict in ("holds", "skipped"), proof.said


def test_four_users_share_a_store_and_a_fifth_reads_nothing(tmp_path: Path) -> None:
    try:
        held(perms.run(bench(tmp_path, 0.01)))
    except Skipped as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize(
    "text", [s for s in OWN if ("\x1b" in s or "\x9b" in s) and s not in SPOKEN], ids=ascii
)
def test_the_screen_of_the_proof_sees_every_sequence_that_is_not_the_desks(text: str) -> None:
    screen = Screen(80, 24)
    screen.feed(text.encode() + b"\x1b[m")
    assert screen.strange


def test_the_screen_of_the_proof_draws_what_the_desk_says() -> None:
    screen = Screen(20, 4)
    screen.feed(b"\x1b[?1049h\x1b[H\x1b[Jone\x1b[2;3Htwo\x1b[1;7r\x1b[3;1Hth")
    screen.feed("\x1b[31mree\x1b[m ä".encode()[:-1])
    screen.feed("ä".encode()[-1:] + b"\x1b[2;1H\x1b[K\x1b]0;title\x07")
    assert screen.text.splitlines() == ["one", "", "three ä"]
    assert screen.strange == []
