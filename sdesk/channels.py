"""The ways in and out that `sdesk worker` keeps open beside the timers: mail, pagers, alerts.

Each channel runs in a thread of its own with a desk of its own, so that a mail server that doesn't
answer holds up nothing else. A channel is imported only where it is configured.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sdesk.config import Config


class Ending(Protocol):
    """Word that it is time to end, as a `threading.Event` gives it."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float, /) -> object: ...


class Channel(Protocol):
    """One way in or out."""

    @property
    def name(self) -> str:
        """As the log calls it: "mail in", "outbox", "notify"."""

    def round(self, tell: Callable[[str], None]) -> None:
        """Do once what there is to do: fetch, send. Trouble is told, never raised as far as it is
        one of the world's; `SdeskError` where nothing can be done at all."""

    def keep(self, ending: Ending, tell: Callable[[str], None]) -> None:
        """Go on until told to end."""


def channels(config: Config, place: str | Path) -> list[Channel]:
    """What the configuration asks for. Raises `Usage` for one that can't be understood."""
    found: list[Channel] = []
    for find in FINDERS:
        found += find(config, place)
    return [*found, *_of_second(config, place)]


def _of_second(config: Config, place: str | Path) -> list[Channel]:
    """The same for the file of restricted tickets, where there is one that this user may open."""
    from sdesk import restricted

    second = restricted.beside(place)
    if second is None:
        return []
    found: list[Channel] = [*_mail_in_restricted(config, second)]
    for find in (_mail_out, _notify):
        found += find(config, second)
    from sdesk.upkeep.channel import find_beside

    return [*found, *find_beside(second)]


def _mail_in_restricted(config: Config, place: str | Path) -> Sequence[Channel]:
    from sdesk.config import table

    if not table("mail", file=config.file).values:
        return ()
    from sdesk.mail.fetch.channel import find_restricted

    return find_restricted(config, place)


def _mail_in(config: Config, place: str | Path) -> Sequence[Channel]:
    from sdesk.config import table

    if not table("mail", file=config.file).values:
        return ()
    from sdesk.mail.fetch.channel import find

    return find(config, place)


def _mail_out(config: Config, place: str | Path) -> Sequence[Channel]:
    from sdesk.config import table

    if "smtp" not in table("mail", file=config.file).values:
        return ()
    from sdesk.mail.posting import find

    return find(config, place)


def _notify(config: Config, place: str | Path) -> Sequence[Channel]:
    from sdesk.config import table

    if not any(table(name, file=config.file).values for name in ("notify", "webhook")):
        return ()
    from sdesk.notify.channel import find

    return find(config, place)


def _alerts(config: Config, place: str | Path) -> Sequence[Channel]:
    from sdesk.config import table

    if not table("alerts", file=config.file).values.get("listen"):
        return ()
    from sdesk.alerts.channel import find

    return find(config.file, place)


def _upkeep(config: Config, place: str | Path) -> Sequence[Channel]:
    """Always: a store is looked after whether anything is configured or not."""
    from sdesk.upkeep.channel import find

    return find(config.file, place)


FINDERS: tuple[Callable[[Config, str | Path], Sequence[Channel]], ...] = (
    _mail_in, _mail_out, _notify, _alerts, _upkeep,
)  # fmt: skip
"""One a room; each looks into its own part of the configuration and imports its room only then."""


REST = 60.0
"""Seconds before a channel is tried again that the host has ended."""


def _kept(channel: Channel, ending: Ending, tell: Callable[[str], None]) -> None:
    """Keep a channel open, again and again where the host refuses something that it didn't foresee: a
    full disk, no more processes. The others go on meanwhile."""
    while not ending.is_set():
        try:
            channel.keep(ending, tell)
            break
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            tell(
                f"{channel.name}: {where}{error.strerror or error}. It is tried again in a minute."
            )
            ending.wait(REST)


class Running:
    """Channels at work, each in its thread."""

    def __init__(
        self, found: Sequence[Channel], ending: Ending, tell: Callable[[str], None]
    ) -> None:
        self._threads = [
            threading.Thread(target=_kept, args=(channel, ending, tell), name=channel.name)
            for channel in found
        ]
        for thread in self._threads:
            thread.start()

    def join(self, timeout: float) -> list[str]:
        """Wait for their end, so many seconds in all at most; the names of those that go on."""
        for thread in self._threads:
            thread.join(timeout / max(1, len(self._threads)))
        return [thread.name for thread in self._threads if thread.is_alive()]
