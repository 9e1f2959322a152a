"""Some outsiders; `python -m tests.mail.hijack 10000` sends as many as one likes."""

from __future__ import annotations

from pathlib import Path

from tests.mail.hijack import Attack


def test_outsiders_write_into_no_ticket_and_are_told_of_none(tmp_path: Path) -> None:
    attack = Attack(tmp_path)
    assert not attack.run(90)
    assert {"new", "hold", "machine"} <= set(attack.outcomes)
    attack.post.desk.close()
