"""The desk's settings of mail, with what each may be. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from sdesk.errors import Invalid, did_you_mean
from sdesk.rules.alarm import senders
from sdesk.rules.letters import LANGUAGES, address
from sdesk.text import clean, clean_line

SWITCHES = ("on", "off")


class Custom(NamedTuple):
    """A setting."""

    help: str
    check: Callable[[str], object] | None = None


def _address(value: str) -> None:
    if value and not address.usable(value):
        raise Invalid(
            f"mail_address: '{clean_line(value)}' is no address.", "As in: desk@example.org"
        )


def _aliases(value: str) -> None:
    for one in re.split(r"[\s,;]+", value.strip()):
        if one and not address.usable(one):
            raise Invalid(f"mail_aliases: '{clean_line(one)}' is no address.")


def _name(value: str) -> None:
    if value != clean_line(value) or len(value) > 100:
        raise Invalid("mail_name: a name is one line of at most 100 characters.")


def _signature(value: str) -> None:
    if value != clean(value) or value.count("\n") > 10 or len(value) > 1_000:
        raise Invalid("mail_signature: a signature has at most ten lines.")


def _language(value: str) -> None:
    if value and value not in LANGUAGES:
        raise Invalid(
            f"mail_language: '{clean_line(value)}' is none of {', '.join(LANGUAGES)}.",
            did_you_mean(value, LANGUAGES),
        )


def _base_url(value: str) -> None:
    if value and not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+(?:/[A-Za-z0-9._~/-]*)?", value):
        raise Invalid(
            f"base_url: '{clean_line(value)}' is no address of a web page.",
            "As in: https://desk.example.org",
        )


def check_queue(address: str | None, signature: str | None, language: str | None) -> None:
    """Refuse what a queue can't have. Raises `Invalid`."""
    for check, value in ((_address, address), (_signature, signature), (_language, language)):
        try:
            check(value or "")
        except Invalid as error:
            said = error.message.partition(": ")[2]
            raise Invalid(f"Of the queue: {said}", error.hint) from None


def _switch(name: str) -> Callable[[str], None]:
    def check(value: str) -> None:
        if value not in ("", *SWITCHES):
            raise Invalid(f"{name}: '{clean_line(value)}' is neither on nor off.")

    return check


CUSTOMS: Mapping[str, Custom] = {
    "mail_address": Custom("the desk's address; without it nothing is written to anybody", _address),
    "mail_name": Custom("the name beside it; the desk's own where this is empty", _name),
    "mail_aliases": Custom("further addresses that are the desk's", _aliases),
    "mail_signature": Custom("what letters end with; queues may have their own", _signature),
    "mail_language": Custom("of letters, where neither person nor queue has one", _language),
    "mail_authserv": Custom("our mail server's name in Authentication-Results", _name),
    "mail_require_auth": Custom("whether an author must be authenticated", _switch("mail_require_auth")),
    "thanks_keeps_closed": Custom("whether mere thanks leave a ticket resolved", _switch("thanks_keeps_closed")),
    "reopen_window": Custom("for how long an answer takes a solved ticket up again: 14d"),
    "alert_senders": Custom("addresses and domains whose mails are monitors'", senders),
    "mail_sender_limit": Custom("mails of one sender in ten minutes before the rest is held"),
    "mail_letters": Custom("which letters the desk writes by itself: resolved, closed, survey, reminder"),
    "remind_after": Custom("after how long without an answer somebody is reminded: 3bd"),
    "remind_times": Custom("how often"),
    "undo_seconds": Custom("for how many seconds a reply can be taken back before it leaves"),
    "base_url": Custom("where the desk's pages are, for links in letters", _base_url),
}  # fmt: skip
CHECKS: Mapping[str, Callable[[str], object]] = {
    name: one.check for name, one in CUSTOMS.items() if one.check is not None
}
"""Setting → what refuses a value it can't have."""
