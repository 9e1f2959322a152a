"""The store's half of sending: who takes a letter, and what became of it.

A letter is leased before it is given to a server, so that of two senders one has it; a sender that
died leaves a lease that runs out. What a server said is written down before the next letter is
looked at. Sending itself is the front's (`sdesk.mail`).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import text

from sdesk.desk import Desk, now_seconds
from sdesk.model import Instant, Source
from sdesk.posted import FAILED, Posted
from sdesk.store import letters, outbox
from sdesk.store.reads.letters import COLUMNS, posted
from sdesk.text import clean_line, cut

if TYPE_CHECKING:
    from pathlib import Path

    from sdesk.door import Work

ACTOR = "sdesk"
PAUSES = (60, 300, 1_800, 7_200, 14_400, 28_800, 43_200)
"""Seconds to the next try after the first, the second …; the last for all further ones."""
GIVE_UP = 48 * 3_600
"""Seconds after which a letter that no server took has failed."""
LEASE = 1_200
"""Seconds for which a sender has a letter to itself; no try takes longer (`sdesk.mail.smtp`)."""
DOMAIN_REST = 60
"""Seconds for which letters to a domain wait after it put one off."""

_DUE = text(
    f"SELECT {COLUMNS}, holder, held_until FROM letter WHERE state = 'waiting' AND next_at <= :now"
    " ORDER BY next_at, id LIMIT 50"
)
_TAKE = text(
    "UPDATE letter SET holder = :holder, held_until = :until, tries = tries + 1 WHERE id = :id"
)
_OURS = " WHERE id = :id AND holder = :holder AND state = 'waiting'"


class Sending:
    """One sender at one store. For one thread."""

    def __init__(self, place: str | Path, *, clock: Callable[[], Instant] = now_seconds) -> None:
        self.desk = Desk.open(place, actor=ACTOR, source=Source.MAIL, clock=clock)
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"

    def next_at(self) -> Instant | None:
        """When there is something to do next; None when nothing waits."""
        return self.desk.read.next_letter_at()

    def lease(self) -> Posted | None:
        """The letter that is due first, for us alone; its replies can't be taken back from now on."""
        coming, now = self.next_at(), self.desk.now()
        if coming is None or coming > now:
            return None
        with self.desk.door().writer.write() as session:
            outbox.release(session, now)
            for row in session.execute(_DUE, {"now": now}).all():
                if self._is_free(row[-2], row[-1], now):
                    values = {"holder": self.holder, "until": now + LEASE, "id": row[0]}
                    session.execute(_TAKE, values)
                    found = posted(tuple(row[:-2]))
                    return found._replace(tries=found.tries + 1)
        return None

    def _is_free(self, holder: str, held_until: Instant | None, now: Instant) -> bool:
        # A lease that lies too far ahead was taken before the clock was set back.
        if not holder or held_until is None or not now < held_until <= now + LEASE:
            return True
        return _is_gone(holder)

    def sent(self, letter: Posted, answer: str) -> None:
        """A server has taken it, whole or for some of its recipients."""
        self._mark(letter, "state = 'sent', sent_at = :now, next_at = NULL", answer)

    def partly(self, letter: Posted, answer: str, refused: Mapping[str, str]) -> None:
        """A server has taken it for some; that others were refused is said on the ticket. It has
        failed where the one it is for is among them."""
        said = "; ".join(refused.values())
        is_lost = letter.to[0] in refused
        state = f"'{FAILED}'" if is_lost else "'sent', sent_at = :now"
        with self.desk.door().transaction() as work:
            set_to = f"state = {state}, next_at = NULL"
            if self._mark_in(work.session, letter, set_to, said if is_lost else answer, {}):
                letters.tell_lost(work.tx, letter._replace(to=tuple(refused)), FAILED, said)

    def put_off(self, letter: Posted, answer: str, *, rest: str = "") -> bool:
        """It is tried again later; False where it has been tried long enough and has failed.

        Letters to the domain `rest` wait a moment as well: it has asked for that.
        """
        now, last = self.desk.now(), letter.send_after + GIVE_UP
        if now >= last:
            self.fail(letter, answer)
            return False
        pause = PAUSES[min(letter.tries, len(PAUSES)) - 1]
        self._mark(letter, "next_at = :next", answer, next=min(now + pause, last))
        if rest:
            self._rest(rest, now)
        return True

    def give_back(self, letter: Posted, answer: str, pause: int) -> bool:
        """Nothing was tried, for no server could be spoken to: as if it had not been taken. False
        where that has gone on for so long that it has failed."""
        now = self.desk.now()
        if now >= letter.send_after + GIVE_UP:
            self.fail(letter, answer)
            return False
        self._mark(letter, "next_at = :next, tries = tries - 1", answer, next=now + pause)
        return True

    def fail(self, letter: Posted, answer: str) -> None:
        """It will not arrive: said on the ticket, and to whoever has it."""
        with self.desk.door().transaction() as work:
            set_to = f"state = '{FAILED}', next_at = NULL"
            if self._mark_in(work.session, letter, set_to, answer, {}):
                letters.tell_lost(work.tx, letter, FAILED, answer)

    def _rest(self, domain: str, now: Instant) -> None:
        later = text(
            "UPDATE letter SET next_at = :until WHERE state = 'waiting' AND next_at < :until"
            " AND recipients LIKE :domain ESCAPE '\\' AND (held_until IS NULL OR held_until <= :now)"
        )
        escaped = domain.replace("\\", "").replace("_", "\\_").replace("%", "\\%")
        values = {"until": now + DOMAIN_REST, "domain": f'%@{escaped}"%', "now": now}
        with self.desk.door().writer.write() as session:
            session.execute(later, values)

    def _mark(self, letter: Posted, set_to: str, answer: str, **values: object) -> None:
        with self.desk.door().writer.write() as session:
            self._mark_in(session, letter, set_to, answer, values)

    def _mark_in(
        self, session: object, letter: Posted, set_to: str, answer: str, values: dict[str, object]
    ) -> bool:
        """Write down what became of it, unless another sender has it by now."""
        said = cut(clean_line(answer), letters.MAX_ANSWER)
        sql = f"UPDATE letter SET {set_to}, answer = :answer, held_until = NULL, holder = ''{_OURS}"
        known = {"id": letter.id, "holder": self.holder, "answer": said, **values}
        if ":now" in set_to:
            known["now"] = self.desk.now()
        return bool(session.execute(text(sql), known).rowcount)  # type: ignore[attr-defined]

    def close(self) -> None:
        self.desk.close()


def _is_gone(holder: str) -> bool:
    """Whether the process that held a lease ran on this host and does so no more."""
    host, _, rest = holder.partition(":")
    number = rest.partition(":")[0]
    if host != socket.gethostname() or not number.isdigit() or int(number) == os.getpid():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def bounced(work: Work, letter: int, fates: Iterable[tuple[str, str, str, str]]) -> bool:
    """A report on a letter of ours has come: (recipient, action, status, diagnostic) each. Whether it
    says that it did not arrive. For intake, inside its own transaction."""
    lost = [fate for fate in fates if fate[1].casefold() == "failed" or fate[2].startswith("5")]
    words = "; ".join(f"{clean_line(f[0])}: {f[2]} {clean_line(f[3])}".strip() for f in lost[:5])
    return bool(lost) and letters.bounced(work.tx, letter, words)


__all__ = ["GIVE_UP", "LEASE", "PAUSES", "Sending", "bounced"]
