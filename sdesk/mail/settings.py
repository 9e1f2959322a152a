"""The tables of mail in config.toml: where mail is fetched from, and the server that sends.

    [[mail.mailbox]]
    kind = "imap"
    host = "imap.example.org"
    user = "desk@example.org"
    password_file = "/etc/sdesk/imap"

    [mail.smtp]
    host = "smtp.example.org"
    tls = "starttls"
    user = "desk@example.org"
    password_command = ["pass", "show", "desk"]

The desk's own address is no business of one host: it is a setting of the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sdesk import credentials
from sdesk.config import table
from sdesk.errors import Usage, did_you_mean
from sdesk.files import expanded
from sdesk.text import clean_line

if TYPE_CHECKING:
    from sdesk.config import Table

Tls = Literal["implicit", "starttls", "none-on-localhost"]
TLS = ("implicit", "starttls", "none-on-localhost")
KINDS = ("imap", "maildir", "mbox", "eml")
LOCALHOST = ("localhost", "127.0.0.1", "::1")
IMAP_PORTS = {"implicit": 993, "starttls": 143, "none-on-localhost": 143}
SMTP_PORTS = {"implicit": 465, "starttls": 587, "none-on-localhost": 25}
FLAG, MOVE, LEAVE = "flag", "move", "leave"
"""What is done with a mail that has been fetched: it is marked as read, moved, or left as it is."""
_SERVER: dict[str, type] = {
    "host": str, "port": int, "tls": str, "user": str, "timeout": int, "ca_file": str,
    **credentials.kinds(),
}  # fmt: skip
_MAILBOX: dict[str, type] = {
    **_SERVER, "kind": str, "name": str, "folder": str, "path": str, "done": str, "idle": bool,
    "restricted": bool,
}  # fmt: skip
_SMTP: dict[str, type] = {**_SERVER, "helo": str}
_MAIL: dict[str, type] = {"poll": int, "mailbox": tuple, "smtp": dict}


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server and how it is spoken to."""

    host: str
    port: int
    tls: Tls
    user: str
    password: credentials.Place
    timeout: int
    """Seconds for each step."""
    ca_file: str
    """Certificates to trust instead of the system's."""
    origin: str
    """Where it stands in the configuration."""

    @property
    def words(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Smtp(Server):
    """The server that sends."""

    helo: str = ""
    """How this host calls itself; empty: by its own name."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A place from which mail is fetched."""

    name: str
    """Unique among the mailboxes: by it the store knows how far it was read."""
    kind: str
    """imap, maildir, mbox, or eml: one file or a folder of them."""
    server: Server | None
    """For imap."""
    folder: str
    """For imap."""
    path: Path | None
    """For the others."""
    done: str
    """flag, move or leave."""
    done_folder: str
    """Where a fetched mail is moved to."""
    idle: bool
    """Whether the server is asked to tell of new mail at once, where it can."""
    origin: str
    restricted: bool = False
    """Whether its mail goes into the file for restricted tickets."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Everything of `[mail]`."""

    mailboxes: tuple[Mailbox, ...]
    smtp: Smtp | None
    poll: int
    """Seconds between two looks into a mailbox that doesn't tell by itself."""


def load(file: Path | None = None) -> MailSettings:
    """What config.toml says of mail. Raises `Usage` with file, line and nearest name."""
    mail = table("mail", file=file)
    if "from" in mail.values:
        raise Usage(
            f"{mail.place('from')}: the desk's address is no setting of this file.",
            "It is the same for everybody: sdesk mail set address ADDRESS",
        )
    values = mail.checked(_MAIL)
    boxes = tuple(_mailbox(one) for one in mail.each("mailbox"))
    names = [box.name for box in boxes]
    for box in boxes:
        if names.count(box.name) > 1:
            raise Usage(f"{box.origin}: two mailboxes are called '{box.name}'.", "Set name = …")
    smtp = _smtp(mail.inner("smtp")) if "smtp" in mail.values else None
    return MailSettings(boxes, smtp, _number(mail, values, "poll", 60, 5, 86_400))


def _smtp(given: Table) -> Smtp:
    values = given.checked(_SMTP)
    server = _server(given, values, SMTP_PORTS)
    return Smtp(
        server.host, server.port, server.tls, server.user, server.password, server.timeout,
        server.ca_file, server.origin, _plain(given, values, "helo"),
    )  # fmt: skip


def _mailbox(given: Table) -> Mailbox:
    values = given.checked(_MAILBOX)
    kind = _choice(given, values, "kind", KINDS, "imap")
    is_imap = kind == "imap"
    for wrong in ("path",) if is_imap else (*_SERVER, "folder", "idle"):
        if wrong in values:
            raise Usage(f"{given.place(wrong)}: a mailbox of the kind {kind} has no '{wrong}'.")
    server = _server(given, values, IMAP_PORTS) if is_imap else None
    folder = (_plain(given, values, "folder") or "INBOX") if is_imap else ""
    path = None
    if not is_imap:
        if not (named := _plain(given, values, "path")):
            raise Usage(f"{given.place()}: a mailbox of the kind {kind} needs a path.")
        path = expanded(named)
    done, done_folder = _done(given, values, FLAG if kind in ("imap", "maildir") else LEAVE)
    name = _plain(given, values, "name")
    if not name:
        name = f"{server.user}@{server.host}/{folder}" if server else f"{kind}:{path}"
    return Mailbox(
        name, kind, server, folder, path, done, done_folder, bool(values.get("idle", True)),
        given.place(), bool(values.get("restricted", False)),
    )  # fmt: skip


def _server(given: Table, values: dict[str, Any], ports: dict[str, int]) -> Server:
    host = _plain(given, values, "host").casefold()
    if not host or any(c in host for c in " /@"):
        raise Usage(f"{given.place('host')}: [{given.title}] needs the name of a host.")
    tls = _choice(given, values, "tls", TLS, "implicit")
    if tls == "none-on-localhost" and host not in LOCALHOST:
        raise Usage(
            f"{given.place('tls')}: '{tls}' is for this host only, not for {host}.",
            "Use 'implicit' or 'starttls': nothing is sent unencrypted.",
        )
    user = _plain(given, values, "user")
    password = credentials.place(values, given.place())
    if bool(user) != bool(password):
        missing = "user" if password else "password_file"
        raise Usage(f"{given.place()}: [{given.title}] has no {missing}.", "See: docs/mail.md")
    return Server(
        host, _number(given, values, "port", ports[tls], 1, 65_535), tls, user, password,
        _number(given, values, "timeout", 30, 1, 60), _plain(given, values, "ca_file"), given.place(),
    )  # fmt: skip


def _choice(
    given: Table, values: dict[str, Any], key: str, known: tuple[str, ...], otherwise: str
) -> Any:
    value = values.get(key, otherwise)
    if value not in known:
        choices = " or ".join(f"'{one}'" for one in known)
        raise Usage(f"{given.place(key)}: '{key}' is {choices}, not '{clean_line(value)}'.", did_you_mean(value, known))  # fmt: skip
    return value


def _number(given: Table, values: dict[str, Any], key: str, otherwise: int, least: int, most: int) -> int:  # fmt: skip
    value = int(values.get(key, otherwise))
    if not least <= value <= most:
        raise Usage(f"{given.place(key)}: '{key}' is a number from {least} to {most}, not {value}.")
    return value


def _plain(given: Table, values: dict[str, Any], key: str) -> str:
    """A text on one line, without control characters: it goes to a server or into a message."""
    value = str(values.get(key, ""))
    if value != clean_line(value):
        raise Usage(f"{given.place(key)}: '{key}' holds characters that don't belong there.")
    return value


def _done(given: Table, values: dict[str, Any], otherwise: str) -> tuple[str, str]:
    word, _, folder = _plain(given, values, "done").partition(":")
    word = word or otherwise
    if word not in (FLAG, MOVE, LEAVE) or (word == MOVE) != bool(folder):
        raise Usage(
            f"{given.place('done')}: 'done' is 'flag', 'leave' or 'move:FOLDER'.",
            did_you_mean(word, (FLAG, MOVE, LEAVE)),
        )
    return word, folder
