"""Hostile strings said everywhere that somebody may say something: what of each is not as it must be."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from email.parser import BytesHeaderParser
from email.policy import compat32
from pathlib import Path

from sdesk import ops
from sdesk.desk import Desk
from sdesk.errors import SdeskError
from sdesk.files import file_name, save_file
from sdesk.mail.checking import ALLOWED, Unsendable
from sdesk.mail.writing import File, Letter, envelope
from sdesk.model import PersonId, TicketId
from sdesk.notify.address import checked, endpoint
from sdesk.ops.checks import MAX_SUBJECT
from sdesk.prove import commands
from sdesk.prove.cases.importing import ADMIN, has_words
from sdesk.prove.desks import setup
from sdesk.rules.query import quoted
from sdesk.text import clean, clean_line, cut

_HARMLESS = {"\n", "\t", "\u200c", "\u200d"}
"""Characters without a cell of their own that a text may hold: line ends, and joiners of letters."""
SAMPLE = 5
"""One string in so many is shown and asked for by the real command, which takes its time."""
LEDGER = "SELECT count(*) FROM ticket"


class Saying:
    """A desk where each string becomes a ticket's subject, text, requester, file and search."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        Desk.create(folder / "desk" / "desk.db", setup=setup(), actor=ADMIN).close()
        self.said: dict[str, int] = {}

    def say(self, strings: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Say them; name → what is wrong, for those with which something is."""
        found: dict[str, list[str]] = {}
        with Desk.open(self.folder / "desk" / "desk.db", actor=ADMIN) as desk:
            for name, text in strings:
                found[name] = [*self._stored(desk, name, text), *_on_its_way(text)]
                found[name] += [*_as_a_file(self.folder, text), *_as_an_address(text)]
            for name, text in strings:
                found[name] += self._found(desk, name, text)
            alone = _exported(desk)
        wrong = {name: "; ".join(said) for name, said in found.items() if said}
        return wrong | alone | self._shown(strings)

    def _stored(self, desk: Desk, name: str, text: str) -> list[str]:
        """As a person, a subject, a text, a file: refused with a sentence, or stored clean."""
        subject = cut(clean_line(text), MAX_SUBJECT)
        try:
            desk.apply(None, ops.SavePerson(cut(clean_line(text), 200) or "-"))
            number = PersonId((desk.read.reader.one("SELECT max(id) FROM person") or (1,))[0])
            opening = ops.Open(subject or "-", text, requester=number)
            ticket = TicketId(desk.apply(None, opening).ticket or 0)
        except SdeskError as error:
            return [] if error.message.isprintable() else ["is refused with its own characters"]
        self.said[name] = ticket
        with suppress(SdeskError):
            desk.apply(ticket, ops.Attach(cut(text, 900), b"x"))
        shown = desk.read.ticket(ticket)
        requester = shown.requester.name if shown.requester else ""
        texts = [entry.text for entry in desk.read.conversation(ticket)]
        names = [one.name for one in desk.read.attachments(ticket)]
        found = [
            f"is kept as {one[:40]!a}"
            for one in (shown.subject, requester, *names)
            if clean_line(one) != one or _controls(one)
        ]
        return found + [f"is kept as {one[:40]!a}" for one in texts if clean(one) != one]

    def _found(self, desk: Desk, name: str, text: str) -> list[str]:
        """As a search: no error, nothing that does not hold its words, itself where it has any."""
        ticket = self.said.get(name)
        for asked in (quoted(clean_line(text)), text):
            try:
                numbers = desk.read.ids(asked[:2_000])
            except SdeskError:
                # A filter that can't be read; `_shown` looks at how that is told.
                continue
            if asked[:1] == '"' and len(asked) < 2_000 and has_words(clean_line(text)) and ticket and ticket not in numbers:  # fmt: skip
                return ["is not found"]
        rows = desk.read.reader.one(LEDGER) or (0,)
        return [] if rows[0] >= len(self.said) else ["has removed tickets"]

    def _shown(self, strings: Sequence[tuple[str, str]]) -> dict[str, str]:
        """What `sdesk ls` and `sdesk show` write of all of them."""
        found = {}
        shown = [("show", str(number)) for number in self.said.values()]
        asked = [("ls", text[:2_000]) for _, text in strings if not text.startswith("-")]
        for words in [("ls", "--limit", "500"), *shown[::SAMPLE], *asked[::SAMPLE]]:
            ran = commands.sdesk(self.folder / "desk", *words)
            if wrote := _controls(ran.out + ran.complaint):
                found[clean_line(" ".join(words))[:60]] = f"writes {wrote!a} to the terminal"
            elif ran.status == commands.FAULT or "Traceback" in ran.complaint:
                found[clean_line(" ".join(words))[:60]] = f"broke off: {ran.complaint[-200:]!a}"
        return found


def _controls(text: str) -> str:
    """The first character of it that a terminal may act on, or that hides what stands there."""
    kinds = ("Cc", "Cf", "Cs", "Zl", "Zp")
    found = (c for c in text if c not in _HARMLESS and unicodedata.category(c) in kinds)
    return next(found, "")


def _on_its_way(text: str) -> list[str]:
    """As subject, name, body and file name of a mail of ours: each header once, and only ours."""
    line = cut(clean_line(text), MAX_SUBJECT)
    letter = Letter(
        "reply", line, "desk@acme.example", ("a@b.example",), (), line, clean(text)[:5_000],
        "<sd.1.1.x@acme.example>", (), 1_764_150_000, files=(File(file_name(text), "text/plain", b"x"),),
    )  # fmt: skip
    try:
        raw = envelope(letter).raw
    except Unsendable as error:
        return [f"keeps a mail from being sent: {error.message}"]
    head = BytesHeaderParser(policy=compat32).parsebytes(raw)
    names = head.keys()
    if len(names) != len(set(names)) or not set(names) <= set(ALLOWED):
        return ["adds a header to a mail"]
    return ["ends a mail early"] if b"\r\n.\r\n" in raw.replace(b"\r\n..", b"\r\n.x") else []


def _as_a_file(folder: Path, text: str) -> list[str]:
    """As the name of a file that is saved: a new one, within the folder."""
    into = folder / "files"
    into.mkdir(exist_ok=True)
    try:
        saved = save_file(into, text, b"x")
    except SdeskError:
        return []
    if saved.parent != into or saved.name.startswith((".", "-")) or _controls(saved.name):
        return [f"is saved as {saved.name!a}"]
    saved.unlink()
    return []


def _as_an_address(text: str) -> list[str]:
    """As the URL of a webhook: every address that leads inside is refused."""
    found = []
    for url in text.split():
        if url.startswith(("http://", "https://")):
            with suppress(SdeskError):
                where = endpoint(url)
                checked(where, (), _nowhere(where.host))
                if where.host != "elsewhere.example":
                    found.append(f"may be called: {url}")
    return found


def _nowhere(host: str) -> Callable[[str, int], list[str]]:
    """A resolver that asks nobody: names lead inside, numbers to themselves."""

    def resolve(_name: str, _port: int) -> list[str]:
        return [host] if host.replace(".", "").isdigit() or ":" in host else ["127.0.0.1"]

    return resolve


def _exported(desk: Desk) -> dict[str, str]:
    """All of them in a table and in lines: no formula, nothing that can't be read back."""
    from sdesk.transfer.exporter import Export

    parts: list[str] = []
    Export(desk, "", ["subject", "text"]).csv(parts.append)
    rows = list(csv.reader(io.StringIO("".join(parts))))
    found = {}
    if any(
        cell.lstrip(" ").startswith(("=", "+", "@", "\t", "\r")) for row in rows for cell in row
    ):
        found["export"] = "a cell of the table is a formula"
    lines: list[str] = []
    Export(desk, "", ["subject", "conversation"]).jsonl(lines.append)
    values = [json.loads(line) for line in "".join(lines).split("\n") if line]
    if len(values) != len(rows) - 1:
        found["export"] = f"{len(rows) - 1} rows in the table, {len(values)} in the lines"
    return found
