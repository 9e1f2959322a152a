"""The environment: what of it may steer this program, and what of it the programs that we start get.

Standard library only, and little of it: `scrub` runs before anything else is imported. Who somebody
is comes from the number of the process's user alone, whatever the environment says.
"""

from __future__ import annotations

import os
import sys

MYPY = False  # as typing's TYPE_CHECKING, without importing it
if MYPY:
    from collections.abc import Mapping, MutableMapping

PATH = "/usr/local/bin:/usr/bin:/bin"
_MARKS = ("SUDO_", "DOAS_", "PKEXEC_")
"""How the programs that change the user say who called."""
_KEPT = {
    "TERM", "COLORTERM", "TERM_PROGRAM", "COLUMNS", "LINES", "LANG", "LANGUAGE", "TZ", "NO_COLOR", "ESCDELAY", "TMUX",
    "TMUX_PANE", "STY", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "COMP_WORDS", "COMP_CWORD", "_SDESK_COMPLETE",
}  # fmt: skip
_KEPT_FAMILIES = ("LC_", "PG", "SDESK_")
_PROGRAMS = {"EDITOR", "VISUAL", "PAGER", "BROWSER", "SDESK_EDITOR", "SDESK_CONFIG"}
"""What names a program to run, or a file that does."""
_STEERS = ("PYTHON", "LD_", "BASH_", "PERL", "RUBY", "GIT_", "OPENSSL_", "MALLOC_", "GLIBC_")
_STEERS_TOO = {
    "ENV", "SHELLOPTS", "GCONV_PATH", "LOCPATH", "HOSTALIASES", "SSLKEYLOGFILE", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "TMPDIR", "NODE_OPTIONS",
}  # fmt: skip
_SECRET = {"PGPASSWORD", "CREDENTIALS_DIRECTORY"}
_UNKNOWN = {2**32 - 1, 65_534}
"""What the kernel says of a process of nobody's log-in."""


def scrub(environ: MutableMapping[str, str] | None = None) -> None:
    """Drop what could steer this program for somebody else.

    Under sudo and its like little more than the terminal's kind is left, and home and path are
    those of the user who now runs this. After `su` what names programs or is read by
    interpreters and libraries goes. What Textual reads goes always, but for developers.
    """
    env = os.environ if environ is None else environ
    called = any(name.startswith(_MARKS) for name in env) or _is_raised()
    another = not called and _is_another()
    if called or another:
        _forget_modules(env.get("PYTHONPATH", ""))
    develops = bool(env.get("SDESK_DEVELOPER"))
    for name in list(env):
        if name.startswith("TEXTUAL"):
            goes = called or another or not develops
        else:
            goes = (called and not _is_kept(name)) or (another and _steers(name))
        if goes:
            del env[name]
    if called:
        env.update(_home())


def python(*words: str) -> list[str]:
    """The command that runs this Python again, with nothing imported from the current folder."""
    return [sys.executable, "-P", *words]


def for_programs(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the user's own programs get (an editor, a command of `|`, tmux): theirs, without what is
    ours alone and without secrets."""
    env = os.environ if environ is None else environ
    return {
        name: value for name, value in env.items()
        if not name.startswith(("SDESK_", "_SDESK", "TEXTUAL")) and name not in _SECRET
    }  # fmt: skip


def for_services(environ: Mapping[str, str] | None = None, *more: str) -> dict[str, str]:
    """What programs get that an administrator has named: language, zone and a path; `more` by name."""
    env = os.environ if environ is None else environ
    kept = {name: env[name] for name in ("LANG", "LC_ALL", "TZ", *more) if name in env}
    return {"PATH": PATH, **kept}


def _is_raised() -> bool:
    return os.getuid() != os.geteuid() or os.getgid() != os.getegid()


def _is_another() -> bool:
    """Whether somebody else has logged in here than the one whose process this is, as by `su`."""
    try:
        with open("/proc/self/loginuid", encoding="ascii") as file:  # noqa: PTH123 - no pathlib yet
            login = int(file.read() or -1)
    except (OSError, ValueError):
        return False
    return login >= 0 and login not in _UNKNOWN and login != os.getuid()


def _is_kept(name: str) -> bool:
    if name in _PROGRAMS or name.startswith(_MARKS):
        return False
    return name in _KEPT or name.startswith(_KEPT_FAMILIES)


def _steers(name: str) -> bool:
    return name in _PROGRAMS or name in _STEERS_TOO or name.startswith(_STEERS)


def _forget_modules(given: str) -> None:
    theirs = {os.path.abspath(entry) for entry in given.split(os.pathsep) if entry}  # noqa: PTH100
    sys.path[:] = [e for e in sys.path if not e or os.path.abspath(e) not in theirs]  # noqa: PTH100


def _home() -> dict[str, str]:
    import pwd

    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError:
        return {"PATH": PATH, "HOME": "/"}
    return {"PATH": PATH, "HOME": entry.pw_dir, "USER": entry.pw_name, "LOGNAME": entry.pw_name}
