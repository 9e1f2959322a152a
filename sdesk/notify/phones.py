"""Pagers, phones and chats by apprise, which knows a hundred of them. Imported where something is sent."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from sdesk.errors import Usage

if TYPE_CHECKING:
    from sdesk.credentials import Secret

SECONDS = 20.0
MISSING = "Services need: pip install 'sdesk[notify]'"
_STATUS = re.compile(r"(?i)error[=: ]+([1-5]\d\d)\b")


class Failed(Exception):
    """The service did not take it; the sentence says why, without its URL."""


def is_there() -> bool:
    """Whether the extra is installed."""
    from importlib.util import find_spec

    return find_spec("apprise") is not None


def check(url: Secret) -> None:
    """Raises `Usage` for a URL of no service that is known."""
    _service(url)


def send(
    url: Secret, title: str, body: str, *, urgent: bool = False, seconds: float = SECONDS
) -> str:
    """Send one message; the service's name. Raises `Failed`, and `Usage` where it never can be."""
    import apprise

    service = _service(url)
    plain = apprise.Apprise(asset=service.asset)
    plain.add(service)
    kind = apprise.NotifyType.WARNING if urgent else apprise.NotifyType.INFO
    result = plain.notify(
        body=body, title=title, notify_type=kind, body_format=apprise.NotifyFormat.TEXT,
        interpret_escapes=False, timeout=seconds,
    )  # fmt: skip
    name = str(service.service_name)[:40]
    if not result:
        raise Failed(f"{name} {_reason(result)}")
    return name


def _service(url: Secret) -> Any:
    try:
        import apprise
    except ImportError:
        raise Usage("The extra for services is not installed.", MISSING) from None
    # Its own words may hold the URL, and with it the token.
    log = logging.getLogger("apprise")
    log.propagate, log.handlers = False, [logging.NullHandler()]
    asset = apprise.AppriseAsset(
        app_id="sdesk", app_desc="sdesk", app_url="", async_mode=False, storage_mode="memory",
        service_timeout=SECONDS, http_redirects=False, interpret_escapes=False, allow_templates=False,
        image_url_mask="", image_url_logo="",
    )  # fmt: skip
    service = apprise.Apprise.instantiate(url.reveal(), asset=asset)
    if service is None:
        raise Usage("The URL is of no service that apprise knows.", "See: docs/notify.md")
    return service


def _reason(result: Any) -> str:
    """Why a service did not take it: a status, or that it kept silent; never its own words."""
    if str(getattr(result.status, "name", "")).upper() == "TIMEOUT":
        return "gave no answer in time"
    words = " ".join(str(entry) for entry in result.logs()) if hasattr(result, "logs") else ""
    found = _STATUS.search(words)
    return f"said no: status {found[1]}" if found else "could not be reached, or said no"
