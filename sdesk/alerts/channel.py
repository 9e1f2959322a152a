"""The listener as one of the ways in that `sdesk worker` keeps open, and by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sdesk.errors import Refused, SdeskError

if TYPE_CHECKING:
    from sdesk.alerts.listener import Listener
    from sdesk.alerts.settings import Settings
    from sdesk.channels import Ending

RETRY = 30.0
"""Seconds until an address that was taken, or a store that could not be opened, is tried again."""
LOOK = 1.0


class AlertChannel:
    """The listener, from its opening to its end."""

    name = "alerts"

    def __init__(self, settings: Settings, place: str | Path) -> None:
        self.settings, self.place = settings, place

    def round(self, tell: Callable[[str], None]) -> None:
        """Nothing: alerts come when they come, and nobody waits for them in between."""

    def keep(self, ending: Ending, tell: Callable[[str], None]) -> None:
        told = ""
        while not ending.is_set():
            try:
                self.serve(ending, tell)
            except SdeskError as error:
                if str(error) != told:
                    told = str(error)
                    tell(told)
                ending.wait(RETRY)

    def serve(self, ending: Ending, tell: Callable[[str], None]) -> None:
        """Listen until told to end. Raises `Refused` where the address can't be had."""
        from sdesk.alarms import Alarms

        token = self.settings.token.read()
        alarms = Alarms(self.place, self.settings.plan)
        try:
            listener = self._listener(token, alarms, tell)
            thread = threading.Thread(
                target=listener.serve_forever, args=(0.2,), name="alerts-http"
            )
            thread.start()
            tell(f"Alerts are taken at {self.settings.host}, port {listener.port}.")
            try:
                while not ending.is_set():
                    ending.wait(LOOK)
            finally:
                listener.shutdown()
                thread.join()
                listener.server_close()
                listener.drain()
        finally:
            alarms.close()

    def _listener(self, token: object, alarms: object, tell: Callable[[str], None]) -> Listener:
        from sdesk.alerts.listener import Listener

        host, port = self.settings.host, self.settings.port
        try:
            return Listener(host, port, token, alarms, tell)  # type: ignore[arg-type]
        except OSError as error:
            raise Refused(
                f"{self.settings.origin}: the desk can't listen at {host}, port {port}: {error.strerror}."
            ) from None


def find(file: Path | None, place: str | Path) -> Sequence[AlertChannel]:
    """The channel where the configuration has a listener."""
    from sdesk.alerts.settings import load

    settings = load(file=file)
    return [AlertChannel(settings, place)] if settings.host else []
