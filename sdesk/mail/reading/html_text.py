"""HTML to text."""

from __future__ import annotations

import re

from sdesk.mail.reading.limits import Budget
from sdesk.text import clean


def html_text(html: str, _budget: Budget) -> str:
    """What the page says."""
    import lxml.html

    return clean(
        re.sub(r"\n{3,}", "\n\n", lxml.html.fromstring(html or "<p>").text_content())
    ).strip()
