"""Some damaged mails through the whole intake; `python -m tests.mail.fuzz_intake` takes thousands."""

from __future__ import annotations

from pathlib import Path

from tests.mail.fuzz_intake import Fuzzed

COUNT = 40


def test_a_damaged_mail_ends_in_one_outcome_with_its_bytes_kept(tmp_path: Path) -> None:
    fuzzed = Fuzzed(tmp_path)
    assert not fuzzed.run(range(COUNT))
    assert fuzzed.counts().total() == COUNT
    fuzzed.post.desk.close()
