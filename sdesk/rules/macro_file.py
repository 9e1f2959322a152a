"""A macro as a TOML file that people edit. Pure."""

from __future__ import annotations

import json
import tomllib
from typing import Any

from sdesk.errors import Invalid, did_you_mean
from sdesk.ops import SaveMacro
from sdesk.rules.acting import ACTS
from sdesk.rules.wording import VARIABLES

_KEYS = ("text", "do", "send", "note", "shared", "ask")
_HEAD = """\
# A macro: a text, and what is done with it. Variables stand in braces: {requester.first|there} is the
# first name, or "there" where it isn't known; {ask.NAME} is what [ask] asks for, {ask:Which site?} asks
# on the spot.
"""


def to_toml(macro: SaveMacro) -> str:
    """The text of a macro, which `from_toml` reads back."""
    lines = [_HEAD, f"text = {_long(macro.text)}"]
    lines.append("do = [" + "".join(f"\n  {_text(act)}," for act in macro.acts) + ("\n]" if macro.acts else "]"))  # fmt: skip
    lines += [
        f"send = {_text(macro.send)}  # true: the text goes without being shown first",
        f"note = {_text(macro.note)}  # true: the text is an internal note",
        f"shared = {_text(macro.shared)}  # false: mine alone",
        "", "[ask]", *(f"{name} = {_text(question)}" for name, question in macro.asks),
        "", f"# variables: {', '.join(VARIABLES)}, field.NAME",
    ]  # fmt: skip
    lines += ["# what can be done:", *(f"#   {act.usage:<38} {act.help}" for act in ACTS.values())]
    return "\n".join(lines) + "\n"


def from_toml(name: str, text: str) -> SaveMacro:
    """The macro in the text. Raises `Invalid`."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"The file is no TOML: {error}.") from None
    for key in values:
        if key not in _KEYS:
            raise Invalid(f"'{key}' means nothing in a macro.", did_you_mean(key, _KEYS))
    return SaveMacro(
        name, _checked(values, "text", str, ""), tuple(_acts(values)), tuple(_asks(values)),
        _checked(values, "send", bool, False), _checked(values, "note", bool, False),
        _checked(values, "shared", bool, True),
    )  # fmt: skip


def _checked(values: dict[str, Any], key: str, kind: type, default: Any) -> Any:
    value = values.get(key, default)
    if not isinstance(value, kind):
        raise Invalid(f"'{key}' is {'a text in quotes' if kind is str else 'true or false'}.")
    return value


def _acts(values: dict[str, Any]) -> list[str]:
    acts = values.get("do", [])
    if not isinstance(acts, list) or not all(isinstance(act, str) for act in acts):
        raise Invalid("'do' is a list of texts.", 'For example: do = ["priority 2", "tag vpn"]')
    return acts


def _asks(values: dict[str, Any]) -> list[tuple[str, str]]:
    asks = values.get("ask", {})
    if not isinstance(asks, dict) or not all(isinstance(q, str) for q in asks.values()):
        raise Invalid("'ask' is a table of questions.", '[ask] with: site = "Which site?"')
    return list(asks.items())


def _text(value: Any) -> str:
    # JSON's texts, claims and lists are TOML's, but for one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _long(text: str) -> str:
    """A text of several lines stands as it is read, where it can."""
    if "\n" not in text or '"""' in text or "\\" in text or text.endswith('"'):
        return _text(text)
    return f'"""\n{text}"""'
