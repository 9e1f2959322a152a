"""Search and lists over an existing store: `python -m bench.bench_search STORE`, as `name ms` lines.

The words are chosen from the store itself: one in most tickets, one in a few hundred, one in none.
The floor is a look-up of one ticket by its number, by the same connection in the same run.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sdesk.rules.query import Context, parse
from sdesk.store import finding
from sdesk.store.reader import SqliteReader
from sdesk.store.where import compile as compile_query

PAGE = 50
TARGET_MS = 50


def words(reader: SqliteReader) -> tuple[str, str, str]:
    """A common, a middling and a rare word of the store's own."""
    sql = "SELECT subject || body FROM ticket_text WHERE ticket_id % 97 = 0 ORDER BY ticket_id DESC LIMIT 5000"
    documents = [set(row[0].split()) for row in reader.all(sql)]
    counted = Counter(
        word for document in documents for word in document if word.isalpha() and len(word) > 4
    )
    ranked = [word for word, _ in counted.most_common()]
    return ranked[0], ranked[len(ranked) // 8], ranked[-1]


def phrase(reader: SqliteReader) -> str:
    row = reader.one("SELECT subject FROM ticket_text ORDER BY ticket_id DESC LIMIT 1")
    return " ".join((row[0] if row else "").split()[:2])


def milliseconds(ask: Callable[[], object], times: int = 9) -> float:
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        ask()
        spent.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(spent)


def queries(reader: SqliteReader) -> dict[str, str]:
    common, middling, rare = words(reader)
    return {
        "word_rare": rare,
        "word_middling": middling,
        "word_common": common,
        "word_absent": "zzyzx",
        "two_words": f"{common} {middling}",
        "without_a_word": f"{middling} -{common}",
        "either_word": f"{common} or {rare}",
        "phrase": f'"{phrase(reader)}"',
        "prefix_2": f"{common[:2]}*",
        "prefix_3": f"{common[:3]}*",
        "prefix_5": f"{rare[:5]}*",
        "subject_prefix": f"subject:{common[:3]}*",
        "word_open": f"{common} state:open",
        "word_open_by_due": f"{common} state:open sort:due",
        "rare_open_by_due": f"{rare} state:open sort:due",
        "phrase_open_by_due": f'"{phrase(reader)}" state:open sort:due',
        "prefix_open_by_due": f"{common[:3]}* state:open sort:due",
        "open_by_due": "state:open sort:due",
        "unassigned": "state:open is:unassigned sort:due",
        "at_risk": "state:open is:at-risk sort:due",
        "breached": "state:open is:breached sort:due",
        "by_priority": "state:open sort:priority,due",
    }


def main(store: str) -> None:
    reader = SqliteReader(Path(store).resolve())
    row = reader.one("SELECT max(id), count(*), sum(live) FROM ticket") or (0, 0, 0)
    print(f"# {row[1]:,} tickets, {row[2]:,} live, first {PAGE}", file=sys.stderr)
    latest = reader.one("SELECT max(updated_at) FROM ticket") or (0,)
    context = Context(me="", now=latest[0] or 0)
    floor = milliseconds(
        lambda: reader.one("SELECT subject FROM ticket WHERE id = :id", {"id": row[0]})
    )
    print(f"floor_one_ticket {floor:.3f}")
    for name, text in queries(reader).items():
        clause = compile_query(parse(text), context, "sqlite")
        page = milliseconds(lambda clause=clause: finding.ids(reader, clause, limit=PAGE))  # type: ignore[misc]
        count = milliseconds(lambda clause=clause: finding.count(reader, clause, at_most=10_000), 3)  # type: ignore[misc]
        late = " LATE" if page > TARGET_MS else ""
        print(f"search_{name} {page:.3f}{late}\ncount_{name} {count:.3f}", flush=True)
    reader.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m bench.bench_search STORE")
    main(sys.argv[1])
