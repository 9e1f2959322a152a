"""The tests of this folder run on both engines: SQLite, and a real PostgreSQL of our own."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def store(either_store: Path | str) -> Path | str:
    return either_store
