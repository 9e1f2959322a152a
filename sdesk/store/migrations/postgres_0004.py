"""What revision 0004 does on PostgreSQL alone: search by `tsvector`, word of changes, who may see what.

Who may do what is held by the database, so that it holds against whatever program an agent connects
with: by grants (`store/roles.py`), by row-level security and by triggers (here). The functions say
what an agent needs of rows that it may not see, and no more; they run as the desk's owner, with a
search path of their own. The owner itself and its members are bound by none of it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

CHAIN_LOCK = 0x5344_534B
"""As in `store/engine.py`."""


def upgrade() -> None:
    path = op.get_bind().execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
    pinned = f"SECURITY DEFINER SET search_path = pg_catalog, {path}, pg_temp"
    texts()
    for statement in (*FUNCTIONS, *TRIGGERS, FOUND):
        op.execute(statement.replace("PINNED", pinned))
    search()
    numbers()
    restrict()
    # Before version 15 everybody could put something of their own in the way of what stands there.
    op.execute(f"REVOKE CREATE ON SCHEMA {path} FROM PUBLIC")
    for function in (*PRIVATE, *OF_TRIGGERS):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")


FUNCTIONS = (
    """CREATE TABLE IF NOT EXISTS sdesk_letting_go (xact xid8, ticket_id integer,
       PRIMARY KEY (xact, ticket_id))""",
    # The agent's rank at the desk: 2 an admin or the owner, 1 leads, 0 works, -1 nobody.
    """CREATE OR REPLACE FUNCTION sdesk_rank() RETURNS integer LANGUAGE plpgsql STABLE PARALLEL SAFE
       PINNED AS $$
       BEGIN
         IF pg_has_role(session_user, current_user, 'USAGE') THEN RETURN 2; END IF;
         RETURN coalesce((SELECT CASE a.role WHEN 'admin' THEN 2 WHEN 'lead' THEN 1 ELSE 0 END
           FROM agent a WHERE a.login = session_user::text AND a.active = 1), -1);
       END $$""",
    # As rules/access.may_see says it. What a transaction has just given away it may still finish.
    """CREATE OR REPLACE FUNCTION sdesk_hidden() RETURNS SETOF integer LANGUAGE plpgsql STABLE
       PARALLEL SAFE ROWS 20 PINNED AS $$
       DECLARE
         me text := session_user;
         rank integer := sdesk_rank();
       BEGIN
         IF rank = 2 THEN RETURN; END IF;
         RETURN QUERY SELECT t.id FROM ticket t WHERE t.restricted = 1
           AND NOT (rank >= 0 AND (me IN (t.owner, t.assignee)
             OR t.queue IN (SELECT m.queue FROM member m WHERE m.agent = me)))
           AND NOT EXISTS (SELECT FROM sdesk_letting_go l
             WHERE l.ticket_id = t.id AND l.xact = pg_current_xact_id_if_assigned());
       END $$""",
    # The same as a table, for whoever is an agent: of a few rows each is looked up, of many all at once,
    # which a function's answer can't be. It is read with the owner's rights.
    """CREATE OR REPLACE VIEW sdesk_concealed AS
       SELECT t.id FROM ticket t WHERE t.restricted = 1
         AND NOT (session_user::text IN (t.owner, t.assignee)
           OR t.queue IN (SELECT m.queue FROM member m WHERE m.agent = session_user::text))
         AND NOT EXISTS (SELECT FROM sdesk_letting_go l
           WHERE l.ticket_id = t.id AND l.xact = pg_current_xact_id_if_assigned())""",
    # The same answer for a ticket that is hidden and for one that isn't there.
    """CREATE OR REPLACE FUNCTION sdesk_may(number bigint) RETURNS boolean LANGUAGE plpgsql STABLE
       PARALLEL SAFE PINNED AS $$
       BEGIN
         RETURN EXISTS (SELECT FROM ticket t WHERE t.id = number AND t.restricted = 0)
           OR (EXISTS (SELECT FROM ticket t WHERE t.id = number)
             AND number NOT IN (SELECT sdesk_hidden()));
       END $$""",
    """CREATE OR REPLACE FUNCTION sdesk_hidden_entries() RETURNS SETOF integer LANGUAGE plpgsql STABLE
       PARALLEL SAFE ROWS 50 PINNED AS $$
       BEGIN
         RETURN QUERY SELECT e.id FROM sdesk_hidden() h (id) JOIN entry e ON e.ticket_id = h.id;
       END $$""",
    # Bytes that only hidden tickets have; whoever has the same file on a ticket of their own sees it.
    """CREATE OR REPLACE FUNCTION sdesk_hidden_blobs() RETURNS SETOF text LANGUAGE plpgsql STABLE
       PARALLEL SAFE ROWS 20 PINNED AS $$
       BEGIN
         RETURN QUERY
         WITH hidden AS MATERIALIZED (SELECT h.id FROM sdesk_hidden() h (id)),
         found AS MATERIALIZED (
           SELECT a.sha256 FROM hidden h JOIN attachment a ON a.ticket_id = h.id
           UNION SELECT m.sha256 FROM hidden h JOIN mail m ON m.ticket_id = h.id)
         SELECT f.sha256 FROM found f
         WHERE NOT EXISTS (SELECT FROM attachment a WHERE a.sha256 = f.sha256
             AND a.ticket_id NOT IN (SELECT id FROM hidden))
           AND NOT EXISTS (SELECT FROM mail m WHERE m.sha256 = f.sha256
             AND (m.ticket_id IS NULL OR m.ticket_id NOT IN (SELECT id FROM hidden)));
       END $$""",
    f"""CREATE OR REPLACE FUNCTION sdesk_chain_end(OUT id integer, OUT hash text) RETURNS SETOF record
       LANGUAGE plpgsql PINNED AS $$
       BEGIN
         PERFORM pg_advisory_xact_lock({CHAIN_LOCK});
         RETURN QUERY SELECT e.id, e.hash FROM event e ORDER BY e.id DESC LIMIT 1;
       END $$""",
    """CREATE OR REPLACE FUNCTION sdesk_tell() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN PERFORM pg_notify('sdesk', TG_ARGV[0]); RETURN NULL; END $$""",
    """CREATE OR REPLACE FUNCTION sdesk_let_go() RETURNS trigger LANGUAGE plpgsql PINNED AS $$
       BEGIN
         -- Anybody may hang a trigger on a table of their own.
         IF TG_RELID <> 'ticket'::regclass THEN RETURN NULL; END IF;
         IF sdesk_rank() < 2 AND NOT (session_user::text IN (NEW.owner, NEW.assignee) OR EXISTS (
           SELECT FROM member m WHERE m.queue = NEW.queue AND m.agent = session_user::text))
         THEN
           DELETE FROM sdesk_letting_go WHERE xact <> pg_current_xact_id();
           INSERT INTO sdesk_letting_go VALUES (pg_current_xact_id(), NEW.id) ON CONFLICT DO NOTHING;
         END IF;
         RETURN NULL;
       END $$""",
    # What stands in a policy would be asked of a ticket whose parent another has hidden, at every change.
    """CREATE OR REPLACE FUNCTION sdesk_tie() RETURNS trigger LANGUAGE plpgsql PINNED AS $$
       BEGIN
         IF sdesk_rank() < 2 AND NOT (sdesk_may(coalesce(NEW.parent_id, NEW.id))
           AND sdesk_may(coalesce(NEW.merged_into, NEW.id)))
         THEN
           RAISE EXCEPTION 'a ticket that is not there can''t be tied to' USING ERRCODE = 'insufficient_privilege';
         END IF;
         RETURN NULL;
       END $$""",
    # Nobody writes in another's name, or past the end of the chain. Imports and the worker, whose
    # events have many authors, are an admin's or the owner's.
    """CREATE OR REPLACE FUNCTION sdesk_event_guard() RETURNS trigger LANGUAGE plpgsql PINNED AS $$
       DECLARE
         last record;
       BEGIN
         IF sdesk_rank() = 2 THEN RETURN NEW; END IF;
         IF NEW.actor <> session_user::text
           AND NOT (NEW.actor = 'sdesk' AND NEW.source IN ('timer', 'rule'))
         THEN
           RAISE EXCEPTION '% can''t write in the name of %', session_user, quote_literal(NEW.actor)
             USING ERRCODE = 'insufficient_privilege';
         END IF;
         SELECT e.id, e.hash INTO last FROM event e ORDER BY e.id DESC LIMIT 1;
         IF NEW.id <> coalesce(last.id, 0) + 1
           OR NEW.digest <> encode(sha256(convert_to(NEW.salt || NEW.payload, 'UTF8')), 'hex')
           OR NEW.hash <> encode(sha256(convert_to(concat_ws(chr(31), coalesce(last.hash, ''),
             NEW.id, coalesce(NEW.ticket_id::text, 'None'), NEW.at, NEW.actor, NEW.kind, NEW.source,
             NEW.batch, coalesce(NEW.cause_id::text, 'None'), NEW.rule, NEW.digest), 'UTF8')), 'hex')
         THEN
           RAISE EXCEPTION 'the event does not follow the one before it'
             USING ERRCODE = 'insufficient_privilege';
         END IF;
         RETURN NEW;
       END $$""",
)
PRIVATE = (
    "sdesk_rank()", "sdesk_hidden()", "sdesk_may(bigint)", "sdesk_hidden_entries()",
    "sdesk_hidden_blobs()", "sdesk_chain_end()", "sdesk_next(regclass)", "sdesk_found(tsquery)",
)  # fmt: skip
"""Functions that run as the owner: for the desk's agents only."""
OF_TRIGGERS = ("sdesk_let_go()", "sdesk_tie()", "sdesk_event_guard()", "sdesk_tell()")
"""Nobody's but the desk's own tables': on a table of another shape they would be told lies."""
_MOVED = "OLD.ticket_id IS DISTINCT FROM NEW.ticket_id OR OLD.doing IS DISTINCT FROM NEW.doing"
TRIGGERS = (
    """CREATE OR REPLACE TRIGGER sdesk_tell AFTER INSERT ON event
       FOR EACH STATEMENT EXECUTE FUNCTION sdesk_tell('event')""",
    """CREATE OR REPLACE TRIGGER sdesk_tell AFTER INSERT OR UPDATE ON setting
       FOR EACH ROW WHEN (NEW.name = 'clocks_renewed') EXECUTE FUNCTION sdesk_tell('event')""",
    """CREATE OR REPLACE TRIGGER sdesk_tell AFTER INSERT OR DELETE ON presence
       FOR EACH ROW EXECUTE FUNCTION sdesk_tell('company')""",
    f"""CREATE OR REPLACE TRIGGER sdesk_tell_moved AFTER UPDATE ON presence
       FOR EACH ROW WHEN ({_MOVED}) EXECUTE FUNCTION sdesk_tell('company')""",
    """CREATE OR REPLACE TRIGGER sdesk_let_go AFTER INSERT OR UPDATE ON ticket
       FOR EACH ROW WHEN (NEW.restricted = 1) EXECUTE FUNCTION sdesk_let_go()""",
    """CREATE OR REPLACE TRIGGER sdesk_tie AFTER INSERT OR UPDATE OF parent_id, merged_into ON ticket
       FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL OR NEW.merged_into IS NOT NULL)
       EXECUTE FUNCTION sdesk_tie()""",
    """CREATE OR REPLACE TRIGGER sdesk_event_guard BEFORE INSERT ON event
       FOR EACH ROW EXECUTE FUNCTION sdesk_event_guard()""",
)
OF_TICKETS = (
    "tag", "field", "entry", "event", "clock", "seen", "notice", "attachment", "worked",
    "check_item", "watcher", "outbox", "mail", "letter", "participant", "survey", "alarm",
    "delivery", "ticket_text",
)  # fmt: skip
"""Tables whose rows are seen and written by whoever sees their ticket; nobody's where they have none."""
_WORKS = "(SELECT sdesk_rank()) >= 0"
_READS = "CASE (SELECT sdesk_rank()) WHEN 2 THEN true WHEN -1 THEN false ELSE {0} END"
"""Who has left the desk sees nothing any more, whatever the server still permits; an admin sees all."""
_CONCEALED = "EXISTS (SELECT FROM sdesk_concealed h WHERE h.id = {0})"
_SEEN = f"({{0}} IS NULL OR NOT {_CONCEALED})"
_MAY = "({0} IS NULL OR sdesk_may({0}))"
_NONE = f"({{0}} = 0 OR NOT {_CONCEALED})"
_MAY_NONE = "(ticket_id = 0 OR sdesk_may(ticket_id))"
_OWN = "(agent = session_user::text OR (SELECT sdesk_rank()) = 2)"
_ENTRY = "entry_id NOT IN (SELECT sdesk_hidden_entries())"
_OF_ENTRY = "(entry_id IS NULL OR EXISTS (SELECT FROM entry e WHERE e.id = entry_id))"
"""As the agent sees entries: what is hidden is sent to nobody."""
OTHERS: dict[str, tuple[str, str]] = {
    # Which are hidden is asked only where a row is restricted.
    "ticket": ("(restricted = 0 OR id NOT IN (SELECT sdesk_hidden()))",) * 2,
    "link": (
        f"{_SEEN.format('link.ticket_id')} AND {_SEEN.format('link.to_id')}",
        f"{_MAY.format('ticket_id')} AND {_MAY.format('to_id')}",
    ),
    "draft": (f"{_OWN} AND {_NONE.format('draft.ticket_id')}", f"{_OWN} AND {_MAY_NONE}"),
    "stopwatch": (f"{_OWN} AND {_NONE.format('stopwatch.ticket_id')}", f"{_OWN} AND {_MAY_NONE}"),
    "presence": (_NONE.format("presence.ticket_id"), f"{_OWN} AND {_MAY_NONE}"),
    "mention": (_ENTRY, _ENTRY),
    "blob": ("sha256 NOT IN (SELECT sdesk_hidden_blobs())", "true"),
    "person": ("true", "true"),
    "organization": ("true", "true"),
}
"""Table → which of its rows are seen, and which may be written."""
_LEADS = "(SELECT sdesk_rank()) >= 1"
_OWNED = f"(owner = session_user::text OR (SELECT sdesk_rank()) = 2 OR (owner = '' AND {_LEADS}))"
_READ_OWNED = "(owner IN ('', session_user::text) OR (SELECT sdesk_rank()) = 2)"
BY_RANK: dict[str, tuple[str, str]] = {
    "view": (_READ_OWNED, _OWNED),
    "template": (_READ_OWNED, _OWNED),
    "macro": (_READ_OWNED, _OWNED),
    "category": ("true", _LEADS),
    "announcement": (
        _SEEN.format("announcement.ticket_id"),
        f"{_LEADS} AND {_MAY.format('ticket_id')}",
    ),
    "upkeep": ("true", "(name = 'head' OR (SELECT sdesk_rank()) = 2)"),
}
"""Table → which of its rows are read, and which are made, changed and taken away."""


def restrict() -> None:
    """Row-level security on every table that tells of tickets."""
    op.execute("ALTER TABLE sdesk_letting_go ENABLE ROW LEVEL SECURITY")
    of_tickets = {
        table: (_SEEN.format(f"{table}.ticket_id"), _MAY.format("ticket_id"))
        for table in OF_TICKETS
    }
    for table in ("outbox", "letter"):
        seen, written = of_tickets[table]
        of_tickets[table] = (
            seen,
            f"{written} AND {_OF_ENTRY.replace('entry_id', f'{table}.entry_id')}",
        )
    for table, (seen, written) in (of_tickets | OTHERS).items():
        rule = f"USING ({_READS.format(seen)}) WITH CHECK ({_WORKS} AND {written})"
        _policy(table, "all_of_it", "ALL", rule)
    for table, (read, written) in BY_RANK.items():
        _policy(table, "read", "SELECT", f"USING ({read})")
        _policy(table, "made", "INSERT", f"WITH CHECK ({written})")
        _policy(table, "changed", "UPDATE", f"USING ({written}) WITH CHECK ({written})")
        _policy(table, "dropped", "DELETE", f"USING ({written})")


def _policy(table: str, name: str, command: str, what: str) -> None:
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    op.execute(f'DROP POLICY IF EXISTS sdesk_{name} ON "{table}"')
    op.execute(f'CREATE POLICY sdesk_{name} ON "{table}" FOR {command} {what}')


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
      -- What another has made (a view that calls a function, say) would run as the owner here.
      IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = of_table AND c.relkind = 'r'
        AND pg_get_userbyid(c.relowner) = current_user)
      THEN
        RAISE EXCEPTION '% is no table of the desk', of_table USING ERRCODE = 'insufficient_privilege';
      END IF;
      PERFORM pg_advisory_xact_lock(CHAIN_LOCK);
      EXECUTE format('SELECT coalesce(max(id), 0) FROM %s', of_table) INTO top;
      IF said[1] = now_text THEN top := greatest(top, said[2]::bigint); END IF;
      PERFORM set_config(name, now_text || ' ' || (top + 1), true);
      RETURN top + 1;
    END $$"""
"""The number after the highest there is, as SQLite gives it: none is left out after what was taken back.
It takes the chain's lock before it looks. A statement doesn't see its own rows, so it remembers what it has given."""


FOUND = """CREATE OR REPLACE FUNCTION sdesk_found(asked tsquery) RETURNS SETOF integer
    LANGUAGE plpgsql STABLE ROWS 100 PINNED AS $$ BEGIN
      RETURN QUERY SELECT x.ticket_id FROM ticket_text x
        WHERE x.words @@ asked AND x.ticket_id NOT IN (SELECT sdesk_hidden());
    END $$"""
"""For whoever sees only some tickets: behind a policy the index on words is never used, as the server
can't know that looking for words tells nothing of what is hidden."""


def texts() -> None:
    """Text is compared and put in order by its bytes, as SQLite does it, whatever the database's locale."""
    found = op.get_bind().execute(
        sa.text(
            "SELECT quote_ident(c.relname), string_agg(format("
            "'ALTER COLUMN %I TYPE text COLLATE \"C\"', a.attname), ', ')"
            " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
            " AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'text'::regtype"
            " AND a.attcollation <> '\"C\"'::regcollation GROUP BY c.relname"
        )
    )
    for table, columns in found.fetchall():
        op.execute(f"ALTER TABLE {table} {columns}")


def search() -> None:
    """The folded words of a document as they stand; those of the subject marked by a dot once more and
    those of the people by an @, which no folded word has. No parser of a locale has a part in it."""
    for statement in WORDS:
        op.execute(statement)


def numbers() -> None:
    op.execute(NEXT.replace("CHAIN_LOCK", str(CHAIN_LOCK)))
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
