"""The channel that `sdesk worker` always keeps: anchors, checks, backups, rehearsals, retention, when due.

Several workers may run: each thing is claimed in the store by the one that does it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdesk.desk import Desk, now_seconds
from sdesk.errors import SdeskError
from sdesk.model import Instant, Source
from sdesk.rules.schedule import DAY, Schedule
from sdesk.store import place as places
from sdesk.store import upkeep
from sdesk.upkeep import anchoring, child
from sdesk.upkeep.finding import FAILED, tell_admins
from sdesk.upkeep.pages import Seen
from sdesk.upkeep.settings import Settings, load

if TYPE_CHECKING:
    from typing import Protocol

    class Stop(Protocol):
        def is_set(self) -> bool: ...

        def wait(self, timeout: float, /) -> object: ...


ACTOR = "sdesk"
PAUSE = 20.0
"""Seconds between two looks at what is due."""
HOUR = 3_600
AGAIN = 1_800
"""Seconds after which what failed is tried again."""
CHAIN = "chain"
"""In `upkeep`: the fault of the history that was told last."""
Tell = Callable[[str], None]
Ask = Callable[[dict[str, Any], Callable[[], bool]], Any]


class Upkeep:
    """Looking after one store."""

    name = "upkeep"

    def __init__(
        self, place: str | Path, settings: Settings, *, clock: Callable[[], Instant] = now_seconds,
        ask: Ask = child.ask, log: Callable[..., None] = anchoring.say,
    ) -> None:  # fmt: skip
        self.place = place if places.is_postgres(place) else places.find(place)
        self.settings, self.clock, self._ask, self._log = settings, clock, ask, log
        self._desk: Desk | None = None
        self._is_ending: Callable[[], bool] = lambda: False
        self._told: dict[str, str] = {}
        self._trouble: list[SdeskError] = []

    # As a channel

    def round(self, tell: Tell) -> None:
        """Do what is due now. Raises the first thing that could not be done, after the others."""
        try:
            self.turn(tell)
        finally:
            self.close()
        if self._trouble:
            raise self._trouble[0]

    def keep(self, ending: Stop, tell: Tell) -> None:
        """Go on until told to end."""
        self._is_ending = ending.is_set
        try:
            while not ending.is_set():
                self.turn(tell)
                for error in self._trouble:
                    tell(f"{self.name}: {error}")
                ending.wait(PAUSE)
        finally:
            self.close()

    def close(self) -> None:
        if self._desk is not None:
            self._desk.close()
        self._desk = None

    @property
    def desk(self) -> Desk:
        if self._desk is None:
            self._desk = Desk.open(
                self.place, actor=ACTOR, source=Source.TIMER, clock=lambda: self.clock()
            )
        return self._desk

    def turn(self, tell: Tell) -> None:
        """One look at everything; what could not be done, and was not told before, is in `_trouble`."""
        self._trouble = []
        for job in (self._anchor, self._pages, self._backup, self._rehearse, self._retain):
            if self._is_ending():
                return
            try:
                done = job(tell)
            except SdeskError as error:
                # Begin anew: the store may be another file by then.
                self.close()
                if self._told.get(job.__name__) != str(error):
                    self._told[job.__name__] = str(error)
                    self._trouble.append(error)
                if job in (self._backup, self._rehearse):
                    self._failed(job == self._rehearse, error.message)
            else:
                if done:
                    self._told.pop(job.__name__, None)

    def _failed(self, is_rehearsal: bool, why: str) -> None:
        """Before the admins too, once until it goes well again: nobody reads a worker's log."""
        name = upkeep.FAILED[is_rehearsal]
        with suppress(SdeskError):
            kept = upkeep.known(self.desk.read.reader, name)
            upkeep.remember(self.place, name, why, self.clock())
            if kept is None or not kept.value:
                what = (
                    "The rehearsal of the last backup" if is_rehearsal else "The backup by schedule"
                )
                tell_admins(self.desk, name, f"{what} failed: {why}", kind=FAILED)

    def _went_well(self, name: str) -> None:
        kept = upkeep.known(self.desk.read.reader, name)
        if kept is not None and kept.value:
            upkeep.remember(self.place, name, "", self.clock())

    # What is done; each says whether there was anything to do

    def _anchor(self, tell: Tell) -> bool:
        reader = self.desk.read.reader
        upkeep.jumped(self.place, reader, self.clock())
        found = anchoring.anchor(reader, self.place, self.clock(), self._log)
        if found is None or found.is_whole:
            return False
        said, kept = found.broken[0].said, upkeep.known(reader, CHAIN)
        if kept is None or kept.value != said:
            upkeep.remember(self.place, CHAIN, said, self.clock())
            self._alarm(tell, "events", f"the history was changed from outside: {said}")
        return True

    def _pages(self, tell: Tell) -> bool:
        """The engine of a server looks after its own pages."""
        if places.is_postgres(self.place) or not self._claim("pages-turn", HOUR):
            return False
        kept = upkeep.known(self.desk.read.reader, upkeep.PAGES)
        before = Seen.parse(kept.value) if kept is not None else Seen((), "")
        done = self._asked({"act": "pages", "after": before.last})
        if done is None:
            return False
        seen = Seen.of(done).after(before)
        upkeep.remember(self.place, upkeep.PAGES, seen.as_json(), self.clock())
        for said in seen.found:
            if said not in before.found:
                self._alarm(tell, "pages", f"the store is damaged: {said}")
        return True

    def _backup(self, tell: Tell) -> bool:
        if not self.settings.every or not self._schedule().is_due(self._last(upkeep.BACKUP), self.clock()):  # fmt: skip
            return False
        if not self._claim("backup-turn", AGAIN):
            return False
        settings = self.settings
        done = self._asked({
            "act": "backup", "to": settings.to, "command": settings.command, "actor": ACTOR,
            "keep": str(settings.keep or ""), "now": self.clock(),
        })  # fmt: skip
        if done is None:
            return False
        self._went_well(upkeep.FAILED[0])
        gone = f", {len(done['removed'])} old removed" if done["removed"] else ""
        tell(f"{self.name}: backup {done['file']}, {done['size'] / 1e6:,.1f} MB, verified{gone}")
        if done["trouble"]:
            tell(f"{self.name}: {done['trouble']}")
        return True

    def _rehearse(self, tell: Tell) -> bool:
        settings, now = self.settings, self.clock()
        if not settings.every or not settings.verify_every or settings.command:
            return False
        weekly = Schedule(settings.verify_every, settings.at, self.desk.settings.zone)
        if self._last(upkeep.BACKUP) is None or not weekly.is_due(self._last(upkeep.VERIFIED), now):
            return False
        if self._claim("verify-turn", AGAIN) and (
            done := self._asked({"act": "rehearse", "to": settings.to, "now": now})
        ):
            self._went_well(upkeep.FAILED[1])
            tell(f"{self.name}: {done} was restored for a moment, and is whole")
        return True

    def _retain(self, tell: Tell) -> bool:
        nightly = Schedule(DAY, self.settings.at, self.desk.settings.zone)
        if not nightly.is_due(self._last("retention-turn"), self.clock()):
            return False
        if not self._claim("retention-turn", HOUR):
            return False
        from sdesk import privacy

        # The desk itself is no agent, and needs no leave.
        self.desk.door().enforce = False
        ran = privacy.run_retention(self.desk, self.clock(), should_stop=self._is_ending)
        for rule in ran.rules:
            if rule.done:
                tell(f"{self.name}: retention '{rule.name}': {rule.action} {rule.done:,}")
        if ran.refused:
            tell(f"{self.name}: retention: {ran.refused}")
        # What was erased leaves the file's free pages too.
        for said in privacy.finish(self.desk):
            tell(f"{self.name}: {said}")
        return True

    # By which means

    def _schedule(self) -> Schedule:
        return self.settings.schedule(self.desk.settings.zone)

    def _last(self, name: str) -> Instant | None:
        kept = upkeep.known(self.desk.read.reader, name)
        return kept.at if kept is not None else None

    def _claim(self, name: str, seconds: int) -> bool:
        """Whether it is this process's turn: nobody has begun it for so long."""
        now = self.clock()
        last = self._last(name)
        if last is not None and 0 <= now - last < seconds:
            return False
        return upkeep.claim(self.place, name, ACTOR, now, now - seconds)

    def _asked(self, work: dict[str, Any]) -> Any:
        return self._ask({**work, "place": str(self.place)}, self._is_ending)

    def _alarm(self, tell: Tell, what: str, said: str) -> None:
        """Once a finding: the worker's log, the system's, and a notice to the admins."""
        tell(f"{self.name}: {said}")
        self._log(f"sdesk-alarm: {said}", loud=True)
        tell_admins(self.desk, what, said)


def find(file: Path | None, place: str | Path) -> Sequence[Upkeep]:
    return [Upkeep(place, load(file))]


def find_beside(second: str | Path) -> Sequence[Upkeep]:
    """For the file of restricted tickets: its copies are made together with the first file's."""
    return [Upkeep(second, Settings())]
