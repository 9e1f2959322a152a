"""A disk that can be watched and made to fail, below the very SQLite that Python and the store use.

SQLite asks its "VFS" for all files. The default one is found in the library that the `sqlite3`
module has loaded, and its `xOpen` replaced: each file that is opened gets a copy of its methods in
which writing, cutting and syncing go through here. Nothing of the store is changed.
"""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sdesk.prove.model import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

OK, FULL, IOERR_WRITE, IOERR_FSYNC = 0, 13, 778, 1034
WRITE, TRUNCATE, SYNC, DELETE, NOTE = "write", "truncate", "sync", "delete", "note"
_int, _int64, _ptr, _text = ctypes.c_int, ctypes.c_int64, ctypes.c_void_p, ctypes.c_char_p
_OPEN = ctypes.CFUNCTYPE(_int, _ptr, _ptr, _ptr, _int, _ptr)
_DELETE = ctypes.CFUNCTYPE(_int, _ptr, _text, _int)
_WRITE = ctypes.CFUNCTYPE(_int, _ptr, _ptr, _int, _int64)
_TRUNCATE = ctypes.CFUNCTYPE(_int, _ptr, _int64)
_SYNC = ctypes.CFUNCTYPE(_int, _ptr, _int)


class _Vfs(ctypes.Structure):
    _fields_ = [
        ("version", _int), ("file_size", _int), ("longest", _int), ("next", _ptr),
        ("name", _text), ("own", _ptr), ("open", _ptr), ("delete", _ptr),
    ]  # fmt: skip


class _Methods(ctypes.Structure):
    _fields_ = [
        ("version", _int), ("close", _ptr), ("read", _ptr), ("write", _ptr), ("truncate", _ptr),
        ("sync", _ptr), *((f"more{n}", _ptr) for n in range(13)),
    ]  # fmt: skip


_SIZES = {1: 13, 2: 17, 3: 19}
"""Version of a file's methods → how many words they are."""


class Step(NamedTuple):
    """One thing that a file was asked for, in order."""

    kind: str
    file: str
    at: int = 0
    """Where a write begins, or how long a file becomes."""
    data: bytes = b""


class Disk:
    """What SQLite does to the files below one folder; `fail` makes it refuse."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)
        self.steps: list[Step] = []
        self.logging = True
        self.fail_at, self.fail_with, self.fails_on = 0, OK, False
        """Which write is refused (counted from 1), with what, and whether all after it are as well."""
        self.writes = 0
        self.sync_fails = False

    def note(self, text: str) -> None:
        """Put a note between the steps: what was acknowledged by then."""
        self.steps.append(Step(NOTE, text))

    def fail(self, at: int, code: int, *, goes_on: bool = False) -> None:
        self.writes, self.fail_at, self.fail_with, self.fails_on = 0, at, code, goes_on

    def refuses(self) -> int:
        """The code with which the write that comes now fails; OK for none."""
        self.writes += 1
        hit = self.writes == self.fail_at or (self.fails_on and self.writes > self.fail_at > 0)
        return self.fail_with if hit else OK

    def step(self, kind: str, file: str, at: int = 0, data: bytes = b"") -> None:
        if self.logging:
            self.steps.append(Step(kind, file, at, data))


def library() -> Any:
    """The SQLite that Python's own module has loaded. Raises `Skipped` where it can't be reached."""
    import _sqlite3

    try:
        found = ctypes.CDLL(_sqlite3.__file__)
        found.sqlite3_vfs_find.restype = _ptr
        found.sqlite3_vfs_find.argtypes = [_text]
    except (AttributeError, OSError):
        raise Skipped("this Python hides its SQLite, so that no disk can be put below it") from None
    return found


@contextmanager
def watched(folder: Path) -> Iterator[Disk]:
    """All that SQLite does to files in that folder, until the end. One at a time in a process."""
    address = library().sqlite3_vfs_find(None)
    if not address:
        raise Skipped("this Python's SQLite has no default VFS")
    vfs = ctypes.cast(address, ctypes.POINTER(_Vfs)).contents
    disk = Disk(folder.resolve())
    shim = _Shim(disk, vfs.open, vfs.delete)
    kept = vfs.open, vfs.delete
    vfs.open, vfs.delete = shim.address(shim.open_hook), shim.address(shim.delete_hook)
    try:
        yield disk
    finally:
        vfs.open, vfs.delete = kept
        # Files that are still open go on through the shim; it must outlive them.
        _ALIVE.append(shim)


_ALIVE: list[_Shim] = []


class _Shim:
    """The functions that SQLite calls. Each lives as long as any file that has it."""

    def __init__(self, disk: Disk, opener: int, deleter: int) -> None:
        self._disk = disk
        self._open, self._delete = _OPEN(opener), _DELETE(deleter)
        self._names: dict[int, str] = {}
        self._copies: dict[int, _Methods] = {}
        self._originals: dict[int, tuple[Any, Any, Any]] = {}
        self.open_hook, self.delete_hook = _OPEN(self._opened), _DELETE(self._deleted)
        self._hooks = _WRITE(self._written), _TRUNCATE(self._cut), _SYNC(self._synced)

    @staticmethod
    def address(hook: Any) -> int:
        return int(ctypes.cast(hook, _ptr).value or 0)

    def _opened(self, vfs: int, name: int | None, file: int, flags: int, out: int | None) -> int:
        code = int(self._open(vfs, name, file, flags, out))
        methods = ctypes.cast(file, ctypes.POINTER(_ptr)).contents
        path = ctypes.string_at(name).decode() if name else ""
        if code == OK and methods.value and path.startswith(self._disk.folder):
            self._names[file] = path
            self._originals[file] = self._replaced(methods)
        return code

    def _replaced(self, methods: Any) -> tuple[Any, Any, Any]:
        """Put a copy of the file's methods in their place; what the three were before."""
        original = int(methods.value)
        old = ctypes.cast(original, ctypes.POINTER(_Methods)).contents
        if original not in self._copies:
            copy = _Methods()
            words = _SIZES[min(3, max(1, old.version))]
            ctypes.memmove(ctypes.byref(copy), original, words * ctypes.sizeof(_ptr))
            copy.write, copy.truncate, copy.sync = map(self.address, self._hooks)
            self._copies[original] = copy
        methods.value = ctypes.addressof(self._copies[original])
        return _WRITE(old.write), _TRUNCATE(old.truncate), _SYNC(old.sync)

    def _written(self, file: int, data: int, amount: int, at: int) -> int:
        if (code := self._disk.refuses()) != OK:
            return code
        self._disk.step(WRITE, self._names[file], at, ctypes.string_at(data, amount))
        return int(self._originals[file][0](file, data, amount, at))

    def _cut(self, file: int, size: int) -> int:
        self._disk.step(TRUNCATE, self._names[file], size)
        return int(self._originals[file][1](file, size))

    def _synced(self, file: int, _: int) -> int:
        # The real disk need not be waited for: what a sync promises is what is simulated.
        if self._disk.sync_fails:
            return IOERR_FSYNC
        self._disk.step(SYNC, self._names[file])
        return OK

    def _deleted(self, vfs: int, name: bytes, sync: int) -> int:
        path = name.decode()
        if path.startswith(self._disk.folder):
            self._disk.step(DELETE, path, sync)
        return int(self._delete(vfs, name, sync))
