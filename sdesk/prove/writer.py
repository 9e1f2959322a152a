"""One writer of a crowd: `python -m sdesk.prove.writer STORE LOGIN FIRST COUNT TICKETS [start]`.

Sets a custom field of its own at each update, so that a lost one is missed. With `start` it says
"ready" and waits for a line, so that all begin at once. Prints how often the store was too busy,
and its longest wait in milliseconds.
"""

from __future__ import annotations

import sys
import time

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import Busy
from sdesk.model import TicketId


def main(place: str, login: str, first: str, count: str, tickets: str, start: str = "") -> None:
    busy, longest = 0, 0.0
    with Desk.open(place, actor=login) as desk:
        if start:
            desk.door()
            print("ready", flush=True)
            sys.stdin.readline()
        for number in range(int(first), int(first) + int(count)):
            begun = time.perf_counter()
            try:
                desk.apply(TicketId(1 + number % int(tickets)), ops.SetField(f"n{number}", login))
            except Busy:
                busy += 1
            longest = max(longest, time.perf_counter() - begun)
    print(busy, round(longest * 1e3, 1))


if __name__ == "__main__":
    main(*sys.argv[1:])
