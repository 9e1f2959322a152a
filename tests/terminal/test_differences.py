"""The driver's picture is Textual's: random frames through both, drawn by pyte."""

from __future__ import annotations

from bench.frames import compare
from tests.each import each


@each("coloured", [True, False], ids=["bce", "no-bce"])
@each("seed", range(4))
def test_random_frames_look_as_textual_draws_them(seed: int, coloured: bool) -> None:
    assert not list(compare(25, seed, coloured=coloured))
