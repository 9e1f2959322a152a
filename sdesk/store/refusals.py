"""Why a PostgreSQL server let nobody in, as a sentence: which server, what it said, what helps.

libpq says much at once: every address it has tried, each in several lines, the last of which is
seldom the one that tells.
"""

from __future__ import annotations

import os
import re

from sdesk.errors import Busy, Missing, SdeskError, StoreFault
from sdesk.store import place as places

_QUOTED = re.compile(r'"([^"]*)"')
_IN = ("does not exist", "authentication failed", "no password supplied", "no pg_hba.conf entry", "not permitted to log in", "permission denied for database")  # fmt: skip
_LATER = ("starting up", "shutting down", "too many clients", "too many connections", "remaining connection slots", "recovery mode", "not yet accepting")  # fmt: skip
_WRITTEN = ("invalid sslmode", "invalid port", "invalid integer", "definition of service", "service file", "invalid channel_binding", "invalid target_session_attrs")  # fmt: skip
_TELLING = ("authentication failed", "no password supplied", "certificate")
"""In the order in which a line that says so is taken before the last one."""
_PRELIMINARY = ("Multiple connection", "Is the server", "Either provide the file")


def refusal(error: Exception, url: str) -> SdeskError:
    """Why the server let nobody in, as a sentence."""
    said, where = spoken(error, url), server(url)
    if "database" in said and "does not exist" in said:
        found = _QUOTED.findall(said)
        return Missing(
            f"{where} has no database '{found[-1] if found else '?'}'.",
            "Its administrator makes one: createdb NAME. Then: sdesk init --store ADDRESS",
        )
    if any(sign in said for sign in _LATER):
        return Busy(f"{where} can't be used at this moment: {said}.", "Try again in a moment.")
    is_untrusted = "certificate" in said and "authentication failed" not in said
    if any(sign in said for sign in _IN) and not is_untrusted:
        return StoreFault(f"{where} does not let you in: {said}.", _why_not_in(said))
    if is_untrusted or "SSL" in said:
        return StoreFault(f"{where} can't be spoken to in private: {said}.", _why_not_private(said))
    if any(sign in said for sign in _WRITTEN):
        shown = places.shown(url).partition("?")[0]
        return StoreFault(f"The address {shown} can't be used: {said}.", "See docs/scaling.md.")
    return StoreFault(f"{where} does not answer: {said}.", "Try again when it runs.")


def _why_not_in(said: str) -> str:
    if "pg_hba.conf" in said:
        return "Ask an administrator whether you are one of the desk's agents, and may come this way (docs/scaling.md)."
    return "Agents have a role each (docs/scaling.md); passwords belong into ~/.pgpass."


def _why_not_private(said: str) -> str:
    if "root certificate" in said:
        return "Name the authority's certificate in the address: sslrootcert=FILE; or that of the host's: sslrootcert=system."
    if "does not match host name" in said:
        return "Name the server in the address as its certificate does."
    if "verify failed" in said:
        return "Another authority has signed it than sslrootcert names: somebody may be in between."
    return "Give the server a certificate; see docs/scaling.md for sslmode."


def spoken(error: Exception, url: str) -> str:
    """The line of what the driver says that tells, without its preliminaries and without any secret."""
    # What begins with a tab goes on with the line before it.
    lines = [line.strip() for line in str(error).splitlines() if line[:1] != "\t" and line.strip()]
    kept = [line for line in lines if not line.startswith(_PRELIMINARY)] or ["no reason given"]
    telling = (line for sign in _TELLING for line in kept if sign in line)
    said = re.sub(r"^.*?(?:FATAL|ERROR):\s+", "", next(telling, kept[-1]))
    said = re.sub(r'^(?:- )?connection (?:failed|is bad)?:? ?|connection to server (?:at|on) .*? failed: ', "", said)  # fmt: skip
    said = re.sub(r"^- host: .*?: ", "", said)
    for secret in places.passwords(url):
        said = said.replace(secret, "***")
    said = said.strip().rstrip(".")[:200]
    return {"": "no reason given", "No such file or directory": "it has no socket"}.get(said, said)


def server(url: str) -> str:
    """Which server an address means, at the beginning of a sentence."""
    from psycopg.conninfo import conninfo_to_dict

    known = conninfo_to_dict(places.for_driver(url)[0])
    host = known.get("host") or known.get("hostaddr") or os.environ.get("PGHOST") or ""
    if known.get("service"):
        return f"The PostgreSQL server of the service '{known['service']}'"
    if not host or str(host).startswith("/"):
        return "The PostgreSQL server of this host"
    return f"The PostgreSQL server at {host}"
