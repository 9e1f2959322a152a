"""The channel that `sdesk worker` keeps: plan what is to be told, send it, keep what came of it."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk import telling
from sdesk.desk import Desk, now_seconds
from sdesk.errors import SdeskError
from sdesk.model import Instant, Source
from sdesk.notify import people, webhook
from sdesk.notify.planning import TOO_OLD, Planner
from sdesk.notify.settings import NEW, Hook, Settings, Target, load
from sdesk.store.reads import deliveries
from sdesk.telling import Ending

if TYPE_CHECKING:
    from typing import Protocol

    from sdesk.config import Config
    from sdesk.store.reads.deliveries import Delivery

    class Stop(Protocol):
        def is_set(self) -> bool: ...

        def wait(self, timeout: float, /) -> object: ...


ACTOR = "sdesk"
PAUSE = 4.0
"""Seconds between two looks."""
TRIES = (60, 300, 900, 3_600)
"""Seconds to wait after each try that failed; after the last one it has failed for good."""
HOOK_TRIES = (60, 300, 1_800, 7_200, 21_600, 43_200, 86_400)
GATHERED = 50
"""Messages to a person that go together at most."""
IN_A_GO = 20
"""Events to a webhook between two looks at the others."""
DAY = 86_400
LONGEST_REST = 300
"""Seconds for which a target that can't be told is left alone, at most."""
Tell = Callable[[str], None]


class Notify:
    """Pagers, phones, chats and webhooks of one store."""

    name = "notify"

    def __init__(
        self, place: str | Path, settings: Settings, *, clock: Callable[[], Instant] = now_seconds
    ) -> None:
        self.place, self.settings, self.clock = place, settings, clock
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._desk: Desk | None = None
        self._planner: Planner | None = None
        self._resting: dict[str, Instant] = {}
        """Targets that could not be told, until when they are left alone."""
        self._told = ""
        self._tidied = 0

    # As a channel

    def round(self, tell: Tell) -> None:
        """Plan and send what is due now."""
        try:
            while self.turn(tell):
                continue
        finally:
            self.close()

    def keep(self, ending: Stop, tell: Tell) -> None:
        """Go on until told to end."""
        try:
            while not ending.is_set():
                more = False
                try:
                    more = self.turn(tell, ending.is_set) > 0
                    self._told = ""
                except SdeskError as error:
                    self._complain(error, tell)
                if not more:
                    ending.wait(PAUSE)
        finally:
            self.close()

    def _complain(self, error: SdeskError, tell: Tell) -> None:
        """Tell trouble once, and begin anew: the store may be another file by then."""
        self.close()
        if (said := str(error)) != self._told:
            self._told = said
            tell(f"{self.name}: {said}")

    @property
    def desk(self) -> Desk:
        if self._desk is None:
            self._desk = Desk.open(
                self.place, actor=ACTOR, source=Source.TIMER, clock=lambda: self.clock()
            )
        return self._desk

    def close(self) -> None:
        """Let the store go. What can't be kept by now is looked at again by whoever comes next."""
        with suppress(SdeskError):
            if self._planner is not None:
                self._planner.keep_marks()
        if self._desk is not None:
            self._desk.close()
        self._desk = self._planner = None

    def turn(self, tell: Tell, until: Callable[[], bool] = lambda: False) -> int:
        """Plan, and one go at each target; 0 when there is nothing left to do now."""
        if self._planner is None:
            self._planner = Planner(self.desk, self.settings)
            for said in self._planner.broken.values():
                tell(f"{self.name}: {said}")
        self._tidy()
        count = int(self._planner.plan())
        every: list[Target | Hook] = [*self.settings.targets, *self.settings.hooks]
        for target in every:
            if until():
                return 0
            count += self._serve(target, tell)
        return count

    def _tidy(self) -> None:
        """Once a day, what is old leaves the log."""
        now = self.desk.now()
        if not 0 <= now - self._tidied < DAY:
            self._tidied = now
            if deliveries.has_old(self.desk.read, now - telling.KEPT):
                telling.forget(self.desk)

    def _serve(self, target: Target | Hook, tell: Tell) -> int:
        name, now = _name(target), self.desk.now()
        # A clock that was set back must not make a rest longer than it was meant.
        if now < self._resting.get(name, 0) <= now + LONGEST_REST:
            return 0
        if not deliveries.has_due(self.desk.read, name, now):
            return 0
        if isinstance(target, Hook):
            return self._post(target, tell)
        return self._message(target, tell)

    # People

    def _message(self, target: Target, tell: Tell) -> int:
        """All that is gathered for a target goes as one message."""
        held = telling.claim(self.desk, target.name, self.holder, limit=GATHERED)
        endings: list[Ending] = []
        wanted: list[Delivery] = []
        for one in held:
            why = self._unwanted(target, one)
            if why:
                endings.append(telling.dropped(one, why))
            else:
                wanted.append(one)
        if wanted:
            endings += self._sent(target, wanted, tell)
        return telling.settle(self.desk, self.holder, endings)

    def _unwanted(self, target: Target, one: Delivery) -> str:
        """Why it need not be told any more; empty where it is."""
        if one.send_after < self.desk.now() - TOO_OLD:
            return "too old"
        if one.kind == NEW:
            return ""
        now = deliveries.standing(self.desk.read, one.event, one.agent)
        if not now.there:
            return deliveries.TAKEN_BACK
        if one.agent and target.unless_seen and now.seen:
            return "seen in the desk"
        return ""

    def _sent(self, target: Target, wanted: Sequence[Delivery], tell: Tell) -> list[Ending]:
        try:
            answer = people.send(self.desk, target, wanted)
        except people.Failed as error:
            said = str(error)
            return [self._try_again(target, one, said, TRIES, tell) for one in wanted]
        self._resting.pop(target.name, None)
        tell(f"{self.name}: told {target.name} of {len(wanted)}")
        return [telling.sent(one, answer) for one in wanted]

    # Programs

    def _post(self, hook: Hook, tell: Tell) -> int:
        """Event by event, each ticket's in their order; the first that can't be told now ends the go."""
        held = telling.claim(self.desk, hook.target, self.holder, limit=IN_A_GO, in_order=True)
        count = 0
        for number, one in enumerate(held):
            ending = self._posted(hook, one, tell)
            count += telling.settle(self.desk, self.holder, [ending])
            if ending.state == deliveries.WAITING:
                rest = [
                    Ending(o.id, o.state, o.answer, o.next_at, False) for o in held[number + 1 :]
                ]
                telling.settle(self.desk, self.holder, rest)
                break
        return count

    def _posted(self, hook: Hook, one: Delivery, tell: Tell) -> Ending:
        try:
            answer = webhook.send(hook, one.kind, one.id, one.body, self.desk.now())
        except webhook.Rejected as error:
            return self._give_up(hook.target, one, str(error), tell)
        except webhook.NotNow as error:
            return self._try_again(hook, one, str(error), HOOK_TRIES, tell)
        self._resting.pop(hook.target, None)
        return telling.sent(one, answer)

    # What did not go

    def _try_again(
        self, target: Target | Hook, one: Delivery, said: str, tries: Sequence[int], tell: Tell
    ) -> Ending:
        name = _name(target)
        if one.tries >= len(tries):
            return self._give_up(name, one, said, tell)
        pause = tries[one.tries]
        self._resting[name] = self.desk.now() + min(pause, LONGEST_REST)
        tell(f"{self.name}: {name}: {said}; again in {pause // 60} min")
        return telling.again(one, said, self.desk.now() + pause)

    def _give_up(self, name: str, one: Delivery, said: str, tell: Tell) -> Ending:
        tell(f"{self.name}: {name}: {said}; given up")
        telling.tell_admins(self.desk, name, said, one.ticket)
        return telling.failed(one, said)


def _name(target: Target | Hook) -> str:
    return target.target if isinstance(target, Hook) else target.name


def find(config: Config, place: str | Path) -> Sequence[Notify]:
    """The channel, where anybody is to be told of anything. Raises `Usage`."""
    settings = load(config.file)
    return (Notify(place, settings),) if settings else ()
