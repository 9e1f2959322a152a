"""The terminal: what it can show, and what stands between it and the desk."""

from __future__ import annotations

import locale
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from sdesk.cli.doctor.finding import Finding, note, ok, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SLOW_ESCAPE = 50
"""Milliseconds of tmux's escape-time from which Esc is felt to lag."""


def findings() -> Iterator[Finding]:
    yield encoding(locale.getpreferredencoding(False))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield note(
            "terminal", "Standard input or output is no terminal: the screen was not looked at"
        )
        return
    yield kind(os.environ)
    size = shutil.get_terminal_size()
    yield room(size.columns, size.lines)
    yield from way(os.environ)


def encoding(name: str) -> Finding:
    if "utf" in name.lower().replace("-", ""):
        return ok("encoding", name)
    return note(
        "encoding", f"{name}: names and signs outside it are shown as ?", "export LANG=C.UTF-8"
    )


def kind(environ: Mapping[str, str]) -> Finding:
    term = environ.get("TERM", "")
    if term in ("", "dumb"):
        return wrong(
            "terminal", f"TERM is '{term}': the desk can't be drawn", "export TERM=xterm-256color"
        )
    if environ.get("NO_COLOR"):
        return ok("terminal", f"{term}, without colours as NO_COLOR asks")
    if environ.get("COLORTERM", "") in ("truecolor", "24bit"):
        return ok("terminal", f"{term}, all colours")
    colours = "256 colours" if "256" in term else "16 colours"
    return ok("terminal", f"{term}, {colours}")


def room(columns: int, lines: int) -> Finding:
    if columns < 80 or lines < 24:
        return note(
            "size", f"{columns}×{lines}: lists are cut", "80×24 or larger shows everything."
        )
    return ok("size", f"{columns}×{lines}")


def way(environ: Mapping[str, str]) -> Iterator[Finding]:
    """What is between the keyboard and the desk: SSH and tmux."""
    if environ.get("SSH_CONNECTION"):
        yield ok("ssh", "Over SSH: the mouse is off, so that the terminal can select")
    if environ.get("TMUX"):
        yield escape_time(tmux("escape-time"))
        yield clipboard(tmux("set-clipboard"))


def escape_time(value: str) -> Finding:
    if value.isdigit() and int(value) > SLOW_ESCAPE:
        return note("tmux", f"escape-time is {value} ms: Esc lags, and Esc j may arrive as alt+j", "tmux set -sg escape-time 10")  # fmt: skip
    return ok("tmux", f"escape-time {value or 'unknown'}")


def clipboard(value: str) -> Finding:
    if value == "off":
        return note("tmux", "set-clipboard is off: y copies into tmux only", "tmux set -s set-clipboard on")  # fmt: skip
    return ok("tmux", f"set-clipboard {value or 'unknown'}")


def tmux(option: str) -> str:
    """The value of a server option; "" when tmux does not answer."""
    try:
        asked = subprocess.run(
            ["tmux", "show-options", "-sv", option], capture_output=True, text=True, timeout=2, check=False
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip()
