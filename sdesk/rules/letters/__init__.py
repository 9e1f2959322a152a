"""What the desk writes to people outside: one template a kind of letter and language. Pure.

The desk's own wording stands in its settings (`setting_name`); without one the built-in serves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from zoneinfo import ZoneInfo

from sdesk.errors import Invalid, NotFound
from sdesk.rules.letters.template import Template, Written, check, names_in, write

__all__ = [
    "KINDS", "LANGUAGES", "OWN_WORDING", "Template", "Written", "built_in", "check", "day", "find", "language",
    "moment", "setting_name", "template", "template_names", "to_setting", "write",
]  # fmt: skip

LANGUAGES: Mapping[str, str] = {
    "en": "english", "de": "german", "fr": "french", "fi": "finnish", "es": "spanish",
}  # fmt: skip
KINDS: Mapping[str, str] = {
    "acknowledgement": "a message has arrived; to verified authors only",
    "update": "an agent's reply",
    "reminder": "the desk waits for the requester",
    "resolved": "solved, and whether it is so",
    "closed": "closed for good",
    "survey": "one question about the help",
    "planned": "announcement: planned work",
    "outage": "announcement: something does not work",
    "restored": "announcement: it works again",
    "cancelled": "announcement: planned work does not take place",
}
"""Kind → when it is written."""
_DAYS: Mapping[str, str] = {
    "en": "{0:%d} {month} {0:%Y}", "de": "{0:%d.%m.%Y}", "fr": "{0:%d/%m/%Y}",
    "fi": "{0.day}.{0.month}.{0.year}", "es": "{0:%d/%m/%Y}",
}  # fmt: skip
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIMES: Mapping[str, str] = {"fi": "{0.hour}.{0:%M}"}


def language(*wanted: str) -> str:
    """The first of these that the desk can write, "de" for "de-AT"; English where none is."""
    for tag in wanted:
        code = tag.strip().casefold().replace("_", "-").partition("-")[0]
        if code in LANGUAGES:
            return code
    return "en"


def built_in(kind: str, code: str) -> Template:
    """The template that comes with the program. Raises `NotFound`."""
    if kind not in KINDS:
        raise NotFound.named("kind of letter", kind, KINDS)
    if code not in LANGUAGES:
        raise NotFound.named("language", code, LANGUAGES)
    known: dict[str, Template] = import_module(f"{__name__}.{LANGUAGES[code]}").TEMPLATES
    return known[kind]


OWN_WORDING = "mail_template."
"""How the settings begin that hold the desk's own wording."""


def setting_name(kind: str, code: str) -> str:
    """Where the desk keeps its own wording."""
    return f"{OWN_WORDING}{kind}.{code}"


def to_setting(kind: str, template: Template) -> str:
    """The setting's value, checked. Raises `Invalid`."""
    check(kind, template)
    return json.dumps(template._asdict(), ensure_ascii=False)


def template(value: str) -> Template:
    """The other way. Raises `Invalid`."""
    try:
        found = json.loads(value)
        return Template(str(found["subject"]), str(found["text"]))
    except (ValueError, KeyError, TypeError):
        raise Invalid(
            "The stored template can't be read.", "See: sdesk mail template reset"
        ) from None


def template_names(template: Template) -> tuple[str, ...]:
    """The names that it holds, each once."""
    return names_in(f"{template.subject}\n{template.text}")


def find(kind: str, code: str, settings: Mapping[str, str]) -> Template:
    """The desk's own wording, else the built-in one; also where its own can't be used any more."""
    own = settings.get(setting_name(kind, code), "")
    if own:
        try:
            found = template(own)
            check(kind, found)
        except Invalid:
            return built_in(kind, code)
        return found
    return built_in(kind, code)


def day(instant: int, zone: str, code: str) -> str:
    """A day as letters of that language write it."""
    at = datetime.fromtimestamp(instant, ZoneInfo(zone))
    return _DAYS[code].format(at, month=_MONTHS[at.month - 1])


def moment(instant: int, zone: str, code: str) -> str:
    """A day and time of day, with the zone's name."""
    at = datetime.fromtimestamp(instant, ZoneInfo(zone))
    time = _TIMES.get(code, "{0:%H:%M}").format(at)
    return f"{day(instant, zone, code)} {time} {at:%Z}"
