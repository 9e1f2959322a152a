"""What revision 0004 does on PostgreSQL alone: search by `tsvector`, word of changes, who may see what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    search()
    numbers()


WORDS = (
    r"""ALTER TABLE ticket_text ADD COLUMN words tsvector NOT NULL GENERATED ALWAYS AS (
       array_to_tsvector(array_remove(string_to_array(subject || body || people
         || replace(rtrim(subject), ' ', ' .') || replace(rtrim(people), ' ', ' @'), ' '), ''))) STORED""",
    "CREATE INDEX ticket_text_words ON ticket_text USING gin (words)",
)
NEXT = r"""CREATE OR REPLACE FUNCTION sdesk_next(of_table regclass) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      top bigint;
      now_text text := extract(epoch FROM statement_timestamp())::text;
      name text := 'sdesk.next_' || of_table::oid;
      said text[] := string_to_array(current_setting(name, true), ' ');
    BEGIN
      EXECUTE format('SELECT coalesce(max(id), 0) FROM %s', of_table) INTO top;
      IF said[1] = now_text THEN top := greatest(top, said[2]::bigint); END IF;
      PERFORM set_config(name, now_text || ' ' || (top + 1), true);
      RETURN top + 1;
    END $$"""
"""The number after the highest there is, as SQLite gives it: none is left out after what was taken back.
Writers hold the chain's lock. A statement doesn't see its own rows, so it remembers what it has given."""


def search() -> None:
    """The folded words of a document as they stand; those of the subject marked by a dot once more and
    those of the people by an @, which no folded word has. No parser of a locale has a part in it."""
    for statement in WORDS:
        op.execute(statement)


def numbers() -> None:
    op.execute(NEXT)
    found = op.get_bind().execute(
        sa.text(
            "SELECT table_name, pg_get_serial_sequence(quote_ident(table_name), column_name)"
            " FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND column_default LIKE 'nextval(%'"
        )
    )
    for table, sequence in found.fetchall():
        op.execute(f"ALTER TABLE {table} ALTER COLUMN id SET DEFAULT sdesk_next('{table}')")
        op.execute(f"DROP SEQUENCE {sequence}")
