"""A text in the user's own editor: in a folder that only they can enter, under a name that says nothing,
and gone afterwards, also where the editing was cut short.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from sdesk.errors import StoreFault, Usage
from sdesk.locations import editing_folder
from sdesk.surroundings import for_programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAME = "text"
KEPT = "kept-"
DAYS = 30
"""How long a text stays that was refused after it was typed."""
PATIENCE = 5.0
"""Seconds that an editor has to end when we are ended."""


@contextmanager
def written(text: str, suffix: str = ".txt") -> Iterator[Path]:
    """A file that holds the text while the block runs."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=editing_folder()))
    path = folder / f"{NAME}{suffix}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with _ending_in_order(folder):
            with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(command: Sequence[str], path: Path) -> int:
    """Let the editor have the file, without a shell; its status. Raises `Usage` where it can't be started."""
    try:
        editor = subprocess.Popen([*command, str(path)], env=for_programs())
    except OSError as error:
        raise Usage(
            f"The editor '{command[0]}' can't be started: {error.strerror}.",
            "Set editor in config.toml, or $EDITOR.",
        ) from None
    try:
        return editor.wait()
    except BaseException:
        # An interrupt reaches the editor as well; a signal that ends us alone does not.
        _end(editor)
        raise


def read(path: Path) -> str:
    """What the editor has left."""
    return path.read_text(encoding="utf-8", errors="replace")


def keep(path: Path) -> Path:
    """Keep the text for the user although it was refused; where it is from now on."""
    handle, name = tempfile.mkstemp(prefix=KEPT, suffix=path.suffix, dir=editing_folder())
    os.close(handle)
    return path.replace(name)


def keep_text(text: str) -> Path:
    """A text that its desk can't keep, in a file for this user alone; where it is. Raises `StoreFault`."""
    try:
        handle, name = tempfile.mkstemp(prefix=KEPT, suffix=".txt", dir=editing_folder())
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreFault(f"The text can't be written to a file: {error.strerror}.") from error
    return Path(name)


def sweep(now: float | None = None) -> None:
    """Remove what ended processes have left, and texts that were kept for long."""
    old = (time.time() if now is None else now) - DAYS * 86_400
    with suppress(OSError), os.scandir(editing_folder()) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not _is_alive(entry.name.partition("-")[0]):
                    shutil.rmtree(entry.path, ignore_errors=True)
            elif entry.stat(follow_symlinks=False).st_mtime < old:
                Path(entry.path).unlink(missing_ok=True)


def _is_alive(number: str) -> bool:
    """Whether a process of ours has that number."""
    if not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except (ProcessLookupError, PermissionError, OverflowError):
        return False
    return True


def _end(editor: subprocess.Popen[bytes]) -> None:
    editor.terminate()
    try:
        editor.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        editor.kill()
        editor.wait()


class _Ended(BaseException):
    """A signal is about to end this process."""


@contextmanager
def _ending_in_order(folder: Path) -> Iterator[None]:
    """While it stands, a signal that would end us at once removes the folder first.

    Where somebody answers the signals already, as the desk's own screens do, it is left to them.
    """
    is_main = threading.current_thread() is threading.main_thread()
    numbers = [
        n
        for n in (signal.SIGHUP, signal.SIGTERM)
        if is_main and signal.getsignal(n) is signal.SIG_DFL
    ]

    def answer(number: int, _: Any) -> NoReturn:
        raise _Ended(number)

    for number in numbers:
        signal.signal(number, answer)
    try:
        yield
    except _Ended as ended:
        shutil.rmtree(folder, ignore_errors=True)
        signal.signal(ended.args[0], signal.SIG_DFL)
        os.kill(os.getpid(), ended.args[0])
        raise
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
