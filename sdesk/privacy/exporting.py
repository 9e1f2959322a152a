"""Everything the desk keeps of a person, written out: for people as text, for programs as JSON.

Only what is theirs: their tickets with their messages and the public answers, their files, their
mails as they came, and what was written to them. Agents' notes only where an administrator says so.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdesk.errors import StoreFault
from sdesk.privacy.people import check_admin
from sdesk.store.reads import given, kept

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.store.reads.kept import PersonRow

PUBLIC = ("inbound", "reply", "call")
NAMES = {"inbound": "wrote", "reply": "was answered", "call": "was called", "note": "(internal note)", "chat": "(among agents)"}  # fmt: skip


@dataclass
class Exported:
    """What was written, and where."""

    to: Path
    counts: dict[str, int] = field(default_factory=dict)


class _Archive:
    """Files going into a zip or a folder that isn't there yet, beside its place until it is whole."""

    def __init__(self, to: Path) -> None:
        self.to = to
        self.part = to.with_name(f".{to.name}.part")
        if to.exists():
            raise StoreFault(f"{to} is there already.", "Name another file or folder with --to.")
        # What an earlier run left, killed: it holds what is in nobody's store any more, perhaps.
        with suppress(OSError):
            if self.part.is_dir() and not self.part.is_symlink():
                shutil.rmtree(self.part)
            else:
                self.part.unlink(missing_ok=True)
        try:
            self._zip = self._open()
        except OSError as error:
            raise StoreFault(f"{self.part} can't be made: {error.strerror}.") from None

    def _open(self) -> zipfile.ZipFile | None:
        if self.to.suffix.lower() != ".zip":
            self.part.mkdir(mode=0o700)
            return None
        handle = os.open(self.part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        os.close(handle)
        return zipfile.ZipFile(self.part, "w", zipfile.ZIP_DEFLATED)

    def add(self, name: str, body: bytes) -> None:
        if self._zip is not None:
            # No time of its own: the same content makes the same file.
            self._zip.writestr(
                zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED
            )
            return
        path = self.part / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(body)

    def finish(self) -> None:
        if self._zip is not None:
            self._zip.close()
            with self.part.open("rb") as stream:
                os.fsync(stream.fileno())
        self.part.rename(self.to)

    def drop(self) -> None:
        with suppress(OSError):  # closing writes as well, to a disk that may be full
            if self._zip is not None:
                self._zip.close()
        with suppress(OSError):
            if self.part.is_dir():
                shutil.rmtree(self.part)
            else:
                self.part.unlink(missing_ok=True)


def export_person(desk: Desk, person: PersonRow, to: Path, *, with_notes: bool = False) -> Exported:
    """Write everything kept of the person to a zip file or a folder, and record that it was done.

    Private to this user (0600, 0700), whole or not at all. Raises `StoreFault`, `Refused`.
    """
    check_admin(desk, "Exporting what is kept of a person")
    archive = _Archive(to)
    try:
        counts = _write(desk, person, archive, with_notes)
        archive.finish()
    except BaseException as error:
        archive.drop()
        if isinstance(error, OSError):
            raise StoreFault(f"{to} can't be written: {error.strerror}.") from None
        raise
    with desk.door().transaction() as work:
        work.tx.record("person_exported", details={"id": person.id, "with_notes": with_notes})
    return Exported(to, counts)


def _write(desk: Desk, person: PersonRow, archive: _Archive, with_notes: bool) -> dict[str, int]:
    reader = desk.read.reader
    kinds = None if with_notes else PUBLIC
    tickets = [_whole(desk, number, kinds) for number in given.tickets(reader, person.id)]
    elsewhere = given.messages_elsewhere(reader, person.id)
    addresses = _addresses(desk, person)
    about = person._asdict() | {
        "tickets": [ticket["number"] for ticket in tickets],
        "messages_in_other_tickets": elsewhere,
        "takes_part_in": given.takes_part(reader, addresses),
    }
    extra = [
        _saved(desk, file, file["ticket"]) for file in given.files_elsewhere(reader, person.id)
    ]
    about["files_in_other_tickets"] = extra
    archive.add("person.json", _json(about))
    archive.add("READ-ME.txt", _intro(desk, person, tickets, with_notes).encode())
    for file in extra:
        archive.add(file["saved_as"], given.file_bytes(reader, file["id"]))
    files = len(extra)
    for ticket in tickets:
        name = f"tickets/{ticket['number']}"
        archive.add(f"{name}.json", _json(ticket))
        archive.add(f"{name}.txt", _text(ticket).encode())
        for file in ticket["files"]:
            archive.add(file["saved_as"], given.file_bytes(reader, file["id"]))
            files += 1
    mails = given.mails(reader, person.id, addresses)
    for number in mails:
        archive.add(f"mails/{number}.eml", given.mail_bytes(reader, number))
    letters = given.letters(reader, addresses)
    for letter in letters:
        archive.add(f"mails-to-them/{letter['id']}.eml", _letter(letter))
    return {
        "tickets": len(tickets), "messages": sum(len(t["messages"]) for t in tickets) + len(elsewhere),
        "files": files, "mails": len(mails), "mails to them": len(letters),
    }  # fmt: skip


def _whole(desk: Desk, number: int, kinds: tuple[str, ...] | None) -> dict[str, Any]:
    ticket = given.ticket(desk.read.reader, number, kinds)
    ticket["number"] = desk.ref(number)
    for file in ticket["files"]:
        _saved(desk, file, number)
    return ticket


def _saved(desk: Desk, file: dict[str, Any], number: int) -> dict[str, Any]:
    """With where it is put: its number first, so that two files of one name are two, and a name from
    outside leads nowhere."""
    file["saved_as"] = f"files/{desk.ref(number)}/{file['id']}-{_safe(file['name'])}"
    return file


def _addresses(desk: Desk, person: PersonRow) -> list[str]:
    """Those they have and had, as far as nobody else has them now."""
    known = kept.known(desk.read.reader, person).addresses
    return list(dict.fromkeys(filter(None, (person.email.casefold(), *known))))


def _safe(name: str) -> str:
    kept = "".join(c if c.isalnum() or c in "._- " else "_" for c in name).strip(". ")
    return kept[:100] or "file"


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


def _intro(
    desk: Desk, person: PersonRow, tickets: list[dict[str, Any]], with_notes: bool
) -> str:  # fmt: skip
    notes = "Agents' internal notes are in it." if with_notes else "Agents' internal notes are not in it."  # fmt: skip
    return (
        f"What {desk.settings.name} keeps of {person.name} (#{person.id}), as of {_when(desk.now())}.\n\n"
        f"person.json      who they are to the desk\n"
        f"tickets/         {len(tickets)} tickets, each as text and as JSON\n"
        f"files/           their files\n"
        f"mails/           mails as they came\n"
        f"mails-to-them/   mails of the desk\n\n{notes}\n"
    )


def _when(at: int | None) -> str:
    if at is None:
        return ""
    return datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m-%d %H:%M UTC")


def _text(ticket: dict[str, Any]) -> str:
    lines = [f"{ticket['number']}  {ticket['subject']}", ""]
    for name in ("state", "queue", "category", "priority", "service"):
        if ticket.get(name):
            lines.append(f"{name}: {ticket[name]}")
    lines += [f"{name}: {value}" for name, value in ticket["fields"].items()]
    lines += [f"opened: {_when(ticket['created_at'])}", f"closed: {_when(ticket['closed_at'])}", ""]
    for message in ticket["messages"]:
        who = message["author"] or message["agent"]
        lines += [f"--- {_when(message['at'])}  {who}  {NAMES.get(message['kind'], '')}", message["body"], ""]  # fmt: skip
    lines += [f"file: {file['saved_as']}" for file in ticket["files"]]
    return "\n".join(lines) + "\n"


def _letter(letter: dict[str, Any]) -> bytes:
    mail = EmailMessage()
    for name, value in (
        ("To", ", ".join(letter["recipients"])), ("Cc", ", ".join(letter["cc"])),
        ("Subject", letter["subject"]), ("Message-ID", letter["message_id"]), ("X-Sdesk-State", letter["state"]),
        ("X-Sdesk-Sent", _when(letter["sent_at"])),
    ):  # fmt: skip
        if value:
            mail[name] = " ".join(str(value).split())
    mail.set_content(letter["body"])
    return mail.as_bytes()
