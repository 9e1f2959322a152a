"""What lies outside the store, in this user's own folders: texts in an editor, the log, what is remembered.

Other users' folders are theirs; the documentation says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sdesk import locations
from sdesk.errors import StoreFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdesk.rules.traces import Traces


def clear(traces: Traces) -> list[Path]:
    """Take the names out of the files, and texts that an editor was given away; those that changed."""
    changed = []
    for path in _files():
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
            if not traces.holds(text):
                continue
            if path.parent.name == "editing":
                path.unlink()
            else:
                _put(path, traces.redacted(text))
        except OSError:
            continue
        changed.append(path)
    return changed


def _put(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def _files() -> Iterator[Path]:
    try:
        folder = locations.editing_folder()
        yield from (path for path in folder.iterdir() if path.is_file())
        yield from (
            path for path in (locations.log_file(), locations.state_file()) if path.is_file()
        )
    except (OSError, StoreFault):
        return
