"""`worker`: keep time for the desk, in a process of its own or from cron."""

from __future__ import annotations

import os
import select
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import Store
from sdesk.errors import SdeskError
from sdesk.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from sdesk.channels import Ending
    from sdesk.timers import Ran, Timers
    from sdesk.worker import Held, Worker

app = typer.Typer()
STOPPING = 20.0
"""Seconds that the channels have to come to an end."""


@app.command("worker", epilog="Example: sdesk worker --once")
def worker(
    once: Annotated[bool, typer.Option("--once", help="Do all that is due now, and end: for cron.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Say who keeps time, since when, and what is due next.")] = False,
    close_after: Annotated[str | None, typer.Option("--close-after", metavar="TIME", help="Let resolved tickets close after 5bd or 72h without an answer, or never: off.", show_default=False)] = None,
    store: Store = None,
) -> None:  # fmt: skip
    """Keep time: warn, escalate, end waits, close what is done."""
    place = session.place(store)
    if close_after is not None:
        return _set_closing(place, close_after)
    if status:
        raise typer.Exit(_tell_status(place))
    _check_rights(place)
    if once:
        raise typer.Exit(_run_once(place))
    return _keep(place)


def _check_rights(place: str) -> None:
    """At a server the worker sees to every ticket, and to the store: an agent's role may not."""
    if "://" in place:
        from sdesk.store.roles import check_whole

        with session.open_desk(place) as desk:
            check_whole(desk.read.reader, "The worker")


def _set_closing(place: str, text: str) -> None:
    from sdesk.ops import SaveSetting
    from sdesk.rules.closing import SETTING, Closing

    closing = Closing.parse(text)
    with session.open_desk(place) as desk:
        change = desk.apply(None, SaveSetting(SETTING, str(closing.after) if closing else "off"))
    if not change:
        session.say("That was so already.")
    elif closing is None:
        session.say("Resolved tickets stay so until somebody closes them.")
    else:
        session.say(f"Resolved tickets close by themselves: {closing.reason}.")


def _tell_status(place: str) -> int:
    """0 when somebody keeps time, 1 when nobody does."""
    from sdesk.present import moment
    from sdesk.worker import Keeper, Worker

    asked = Worker(place, Keeper.ONCE)
    try:
        desk = asked.desk
        now, zone = desk.now(), desk.settings.zone
        held = asked.look()
        if held is not None and held.is_alive(now):
            print(clean_line(f"{held.words}, keeps time since {moment(held.since, zone, now)}."))
        else:
            print(clean_line(f"Nobody keeps time.{_last(held, zone, now)}"))
        coming = asked.timers.next_at()
        if coming is None:
            print("Nothing will come due.")
        else:
            word = "Due since" if coming <= now else "Next due"
            print(f"{word} {moment(coming, zone, now)}.")
    finally:
        asked.close()
    return 0 if held is not None and held.is_alive(now) else 1


def _last(held: Held | None, zone: str, now: int) -> str:
    from sdesk.present import moment

    return (
        "" if held is None else f" The last was {held.words}, at {moment(held.beat_at, zone, now)}."
    )


class _Log:
    """What a worker says: a line an act on standard output, all else on standard error."""

    def __init__(self) -> None:
        self._told = ""
        self._last = 0
        self.failed = 0

    def begin(self, worker: Worker) -> None:
        """Tell of nothing that was done before. Raises what opening the store raises."""
        self._last = worker.desk.read.last_event()

    def run(self, worker: Worker, timers: Timers, ran: Ran) -> None:
        """That this process keeps time, and then what it has done."""
        self.state(worker)
        self.acts(timers, ran)

    def acts(self, timers: Timers, ran: Ran) -> None:
        from sdesk.present import event_sentence, stamp

        desk = timers.desk
        zone, names = desk.settings.zone, session.names(desk)
        for ticket in dict.fromkeys(act.ticket for act in ran.done):
            for event in desk.read.history(ticket):
                if event.actor == desk.actor and event.id > self._last:
                    said = event_sentence(event, zone=zone, names=names)
                    line = f"{stamp(event.at, zone)} {desk.ref(ticket)} {said}"
                    print(clean_line(line), flush=True)
        self._last = desk.read.last_event()
        self.failed += len(ran.failed)
        for failure in ran.failed:
            words = f"{type(failure.error).__name__}: {failure.error}"
            session.say(f"{desk.ref(failure.ticket)}: {failure.what} failed: {words}")

    def state(self, worker: Worker) -> None:
        """Tell of each change of who keeps time, and of trouble, once."""
        if worker.trouble is not None:
            said = _sentence(worker.trouble)
        elif worker.is_keeper:
            said = "This process keeps time."
        else:
            said = f"Waiting: {worker.held.words}, keeps time." if worker.held else "Waiting."
        if said != self._told:
            self._told = said
            session.say(said)


def _sentence(error: SdeskError) -> str:
    return f"{error.message} {error.hint}".strip()


def _run_once(place: str) -> int:
    failed = _timers_once(place) + _one_round(place)
    second = _second(place)
    return 1 if (_timers_once(second) if second else 0) + failed else 0


def _timers_once(place: str) -> int:
    """Do what is due in one file; how much of it failed. Raises why nothing could be done."""
    from sdesk.worker import BREATH, Keeper, Worker

    log = _Log()
    run = Worker(place, Keeper.ONCE, on_run=log.acts)
    try:
        log.begin(run)
        while run.tick() <= BREATH and run.is_keeper:
            continue
        if run.trouble is not None:
            raise run.trouble
        if not run.is_keeper and run.held is not None:
            session.say(f"Nothing done: {run.held.words}, keeps time.")
    finally:
        run.close()
    return log.failed


def _second(place: str) -> str:
    """The file of restricted tickets, where there is one that this user may open; else empty."""
    from sdesk import restricted

    return str(restricted.beside(place) or "")


def _one_round(place: str) -> int:
    """Let each channel do once what there is to do; how many could not."""
    from sdesk.channels import channels
    from sdesk.config import load

    failed = 0
    for channel in channels(load(), place):
        try:
            channel.round(session.say)
        except SdeskError as error:
            session.say(f"{channel.name}: {_sentence(error)}")
            failed += 1
    return failed


def _keep(place: str) -> None:
    from sdesk.channels import Running, channels
    from sdesk.config import load
    from sdesk.worker import Keeper, Worker

    log = _Log()
    kept = Worker(place, Keeper.WORKER, on_run=lambda timers, ran: log.run(kept, timers, ran))
    log.begin(kept)
    found, ending = channels(load(), place), Signals()
    if second := _second(place):
        session.say(f"Keeping time for restricted tickets as well: {second}")
        found.append(TimeOfSecond(second))
    running = Running(found, ending, session.say)
    kept.keep(ending, lambda: log.state(kept))
    for name in running.join(STOPPING):
        session.say(f"'{name}' has not ended in {STOPPING:.0f} seconds, and is left.")
    session.say("Stopped.")


class TimeOfSecond:
    """The timers of the file for restricted tickets, in a thread of their own."""

    name = "time of restricted tickets"

    def __init__(self, place: str) -> None:
        self.place = place

    def round(self, tell: Callable[[str], None]) -> None:
        """Nothing: `--once` runs these timers itself."""

    def keep(self, ending: Ending, tell: Callable[[str], None]) -> None:
        from sdesk.worker import Keeper, Worker

        told = ""
        log = _Log()
        kept = Worker(self.place, Keeper.WORKER, on_run=lambda timers, ran: log.acts(timers, ran))

        def trouble() -> None:
            nonlocal told
            said = _sentence(kept.trouble) if kept.trouble else ""
            if said and said != told:
                tell(f"{self.name}: {said}")
            told = said

        kept.keep(ending, trouble)


class Signals:
    """Word of SIGTERM, SIGINT or SIGHUP, heard also while waiting; the second one interrupts."""

    def __init__(self) -> None:
        self._is_set = False
        # Not an Event: to set one in a handler may meet its own lock.
        self._heard, woken = os.pipe()
        os.set_blocking(woken, False)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._hear)

    def _hear(self, *_: object) -> None:
        if self._is_set:
            raise KeyboardInterrupt
        self._is_set = True

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, timeout: float, /) -> None:
        select.select([self._heard], [], [], timeout)
