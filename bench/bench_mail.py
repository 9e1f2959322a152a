"""Mail in: a thousand ordinary mails from a Maildir, every one read, judged and acknowledged."""

from __future__ import annotations

import gc
import random
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from bench import floors, stores
from bench.figures import Figure
from sdesk import ops
from sdesk.desk import Desk
from sdesk.setup_defaults import default_setup

MAILS = 1_000
SENDERS = 300
TEXT = (
    "the printer on floor three is dead since this morning and nobody can print invoices please help us soon "
    "vpn drops laptop new password screen docking station keyboard mailbox full calendar meeting room projector"
)
WORDS = TEXT.split()


def measure(_tickets: int) -> Iterator[Figure]:
    from sdesk.mail.fetch import fetch
    from sdesk.mail.settings import Mailbox
    from sdesk.mail.taking import open_desk, open_intake

    path, folder = stores.KEPT / "mail.db", stores.KEPT / "maildir"
    stores.remove(path)
    shutil.rmtree(folder, ignore_errors=True)
    make_desk(path)
    size = fill(folder)
    floor = floors.insert_seconds(stores.KEPT, [(MAILS, ("x" * (size // MAILS),) * 3)])
    box = Mailbox("bench", "maildir", None, "", folder, "flag", "", False, "bench")
    # As the program itself begins.
    gc.set_threshold(50_000, 20, 100)
    with open_desk(path) as desk:
        intake = open_intake(desk)
        desk.door()
        begun = perf_counter()
        done = fetch(intake, box)
        seconds = perf_counter() - begun
        letters = desk.read.reader.one("SELECT count(*) FROM letter") or (0,)
    yield Figure("mail: tickets of 1,000 mails", done.counts["new"], "", MAILS, most_ratio=1.0)
    yield Figure("mail: 1,000 mails from a Maildir", seconds, "s", floor, most=20)
    yield Figure("mail: acknowledgements", int(letters[0]), "")
    yield Figure(
        "mail: memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6, "MB"
    )
    stores.remove(path)
    shutil.rmtree(folder)


def make_desk(path: Path) -> None:
    setup = [
        *default_setup(
            name="Bench",
            prefix="SD",
            zone="Europe/Helsinki",
            country="",
            admin_login="ana",
            admin_name="Ana",
            year=2026,
        ),
        ops.SaveSetting("mail_address", "help@desk.example"),
        ops.SaveSetting("mail_authserv", "mx.desk.example"),
    ]
    Desk.create(path, setup=setup, actor="ana").close()


def fill(folder: Path) -> int:
    """Write the mails; how many bytes they have."""
    chance, size = random.Random(7), 0
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    for number in range(MAILS):
        raw = ordinary(number, chance)
        size += len(raw)
        (folder / "new" / f"{1_700_000_000 + number}.M{number}.host").write_bytes(raw)
    return size


def ordinary(number: int, chance: random.Random) -> bytes:
    """A mail as people write it: text, half of them HTML beside it, a quote, now and then a picture."""
    who = chance.randrange(SENDERS)
    text = "\r\n".join(" ".join(chance.choices(WORDS, k=12)) + "." for _ in range(8))
    quote = "".join(f"> {' '.join(chance.choices(WORDS, k=8))}\r\n" for _ in range(6))
    head = (
        f"Received: from mail.customer{who}.example by mx.desk.example; Mon, 02 Nov 2026 09:00:01 +0100\r\n"
        f"Authentication-Results: mx.desk.example; dmarc=pass header.from=customer{who}.example\r\n"
        f"From: Person {who} <person{who}@customer{who}.example>\r\nTo: help@desk.example\r\n"
        f"Subject: {' '.join(chance.choices(WORDS, k=5))} {number}\r\nDate: Mon, 02 Nov 2026 09:00:00 +0100\r\n"
        f"Message-ID: <{number}.{chance.random()}@customer{who}.example>\r\nMIME-Version: 1.0\r\n"
    )
    plain = f"{text}\r\n\r\nOn Mon, 2 Nov 2026 at 08:00, Help <help@desk.example> wrote:\r\n{quote}\r\n-- \r\nPerson {who}\r\n"
    if number % 2:
        return (f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{plain}").encode()
    html = "".join(f"<p>{line}</p>" for line in text.split("\r\n"))
    parts = [
        ("text/plain; charset=utf-8", plain),
        ("text/html; charset=utf-8", f"<html><body>{html}</body></html>"),
    ]
    body = "".join(f"--B\r\nContent-Type: {kind}\r\n\r\n{said}\r\n" for kind, said in parts)
    mixed = f"{head}Content-Type: multipart/alternative; boundary=B\r\n\r\n{body}--B--\r\n"
    return mixed.encode()
