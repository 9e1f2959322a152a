"""By the kernel's word: real users, real groups, real modes. Needs root to be several users."""

from __future__ import annotations

import grp
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sdesk import ops, restricted
from sdesk.desk import Desk
from sdesk.errors import NotFound, Refused, StoreFault
from sdesk.joined.desk import JoinedDesk
from sdesk.restricted.making import make
from tests.conftest import Clock
from tests.restricted.conftest import opened

AGENTS, MEMBERS = 60_010, 60_011
ANA, BEN = 60_001, 60_002
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="needs root to be several users")


def as_user(uid: int, groups: list[int], act: Callable[[], str]) -> str:
    """What the act says when that user does it: a child of this process, which has read its modules by
    now (the user may not be able to)."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing"
        try:
            os.setgroups(groups)
            os.setresgid(groups[0], groups[0], groups[0])
            os.setresuid(uid, uid, uid)
            os.umask(0o077)
            said = act()
        except BaseException as error:  # a child of the test runner must not go on as one
            said = repr(error)
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        said = told.read()
    os.waitpid(child, 0)
    return said


def look(place: Path, login: str, *, opening: str = "") -> str:
    with Desk.open(place, actor=login, clock=Clock(), joined=True) as desk:
        if opening:
            opened(desk, opening, restricted=True)
        refs = [desk.ref(number) for number in desk.read.ids("")]
        return " ".join([type(desk).__name__, str(desk.read.count("zebrafish")), *refs])


def sweep(base: Path, word: bytes) -> str:
    """How often the word stands in files that can be read."""
    hits = 0
    for folder, _, files in os.walk(base):
        for name in files:
            with suppress(OSError):
                hits += (Path(folder) / name).read_bytes().lower().count(word)
    return str(hits)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Not in pytest's own folders: whenever a run of pytest begins, it closes them to other users."""
    with tempfile.TemporaryDirectory(prefix="sdesk-users-") as folder:
        yield Path(folder)


@pytest.fixture
def owned(pair: Path) -> Path:
    """Both files with a group each, reachable for other users."""
    for folder, group in ((pair.parent, AGENTS), (restricted.default_place(pair).parent, MEMBERS)):
        for file in (folder, *folder.iterdir()):
            os.chown(file, 0, group)
        folder.chmod(0o2770)
    for folder in pair.parents:
        if folder == Path("/"):
            break
        if folder != pair.parent:
            folder.chmod(folder.stat().st_mode | 0o055)
    return pair


@needs_root
def test_root_makes_it_without_being_an_agent(store: Path, clock: Clock) -> None:
    store.parent.chmod(0o2770)
    with Desk.open(store, actor="root", clock=clock) as root:
        made = make(root, grp.getgrgid(1).gr_name)
        assert root.read.settings()[restricted.SETTING]
        assert root.door().enforce
    assert made.stat().st_gid == 1


@needs_root
def test_only_members_see_anything_of_a_restricted_ticket(owned: Path, clock: Clock) -> None:
    with Desk.open(owned, actor="ana", clock=clock, joined=True) as desk:
        opened(desk, "printer jams")
        secret = opened(
            desk, "zebrafish in payroll", text="zebrafish everywhere", requester=1, restricted=True
        )
        desk.apply(secret, ops.AddNote("zebrafish"), ops.Attach("zebrafish.txt", b"zebrafish"))
        desk.save_draft(secret, "reply", "zebrafish")
        moved = opened(desk, "zebrafish too", tags=("zebrafish",), text="zebrafish")
        desk.apply(moved, ops.Edit("restricted", True))
    member = as_user(ANA, [AGENTS, MEMBERS], lambda: look(owned, "ana"))
    assert member == "JoinedDesk 2 SD-R2 SD-R1 SD-1"
    assert as_user(BEN, [AGENTS], lambda: look(owned, "ben")) == "Desk 0 SD-1"
    folder, word = owned.parent.parent, b"zebrafish"
    assert as_user(BEN, [AGENTS], lambda: sweep(folder, word)) == "0"
    assert int(as_user(ANA, [AGENTS, MEMBERS], lambda: sweep(folder, word))) > 0


@needs_root
def test_who_writes_first_leaves_files_for_the_whole_group(owned: Path, clock: Clock) -> None:
    ana, ben = (
        as_user(uid, [AGENTS, MEMBERS], lambda who=login: look(owned, who, opening=f"by {who}"))  # type: ignore[misc]
        for uid, login in ((ANA, "ana"), (BEN, "ben"))
    )
    assert ana == "JoinedDesk 0 SD-R1"
    assert ben == "JoinedDesk 0 SD-R2 SD-R1"


@needs_root
def test_a_file_that_another_agent_has_put_there_is_not_believed(owned: Path, clock: Clock) -> None:
    second = restricted.default_place(owned)
    os.chown(second, BEN, MEMBERS)
    with pytest.raises(StoreFault, match="not believed"):
        Desk.open(owned, actor="ana", clock=clock, joined=True)
    os.chown(second, 0, MEMBERS)
    second.chmod(0o666)
    with pytest.raises(StoreFault, match="open to every user"):
        Desk.open(owned, actor="ana", clock=clock, joined=True)


def test_any_other_file_is_no_file_for_restricted_tickets(store: Path, clock: Clock) -> None:
    with Desk.open(store, actor="ana", clock=clock) as desk:
        desk.apply(None, ops.SaveSetting(restricted.SETTING, store.name))
    store.chmod(0o660)
    store.parent.chmod(0o2770)
    with pytest.raises(StoreFault, match="no file for restricted tickets"):
        Desk.open(store, actor="ana", clock=clock, joined=True)


@needs_root
def test_making_one_sets_group_and_modes(store: Path, clock: Clock) -> None:
    group = next(g for g in grp.getgrall() if g.gr_gid != store.stat().st_gid)
    with Desk.open(store, actor="ana", clock=clock) as desk:
        made = make(desk, group.gr_name)
    for file, mode in ((made, 0o660), (made.parent, 0o2770)):
        assert file.stat().st_gid == group.gr_gid
        assert file.stat().st_mode & 0o7777 == mode
    with Desk.open(store, actor="ana", clock=clock, joined=True) as desk:
        assert isinstance(desk, JoinedDesk)
        assert opened(desk, "first", restricted=True) == 1_000_000_001
    with (
        Desk.open(store, actor="ana", clock=clock) as desk,
        pytest.raises(Refused, match="has a file"),
    ):
        make(desk, group.gr_name)


def test_making_one_needs_an_admin_and_a_group_of_its_own(
    store: Path, open_desk: object, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Desk.open(store, actor="ben", clock=clock) as ben, monkeypatch.context() as patched:
        patched.setattr(os, "getuid", lambda: 4711)
        with pytest.raises(Refused, match="admin"):
            make(ben, "anything")
    with Desk.open(store, actor="ana", clock=clock) as ana:
        with pytest.raises(NotFound, match="no group"):
            make(ana, "no-such-group-anywhere")
        with pytest.raises(Refused, match="group of its own"):
            make(ana, "")
        with pytest.raises(Refused, match="group of the desk itself"):
            make(ana, grp.getgrgid(store.stat().st_gid).gr_name)
        assert not restricted.default_place(store).exists()
