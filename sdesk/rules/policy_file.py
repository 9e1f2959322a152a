"""SLA policies as a TOML file that people edit; their order in the file is the order they are asked in. Pure."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

from sdesk.rules.policy import Policy, PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEAD = """\
# SLA policies: the first whose `when` matches a ticket counts. A budget is working time (30m, 4h) or
# working days (3bd, "3bd end" to the end of the day), by priority or for every one ("*"). Pauses are
# states, or "waiting" for all that wait. An empty calendar is the queue's, site's, customer's or desk's.
# Warnings are places on the way ("75%", "30m before"); a level tells people at one ("breach", "1h after")
# and may do something to the ticket.
"""
_PLAIN = ("name", "when", "calendar", "on_change")


def to_toml(policies: Iterable[Policy]) -> str:
    """The text of policies in their order, which `from_toml` reads back."""
    lines = [_HEAD.rstrip("\n")]
    for policy in policies:
        values = policy.to_json()
        lines += ["", "[[policy]]", *(f"{key} = {_text(values[key])}" for key in _PLAIN)]
        for target in values["targets"]:
            levels = target.pop("levels", ())
            lines += ["", "[[policy.target]]"]
            lines += [f"{key} = {_value(value)}" for key, value in target.items()]
            for level in levels:
                lines += ["", "[[policy.target.level]]"]
                lines += [f"{key} = {_text(value)}" for key, value in level.items()]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_text(k)} = {_text(v)}" for k, v in value.items()) + " }"
    return _text(value)


def _text(value: Any) -> str:
    # JSON's texts and lists of texts are TOML's, but for one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _target(entry: Any) -> Any:
    """A target with its levels, each a table of its own, under the name they have in a specification."""
    if not isinstance(entry, dict) or "level" not in entry:
        return entry
    return {**{k: v for k, v in entry.items() if k != "level"}, "levels": entry["level"]}


def from_toml(text: str) -> list[Policy]:
    """The policies of a file, in its order. Raises `PolicyError`."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"The file is no TOML: {error}.") from None
    entries = values.pop("policy", None)
    if values or not isinstance(entries, list) or not entries:
        raise PolicyError("A file of policies has [[policy]] tables and nothing else.")
    policies = []
    for entry in entries:
        targets = [_target(target) for target in entry.pop("target", [])]
        policies.append(Policy.from_json({**entry, "targets": targets}))
    names = [policy.name for policy in policies]
    for name in names:
        if names.count(name) > 1:
            raise PolicyError(f"The file has two policies '{name}'.")
    return policies
