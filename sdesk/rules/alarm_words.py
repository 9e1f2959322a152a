"""The words that monitors use for a state: down, up, acknowledged. Pure."""

from __future__ import annotations

import re

from sdesk.rules.alarm import AlertState

UP = frozenset({
    "ok", "up", "okay", "resolved", "resolve", "recovered", "recovery", "recovering", "clear", "cleared",
    "closed", "close", "normal", "inactive", "success", "green", "healthy", "passed", "fixed", "solved",
})  # fmt: skip
DOWN = frozenset({
    "down", "firing", "problem", "alerting", "alert", "alarm", "critical", "crit", "error", "failed",
    "failure", "fail", "open", "opened", "trigger", "triggered", "active", "warning", "warn", "unknown",
    "unreachable", "unreach", "nodata", "red", "yellow", "degraded", "anomalous", "ongoing", "created",
    "disaster", "high", "average", "pending", "bad", "unhealthy", "exceeded", "insufficient",
})  # fmt: skip
ACK = frozenset(
    {"ack", "acked", "acknowledged", "acknowledgement", "acknowledgment", "acknowledge"}
)
BAD_STATES = frozenset(
    {"critical", "crit", "warning", "warn", "down", "unreachable", "unreach", "unknown"}
)
"""The states of a check that are also a severity."""
_WORD = re.compile(r"[a-z]+")
_MOST = 200


def state_of(text: str) -> AlertState | None:
    """The state that a word or a change of state says ("WARN -> OK" is up); None for none known."""
    last = re.split(r"->|→|=>", text[:_MOST].casefold())[-1].replace("no data", "nodata")
    words = set(_WORD.findall(last.replace("_", " ")))
    if words & ACK:
        return AlertState.ACK
    if words & UP:
        return AlertState.UP
    return AlertState.DOWN if words & DOWN else None


def severity_of_state(text: str) -> str:
    """The state of a check as a severity: "critical"; nothing where it is none."""
    last = re.split(r"->|→|=>", text[:_MOST].casefold())[-1].strip()
    return last if last in BAD_STATES else ""
