"""Alembic looks for this file; sdesk runs migrations from its own code (see the package)."""
