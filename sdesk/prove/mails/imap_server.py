"""A small IMAP server that does as it is told: for what real ones do on bad days."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Script:
    """What the server has, and where it breaks."""

    mails: dict[int, bytes] = field(default_factory=dict)
    uidvalidity: int = 7
    greeting: str = "PREAUTH"
    """"OK" for a server that wants to know who comes."""
    cut_in_body: int = 0
    """So many connections are cut in the middle of a mail."""
    drop_before: str = ""
    """The connection is dropped when this command comes; once."""
    refuse: str = ""
    """This command is answered with NO."""
    said: str = "because\x1b]52;c;AAAA\x07 I can"
    seen: set[int] = field(default_factory=set)
    seen_file: Path | None = None
    """Where the numbers of the mails that are marked as read are written before a client is told."""
    commands: list[str] = field(default_factory=list)


class ScriptedServer:
    """Speaks as much IMAP as fetching needs, without TLS, on this host only."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb") as stream:
            stream.write(f"* {self.script.greeting} ready\r\n".encode())
            stream.flush()
            while line := stream.readline():
                tag, _, command = line.decode("latin-1").strip().partition(" ")
                self.script.commands.append(command)
                answer = self._answer(tag, command)
                if answer is None:
                    return
                stream.write(answer)
                stream.flush()
                if answer.endswith(CUT):
                    return

    def _answer(self, tag: str, command: str) -> bytes | None:
        script = self.script
        if script.drop_before and script.drop_before in command:
            script.drop_before = ""
            return None
        if script.refuse and script.refuse in command:
            return f"{tag} NO {script.said}\r\n".encode("latin-1")
        lines = b"".join(self._lines(command))
        return lines if lines.endswith(CUT) else lines + f"{tag} OK done\r\n".encode()

    def _lines(self, command: str) -> Iterable[bytes]:
        script = self.script
        word = command.upper()
        if word.startswith("CAPABILITY"):
            yield b"* CAPABILITY IMAP4rev1\r\n"
        elif word.startswith("SELECT"):
            top = max(script.mails, default=0) + 1
            yield f"* {len(script.mails)} EXISTS\r\n* OK [UIDVALIDITY {script.uidvalidity}] x\r\n".encode()
            yield f"* OK [UIDNEXT {top}] x\r\n".encode()
        elif word.startswith("UID SEARCH"):
            yield f"* SEARCH {' '.join(map(str, self._found(word)))}\r\n".encode()
        elif word.startswith("UID FETCH"):
            yield from self._fetched(word)
        elif word.startswith("UID STORE"):
            script.seen |= {int(n) for n in word.split()[2].split(",")}
            if script.seen_file is not None:
                script.seen_file.write_text(" ".join(map(str, script.seen)), encoding="ascii")

    def _found(self, word: str) -> list[int]:
        known = sorted(self.script.mails)
        if "UNSEEN" in word:
            return [uid for uid in known if uid not in self.script.seen]
        if found := re.search(r"UID (\d+):\*", word.removeprefix("UID SEARCH ")):
            return [uid for uid in known if uid >= int(found[1])] or known[-1:]
        return known

    def _fetched(self, word: str) -> Iterable[bytes]:
        uid = int(word.split()[2])
        raw = self.script.mails.get(uid)
        if raw is None:
            return
        if "RFC822.SIZE" in word:
            yield f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(raw)})\r\n".encode()
        elif self.script.cut_in_body:
            self.script.cut_in_body -= 1
            yield (
                f"* {uid} FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode()
                + raw[: len(raw) // 2]
                + CUT
            )
        else:
            yield f"* {uid} FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"

    def close(self) -> None:
        self._listening.close()


CUT = b"\0cut\0"
"""Ends what a connection gives before it is closed."""
