"""Clocks computed again behind the screen: the desk stays alive, and the work stops when it is asked to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message
from textual.worker import Worker, get_current_worker

from sdesk.errors import SdeskError
from sdesk.present import counted

if TYPE_CHECKING:
    from sdesk.app import SdeskApp
    from sdesk.screens.calendar import CalendarScreen


class ClocksCounted(Message):
    """So many tickets of so many are computed; all of them when it is over."""

    bubble = False

    def __init__(self, done: int, total: int) -> None:
        super().__init__()
        self.done, self.total = done, total


class Stopped(SdeskError):
    """Somebody wants it to end."""


def recompute(app: SdeskApp, screen: CalendarScreen) -> None:
    """Let the calendars of now count for what runs. It belongs to the app: leaving the screen doesn't
    stop it, leaving sdesk does."""
    app.clocks_left = app.desk.read.count("state:open")
    screen.post_message(ClocksCounted(0, app.clocks_left))
    work = partial(_recompute, app, screen, app.clocks_left)
    app.run_worker(work, thread=True, exclusive=True, group="recompute")


def _recompute(app: SdeskApp, screen: CalendarScreen, expected: int) -> None:
    worker = get_current_worker()
    total = expected

    def step(done: int, of: int) -> None:
        nonlocal total
        if worker.is_cancelled:
            raise Stopped("Stopped.")
        total, app.clocks_left = of, of - done
        screen.post_message(ClocksCounted(done, of))

    try:
        changed = app.desk.recompute_clocks(on_progress=step)
    except Stopped:
        return
    except SdeskError as error:
        _end(app, worker, partial(app.complain, error))
        return
    finally:
        screen.post_message(ClocksCounted(total, total))
    said = f"{counted(total, 'ticket')} recomputed, {changed:,} of them changed · what is finished stays"
    _end(app, worker, partial(app.tell, said))


def _end(app: SdeskApp, worker: Worker[None], told: partial[None]) -> None:
    app.clocks_left = 0
    if not worker.is_cancelled:
        app.call_from_thread(told)
        app.call_from_thread(app.announce_change)
