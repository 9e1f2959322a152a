"""docs/import.md tells of every field, preset and column there is."""

from __future__ import annotations

from pathlib import Path

from sdesk.transfer import presets
from sdesk.transfer.exporter import _NOT_BY_ITSELF
from sdesk.transfer.mapping import FIELDS, SKIP

TEXT = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
ONLY_OURS = {"external_source", "ref", "row_at", "row_by"}


def test_every_field_is_documented() -> None:
    assert [name for name in FIELDS if f"`{name}`" not in TEXT and name not in ONLY_OURS] == []


def test_every_preset_is_documented_and_maps_to_fields_that_exist() -> None:
    for name in presets.NAMES:
        preset = presets.find(name)
        assert preset.name == name
        assert f"| `{name}` |" in TEXT
        wrong = [
            t
            for t in preset.columns
            if t not in FIELDS and t != SKIP and not t.startswith("field.")
        ]
        assert wrong == []


def test_every_derived_column_is_documented() -> None:
    assert [name for name in _NOT_BY_ITSELF if f"`{name}`" not in TEXT] == []
