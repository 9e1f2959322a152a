"""`sdesk` alone: the desk on this terminal, or its first view as a table where there is none."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from sdesk.cli import session

if TYPE_CHECKING:
    from sdesk.desk import Desk


ZONES = "/usr/share/zoneinfo:/usr/lib/zoneinfo:/usr/share/lib/zoneinfo:/etc/zoneinfo"


def start(theme: str | None = None, *, frugal: bool | None = None, tour: bool = False) -> int:
    """Returns the exit status."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        return _open_screens(theme, frugal, tour=tour)
    with session.open_desk() as desk:
        _print_view(desk)
    return 0


def _print_view(desk: Desk) -> None:
    """The first view that holds tickets, so that a script sees the queue and not an empty tab."""
    from sdesk.cli.columns import chosen
    from sdesk.cli.options import Format
    from sdesk.cli.output import emit

    views = desk.read.views()
    view = next((v for v in views if desk.read.count(v.query, at_most=1)), None)
    query = view.query if view else "state:open"
    shown = emit(desk.read.page(query, limit=50), chosen(None, desk, every=False), Format.TABLE)
    total = desk.read.count(query, at_most=100_000)
    session.say(
        f"{view.name if view else 'Open tickets'}: {shown:,} of {total:,}. This is no terminal; on one, sdesk opens the desk."
    )


def _open_screens(theme: str | None, frugal: bool | None, *, tour: bool) -> int:
    from sdesk.config import load
    from sdesk.errors import Usage
    from sdesk.keys import check_keymap, effective
    from sdesk.locations import log_file, state_file
    from sdesk.remembered import Remembered

    config = load(store=session.place(), theme=theme, frugal=frugal)
    try:
        check_keymap(effective(config.keys_preset, config.keys), config.key_lines)
    except Usage as error:
        raise Usage(f"{config.file}: {error.message}", error.hint) from None
    # Here, not above: Textual takes a quarter of a second that no other command pays.
    import gc

    _import_zones()
    from sdesk.app import run
    from sdesk.desk import Desk
    from sdesk.model import Source

    gc.set_threshold(700, 10, 10)  # as Python comes: the desk sees to its own pauses
    desk = Desk.open(config.store, source=Source.TUI, joined=True, told=session.say)
    session.warn_of_parted(desk)
    try:
        remembered = Remembered(state_file())
        return run(desk, config=config, log_file=log_file(), remembered=remembered, tour=tour)
    finally:
        desk.close()


def _import_zones() -> None:
    """`zoneinfo` asks the settings that Python was built with, a megabyte, where the zones lie; it is
    told the usual places, and the package tzdata has them where these are others."""
    if "zoneinfo" in sys.modules or "PYTHONTZPATH" in os.environ:
        return
    os.environ["PYTHONTZPATH"] = ZONES
    try:
        import zoneinfo  # noqa: F401
    finally:
        del os.environ["PYTHONTZPATH"]
