"""What a command that `|` has been given writes, shown while it runs; and the tickets as it reads them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual import work

from sdesk.model import as_dict
from sdesk.present import moment
from sdesk.screens.dialogs.reader import Reader
from sdesk.surroundings import for_programs
from sdesk.text import clean, clean_line, cut
from sdesk.widgets.thread_lines import Line

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import TicketId

LONGEST = 30.0
"""Seconds a command may take."""
MOST_SHOWN = 200_000
"""Bytes of its output that are shown."""
MOST_LINES = 5_000


class PipeReader(Reader):
    """What a command writes; leaving it ends the command."""

    def __init__(self, command: str, form: str, tickets: Sequence[TicketId]) -> None:
        super().__init__(command)
        self.command, self.form, self.tickets = command, form, tuple(tickets)
        self._process: asyncio.subprocess.Process | None = None

    def on_mount(self) -> None:
        self.show(f"{self.command} · running, esc ends it", [(("…", "muted"),)])
        self._run()

    @work(exclusive=True, group="pipe")
    async def _run(self) -> None:
        desk = self.app.desk  # type: ignore[attr-defined]
        written = as_json if self.form == "JSON" else as_text
        text = await asyncio.to_thread(written, desk, self.tickets)
        try:
            # A shell for the agent's own line, so that it can have pipes of its own; in a process
            # group of its own, so that all of it ends.
            self._process = await asyncio.create_subprocess_exec(
                "/bin/sh", "-c", self.command, stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
                start_new_session=True, env=for_programs(),
            )  # fmt: skip
        except OSError as error:
            self.show(self.command, [((f"It can't be started: {error.strerror}", "bad"),)])
            return
        try:
            output = await asyncio.wait_for(self._talk(self._process, text.encode()), LONGEST)
        except TimeoutError:
            end(self._process)
            self.show(self.command, [((f"It was ended after {LONGEST:.0f} seconds.", "bad"),)])
            return
        status = await self._process.wait()
        self.show(self.command + (f" · status {status}" if status else ""), lines_of(output))

    async def _talk(self, process: asyncio.subprocess.Process, text: bytes) -> bytes:
        """Feed it and read what it writes, up to a bound; beyond that it is ended."""
        feeding = asyncio.ensure_future(_feed(process, text))
        assert process.stdout is not None
        output = b""
        while chunk := await process.stdout.read(65_536):
            output += chunk
            if len(output) > MOST_SHOWN:
                end(process)
                break
        feeding.cancel()
        return output[:MOST_SHOWN]

    async def on_unmount(self) -> None:
        if self._process is not None and self._process.returncode is None:
            end(self._process)
            await self._process.wait()


async def _feed(process: asyncio.subprocess.Process, text: bytes) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(text)
        await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return
    finally:
        process.stdin.close()


def end(process: asyncio.subprocess.Process) -> None:
    """End the command with all it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def lines_of(output: bytes) -> list[Line]:
    """The output as lines to read, cleaned."""
    text = clean(output.decode("utf-8", errors="replace"))
    lines = text.expandtabs(4).splitlines()[:MOST_LINES]
    return [((cut(line, 2_000), "text"),) for line in lines] or [(("it wrote nothing", "muted"),)]


def as_text(desk: Desk, tickets: Sequence[TicketId]) -> str:
    """The tickets as people read them: fields, then the conversation."""
    return "\n".join(_text(desk, number) for number in tickets)


def _text(desk: Desk, number: TicketId) -> str:
    ticket, zone, now = desk.read.ticket(number), desk.settings.zone, desk.now()
    person = ticket.requester
    fields = {
        "requester": f"{person.name} <{person.email}>" if person else "", "state": ticket.state,
        "priority": ticket.priority, "queue": ticket.queue, "assignee": ticket.assignee,
        "category": ticket.path, "tags": ", ".join(ticket.tags), **ticket.fields,
    }  # fmt: skip
    lines = [f"{ticket.ref}: {clean_line(ticket.subject)}"]
    lines += [f"{name}: {clean_line(str(value))}" for name, value in fields.items() if value]
    for entry in desk.read.conversation(number):
        lines += ["", f"-- {moment(entry.at, zone, now)} {entry.kind} {clean_line(entry.author)}"]
        lines.append(clean(entry.text))
    return "\n".join(lines) + "\n"


def as_json(desk: Desk, tickets: Sequence[TicketId]) -> str:
    """The tickets as a list of objects with their conversation."""
    found: list[dict[str, Any]] = []
    for number in tickets:
        entries = [as_dict(entry) for entry in desk.read.conversation(number)]
        found.append({**as_dict(desk.read.ticket(number)), "conversation": entries})
    return json.dumps(found, ensure_ascii=False, indent=1, default=str) + "\n"
