"""What the desk remembers of its own between runs: never the user's settings, and nobody misses it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Remembered:
    """Short texts by name, in a file; without a file they last as long as the run."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self._known = _read(file) if file is not None else {}

    def get(self, name: str) -> str:
        """Empty for what nobody has remembered."""
        return self._known.get(name, "")

    def keep(self, name: str, text: str) -> None:
        """Remember it now; a folder that can't be written to is no reason to stop anybody's work."""
        if self.get(name) == text:
            return
        self._known[name] = text
        if self.file is None:
            return
        fresh = _read(self.file) | {name: text}
        beside = self.file.with_suffix(".new")
        try:
            beside.write_text(json.dumps(fresh, indent=1, sort_keys=True), encoding="utf-8")
            beside.replace(self.file)
        except OSError:
            return


def _read(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): text for name, text in found.items() if isinstance(text, str)}
