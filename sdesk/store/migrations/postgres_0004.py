"""What revision 0004 does on PostgreSQL alone: search by `tsvector`, word of changes, who may see what."""

from __future__ import annotations


def upgrade() -> None:
    return None
