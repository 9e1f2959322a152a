"""Both engines, side by side."""

from tests.databases import postgres_template  # noqa: F401
