"""`import`, `export`, `dump`, `restore` and `backup` as they are typed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.cli.program import run
from sdesk.desk import Desk, system_user
from sdesk.store.archive import settle
from tests.conftest import fresh_store, setup_operations
from tests.transfer.conftest import shared


@dataclass
class Said:
    status: int
    out: str
    err: str


Sdesk = Callable[..., Said]


@pytest.fixture(scope="module")
def my_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk of which this test's user is the admin, closed."""
    path = tmp_path_factory.mktemp("mine") / "desk.db"
    setup = [*setup_operations(), ops.SaveAgent(system_user(), "Me", "admin")]
    Desk.create(path, setup=setup, actor="ana").close()
    settle(path)
    return path


@pytest.fixture
def sdesk(
    my_template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Sdesk:
    """Run a command on it."""
    for name in ("SDESK_STORE", "SDESK_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    store = fresh_store(my_template, tmp_path)

    def runner(*words: str) -> Said:
        status = run(["--store", str(store), *words])
        out, err = capfdbinary.readouterr()
        return Said(status, out.decode(), err.decode())

    return runner


def test_import_counts_what_it_did_and_says_what_it_could_not(sdesk: Sdesk, tmp_path: Path) -> None:
    table, rejects = tmp_path / "t.csv", tmp_path / "r.csv"
    table.write_text(
        'external_id,subject,state\n1,fine,open\n2,"b\x1b]52;c;aGk=\x07ad",quantum\n3,fine too,\n'
    )
    said = sdesk("import", str(table), "--rejects", str(rejects))
    assert said.status == 0
    assert "2 added, 0 updated, 0 unchanged" in said.out
    assert "line 3: state: 'quantum' is no state of this desk." in said.out
    lines = rejects.read_text().splitlines()
    assert lines[0] == "external_id,subject,state,sdesk_line,sdesk_reason"
    assert "quantum" in lines[1]
    rejects.write_text(rejects.read_text().replace(",quantum,", ",open,"))
    assert "1 added" in sdesk("import", str(rejects)).out


def test_a_dry_run_shows_layout_and_mapping(sdesk: Sdesk, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("nr;subject;opened\n1;x;13/2/2026\n")
    said = sdesk("import", str(tmp_path / "t.csv"), "--dry-run", "--map", "nr=external_id")
    assert "CSV, semicolon, utf-8; 1 row" in said.out
    assert "nr → external_id" in said.out
    assert "day first" in said.out
    assert "1 would be added" in said.out
    assert sdesk("ls", "", "--format", "csv").out.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("import", "nowhere.csv"), 3, "There is no file 'nowhere.csv'"),
        (("import", "https://example.org/x.csv"), 3, "There is no file"),
        (("import", "T", "--map", "x"), 2, "column=field"),
        (("import", "T", "--state", "x=nope"), 3, "No state called 'nope'"),
        (("import", "T", "--zone", "Mars/Base"), 2, "no time zone"),
        (("import", "T", "--encoding", "klingon"), 2, "Encoding 'klingon'"),
        (("import", "T", "--rejects", "T"), 2, "names the file that is imported"),
        (("export", "state:quantum"), 2, "quantum"),
        (("export", "", "--columns", "colour"), 3, "No column called 'colour'"),
        (("export", "", "-o", "/nowhere/at/all.csv"), 1, "can't be written"),
        (("dump", "/nowhere/at/all"), 1, "can't be written"),
        (("restore", "nowhere"), 3, "There is no file"),
        (("restore", "T"), 2, "no archive of sdesk"),
        (("backup", "--to", "/proc/nowhere"), 1, "can't be made"),
    ],
)
def test_refusals_are_sentences_with_a_status(
    sdesk: Sdesk, tmp_path: Path, words: tuple[str, ...], status: int, sentence: str
) -> None:
    table = tmp_path / "t.csv"
    table.write_text("subject\nx\n")
    said = sdesk(*(str(table) if word == "T" else word for word in words))
    assert (said.status, sentence in said.err, "Traceback" in said.err) == (status, True, False), (
        said
    )


def test_everything_goes_round_by_commands(sdesk: Sdesk, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("subject,body\n=1+1,text\nplain,more\n")
    assert sdesk("import", str(table)).status == 0
    said = sdesk("export", "sort:number", "--columns", "ref,subject")
    assert said.out == "ref,subject\r\nSD-1,'=1+1\r\nSD-2,plain\r\n"
    assert sdesk("export", "plain", "-o", str(tmp_path / "x.jsonl")).err.startswith("1 ticket")
    assert json.loads((tmp_path / "x.jsonl").read_text())["subject"] == "plain"
    assert sdesk("dump", str(tmp_path / "a.gz")).status == 0
    assert sdesk("restore", str(tmp_path / "a.gz")).status == 1
    assert sdesk("restore", str(tmp_path / "a.gz"), "--store", str(tmp_path / "n.db")).status == 0
    one, two = sdesk("dump"), sdesk("dump", "-", "--store", str(tmp_path / "n.db"))
    assert one.out == two.out
    copied = Path(sdesk("backup").out.strip())
    assert copied.parent == tmp_path / "backups"
    shutil.copy(copied, tmp_path / "again.db")
    assert (
        "plain"
        in sdesk("ls", "plain", "--store", str(tmp_path / "again.db"), "--format", "csv").out
    )


@pytest.mark.usefixtures("sdesk")
def test_a_file_comes_in_by_a_pipe(tmp_path: Path) -> None:
    code = "import sys; from sdesk.cli.program import run; sys.exit(run(sys.argv[1:]))"
    words = ["--store", str(tmp_path / "sdesk.db"), "import", "-"]
    ran = subprocess.run(
        [sys.executable, "-c", code, *words],
        input="subject\nfrom afar\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, "1 added" in ran.stdout) == (0, True), ran


def test_the_commands_show_an_example(sdesk: Sdesk) -> None:
    for name in ("import", "export", "dump", "restore", "backup"):
        said = sdesk(name, "--help")
        assert "Example: sdesk" in said.out


def test_the_hostile_files_do_as_their_index_says(sdesk: Sdesk) -> None:
    index = shared("cases/hostile/index.json")
    for case in json.loads(index.read_text())["imports"]:
        expect = case["expect"]
        source = ("--source", case["id"])
        said = sdesk("import", str(index.parent / case["file"]), *source)
        assert not set(map(chr, range(32))) - {"\n"} & set(said.out + said.err), case["id"]
        assert "Traceback" not in said.err
        if expect.get("must_fail"):
            assert said.status != 0, case["id"]
            continue
        assert f"{expect['rows_ok']} added" in said.out, case["id"]
        assert f"Rejected {expect.get('rows_bad', 0)} row" in said.out, case["id"]
        if expect.get("idempotent"):
            assert "0 added" in sdesk("import", str(index.parent / case["file"]), *source).out
