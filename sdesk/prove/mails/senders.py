"""Processes that send for ever: each that is killed is followed by another one.

python -m sdesk.prove.mails.senders STORE CLOCK PORT CERTIFICATE COUNT
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import sdesk.door
import sdesk.store.letters  # noqa: F401  (so that each begins at once)
from sdesk.credentials import Place
from sdesk.mail.posting import Outbox
from sdesk.mail.settings import Smtp
from sdesk.prove.mails.clock import TICK, SharedClock
from sdesk.store.place import is_postgres

PASSWORD = "SDESK_PROVE_SMTP"


def send(place: str, clock: Path, port: int, trusted: str, parent: int) -> None:
    server = Smtp(
        "localhost", port, "starttls", "desk", Place(env=PASSWORD, origin="prove"), 30, trusted,
        "prove", f"pid{os.getpid()}.example",
    )  # fmt: skip
    outbox, pause = Outbox(place, server, clock=SharedClock(clock)), threading.Event()
    tick = TICK["postgresql" if is_postgres(place) else "sqlite"]
    # Nobody is left alone with the store when the proof is interrupted.
    while os.getppid() == parent:
        outbox.send_due(lambda _: None)
        pause.wait(tick)


def main() -> None:
    place, clock, port, trusted, count = sys.argv[1:]
    alive, parent = set[int](), os.getpid()

    def end(*_: object) -> None:
        for number in alive:
            os.kill(number, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    while True:
        while len(alive) < int(count):
            if (number := os.fork()) == 0:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                send(place, Path(clock), int(port), trusted, parent)
                os._exit(0)
            alive.add(number)
        alive.discard(os.wait()[0])


if __name__ == "__main__":
    main()
