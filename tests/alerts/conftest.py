"""The alarms of a desk, on its clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sdesk.alarms import Alarms
from tests.conftest import Clock


@pytest.fixture
def alarms(store: Path, clock: Clock) -> Iterator[Alarms]:
    opened = Alarms(store, clock=clock)
    yield opened
    opened.close()
