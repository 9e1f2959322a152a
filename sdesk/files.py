"""Files that come with tickets: their names made harmless, their sort, and how they are read and saved.

A name from outside never chooses where a file lands: it loses its folders, leading dots and dashes,
control and hidden characters, and it never overwrites what is there.
"""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.errors import Invalid, NotFound, Refused, Usage
from sdesk.text import clean_line

if TYPE_CHECKING:
    from sdesk.ops import Attach

SETTING = "attachment_limit"
LIMIT = 25_000_000
"""Bytes a file may have where the desk has no setting `attachment_limit`."""
MOST = 40_000_000
"""The most that the setting may allow: an archive holds a file in one line."""
FILES = ".files"
"""Behind the kind of a draft: the draft that names the files that go with it."""
NAME_BYTES = 150
UNKNOWN = "application/octet-stream"
_UNWANTED = re.compile(r'[<>:"|?*\x00-\x1f]')


def check_limit(value: str) -> None:
    """Raises `Invalid` for a setting that is no number of bytes the store can keep."""
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= MOST):
        raise Invalid(f"{SETTING} '{value}': bytes as a number, at most {MOST:,}.")


def file_name(name: str) -> str:
    """The name as a plain one of this host: no folders, nothing hidden, nothing that looks like an option."""
    last = re.split(r"[/\\]", name)[-1]
    plain = unicodedata.normalize("NFC", clean_line(last))
    plain = _UNWANTED.sub("_", plain).lstrip(".- ~").rstrip(". ")
    return _shortened(plain) or "file"


def _shortened(name: str) -> str:
    """Cut to what every file system takes; the ending stays."""
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > 12:
        stem, dot, ending = name, "", ""
    room = NAME_BYTES - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip() + dot + ending


def expanded(path: str | Path) -> Path:
    """With `~` and `~name` as the home folders they stand for; that of nobody stays, as in a shell."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def file_size(size: int) -> str:
    """ "12 kB", "3.4 MB": in thousands, as file managers count."""
    if size < 1_000:
        return f"{size} B"
    if size < 999_500:
        return f"{round(size / 1_000)} kB"
    return f"{size / 1_000_000:.1f} MB".replace(".0 MB", " MB")


def media_of(name: str, body: bytes) -> str:
    """The media type by the name's ending; else text or bytes, by looking."""
    import mimetypes  # here: only files need it

    guessed, packing = mimetypes.guess_type(name)
    if guessed and not packing:
        return guessed
    return UNKNOWN if packing or as_text(body) is None else "text/plain"


def as_text(body: bytes) -> str | None:
    """The text that a file holds; None for one that holds anything else."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", errors="replace")
    if b"\0" in body[:8_192]:
        return None
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    controls = sum(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in body[:8_192])
    return None if controls else body.decode("cp1252", errors="replace")


def read_file(path: str | Path, limit: int = LIMIT) -> Attach:
    """The file as an operation. Raises `NotFound`, `Usage`, and `Refused` for one that is too large."""
    from sdesk.ops import Attach  # here: forty operations cost what showing a size need not pay

    place = expanded(path)
    name = clean_line(str(path))
    try:
        if place.is_dir():
            raise Usage(f"{name} is a folder.", "Name a file in it.")
        size = place.stat().st_size
        if size > limit:
            raise Refused(f"{name} has {file_size(size)}; a file may have {file_size(limit)}.")
        with place.open("rb") as stream:
            body = stream.read(limit + 1)
    except FileNotFoundError:
        raise NotFound(f"There is no file {name}.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Usage(f"{name} can't be read: {reason}.") from None
    if len(body) > limit:
        raise Refused(f"{name} is larger than a file may be: {file_size(limit)}.")
    return Attach(file_name(place.name), body)


def save_file(folder: str | Path, name: str, body: bytes) -> Path:
    """Write the bytes into the folder under a clean name that nothing has yet; where they are now.

    "report.pdf" becomes "report-1.pdf" where there is one. Raises `NotFound`, `Usage`.
    """
    place = expanded(folder)
    if not place.is_dir():
        raise NotFound(
            f"There is no folder {clean_line(str(folder))}.", "Make it first, or name another."
        )
    name = file_name(name)
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    for number in range(10_000):
        target = place / (f"{stem}-{number}{dot}{ending}" if number else name)
        try:
            # Made anew or not at all, so that no link leads elsewhere.
            handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            continue
        except OSError as error:
            raise Usage(f"{target} can't be written: {error.strerror}.") from None
        with os.fdopen(handle, "wb") as stream:
            stream.write(body)
        return target
    raise Refused(f"{place} has too many files called {name}.")
