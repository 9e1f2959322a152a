"""P10: fifty hostile strings in every place of a desk; the real program shows them, and no terminal obeys.

The desk is walked through in pseudo-terminals of two sizes, and the command line prints its lists.
What arrives is held against the words of the desk's own driver: anything else is a byte too many.
"""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.prove import forking, laden, ptys
from sdesk.prove.children import environment
from sdesk.prove.model import Bench, Figures, Promise, Verdict
from sdesk.prove.screen import Screen
from sdesk.prove.strings import OWN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SIZES = ((80, 24), (120, 40))
PLACES = ("s", "c", "d", "n", "h", "a", "t", "m", "u", "r")
"""What `g` leads to: board, calendars, dashboard, notices, held mail, announcements, triage, and lists."""
OVER_A_TICKET = tuple("H=aTsmteVFLMpwd!D")
"""What opens something over a ticket."""
COMMANDS = (
    ("ls",), ("ls", "--format", "json"), ("ls", "--format", "csv"), ("views", "list"), ("agents",), ("queues",),
    ("macros",), ("templates",), ("notices",), ("announce",), ("export",), ("sla", "report"),
    ("config", "show"), ("keys",), ("doctor", "--quick"), ("audit", "show"), ("mail", "held"), ("mail", "outbox"),
    ("oncall",), ("person", "show", "p1@acme.example"), ("time", "SD-1"),
)  # fmt: skip
_PATIENCE, _SOON, _QUIET = 30.0, 4.0, 0.06
"""Seconds for what must happen; for what a key may need several times; of silence after which it was all."""


def run(bench: Bench) -> Verdict:
    strings = OWN[: max(3, bench.count(len(OWN)))]
    can_fail = _seen_raw(strings)
    store = bench.room("laden") / "desk.db"
    ended = forking.in_child(
        lambda: (bench.folder / "made").write_text(str(laden.make(store, strings)))
    )
    assert ended == 0, f"the desk could not be made ({ended})"
    made = int((bench.folder / "made").read_text())
    ptys.warm()
    runs: list[Callable[[], list[object]]] = [
        *(partial(_walk, bench, store, made, size) for size in SIZES),
        partial(_commands, bench, store, made),
    ]
    bench.tell(f"{made} tickets, {len(strings)} strings")
    workers = [forking.fork(partial(_note, bench, n, act)) for n, act in enumerate(runs)]
    ended_so = [forking.wait(worker) for worker in workers]
    assert not any(ended_so), f"a process of the proof ended with {ended_so}: {_complaint(bench)}"
    found = [json.loads((bench.folder / f"walk-{n}").read_text()) for n in range(len(runs))]
    strange = [said for row in found for said in row[0]]
    crashes = [said for row in found for said in row[1]]
    shown = sum(row[2] for row in found)
    text = (
        f"{len(strings)} strings in {made} tickets and all names, {shown:,} screens and lists:"
        f" {len(strange)} control characters reached the terminal, {len(crashes)} crashes"
        f" (unguarded, {can_fail} of the strings would)"
    )
    figures: Figures = {
        "strings": len(strings), "screens": shown, "strange": len(strange), "crashes": len(crashes),
        "unguarded": can_fail,
    }  # fmt: skip
    more = [*(ascii(said)[:80] for said in strange[:3]), *(said[:200] for said in crashes[:3])]
    holds = not strange and not crashes and can_fail > 0
    return Verdict(holds, text + "".join(f"; {said}" for said in more), figures)


def _seen_raw(strings: Sequence[str]) -> int:
    """Of how many strings the same screen would say that they are strange, if they came as they are."""
    count = 0
    for text in strings:
        screen = Screen(80, 24)
        screen.feed(text.encode("utf-8", "replace") + b"\x1b[m")
        count += bool(screen.strange)
    return count


def _complaint(bench: Bench) -> str:
    from sdesk.prove.children import last_line

    path = bench.folder / "complaints"
    return last_line(path.read_text(errors="replace")) if path.exists() else ""


def _note(bench: Bench, number: int, act: Callable[[], list[object]]) -> None:
    (bench.folder / f"walk-{number}").write_text(json.dumps(act()))


class _Walk:
    """One terminal, and how many different screens it has shown."""

    def __init__(self, terminal: ptys.Terminal) -> None:
        self.terminal = terminal
        self.seen: set[str] = set()

    @property
    def last(self) -> str:
        return self.terminal.text.splitlines()[-1]

    def press(self, key: str, happened: Callable[[str], bool] | None = None) -> None:
        """Press it, wait until what is wanted has happened, and then until nothing more comes."""
        self.terminal.send(key)
        if happened is not None:
            self.terminal.wait(happened, _PATIENCE)
        self.terminal.settle(_QUIET)
        self.seen.add(self.terminal.text)

    def open(self, key: str) -> None:
        """Press what opens something over the screen, or says why not: the line of keys gives way."""
        self.press(key, lambda text: not _is_bare(text))

    def to_ticket(self) -> None:
        """To a ticket with nothing over it, from wherever a key has led."""
        self._to(_is_ticket)

    def to_queue(self) -> None:
        self._to(_is_queue)

    def _to(self, arrived: Callable[[str], bool]) -> None:
        for _ in range(10):
            if arrived(self.terminal.text):
                return
            self.terminal.send("enter" if _is_queue(self.terminal.text) else "esc")
            with suppress(ptys.GoneSilent):
                self.terminal.wait(arrived, _SOON)
        raise AssertionError(f"no way back:\n{self.terminal.text}")


def _is_bare(text: str) -> bool:
    """Whether nothing is open over the screen: the line of keys is there, or a word that passes."""
    last = text.splitlines()[-1]
    return any(word in last for word in ("i take", "home screen", "merged into no other"))


def _is_ticket(text: str) -> bool:
    return text.startswith(" SD-") and _is_bare(text)


def _is_queue(text: str) -> bool:
    first, _, third = (*text.splitlines()[:3], "", "", "")[:3]
    return "· Proving ground" in first and third.startswith(" /") and _is_bare(text)


def _walk(bench: Bench, store: Path, made: int, size: tuple[int, int]) -> list[object]:
    """Through queue, every ticket, and the other screens: strange characters, crashes, screens seen."""
    env = environment(bench.room(f"home-{size[0]}"), SDESK_STORE=str(store), LANG="C.UTF-8")
    with ptys.Terminal(ptys.desk(), env, columns=size[0], rows=size[1]) as terminal:
        walk = _Walk(terminal)
        terminal.wait("SD-")
        crashes = []
        try:
            _through_queue(walk, made, size[1])
            _through_tickets(walk, made)
            _through_places(walk)
        except (AssertionError, OSError) as error:
            crashes.append(f"{size[0]}x{size[1]}: {error}")
        if (status := terminal.ended(0.05)) is not None:
            crashes.append(f"{size[0]}x{size[1]}: the desk ended with {status}")
        return [list(terminal.screen.strange), crashes, len(walk.seen)]


def _through_queue(walk: _Walk, made: int, rows: int) -> None:
    walk.press("3", lambda text: "Number" in text)
    for _ in range(made // (rows - 12) + 1):
        walk.press("pgdn")
    walk.press("home")
    for key in ("Z", "O"):
        walk.open(key)
        walk.to_queue()
    for key in ("z", "z", "/", "t", "a", "g", ":", "esc", "esc", "\\"):
        walk.press(key)
    walk.to_queue()


def _through_tickets(walk: _Walk, made: int) -> None:
    walk.press("home")
    for turn in range(made):
        walk.to_ticket()
        for key in OVER_A_TICKET if turn % 10 == 0 else ():
            walk.open(key)
            walk.to_ticket()
        for key in ("z", "Z", "tab") if turn % 5 == 0 else ():
            walk.press(key)
        if turn + 1 < made:
            before = walk.terminal.text.splitlines()[0].split()[0]
            walk.press("J", lambda text: before not in text.splitlines()[0].split())  # noqa: B023


def _through_places(walk: _Walk) -> None:
    for key in PLACES:
        walk.to_queue()
        walk.open("g")
        walk.press(key, lambda text: "m mine" not in text.splitlines()[-1])
        for move in ("j", "j", "pgdn"):
            walk.press(move)
    for key in ("?", ":"):
        walk.to_queue()
        walk.open(key)
        walk.press("pgdn")
    walk.to_queue()
    walk.to_ticket()
    walk.press("R", lambda text: "REPLY to" in text)


def _commands(bench: Bench, store: Path, made: int) -> list[object]:
    """The lists of the command line, and each ticket whole, in a terminal as wide as a person's."""
    env = environment(bench.room("home-commands"), SDESK_STORE=str(store), LANG="C.UTF-8")
    strange: list[str] = []
    crashes: list[str] = []
    shows = [("show", f"SD-{number}") for number in range(1, made + 1)]
    runs = [*COMMANDS, *shows, *(("attachments", word) for _, word in shows[::5])]
    for words in runs:
        with ptys.Terminal(ptys.desk("--store", str(store), *words), env) as terminal:
            status = terminal.ended(60)
            terminal.settle(0.02)
            strange += terminal.screen.strange
            if status not in (0, 1):
                crashes.append(f"{' '.join(words)} ended with {status}: {terminal.text[-200:]}")
    return [strange, crashes, len(runs)]


PROMISE = Promise(
    "terminal",
    10,
    "Fifty hostile strings in every place of a desk, shown by its screens and the command line in a real"
    " pseudo-terminal: no control character reaches it, nothing crashes.",
    run,
    on_disk=False,
)
