"""What the driver that writes differences sends, beside what Textual alone would; and that both look the same.

`python -m bench --only driver` measures bytes. `python -m bench.bench_driver 10000` draws that many
random frames both ways and says how many differ.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator

from bench import stores
from bench.bench_start import SDESK
from bench.figures import Figure, percentile
from bench.frames import compare
from bench.meter import Answer, Terminal

SIZES = ((80, 24), (120, 40))
COLOURS = {
    "truecolour": {"COLORTERM": "truecolor", "SDESK_THEME": "sdesk-dark"},
    "256": {"COLORTERM": "", "SDESK_THEME": "sdesk-dark"},
    "16": {"COLORTERM": "", "SDESK_THEME": "sdesk-16"},
}
MOST = {
    "first screen": 4096, "j": 300, "j that scrolls": 300, "page down": 2048,
    "picker opens": 1536, "picker closes": 1536, "ticket opens": 3072, "idle, B/s": 0,
}  # fmt: skip
"""Targets in bytes at 80×24; 16 colours a quarter less, 120×40 at most twice."""
TICKETS = 10_000
FRAMES = 10_000
A_SEED = 25
"""Random frames with the same seed: then another size, other texts, other styles."""
QUIET = 0.7
IDLE_SECONDS = 8


def measure(tickets: int) -> Iterator[Figure]:
    """`tickets` doesn't matter: the screens look the same on any store."""
    del tickets
    store = stores.copy(stores.store(TICKETS), "driver.db")
    for columns, rows in SIZES:
        for name, colours in COLOURS.items():
            for driver in ("differences", "plain"):
                env = colours | {"SDESK_DRIVER": driver, "SSH_CONNECTION": ""}
                with Terminal(
                    [*SDESK, "--store", str(store)], columns=columns, rows=rows, env=env
                ) as desk:
                    yield from figures(desk, f"{columns}×{rows} {name}", driver)
    yield Figure(f"random frames that differ, of {FRAMES:,}", differing(FRAMES), "", most=0)
    stores.remove(store)


def figures(desk: Terminal, where: str, driver: str) -> Iterator[Figure]:
    """The targets are the driver's; Textual's own bytes stand there to compare."""
    for what, answers in walk(desk):
        size = statistics.median(answer.size for answer in answers)
        if driver == "plain":
            yield Figure(f"{where}: {what}, as Textual writes it", size, "B")
            continue
        most = MOST[what] * (0.75 if " 16" in where else 1) * (2 if where.startswith("120") else 1)
        yield Figure(f"{where}: {what}", size, "B", most=most)
        if what == "j":
            ms = percentile((answer.ms for answer in answers), 0.95)
            yield Figure(f"{where}: j to painted, p95", ms, "ms", most=16)


def walk(desk: Terminal) -> Iterator[tuple[str, list[Answer]]]:
    """Through the screens, with what each step cost."""
    desk.wait("SD-", 60)
    desk.settle(1.5)
    yield "first screen", [Answer(0, len(desk.raw))]
    desk.send("6")
    desk.settle(1.0)
    # Odd and even ones cost differently: the pen stands in the new row's colours or in the old one's.
    yield "j", [desk.press("j") for _ in range(10)]
    yield "page down", [step(desk, "ctrl+d") for _ in range(6)]
    for _ in range(desk.rows):
        desk.press("j")
    yield "j that scrolls", [desk.press("j") for _ in range(10)]
    step(desk, "a")  # the first time costs its modules
    step(desk, "esc")
    yield "picker opens", [step(desk, "a")]
    yield "picker closes", [step(desk, "esc")]
    yield "ticket opens", [step(desk, "enter")]
    desk.send("q", "/")
    desk.settle(QUIET)
    desk.send("ctrl+u", "state:closed", "enter")
    desk.settle(2.0)
    yield "idle, B/s", [Answer(0, silence(desk))]


def step(desk: Terminal, key: str) -> Answer:
    """A key whose answer comes in several pieces, however long they take."""
    before, begun = len(desk.raw), time.perf_counter()
    desk.send(key)
    while len(desk.raw) == before and time.perf_counter() < begun + 10:
        desk.pump(QUIET)
    desk.settle(QUIET)
    return Answer((desk.last_byte_at - begun) * 1e3, len(desk.raw) - before)


def silence(desk: Terminal) -> float:
    """Bytes a second where no clock ticks; the one in the head does with the minute."""
    while not 2 < time.time() % 60 < 57 - IDLE_SECONDS:
        desk.idle(0.5)
    return desk.idle(IDLE_SECONDS) / IDLE_SECONDS


def differing(frames: int) -> int:
    """How many of so many random frames don't look as Textual's; says which."""
    found = 0
    for seed in range(frames // A_SEED):
        for sentence in compare(A_SEED, seed, coloured=bool(seed % 2)):
            print(sentence)
            found += 1
    return found


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else FRAMES
    begun = time.perf_counter()
    wrong = differing(count)
    print(f"{count:,} random frames, {wrong} differ; {time.perf_counter() - begun:.0f} s")
    sys.exit(bool(wrong))
