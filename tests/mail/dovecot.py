"""A real IMAP server of our own: Dovecot as an ordinary user's process, on a port of its own."""

from __future__ import annotations

import ctypes
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

PR_SET_PDEATHSIG = 1
USER, PASSWORD = "desk", "secret"
CONFIG = """
protocols = imap
base_dir = {base}/run
state_dir = {base}/run
log_path = {base}/log
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
ssl = required
ssl_cert = <{base}/server.pem
ssl_key = <{base}/server.key
mail_location = maildir:{base}/mail
first_valid_uid = 1
auth_mechanisms = plain
passdb {{
  driver = passwd-file
  args = {base}/users
}}
userdb {{
  driver = passwd-file
  args = {base}/users
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """The server; `mail` is its Maildir, `certificate` what to trust."""

    def __init__(self) -> None:
        self.program = shutil.which("dovecot") or "/usr/sbin/dovecot"
        if not Path(self.program).exists():
            pytest.skip("dovecot is not installed: no real IMAP server (apt install dovecot-imapd)")
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not installed: no certificate for the mail server")
        self._folder = tempfile.TemporaryDirectory(
            prefix="sdesk-dovecot-", ignore_cleanup_errors=True
        )
        self.base = Path(self._folder.name)
        self.mail, self.certificate = self.base / "mail", self.base / "server.pem"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._configure()
        self._process = self._start()

    def _configure(self) -> None:
        who = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self._uid, self._gid = who.pw_uid, who.pw_gid
        for name in ("mail/new", "mail/cur", "mail/tmp", "home", "run"):
            (self.base / name).mkdir(parents=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-keyout", str(self.base / "server.key"), "-out", str(self.certificate)],
            check=True, capture_output=True,
        )  # fmt: skip
        home = self.base / "home"
        users = f"{USER}:{{PLAIN}}{PASSWORD}:{who.pw_uid}:{who.pw_gid}::{home}::\n"
        (self.base / "users").write_text(users)
        group = grp.getgrgid(who.pw_gid).gr_name
        text = CONFIG.format(base=self.base, user=who.pw_name, group=group, port=self.port)
        (self.base / "dovecot.conf").write_text(text)
        self.give()

    def give(self) -> None:
        """Let the server's user have what root has made."""
        if os.getuid() == 0:
            for path in (self.base, *self.base.rglob("*")):
                os.chown(path, self._uid, self._gid)

    def _start(self) -> subprocess.Popen[bytes]:
        as_user: dict[str, Any] = {}
        if os.getuid() == 0:
            as_user = {"user": self._uid, "group": self._gid, "extra_groups": []}
        process = subprocess.Popen(
            [self.program, "-F", "-c", str(self.base / "dovecot.conf")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, preexec_fn=end_with_us,
            **as_user,
        )  # fmt: skip
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                if process.poll() is not None:
                    log = self.base / "log"
                    pytest.skip(
                        f"dovecot doesn't run here: {log.read_text() if log.exists() else ''}"
                    )
                select_nothing(0.05)
            else:
                return process
        raise RuntimeError("dovecot does not answer")

    def put(self, name: str, raw: bytes, *, seen: bool = False, at: int | None = None) -> None:
        """Deliver a mail, as a delivering program would; `at` where that was long ago."""
        fresh = self.mail / "tmp" / name
        fresh.write_bytes(raw)
        if at is not None:
            os.utime(fresh, (at, at))
        if os.getuid() == 0:
            os.chown(fresh, self._uid, self._gid)
        fresh.rename(self.mail / ("cur" if seen else "new") / (f"{name}:2,S" if seen else name))

    def renumber(self) -> None:
        """Forget every UID: another UIDVALIDITY."""
        for path in self.mail.glob("dovecot*"):
            path.unlink()
        (self.mail / "dovecot-uidlist").write_text(
            "3 V1999999999 N1 G0123456789abcdef0123456789abcdef\n"
        )
        self.give()

    def names(self, folder: str = "cur") -> list[str]:
        return sorted(path.name for path in (self.mail / folder).iterdir())

    def close(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._folder.cleanup()


def end_with_us() -> None:
    """Let the server end when the tests are killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def select_nothing(seconds: float) -> None:
    """Wait without sleeping through a signal."""
    import select

    select.select([], [], [], seconds)
