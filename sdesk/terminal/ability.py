"""What this terminal can do, as far as its environment says."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping
from typing import NamedTuple


class Ability(NamedTuple):
    """What a terminal can do."""

    truecolor: bool
    """It says so: COLORTERM doesn't cross SSH, so a remote terminal counts as one of 16 colours."""
    remote: bool
    tmux: bool
    unicode: bool
    """The locale can write box lines and the desk's signs."""

    @property
    def mouse(self) -> bool:
        """Reporting the mouse takes the terminal's own selection away, which a remote person needs more."""
        return not self.remote


def detect(environ: Mapping[str, str] | None = None) -> Ability:
    """Ask the environment."""
    env = os.environ if environ is None else environ
    return Ability(
        truecolor=env.get("COLORTERM", "").lower() in ("truecolor", "24bit"),
        remote=bool(env.get("SSH_CONNECTION") or env.get("SSH_TTY")),
        tmux=bool(env.get("TMUX")),
        unicode="utf" in _encoding(env).lower(),
    )


def _encoding(env: Mapping[str, str]) -> str:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if value := env.get(name):
            return value.partition(".")[2] or ("ascii" if value in ("C", "POSIX") else "utf-8")
    return locale.getpreferredencoding(False)
