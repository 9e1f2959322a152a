"""Fetching mail: from IMAP, a Maildir, an mbox file, or `.eml` files.

A source finds mails and hands their bytes over; they are committed before the source is told to
flag or move them. What happens in between twice happens to the same spot of the mailbox.
"""

from __future__ import annotations

from sdesk.mail.fetch.rounds import Fetched, fetch
from sdesk.mail.fetch.source import MOST, Found, Source, open_source

__all__ = ["MOST", "Fetched", "Found", "Source", "fetch", "open_source"]
