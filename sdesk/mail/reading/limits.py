"""How much of a mail is read. What lies beyond is kept in the raw mail, and the message says so."""

from __future__ import annotations

import time

SIZE = 25_000_000
"""Bytes of a mail."""
HEADERS = 256_000
"""Bytes of the headers of a mail or a part."""
DEPTH = 20
"""Parts within parts, and mails within mails."""
PARTS = 200
SECONDS = 2.0
"""Of this thread's own time, so that a busy host reads as much as an idle one."""
MAILBOXES = 500
"""Recipients of one header that are read."""
FIELDS = 2_000
"""Headers of a mail or a part."""
TEXT = 1_000_000
"""Characters of all text in a mail."""
HTML = 1_000_000
"""Characters of all HTML in a mail."""
TAGS = 20_000
"""Tags of all HTML in a mail, opening and closing ones."""
QUOTES = 256_000
"""Characters in which quotes and signatures are looked for."""


class Budget:
    """What reading one mail may still cost, and what was left out because of it."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.ends = time.thread_time() + seconds
        self.parts = 0
        self.text, self.html, self.tags = TEXT, HTML, TAGS
        self.damaged: dict[str, None] = {}

    def damage(self, sentence: str) -> None:
        """Say once why the mail is not read whole."""
        self.damaged.setdefault(sentence)

    def taken(self, text: str) -> str:
        """As much of a text as there is room for in the message."""
        if len(text) > self.text:
            self.damage(f"Its text is longer than {TEXT:,} characters; the beginning is shown.")
        kept = text[: self.text]
        self.text -= len(kept)
        return kept

    def is_spent(self) -> bool:
        """Whether the time is over; it is said, too."""
        if time.thread_time() < self.ends:
            return False
        self.damage(f"Reading it took more than {SECONDS:g} seconds.")
        return True
