"""Trust: erasing what people have a right to have erased, retention, and what upkeep remembers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_KEPT = ("id", "ticket_id", "at", "actor", "kind", "source", "batch", "cause_id", "rule", "digest", "hash")  # fmt: skip
"""The columns of an event that nothing changes, ever."""
ERASABLE_SQLITE = (
    "DROP TRIGGER event_is_not_changed",
    f"""CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event
       WHEN NOT (NEW.salt = '' AND {" AND ".join(f"NEW.{name} IS OLD.{name}" for name in _KEPT)})
       BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
)
ERASABLE_POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN
         IF TG_OP = 'UPDATE' AND NEW.salt = ''
            AND {" AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in _KEPT)}
         THEN RETURN NEW; END IF;
         RAISE EXCEPTION 'events are append-only';
       END $$""",
)
"""A payload can be erased: another text in its place and the salt gone, nothing else. Which events were,
and what stands there now, is told by an event of its own (`erased`), or the history was tampered with."""


def upgrade() -> None:
    op.add_column("person", sa.Column("erased_at", sa.BigInteger(), nullable=True))
    op.add_column("ticket", sa.Column("erased_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "retention",
        _text("name"), _text("query"), _text("after"), _text("action", "erase"),
        sa.PrimaryKeyConstraint("name"),
    )  # fmt: skip
    op.create_table(
        "upkeep",
        _text("name"),
        sa.Column("at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        _text("value"),
        sa.PrimaryKeyConstraint("name"),
    )
    hidden = sa.text("restricted = 1")
    op.create_index(
        "ticket_restricted", "ticket", ["id"], sqlite_where=hidden, postgresql_where=hidden
    )
    nobodys = sa.text("ticket_id IS NULL")
    op.create_index("event_setup", "event", ["id"], sqlite_where=nobodys, postgresql_where=nobodys)
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in ERASABLE_SQLITE if sqlite else ERASABLE_POSTGRESQL:
        op.execute(sa.text(statement))
    if not sqlite:
        from sdesk.store.migrations.postgres_0004 import upgrade as upgrade_postgres

        upgrade_postgres()


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)
