"""Who may import whom: the table of docs/architecture.md, held against the code."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tests.each import each

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sdesk"
WORDS = {
    "errors",
    "model",
    "ops",
    "text",
    "files",
    "looks",
    "announced",
    "posted",
    "numbering",
    "surroundings",
}
FRONT = WORDS | {
    "present",
    "config",
    "locations",
    "remembered",
    "desk",
    "rules",
    "suggesting",
    "macros",
    "batching",
    "editing",
}

CHANNEL = WORDS | {"rules", "store", "levels", "desk", "present"}

# room → what of sdesk it may import, and what from outside; the standard library is everybody's.
TABLE: dict[str, tuple[set[str], set[str]]] = {
    "__init__": (set(), set()),
    "errors": (set(), set()),
    "model": (set(), set()),
    "text": (set(), set()),
    "numbering": (set(), set()),
    "announced": ({"model"}, set()),
    "posted": ({"model"}, set()),
    "looks": ({"errors"}, set()),
    "ops": ({"model", "errors", "looks"}, set()),
    "files": ({"errors", "ops", "text"}, set()),
    "surroundings": (set(), set()),
    "editing": ({"errors", "locations", "surroundings"}, set()),
    "rules": (WORDS | {"rules"}, set()),
    "store": (
        WORDS
        | {"rules.query", "rules.letters", "rules.mail", "store"}
        | {"rules.erasure", "rules.mailtext", "rules.traces"},
        {"sqlmodel", "sqlalchemy", "alembic", "psycopg"},
    ),
    "levels": (WORDS | {"rules"}, set()),
    "standing": (WORDS | {"levels", "store"}, set()),
    "door": (
        WORDS | {"rules", "store", "levels", "standing", "settling", "setup_checks", "informing"},
        {"sqlmodel", "sqlalchemy"},
    ),
    "settling": (WORDS | {"rules", "store", "levels", "door"}, set()),
    "setup_checks": (WORDS | {"rules", "store", "levels", "door"}, set()),
    "informing": (WORDS | {"rules", "store", "door"}, {"sqlalchemy"}),
    "batching": (WORDS | {"door"}, {"sqlmodel"}),
    "loading": (WORDS | {"rules", "store", "levels", "door"}, set()),
    "recount": (WORDS | {"rules", "store", "levels", "door"}, set()),
    "suggesting": (WORDS | {"rules", "store", "locations"}, set()),
    "desk": (
        WORDS
        | {"rules", "store", "levels", "door", "batching", "loading", "recount", "suggesting"}
        | {"joined", "standing"},
        set(),
    ),
    "timers": (WORDS | {"rules", "store", "levels", "door", "desk"}, set()),
    "worker": (WORDS | {"store", "desk", "timers"}, set()),
    "attendance": (WORDS | {"store"}, set()),
    # The channels. A room behind the door each, and one that speaks to the world.
    "intake": (CHANNEL | {"door", "alarms"}, {"sqlmodel", "sqlalchemy"}),
    "sending": (CHANNEL | {"door"}, {"sqlmodel", "sqlalchemy"}),
    "telling": (CHANNEL | {"door"}, {"sqlmodel", "sqlalchemy"}),
    "alarms": (CHANNEL | {"door"}, {"sqlmodel", "sqlalchemy"}),
    "credentials": (WORDS | {"config", "locations"}, set()),
    "channels": ({"config", "errors", "mail", "notify", "alerts", "upkeep", "restricted"}, set()),
    # Trust. What an administrator can check, what is kept, and what is erased.
    "audit": (CHANNEL | {"config", "locations", "transfer"}, set()),
    "privacy": (
        CHANNEL | {"door", "locations", "loading", "suggesting", "privacy"},
        {"sqlmodel", "sqlalchemy"},
    ),
    "upkeep": (
        CHANNEL
        | {"channels", "upkeep", "audit", "privacy", "transfer", "config", "locations", "door"}
        | {"restricted"},
        {"sqlalchemy"},
    ),
    "restricted": (
        CHANNEL | {"door", "joined", "privacy", "restricted"},
        {"sqlmodel", "sqlalchemy"},
    ),
    "joined": (CHANNEL | {"door", "joined", "restricted", "batching", "suggesting"}, set()),
    "prove": (
        FRONT
        | CHANNEL
        | {
            "prove",
            "door",
            "transfer",
            "demo",
            "setup_defaults",
            "mail",
            "intake",
            "sending",
            "telling",
            "alarms",
            "audit",
            "privacy",
            "upkeep",
            "timers",
            "worker",
            "channels",
            "credentials",
            "loading",
            "restricted",
            "terminal",
            "notify",
            # The program itself: its commands and its screens in a terminal.
            "cli",
            "app",
            "screens",
            "__main__",
        },
        {"sqlmodel", "sqlalchemy", "psycopg", "textual", "rich"},
    ),
    "mail": (
        CHANNEL
        | {"channels", "alerts", "mail", "intake", "sending", "config", "locations", "credentials"},
        {"imap_tools", "inscriptis", "lxml", "mailparser_reply"},
    ),
    "notify": (
        CHANNEL | {"channels", "notify", "telling", "config", "locations", "credentials"},
        {"apprise"},
    ),
    "alerts": (
        CHANNEL | {"alerts", "alarms", "channels", "config", "locations", "credentials"},
        set(),
    ),
    "transfer": (WORDS | {"rules", "store", "loading", "desk"}, set()),
    "locations": ({"errors"}, {"platformdirs"}),
    "config": ({"errors", "locations"}, {"platformdirs"}),
    "remembered": (set(), set()),
    "present": (WORDS | {"rules.sla"}, {"rich"}),
    "macros": (WORDS | {"rules", "present", "desk"}, set()),
    "setup_defaults": (WORDS | {"rules"}, {"holidays"}),
    "demo": (FRONT | {"loading", "setup_defaults", "levels"}, set()),
    "cli": (
        FRONT
        | {
            "cli",
            "transfer",
            "demo",
            "setup_defaults",
            "keys",
            "app",
            "keycheck",
            "store.place",
            "store.health",
            "store.lock",
            "store.roles",
            "store.postgres",
            "recount",
            "levels",
            "notify",
            "telling",
            "store.reads.deliveries",
            "store.reads.audit",
            "store.upkeep",
            "worker",
            "mail",
            "channels",
            "timers",
            "alarms",
            "alerts",
            "audit",
            "privacy",
            "upkeep",
            "restricted",
            "prove",
        },
        {"typer", "click", "rich"},
    ),
    "__main__": ({"cli", "errors", "locations", "surroundings", "__init__"}, set()),
    "terminal": ({"terminal"}, {"textual", "rich"}),
    "keys": (WORDS | {"key_presets"}, {"textual"}),
    "key_presets": (set(), set()),
    "screens": (
        FRONT
        | {
            "app",
            "mail.taking",
            "mail.reading",
            "writes",
            "screens",
            "widgets",
            "keys",
            "messages",
            "terminal",
            "palette",
            "themes",
            "attendance",
        },
        {"textual", "rich"},
    ),
}
TEXTUAL = ("app", "keycheck", "writes", "screens", "widgets", "messages", "palette", "themes")
for room in TEXTUAL:
    TABLE[room] = TABLE["screens"]
TABLE["app"] = (TABLE["screens"][0] | {"worker", "audit"}, TABLE["screens"][1])
WRITING_ONLY = {
    "reads",
    "where",
    "search",
    "watch",
    "reader",
    "place",
    "lock",
    "lease",
    "brief",
    "presence",
}
"""Modules of the store that never pay for SQLModel."""


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> set[tuple[str, bool]]:
    """(module imported, whether it is sdesk's own), wherever in the file it stands."""
    found: set[tuple[str, bool]] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            own = name.split(".")[0] == "sdesk"
            if own or name.split(".")[0] not in sys.stdlib_module_names:
                found.add((name.removeprefix("sdesk.") if own else name.split(".")[0], own))
    return found


def is_allowed(name: str, own: bool, room: str) -> bool:
    inside, outside = TABLE[room]
    if not own:
        return name in outside
    if name.split(".")[0] == "__version__" or name == "sdesk":
        return True
    return any(name == may or name.startswith(f"{may}.") for may in inside | {room})


@each("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_what_its_row_allows(path: Path) -> None:
    relative = path.relative_to(PACKAGE)
    room = relative.parts[0].removesuffix(".py")
    assert room in TABLE, f"{relative}: the table has no row for '{room}'"
    wrong = sorted(name for name, own in imports(path) if not is_allowed(name, own, room))
    assert not wrong, f"{relative} imports {wrong}"


@each(
    "path", [p for p in modules() if p.parent.name == "store" or "reads" in p.parts],
    ids=lambda p: str(p.relative_to(PACKAGE)),
)  # fmt: skip
def test_reading_never_imports_what_only_writing_needs(path: Path) -> None:
    name = "reads" if "reads" in path.parts else path.stem
    if name in WRITING_ONLY:
        heavy = {"sqlmodel", "sqlalchemy", "alembic"}
        assert not heavy & {module for module, _ in imports(path)}


@each("room", [*TEXTUAL, "keys", "present"])
def test_only_the_store_speaks_to_a_database(room: str) -> None:
    paths = [p for p in modules() if p.relative_to(PACKAGE).parts[0].removesuffix(".py") == room]
    assert paths or room in ("palette",)
    for path in paths:
        assert "sqlite3" not in path.read_text(encoding="utf-8").split(), path


def loaded(code: str) -> set[str]:
    """The top-level modules in `sys.modules` after running some code in a new interpreter."""
    script = f"{code}\nimport sys; print(','.join({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.strip().splitlines()[-1].split(","))


@each("module", ["rules", "rules.sla", "rules.query", "ops", "model", "text"])
def test_the_rules_are_the_standard_librarys(module: str) -> None:
    assert not loaded(f"import sdesk.{module}") & {
        "textual",
        "sqlmodel",
        "rich",
        "typer",
        "pydantic",
    }


def test_reading_a_desk_loads_neither_sqlmodel_nor_textual() -> None:
    assert not loaded("import sdesk.desk") & {"textual", "sqlmodel", "sqlalchemy", "rich", "typer"}
