"""A mail read: raw bytes in, a `Message` out. Pure, linear, and it takes whatever the world sends.

The store keeps the raw mail before anything of it is read, so that nothing here can lose one: what
is too large, too deep or too broken is left out of the message, and the message says so.
"""

from __future__ import annotations

from sdesk.mail.reading.reader import read
from sdesk.mail.reading.values import Address, Fate, Message, Part, Report

__all__ = ["Address", "Fate", "Message", "Part", "Report", "read"]
