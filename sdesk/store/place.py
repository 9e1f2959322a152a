"""Where a SQLite store lies, and every way that place can be wrong, each met with a sentence."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from sdesk.errors import Missing, StoreFault

APPLICATION_ID = 0x5344_534B
"""'SDSK' in the header of the file: a database without it is somebody else's."""
SCHEMA = 4
"""The newest migration this program knows; kept in `user_version`."""
NETWORK = frozenset(
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb",
        "smb2",
        "smb3",
        "smbfs",
        "9p",
        "afs",
        "ceph",
        "glusterfs",
        "fuse.glusterfs",
        "fuse.sshfs",
        "ncpfs",
        "gfs2",
        "ocfs2",
        "lustre",
        "beegfs",
        "fuse.s3fs",
        "fuse.rclone",
        "virtiofs",
        "davfs",
        "fuse.davfs2",
    ]
)
MOUNTS = Path("/proc/self/mountinfo")
"""Where the kernel tells which file system is mounted where."""
FILE_MODE = 0o660
FOLDER_MODE = 0o2770


def is_postgres(place: str | Path) -> bool:
    return str(place).startswith(("postgresql://", "postgres://"))


# To the last @: a password that was not written as an address wants it must not show either.
_LOGIN = re.compile(r"(?<=://)(.*)@", re.DOTALL)
_SECRET = re.compile(r"(?i)([?&](?:password|sslpassword)=)[^&#]*")


def has_password(place: str | Path) -> bool:
    """Whether an address holds a password, in either place where one can stand."""
    login = _LOGIN.search(str(place)) if is_postgres(place) else None
    named = _SECRET.search(str(place)) if is_postgres(place) else None
    return bool(login and login[1].partition(":")[2]) or bool(named and not named[0].endswith("="))


def shown(place: str | Path) -> str:
    """The place as people are told it, on screens, in messages and in logs: an address without its password."""
    text = str(place)
    if not is_postgres(text):
        return text
    text = _LOGIN.sub(lambda found: found[1].partition(":")[0] + "@", text)
    return _SECRET.sub(r"\1***", text).replace("://@", "://")


_PREPARE = re.compile(r"(?<=[?&])prepare=([^&#]*)&?")


def for_driver(address: str) -> tuple[str, bool]:
    """The address as the driver knows it, and whether statements may be prepared at the server: not with
    `prepare=no`, which a pooler needs that hands a connection on after each transaction."""
    found = _PREPARE.search(address)
    return _PREPARE.sub("", address).rstrip("?&"), found is None or found[1] != "no"


def passwords(place: str | Path) -> list[str]:
    """What must not be said of an address, as it stands there and as it is meant."""
    from urllib.parse import unquote

    text = str(place)
    login = _LOGIN.search(text)
    raw = [login[1].partition(":")[2]] if login else []
    raw += [found[0].partition("=")[2] for found in _SECRET.finditer(text)]
    return [word for one in raw for word in {one, unquote(one)} if word]


def file_system(path: Path, mounts: str | None = None) -> str:
    """The type of the file system that holds `path`, from the kernel's table of mounts; "" if unknown."""
    if mounts is None:
        try:
            mounts = MOUNTS.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
    best, kind = -1, ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        columns, rest = before.split(), after.split()
        if len(columns) < 5 or not rest:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), columns[4])
        if len(point) >= best and path.is_relative_to(point):
            best, kind = len(point), rest[0]
    return kind


def trouble(path: object, error: Exception) -> StoreFault:
    """What the system says of a file, as a sentence."""
    reason = getattr(error, "strerror", None) or str(error)
    return StoreFault(f"{path} can't be used: {reason}.", "See: sdesk doctor")


def number(path: Path) -> int:
    """The number of a store's file, by which another one of its name is known. Raises `StoreFault`."""
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        raise StoreFault(
            f"{path} is gone.", "Nothing can be written. Restore it, then start again."
        ) from None
    except OSError as error:
        raise trouble(path, error) from None


def real(place: str | Path) -> Path:
    """The whole path, without `~` and links; nothing need be there. Raises `StoreFault`."""
    path = Path(place)
    if _is_no_text(str(path)):
        raise StoreFault(f"{path} can't be used: its name is no text.", "Rename it.")
    try:
        path = path.expanduser()
    except RuntimeError:
        raise StoreFault(
            f"{path} can't be used: no such user's home is known.", "Write the path in full."
        ) from None
    try:
        return path.resolve()
    except FileNotFoundError:
        raise StoreFault(
            f"{path} can't be used: the current folder is gone.", "Go to one that is there."
        ) from None
    except RuntimeError:
        raise StoreFault(f"{path} can't be used: its links lead in a circle.") from None
    except (OSError, ValueError) as error:
        raise trouble(path, error) from None


def _is_no_text(name: str) -> bool:
    """Whether there are bytes in it that are no UTF-8: no message, log or list could name it."""
    return any("\ud800" <= letter <= "\udfff" for letter in name)


def find(place: str | Path) -> Path:
    """The real path of an existing store. Raises `Missing` or `StoreFault` with the reason."""
    path = real(place)
    try:
        status = path.stat()
    except FileNotFoundError:
        raise Missing(f"There is no store at {path}.", "Make one with: sdesk init") from None
    except PermissionError:
        raise StoreFault(
            f"{path} can't be reached: permission denied.", "Join the group that owns its folder."
        ) from None
    except OSError as error:
        raise trouble(path, error) from None
    check_file(path, status)
    return path


def check_file(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise StoreFault(f"{path} is not a file.", "Name the store's .db file.")
    if status.st_size == 0:
        raise StoreFault(
            f"{path} is empty (0 bytes); a full disk leaves such files behind.",
            "Restore a backup, or remove the empty file and run: sdesk init",
        )
    if status.st_nlink > 1:
        raise StoreFault(
            f"{path} has {status.st_nlink} hard links; two names for one store would be locked apart.",
            "Remove the other name.",
        )
    if (kind := file_system(path)) in NETWORK:
        raise StoreFault(
            f"{path} lies on a network file system ({kind}), where SQLite's locks can't be trusted.",
            "Put the store on a local disk, or use PostgreSQL.",
        )
    # Never opened here: closing it again would let go of every lock that SQLite holds on it in this
    # process (so POSIX wants it), and another process could then truncate the log we write to.
    if not os.access(path, os.R_OK):
        raise StoreFault(
            f"{path} can't be read: permission denied.", "Join the group that owns it."
        )
    if not os.access(path.parent, os.W_OK):
        if os.statvfs(path.parent).f_flag & os.ST_RDONLY:
            raise StoreFault(
                f"{path} lies on a file system that is mounted for reading only; readers of a store write, too.",
                "Look why in the host's log; then: mount -o remount,rw, or open a copy elsewhere.",
            )
        raise StoreFault(
            f"The folder {path.parent} can't be written; readers of a store need that too.",
            f"As its owner: chmod 2770 {path.parent}, and join its group.",
        )


def make(place: str | Path) -> Path:
    """Make the file for a new store, private to its group, before SQLite sees it."""
    path = real(place)
    if not is_there(path.parent):
        _make_folder(path.parent)
    if (kind := file_system(path.parent)) in NETWORK:
        raise StoreFault(
            f"{path.parent} is on a network file system ({kind}), where SQLite's locks can't be trusted.",
            "Choose a folder on a local disk.",
        )
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, FILE_MODE)
    except FileExistsError:
        raise StoreFault(
            f"{path} is there already.", "Choose another place with --store."
        ) from None
    except OSError as error:
        raise StoreFault(f"{path} can't be made: {error.strerror}.") from None
    os.fchmod(handle, FILE_MODE)
    os.close(handle)
    return path


def is_there(path: Path) -> bool:
    """Whether anything has this name. Raises `StoreFault` where that can't be known."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        raise trouble(path, error) from None
    return True


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, mode=0o770)
        folder.chmod(FOLDER_MODE)
    except OSError as error:
        raise StoreFault(f"The folder {folder} can't be made: {error.strerror}.") from None


def is_read_only(path: Path) -> bool:
    """Whether this user may look at the store but not write to it."""
    return not os.access(path, os.W_OK)
