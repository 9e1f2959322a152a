"""The sign of new notices, at the right end of every screen's head."""

from __future__ import annotations

from sdesk.widgets.line_view import LineView

SIGN = "✉"
MOST = 999


class Letters(LineView):
    """A head: it shows how many notices the app knows to be new."""

    def letters(self) -> str:
        """ "✉ 3", or nothing."""
        count = int(getattr(self.app, "letters", 0))
        if not count:
            return ""
        return f"{SIGN} {count}" if count <= MOST else f"{SIGN} {MOST}+"
