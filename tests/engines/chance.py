"""Salts and tokens that are drawn alike twice: what the two engines' desks may differ in is nothing."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from unittest import mock


class Chance:
    """Stands in for `secrets`; begun again, it draws the same again."""

    def __init__(self) -> None:
        self._random = Random(0)

    def begin(self, turn: int) -> None:
        self._random = Random(turn)

    def token_hex(self, size: int = 32) -> str:
        return self._random.randbytes(size).hex()

    @contextmanager
    def drawn(self) -> Iterator[None]:
        with (
            mock.patch.object(secrets, "token_hex", self.token_hex),
            mock.patch.object(secrets, "token_urlsafe", self.token_hex),
        ):
            yield
