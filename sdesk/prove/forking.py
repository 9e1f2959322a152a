"""Children that begin with everything imported: forked, with a way to see how they ended.

The process that forks must hold no connection and run no thread: a connection must not cross a fork.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BROKE = 99
"""Exit status of a child whose act raised something."""


def fork(act: Callable[[], object]) -> int:
    """Do it in a child; the child's process id."""
    if child := os.fork():
        return child
    status = BROKE
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        act()
        status = 0
    except BaseException:
        traceback.print_exc(file=sys.stderr)
        sys.stderr.flush()
    finally:
        os._exit(status)


def wait(child: int) -> int:
    """How it ended: its exit status, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def in_child(act: Callable[[], object]) -> int:
    """Do it in a child and wait for its end."""
    return wait(fork(act))


def own_streams() -> None:
    """Let Python write to what stands at 1 and 2 now, whatever stood there when it started."""
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        stream = open(number, mode, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def warm() -> None:
    """Import what a desk imports late, so that no child has to, and leave it alone from then on."""
    import sdesk.door
    import sdesk.store.health
    import sdesk.store.migrations
    import sdesk.store.transaction
    import sdesk.store.watch
    import sdesk.transfer.backup
    import sdesk.transfer.importer  # noqa: F401

    # Pages that the collector touches would be copied in every child.
    gc.collect()
    gc.freeze()
