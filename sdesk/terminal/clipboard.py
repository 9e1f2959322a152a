"""Copy text to the clipboard of the person's own terminal, however far away it is."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable, Mapping

LONGEST = 70_000
"""Bytes: terminals drop longer OSC 52 sequences without a word."""


def copy(text: str, write: Callable[[str], None], environ: Mapping[str, str] | None = None) -> str:
    """Copy, and return the way it went: "tmux" or "terminal". `write` sends to the terminal.

    Inside tmux its own buffer is loaded with -w, which passes it on; a bare OSC 52 is swallowed by
    tmux's defaults. Raises ValueError for a text no terminal takes.
    """
    raw = text.encode("utf-8", "replace")
    if len(raw) > LONGEST:
        raise ValueError(f"{len(raw):,} bytes are more than a terminal's clipboard takes.")
    env = os.environ if environ is None else environ
    if env.get("TMUX") and _load_tmux_buffer(raw):
        return "tmux"
    write(f"\x1b]52;c;{base64.b64encode(raw).decode('ascii')}\x07")
    return "terminal"


def _load_tmux_buffer(raw: bytes) -> bool:
    try:
        done = subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],
            input=raw,
            capture_output=True,
            timeout=2,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
