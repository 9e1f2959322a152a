"""The user's settings: from flags, the environment and config.toml, into one frozen value.

Precedence: flag, then `SDESK_*` in the environment, then the file, then the default. The file is
the user's: it is read and never written. A key that sdesk doesn't know is an error that names the
file, the line and the nearest right key.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sdesk.errors import Usage, did_you_mean
from sdesk.locations import config_file, default_store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KNOWN: dict[str, type] = {
    "store": str, "theme": str, "mouse": bool, "editor": str, "driver": str, "view": str,
    "keys_preset": str, "frugal": bool,
}  # fmt: skip
"""The settings of the file's top level; `[keys]` stands beside them."""
HELP = {
    "store": "the database file of the desk, or a postgresql:// address",
    "theme": "the colours of the desk",
    "mouse": "whether the desk takes the mouse (default: not over SSH)",
    "editor": "the program that long texts open in (default: $VISUAL, then $EDITOR, then vi)",
    "view": 'the view the desk opens on: its name, or "last" (default: the first that holds tickets)',
    "keys_preset": "the key map that [keys] stands on: arrows, mutt, jiratui (default: the desk's own)",
    "frugal": 'spare a slow link: 16 colours, no mouse, refreshes gathered (default "auto": over SSH)',
    "driver": '"differences": the screen is written by what changed (default); "plain": as Textual does',
}
CHOICES: dict[str, tuple[str, ...]] = {
    "driver": ("differences", "plain"), "desk.move_on": ("finished", "always", "never"), "keys_preset": ("default", "arrows", "mutt", "jiratui"),
    "desk.bell": ("off", "bell", "osc9", "osc777"),
}  # fmt: skip
"""Settings that are one of a few words."""
PRESET = "preset"
"""In `[keys]`: the same as `keys_preset`."""
MOST = 1_000_000
"""Bytes that a file of settings may have."""
AUTO = "auto"
"""A switch that decides by itself."""
SWITCHES: dict[str, str] = {
    "worker.in_desk": "whether an open desk keeps time where no sdesk worker does (default: true)",
    "desk.move_on": 'after which acts the cursor goes on: "finished" (default), "always", "never"',
    "desk.bulk_preview": "from how many tickets an act is shown before it is done (default: 20; 0: never)",
    "desk.bell": 'what a new notice does to the terminal: "off" (default), "bell", "osc9", "osc777"',
}
"""Settings inside a table of the file, with their help; of `Config` by `_` for the dot."""
TABLE_TYPES: dict[str, type] = {"desk.move_on": str, "desk.bulk_preview": int, "desk.bell": str}
"""What they are, where that is not true or false."""
ROOMS = ("mail", "notify", "alerts", "webhook", "backup")
"""Tables that are no business of the desk itself: the room each belongs to asks `table` for it."""
_TYPE_NAMES = {
    str: "text in quotes", bool: "true or false", int: "a number",
    list: 'a list of texts: ["…", "…"]', dict: "a table",
}  # fmt: skip
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@dataclass(frozen=True)
class Config:
    """What is set, and where each setting came from."""

    store: str = ""
    """A path or a postgresql:// address."""
    theme: str = ""
    """Empty: the desk's own."""
    mouse: bool | None = None
    """None: on, unless the terminal is at the other end of SSH."""
    editor: str = ""
    driver: str = "differences"
    view: str = ""
    """Its name, "last", or empty."""
    worker_in_desk: bool = True
    """Whether an open desk runs the timers where no `sdesk worker` does."""
    desk_move_on: str = "finished"
    """After which acts the cursor goes on to the next ticket: finished, always, never."""
    desk_bulk_preview: int = 20
    """From how many tickets an act is rehearsed and shown before it is done; 0 for never."""
    desk_bell: str = "off"
    """What a new notice does to the terminal: off, bell, osc9, osc777."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Command id → key, as the user wants it."""
    keys_preset: str = ""
    """The key map that `keys` stands on; empty for the desk's own."""
    frugal: bool | None = None
    """None: where the terminal is at the other end of SSH."""
    file: Path | None = None
    """The file that was read; None when there is none."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Setting → "--store", "SDESK_STORE", "config.toml:3" or "default"."""

    def where(self, name: str) -> str:
        """The place of a setting, for a message: "config.toml:12" for "keys.ticket.take"."""
        return self.origins.get(name, "default")

    @property
    def key_lines(self) -> dict[str, int]:
        """Command id → its line in the file."""
        places = {name: self.where(f"keys.{name}").rpartition(":")[2] for name in self.keys}
        return {name: int(line) for name, line in places.items() if line.isdigit()}


def load(
    *,
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    store: str | None = None,
    theme: str | None = None,
    frugal: bool | None = None,
) -> Config:
    """Everything that is set. Raises `Usage` for a file that can't be understood."""
    environ = os.environ if environ is None else environ
    file = file or config_file()
    values, origins, keys = _read(file)
    if PRESET in keys:
        values["keys_preset"], origins["keys_preset"] = keys.pop(PRESET), origins[f"keys.{PRESET}"]
    for name in KNOWN:
        if given := environ.get(f"SDESK_{name.upper()}"):
            values[name], origins[name] = _from_text(name, given), f"SDESK_{name.upper()}"
    for name, flag in (("store", store), ("theme", theme)):
        if flag:
            values[name], origins[name] = flag, f"--{name}"
    if frugal is not None:
        values["frugal"], origins["frugal"] = frugal, "--frugal"
    if not values.get("store"):
        values["store"] = str(default_store())
    if not values.get("editor"):
        name = next((n for n in ("VISUAL", "EDITOR") if environ.get(n)), "")
        values["editor"], origins["editor"] = (environ[name], name) if name else ("vi", "default")
    return Config(**values, keys=keys, file=file if file.exists() else None, origins=origins)


def store_place(flag: str | None = None) -> str:
    """Which store is meant. Reads the file only when neither flag nor environment names one."""
    return flag or os.environ.get("SDESK_STORE") or load().store


@dataclass(frozen=True)
class Table:
    """One table of the file, for the room that it belongs to."""

    file: Path
    name: str
    """As written between brackets: mail.smtp; mail.mailbox.0 for the first [[mail.mailbox]]."""
    values: Mapping[str, Any]
    lines: Mapping[str, int] = field(repr=False)

    def place(self, key: str = "") -> str:
        """Where it stands, for a message: "config.toml, line 12"."""
        line = self.lines.get(f"{self.name}.{key}" if key else self.name)
        return f"{self.file}, line {line or self.lines.get(self.name, 1)}"

    def checked(self, known: Mapping[str, type]) -> dict[str, Any]:
        """Its own values, which are of the kinds that `known` gives; refused with line and nearest
        name where one is not. Tables inside it stand under `dict`, repeated ones under `tuple`."""
        for name, value in self.values.items():
            if name not in known:
                raise Usage(
                    f"{self.place(name)}: there is no setting '{name}' in [{self.title}].",
                    did_you_mean(name, known),
                )
            if not _is_of(value, known[name]):
                kind = _TYPE_NAMES.get(known[name], f"written [[{self.title}.{name}]]")
                raise Usage(f"{self.place(name)}: '{name}' is {kind}.")
        return {n: v for n, v in self.values.items() if known[n] not in (dict, tuple)}

    @property
    def title(self) -> str:
        """Its name without the numbers of repeated tables."""
        return ".".join(part for part in self.name.split(".") if not part.isdigit())

    def inner(self, key: str) -> Table:
        """A table inside it; empty where there is none."""
        return Table(self.file, f"{self.name}.{key}", self.values.get(key, {}), self.lines)

    def each(self, key: str) -> list[Table]:
        """The repeated tables [[name.key]] inside it, in order."""
        return [
            Table(self.file, f"{self.name}.{key}.{number}", values, self.lines)
            for number, values in enumerate(self.values.get(key, ()))
        ]


def _is_of(value: object, kind: type) -> bool:
    if kind is tuple:
        return isinstance(value, list) and all(isinstance(item, dict) for item in value)
    if kind is list:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return type(value) is kind


def table(name: str, *, file: Path | None = None) -> Table:
    """The table `name` of the file, one of `ROOMS`; empty where the file has none."""
    file = file or config_file()
    text, found = _parsed(file)
    values = found.get(name, {})
    lines = _lines(text)
    if not isinstance(values, dict):
        raise Usage(f"{file}, line {lines.get(name, 1)}: '{name}' is a table: [{name}].")
    return Table(file, name, values, lines)


def _parsed(file: Path) -> tuple[str, dict[str, Any]]:
    """The file's text and what it says; nothing where there is no file."""
    text = _text_of(file)
    if not text:
        return "", {}
    # Here, not above: most runs have no file.
    import tomllib

    try:
        return text, tomllib.loads(text)
    except RecursionError:
        raise Usage(f"{file}: its values lie too deep in each other.") from None
    except ValueError as error:  # that of TOML, or a number of thousands of digits
        reason = str(error).partition(";")[0]
        raise Usage(f"{file}: {reason}.", "Mend the line; settings are written as TOML.") from None


def _text_of(file: Path) -> str:
    """What stands in the file, with or without the mark that some editors begin a text with."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Usage(f"{file} can't be read: {reason}.") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Usage(f"{file} can't be read: it is not a file.")
    with os.fdopen(handle, "rb") as stream:
        try:
            raw = stream.read(MOST + 1)
        except OSError as error:
            raise Usage(f"{file} can't be read: {error.strerror}.") from None
    if len(raw) > MOST:
        raise Usage(f"{file} can't be read: settings have {MOST:,} bytes at most.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Usage(f"{file} can't be read: it is not UTF-8.") from None


def _read(file: Path) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    text, found = _parsed(file)
    if not text:
        return {}, {}, {}
    for room in ROOMS:
        found.pop(room, None)
    lines = _lines(text)
    keys = _checked_keys(file, found.pop("keys", {}), lines)
    switches = _checked_switches(file, found, lines)
    for name, value in found.items():
        _check(file, lines, name, value)
    found |= switches
    if found.get("frugal") == AUTO:
        del found["frugal"]
    _check_choice(
        f"{file}, line {lines.get(f'keys.{PRESET}', 1)}: '{PRESET}'",
        "keys_preset",
        keys.get(PRESET, "default"),
    )
    origins = {name: f"{file}:{line}" for name, line in lines.items()}
    return found, origins, keys


def _check(file: Path, lines: Mapping[str, int], name: str, value: object) -> None:
    place = f"{file}, line {lines.get(name, 1)}"
    if name not in KNOWN:
        raise Usage(
            f"{place}: there is no setting '{name}'.",
            did_you_mean(name, [*KNOWN, *_TABLES, *ROOMS]),
        )
    if name == "frugal" and value == AUTO:
        return
    if not isinstance(value, KNOWN[name]):
        raise Usage(f"{place}: '{name}' is {_TYPE_NAMES[KNOWN[name]]}.")
    _check_choice(f"{place}: '{name}'", name, str(value))


def _check_choice(place: str, name: str, value: str) -> None:
    choices = CHOICES.get(name, ())
    if choices and value not in choices:
        known = " or ".join(f"'{choice}'" for choice in choices)
        raise Usage(f"{place} is {known}, not '{value}'.", did_you_mean(value, choices))


_TABLES = ("keys", *dict.fromkeys(name.partition(".")[0] for name in SWITCHES))


def _checked_switches(
    file: Path, found: dict[str, Any], lines: Mapping[str, int]
) -> dict[str, Any]:
    """The tables of switches, taken out of what was found."""
    switches: dict[str, Any] = {}
    for table in _TABLES[1:]:
        given = found.pop(table, {})
        place = f"{file}, line {lines.get(table, 1)}"
        if not isinstance(given, dict):
            raise Usage(f"{place}: '{table}' is a table: [{table}].")
        for name, value in _flat(given, f"{table}."):
            place = f"{file}, line {lines.get(name, 1)}"
            if name not in SWITCHES:
                raise Usage(f"{place}: there is no setting '{name}'.", did_you_mean(name, SWITCHES))
            wanted = TABLE_TYPES.get(name, bool)
            if type(value) is not wanted:
                raise Usage(f"{place}: '{name}' is {_TYPE_NAMES[wanted]}.")
            _check_choice(f"{place}: '{name}'", name, str(value))
            switches[name.replace(".", "_")] = value
    return switches


def _checked_keys(file: Path, table: object, lines: Mapping[str, int]) -> dict[str, str]:
    if not isinstance(table, dict):
        raise Usage(f"{file}, line {lines.get('keys', 1)}: 'keys' is a table: [keys].")
    keys: dict[str, str] = {}
    for name, value in _flat(table):
        if not isinstance(value, str):
            line = lines.get(f"keys.{name}", 1)
            raise Usage(f'{file}, line {line}: the key of \'{name}\' is text: "{name}" = "t".')
        keys[name] = value
    return keys


def _flat(table: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """The entries of a table, those of tables inside it under "outer.inner"."""
    found: list[tuple[str, Any]] = []
    for name, value in table.items():
        if isinstance(value, dict):
            found += _flat(value, f"{before}{name}.")
        else:
            found.append((f"{before}{name}", value))
    return found


_SECTION = re.compile(r"^\s*(\[{1,2})\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(
    r"""^\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*="""
)


def _lines(text: str) -> dict[str, int]:
    """Setting → the line it stands on, "keys.ticket.take" for one inside a table, and
    "mail.mailbox.0.host" for one inside the first of several tables of one name."""
    lines: dict[str, int] = {}
    times: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _SECTION.match(line):
            section = _plain(found[2]) + "."
            lines.setdefault(section[:-1], number)
            if found[1] == "[[":
                times[section] = times.get(section, -1) + 1
                section += f"{times[section]}."
                lines[section[:-1]] = number
        elif found := _KEY.match(line):
            lines.setdefault(section + _plain(found[1]), number)
    return lines


def _plain(name: str) -> str:
    return ".".join(part.strip() for part in re.sub(r"[\"']", "", name).split("."))


def _from_text(name: str, text: str) -> object:
    if name == "frugal" and text.casefold() == AUTO:
        return None
    if KNOWN[name] is not bool:
        _check_choice(f"SDESK_{name.upper()}", name, text)
        return text
    if text.casefold() in _TRUE:
        return True
    if text.casefold() in _FALSE:
        return False
    raise Usage(f"SDESK_{name.upper()}='{text}': it is true or false.")
