"""Files written on the spot, imported into a real desk; the shared real data where it is beside the repository."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk.desk import Desk
from sdesk.transfer import presets
from sdesk.transfer.importer import Import, Options, Report
from sdesk.transfer.mapping import parse_choices

SHARED = Path(__file__).parents[3] / "shared"


def shared(path: str) -> Path:
    """A file of the shared data; the test is skipped aloud where it is absent."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"no ../shared/{path} beside the repository")
    return found


Bring = Callable[..., Report]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file of text or bytes; returns its path."""

    def writer(content: str | bytes, name: str = "tickets.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return writer


@pytest.fixture
def bring(desk: Desk, write: Callable[..., Path]) -> Bring:
    """Import a text, or a file by its path, into ana's desk."""

    def importer(
        content: str | bytes | Path,
        preset: str = "generic",
        *,
        maps: tuple[str, ...] = (),
        name: str = "tickets.csv",
        **options: object,
    ) -> Report:
        path = content if isinstance(content, Path) else write(content, name)
        chosen = Options(parse_choices(maps), **options)  # type: ignore[arg-type]
        work = Import(desk, str(path), presets.find(preset), chosen)
        return work.run()

    return importer
