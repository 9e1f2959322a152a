"""The rules of intake one by one, without a store."""

from __future__ import annotations

from typing import Any

import pytest

from sdesk.errors import Invalid
from sdesk.mail.reading import read
from sdesk.prove.mails.desks import ADDRESS, AUTHSERV, mail
from sdesk.rules.mail import (
    Customs,
    Outcome,
    Sent,
    Standing,
    Verdict,
    World,
    clues_of,
    judge,
    seconds_of_window,
    vouched,
)  # fmt: skip
from sdesk.rules.mail.clues import numbers_in
from sdesk.rules.mail.thanks import is_only_thanks
from tests.each import each

ALICE = "alice@customer-a.example"
OURS = "sd.7.1.abcdef@desk.example"
NOW = 1_764_150_000
DAY = 86_400


def world(*, customs: dict[str, Any] | None = None, **standing: Any) -> World:
    """SD-7 is Alice's, with one letter of ours."""
    said = Customs(
        own=frozenset([ADDRESS, "security@desk.example"]), agents=frozenset(["ann@desk.example"]),
        authserv=AUTHSERV, queues={"security@desk.example": "security"},
    )._replace(**customs or {})  # fmt: skip
    ticket = Standing(7, 7, "open", None, frozenset([ALICE]))._replace(**standing)
    return World(NOW, said, {OURS: Sent(3, 7)}, {7: ticket})


def judged(raw: bytes, known: World | None = None) -> Verdict:
    message = read(raw)
    return judge(message, clues_of(message, "SD"), known or world())


@each(("subject", "numbers"), [
    ("Re: [SD-7] x", (7,)), ("[sd-7][SD-8]", (7, 8)), ("[SD-１２]", ()), ("[ſD-7]", ()), ("SD-7", ()),
    ("[SD-" + "9" * 40 + "]", ()), ("[SD-0]", ()), ("[SD-٧]", ()), ("[SD- 7]", ()), ("[XSD-7]", ()),
])  # fmt: skip
def test_a_ticket_is_named_in_ascii_brackets_only(subject: str, numbers: tuple[int, ...]) -> None:
    assert numbers_in(subject, "SD") == numbers


@each(("values", "passed", "failed"), [
    ([f"{AUTHSERV}; dmarc=pass header.from=customer-a.example"], True, False),
    ([f"{AUTHSERV}; dmarc=fail header.from=customer-a.example", f"{AUTHSERV}; dmarc=pass"], False, True),
    (["mx.evil.example; dmarc=pass", f"{AUTHSERV}; dmarc=none"], False, False),
    (["mx.evil.example; dmarc=pass"], False, False),
    ([f"{AUTHSERV}; dmarc=pass header.from=evil.example"], False, False),
    ([f"{AUTHSERV} 1; spf=fail (dmarc=pass) reason=\"x; dmarc=pass\"; dmarc = fail (p=none)"], False, True),
    ([f"{AUTHSERV}; dmarc=fail; dmarc=pass"], False, True),
    ([f"{AUTHSERV}.evil.example; dmarc=pass"], False, False),
    (["(" * 5_000 + f"{AUTHSERV}; dmarc=pass"], False, False),
    ([], False, False),
])  # fmt: skip
def test_only_our_own_servers_topmost_word_counts(
    values: list[str], passed: bool, failed: bool
) -> None:
    found = vouched(values, AUTHSERV, ALICE)
    assert (found.passed, found.failed) == (passed, failed)


def test_a_signature_of_the_authors_own_domain_vouches_as_well() -> None:
    said = f"{AUTHSERV}; dkim=pass header.d=customer-a.example; dmarc=none"
    assert vouched([said], AUTHSERV, ALICE).genuine
    assert not vouched([said.replace("customer-a", "evil")], AUTHSERV, ALICE).genuine
    assert not vouched([said.replace("none", "fail")], AUTHSERV, ALICE).genuine


@each("text", [
    "Thanks!", "Danke, vielen Dank für die schnelle Hilfe", "Merci beaucoup !", "Kiitos paljon", "Tack så mycket",
    "Hi Ann,\n\nperfect, thank you very much.\n\nBest regards\nAlice", "Mange tak for hjælpen", "¡Muchas gracias!",
])  # fmt: skip
def test_thanks_are_known_in_several_languages(text: str) -> None:
    assert is_only_thanks(text, {"ann", "alice"})


@each("text", [
    "Thanks, but it still fails", "No", "", "Thanks? It is down", "Danke, geht leider nicht", "ok", "Tak",
    "thanks " * 40, "Thank you. The printer on floor 4 is dead now.", "It works now",
])  # fmt: skip
def test_whoever_says_more_than_thanks_is_heard(text: str) -> None:
    assert not is_only_thanks(text, {"ann"})


@each(("headers", "outcome"), [
    ({"X_Sdesk_Loop": ADDRESS}, Outcome.DROP),
    ({"X_Sdesk_Loop": "1"}, Outcome.DROP),
    ({"X_Sdesk_Loop": "help@other.example"}, Outcome.NEW),
    ({"message_id": f"<{OURS}>"}, Outcome.DROP),
    ({"author": f"Desk <{ADDRESS}>"}, Outcome.HOLD),
    ({"author": "Ann <ANN@desk.example>"}, Outcome.HOLD),
    ({"auth": "fail"}, Outcome.HOLD),
    ({"auth": "fail", "Auto_Submitted": "auto-replied"}, Outcome.HOLD),
    ({"From": "Mallory <m@evil.example>"}, Outcome.HOLD),
    ({"Auto_Submitted": "auto-generated"}, Outcome.MACHINE),
    ({"Auto_Submitted": "no"}, Outcome.NEW),
    ({"Precedence": "Bulk"}, Outcome.MACHINE),
    ({"X_Auto_Response_Suppress": "All"}, Outcome.MACHINE),
    ({"Return_Path": "<>"}, Outcome.MACHINE),
    ({"Return_Path": "<alice@customer-a.example>"}, Outcome.NEW),
    ({"List_Id": "<x.example>"}, Outcome.MACHINE),
])  # fmt: skip
def test_headers_decide_before_words_do(headers: dict[str, str], outcome: Outcome) -> None:
    verdict = judged(mail(**headers))  # type: ignore[arg-type]
    assert verdict.outcome == outcome
    assert not verdict.ack or outcome == Outcome.NEW
    assert [step.decided for step in verdict.trace] == [False] * (len(verdict.trace) - 1) + [True]


def test_a_reply_goes_into_its_ticket_by_our_letter_or_its_number() -> None:
    assert judged(mail("Re: x", In_Reply_To=f"<{OURS}>")).ticket == 7
    assert judged(mail("Re: x", References=f"<a@b> <{OURS}> <c@d>")).ticket == 7
    verdict = judged(mail("AW: [SD-7] x"))
    assert (verdict.outcome, verdict.ticket, verdict.ack) == (Outcome.APPEND, 7, False)


@each("auth", ["none", "temperror", None])
def test_nobody_writes_into_a_ticket_in_a_name_that_nothing_vouches_for(auth: str | None) -> None:
    verdict = judged(mail("[SD-7]", auth=auth, In_Reply_To=f"<{OURS}>"))
    assert (verdict.outcome, verdict.hint, verdict.ack) == (Outcome.NEW, 7, False)
    lax = judged(mail("[SD-7]", auth=auth), world(customs={"require_auth": False}))
    assert lax.outcome == Outcome.APPEND


def test_an_outsider_opens_a_ticket_of_their_own_and_agents_see_what_it_claims() -> None:
    verdict = judged(mail("[SD-7]", author="Mallory <m@evil.example>", In_Reply_To=f"<{OURS}>"))
    assert (verdict.outcome, verdict.hint, verdict.ticket) == (Outcome.NEW, 7, None)
    assert "takes no part" in verdict.reason


@each(("standing", "outcome", "linked"), [
    ({"category": "resolved", "resolved_at": NOW - 13 * DAY}, Outcome.APPEND, None),
    ({"category": "resolved", "resolved_at": NOW - 15 * DAY}, Outcome.NEW, 7),
    ({"category": "closed"}, Outcome.NEW, 7),
    ({"binned": True}, Outcome.NEW, 7),
    ({"category": "waiting"}, Outcome.APPEND, None),
    ({"survivor": 9}, Outcome.APPEND, None),
])  # fmt: skip
def test_what_has_ended_is_continued_in_a_new_ticket(
    standing: dict[str, Any], outcome: Outcome, linked: int | None
) -> None:
    verdict = judged(mail("Re: [SD-7] x"), world(**standing))
    assert (verdict.outcome, verdict.linked) == (outcome, linked)
    if outcome == Outcome.APPEND:
        assert verdict.ticket == standing.get("survivor", 7)


def test_thanks_reopen_nothing_unless_that_is_switched_off() -> None:
    resolved: dict[str, Any] = {"category": "resolved", "resolved_at": NOW}
    thanks = mail("Re: [SD-7] x", "Thank you very much!")
    assert judged(thanks, world(**resolved)).keeps_state
    assert not judged(mail("Re: [SD-7] x", "Thanks, it fails"), world(**resolved)).keeps_state
    off = world(customs={"thanks_keeps_closed": False}, **resolved)
    assert not judged(thanks, off).keeps_state


@each(("to", "queue"), [
    ("security@desk.example", "security"), ("Security@Desk.Example", "security"), (ADDRESS, ""),
    ("x@evil.example, security@desk.example", "security"), ("security@evil.example", ""),
])  # fmt: skip
def test_a_queues_own_address_chooses_it(to: str, queue: str) -> None:
    assert judged(mail(To=to)).queue == queue


@each(("headers", "known", "ack"), [
    ({}, {}, True),
    ({"auth": "none"}, {}, False),
    ({"auth": "none"}, {"verified": True}, True),
    ({"auth": None}, {"verified": True}, False),
    ({}, {"acknowledged": 3}, False),
    ({"author": "no-reply@customer-a.example"}, {}, False),
    ({"author": "shop.noreply@customer-a.example"}, {}, False),
    ({"author": "Postmaster <postmaster@customer-a.example>"}, {}, False),
])  # fmt: skip
def test_who_is_acknowledged(headers: dict[str, Any], known: dict[str, Any], ack: bool) -> None:
    verdict = judged(mail(**headers), world()._replace(**known))
    assert (verdict.ack, verdict.outcome) == (ack, Outcome.NEW), verdict.ack_reason


def test_a_flood_waits_and_the_others_go_on() -> None:
    flood = world()._replace(lately=200)
    assert judged(mail(), flood).outcome == Outcome.HOLD
    assert judged(mail("[SD-7]"), flood).outcome == Outcome.HOLD
    assert judged(mail(), flood._replace(lately=199)).outcome == Outcome.NEW


@each(("text", "seconds"), [("14d", 14 * DAY), ("72h", 3 * DAY), ("2W", 14 * DAY), ("off", 0)])  # fmt: skip
def test_a_window_is_written_as_people_say_it(text: str, seconds: int) -> None:
    assert seconds_of_window(text) == seconds


def test_a_window_that_is_none_is_refused() -> None:
    with pytest.raises(Invalid, match="'soon' is not a time"):
        seconds_of_window("soon")
