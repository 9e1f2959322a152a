"""Secrets from where they belong: a command, a file of ours, a systemd credential, the environment.

A setting names the place, never the secret: `password_command`, `password_file`,
`password_credential` or `password_env`. A secret is read when it is needed, is held by a `Secret`
that shows itself nowhere, and is never stored, logged or put into another program's arguments.
"""

from __future__ import annotations

import base64
import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from sdesk.errors import Refused, Usage
from sdesk.files import expanded

SECONDS = 10
"""How long a command may take."""
MOST = 8_192
"""Bytes that a secret may have."""
KEPT = (
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME",
    "DBUS_SESSION_BUS_ADDRESS", "GNUPGHOME", "PASSWORD_STORE_DIR",
)  # fmt: skip
"""What a command sees of the environment: what password stores need to find themselves."""
_KINDS: Mapping[str, type] = {"command": list, "file": str, "credential": str, "env": str}
_PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,255}")


SHORTEST = 4
"""Characters of a secret from which it is looked for in others' words."""
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{6,}={0,2}")
_revealed: set[str] = set()


def redacted(text: str) -> str:
    """Somebody else's words without any secret that was given out: a server may say back what it was
    told, as it is or encoded as it came."""
    known = [secret for secret in _revealed if len(secret) >= SHORTEST]
    for secret in sorted(known, key=len, reverse=True):
        text = text.replace(secret, "…")
    if not known:
        return text
    return _ENCODED.sub(lambda found: "…" if _carries(found[0], known) else found[0], text)


def _carries(word: str, secrets: Iterable[str]) -> bool:
    raw = word.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        plain = base64.b64decode(raw + "=" * (-len(raw) % 4))
    except ValueError:
        return False
    return any(secret.encode() in plain for secret in secrets)


class Secret:
    """Text that is given out by `reveal` alone."""

    __slots__ = ("_reveal",)

    def __init__(self, text: str) -> None:
        # Behind a function: what prints objects by their attributes prints no secret either.
        self._reveal: Callable[[], str] = lambda: text

    def reveal(self) -> str:
        text = self._reveal()
        _revealed.add(text)
        return text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._reveal())

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is written nowhere.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a secret is to be had; nothing of it is set where there is none."""

    command: tuple[str, ...] = ()
    file: str = ""
    credential: str = ""
    """Its name in systemd's `LoadCredential=`."""
    env: str = ""
    """The name of a variable."""
    origin: str = ""
    """The place in the configuration, for messages."""

    def __bool__(self) -> bool:
        return bool(self.command or self.file or self.credential or self.env)

    @property
    def words(self) -> str:
        """What it is, without its secret: "the file /etc/sdesk/smtp"."""
        if self.command:
            return f"the command '{self.command[0]}'"
        if self.file:
            return f"the file {self.file}"
        if self.credential:
            return f"the systemd credential '{self.credential}'"
        return f"the variable {self.env}" if self.env else "nowhere"

    def read(self, environ: Mapping[str, str] | None = None) -> Secret:
        """The secret. Raises `Refused` with what to mend."""
        environ = os.environ if environ is None else environ
        if self.command:
            return Secret(self._said(environ))
        if self.file:
            return Secret(self._line(_contents(expanded(self.file), self.origin)))
        if self.credential:
            return Secret(self._line(self._credential(environ)))
        if self.env and environ.get(self.env):
            return Secret(environ[self.env])
        raise Refused(f"{self.origin}: there is no secret in {self.words}.", "See: docs/mail.md")

    def check(self, environ: Mapping[str, str] | None = None) -> None:
        """Refuse what can be seen to be wrong without running a command."""
        if not self.command:
            self.read(environ)

    def _line(self, found: bytes) -> str:
        """The first line; refused where it holds nothing, or what no secret holds."""
        text = found[:MOST].decode("utf-8", "replace").split("\n", 1)[0].rstrip("\r")
        if not text or "\ufffd" in text or "\0" in text:
            raise Refused(f"{self.origin}: {self.words} holds no secret in its first line.")
        return text

    def _credential(self, environ: Mapping[str, str]) -> bytes:
        folder = environ.get("CREDENTIALS_DIRECTORY", "")
        if not folder:
            raise Refused(
                f"{self.origin}: there are no systemd credentials here.",
                f"Set LoadCredential={self.credential}:/path in the unit, or use password_file.",
            )
        # systemd keeps them for the service alone, by an ACL whose mask shows as the group's bits.
        return _contents(Path(folder) / self.credential, self.origin, loose=0o027, of_systemd=True)

    def _said(self, environ: Mapping[str, str]) -> str:
        """What the command says on standard output: no shell, little of the environment, 10 s."""
        import subprocess

        kept = {name: environ[name] for name in KEPT if name in environ}
        try:
            ran = subprocess.run(
                self.command, env=kept, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, timeout=SECONDS, check=False, start_new_session=True,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            # Not from the error: it carries what the command has said.
            trouble = f"did not answer within {SECONDS} s"
        except OSError as error:
            trouble = f"can't be run: {error.strerror}"
        else:
            if ran.returncode == 0:
                return self._line(ran.stdout)
            trouble = f"ended with status {ran.returncode}"
        raise Refused(
            f"{self.origin}: {self.words} {trouble}.", "Run it by hand as the same user to see why."
        )


def kinds(name: str = "password") -> dict[str, type]:
    """The settings that name a secret's place, and what each is: for `config.Table.checked`."""
    return {f"{name}_{way}": kind for way, kind in _KINDS.items()}


def place(values: Mapping[str, Any], origin: str, name: str = "password") -> Place:
    """The place of a secret by a table's settings. Raises `Usage` where they name two.

    `origin` is where the table stands: "config.toml, line 12".
    """
    given = {way: values[f"{name}_{way}"] for way in _KINDS if values.get(f"{name}_{way}")}
    if len(given) > 1:
        ways = " and ".join(f"{name}_{way}" for way in given)
        raise Usage(f"{origin}: {ways} are both set.", "Name one place for the secret.")
    if "command" in given:
        given["command"] = tuple(given["command"])
    if not _PLAIN.fullmatch(given.get("credential", "x")):
        raise Usage(f"{origin}: '{given['credential']}' is no name of a systemd credential.")
    return Place(**given, origin=origin)


def _contents(path: Path, origin: str, *, loose: int = 0o077, of_systemd: bool = False) -> bytes:
    """The beginning of a file that nobody else may read. Raises `Refused` naming its mode."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Refused(f"{origin}: {path} can't be read: {error.strerror}.") from None
    try:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode):
            raise Refused(f"{origin}: {path} is not a file.")
        if found.st_uid != os.geteuid() and not of_systemd:
            raise Refused(
                f"{origin}: {path} belongs to somebody else.", "The service user owns it."
            )
        if found.st_mode & loose:
            mode = stat.S_IMODE(found.st_mode)
            raise Refused(
                f"{origin}: others can get at {path}: its mode is {mode:04o}.", f"chmod 600 {path}"
            )
        return os.read(opened, MOST)
    finally:
        os.close(opened)
