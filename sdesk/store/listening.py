"""Hear of commits at a PostgreSQL server: `LISTEN` in a thread of its own, so that nobody waits for it.

The server tells of every event (`sdesk_tell`, a trigger). A connection that was dropped is made again,
with growing pauses, and what was missed meanwhile counts as one change. Where the engine knows no
`LISTEN`, or something between swallows what it says, the newest event's number is asked for instead.
"""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING, Any

from sdesk.errors import SdeskError
from sdesk.store.postgres import connect
from sdesk.store.watch import SIGN

if TYPE_CHECKING:
    from sdesk.store.reader import Reader, Row

CHANNEL = "sdesk"
EVENT = "event"
"""What the server says of a change that screens show; anything else stirs only."""
BREATH = 0.5
"""Seconds after which the thread looks whether it is to end, and between two looks without `LISTEN`."""
DOUBT = 20.0
"""Seconds after which the sign is looked at although nothing was heard."""
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds to wait before the connection is tried for the first time after it was lost, the second …"""


class PostgresWatch:
    """What was heard since it was last asked. `changed` asks nobody and never waits."""

    def __init__(self, reader: Reader, *, pauses: tuple[float, ...] = PAUSES) -> None:
        self.stirred = False
        self.is_polling = False
        """Whether `LISTEN` is of no use here."""
        self._url, self._pauses = str(getattr(reader, "url", "")), pauses
        self.doubt = DOUBT
        self._news = self._stir = False
        self._lock, self._ending, self._ready = (
            threading.Lock(),
            threading.Event(),
            threading.Event(),
        )
        self._sign: Row | None = reader.one(SIGN)
        self._connection: Any = None
        self._thread = threading.Thread(target=self._run, name="sdesk-listen", daemon=True)
        self._thread.start()
        self._ready.wait(2.0)

    def changed(self) -> bool:
        with self._lock:
            self.stirred, self._stir = self._stir or self._news, False
            news, self._news = self._news, False
        return news

    def close(self) -> None:
        """Not for longer than a moment."""
        self._ending.set()
        self._thread.join(1.0)

    def _run(self) -> None:
        import psycopg  # here: it is an extra, and there by now

        failed, is_first = 0, True
        while not self._ending.is_set():
            try:
                self._connection = connect(self._url)
                failed = 0
                self._begin()
                if not is_first:
                    self._tell(True)  # what was shown meanwhile may be nothing but a fault
                is_first = False
                self._hear()
            except (psycopg.Error, SdeskError):
                self._ready.set()
                self._ending.wait(self._pauses[min(failed, len(self._pauses) - 1)])
                failed += 1
            finally:
                if self._connection is not None:
                    self._connection.close()

    def _begin(self) -> None:
        """Listen first, then look: what comes between is heard."""
        import psycopg

        if not self.is_polling:
            try:
                self._connection.execute(f"LISTEN {CHANNEL}")
            except (psycopg.errors.FeatureNotSupported, psycopg.errors.SyntaxError):
                self.is_polling = True
        self._look()
        self._ready.set()

    def _hear(self) -> None:
        """Until the connection fails or the watch ends."""
        quiet_since, heard = monotonic(), False
        while not self._ending.is_set():
            if self.is_polling:
                self._ending.wait(BREATH)
                self._look()
                continue
            for word in self._connection.notifies(timeout=BREATH, stop_after=1):
                self._tell(word.payload == EVENT)
                quiet_since, heard = monotonic(), True
            if monotonic() - quiet_since > self.doubt:
                # An event that nobody told of: something between takes the words away.
                self.is_polling = self._look(is_known=heard) and not heard
                quiet_since, heard = monotonic(), False

    def _look(self, *, is_known: bool = False) -> bool:
        """Whether the sign has changed since the last look, which counts as a change that is not known."""
        before, self._sign = self._sign, self._connection.execute(SIGN).fetchone()
        if before == self._sign:
            return False
        if not is_known:
            self._tell(True)
        return True

    def _tell(self, is_news: bool) -> None:
        with self._lock:
            self._news, self._stir = self._news or is_news, True
