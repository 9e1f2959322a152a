"""Processes that send for ever: each that is killed is followed by another one.

python -m sdesk.prove.mails.senders STORE CLOCK PORT CERTIFICATE COUNT
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import sdesk.door
import sdesk.store.letters  # noqa: F401  (so that each begins at once)
from sdesk.credentials import Place
from sdesk.mail.posting import Outbox
from sdesk.mail.settings import Smtp
from sdesk.prove.mails.clock import SharedClock

PASSWORD = "SDESK_PROVE_SMTP"


def send(place: str, clock: Path, port: int, trusted: str) -> None:
    server = Smtp(
        "localhost", port, "starttls", "desk", Place(env=PASSWORD, origin="prove"), 30, trusted,
        "prove", f"pid{os.getpid()}.example",
    )  # fmt: skip
    outbox, pause = Outbox(place, server, clock=SharedClock(clock)), threading.Event()
    while True:
        outbox.send_due(lambda _: None)
        pause.wait(0.01)


def main() -> None:
    place, clock, port, trusted, count = sys.argv[1:]
    alive: set[int] = set()
    while True:
        while len(alive) < int(count):
            if (number := os.fork()) == 0:
                send(place, Path(clock), int(port), trusted)
            alive.add(number)
        alive.discard(os.wait()[0])


if __name__ == "__main__":
    main()
