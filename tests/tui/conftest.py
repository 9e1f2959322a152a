"""The screens' tests: on a terminal that is the same wherever they run."""

from __future__ import annotations

import pytest

from sdesk.widgets.seen import Seen


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A near terminal of 16 colours that knows UTF-8, and a desk that remembers nothing."""
    for name in (
        "COLORTERM",
        "NO_COLOR",
        "SSH_CONNECTION",
        "SSH_TTY",
        "TMUX",
        "LC_ALL",
        "LC_CTYPE",
    ):
        monkeypatch.delenv(name, raising=False)
    for name in ("SDESK_THEME", "SDESK_FRUGAL", "SDESK_DRIVER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Seen, "reaction", 0.0)  # a test has seen what has been painted
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LANG", "C.UTF-8")
    state = tmp_path_factory.getbasetemp() / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
