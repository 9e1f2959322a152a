"""Variables in texts, acts in words, and a ticket as text: pure."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdesk import ops
from sdesk.errors import Invalid
from sdesk.model import Macro, Person, PersonId, Ticket, TicketId
from sdesk.rules import macro as macros
from sdesk.rules import macro_file, ticket_form, wording
from sdesk.rules.acting import ACTS, Circumstances, in_words, operations_of
from tests.each import each

AT = Circumstances(priority=3, me="ana", now=1_764_150_000, zone="Europe/Helsinki")
HOSTILE = "{agent} {{ref}} {0.__class__} %(x)s [/red] \x1b[31m"


def test_a_value_is_put_in_once_and_never_read_again() -> None:
    values = {"subject": HOSTILE, "ref": "SD-1", "requester.first": ""}
    text = "{ref}: {subject} / {requester.first|there} / {{ref}} / {unknown} / {"
    assert wording.expand(text, values) == f"SD-1: {HOSTILE} / there / {{ref}} / {{unknown}} / {{"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_any_value_comes_through_as_it_is(value: str) -> None:
    assert wording.expand("<{subject}>", {"subject": value}) == f"<{value}>"


def test_an_unknown_variable_is_refused_with_the_nearest() -> None:
    with pytest.raises(Invalid, match=r"no variable \{requster\}.*Did you mean 'requester'"):
        wording.check("Hello {requster}", "Macro 'x'")
    wording.check('{field.site} {ask:Which?} {ask.site} {"json": {"a": 1}}', "x", ["site"])


@each(
    ("act", "made"),
    [
        ("take", (ops.Take(),)),
        ("take !", (ops.Take(force=True),)),
        ("assign me", (ops.Assign("ana"),)),
        ("assign nobody", (ops.Assign(""),)),
        ("priority up", (ops.SetPriority(2),)),
        ("priority auto", (ops.SetPriority(None),)),
        ("impact high", (ops.Edit("impact", 1),)),
        ("tag vpn {queue}", (ops.AddTags(("vpn", "{queue}")),)),
        ("field site=Turku = 2", (ops.SetField("site", "Turku = 2"),)),
        ("wait", (ops.Wait("waiting-customer"),)),
        ("wait 2d supplier part ordered", (ops.Wait("waiting-supplier", AT.now + 172_800, "part ordered"),)),
        ("resolve no-answer", (ops.Resolve("no-answer"),)),
        ("resolve It works again.", (ops.Resolve("solved", "It works again."),)),
        ("escalate network @lead,mia she is angry", (ops.Escalate("she is angry", "network", ("lead", "mia")),)),
        ("note a b", (ops.AddNote("a b"),)),
    ],
)  # fmt: skip
def test_acts_in_words_are_operations(act: str, made: tuple[ops.Op, ...]) -> None:
    assert operations_of(act, AT) == made


@each(
    ("act", "said"),
    [
        ("dance", "'dance' is not known"),
        ("tga vpn", "Did you mean 'tag'?"),
        ("queue", "does not say what. Write it like: queue QUEUE"),
        ("priority 9", "1 to 4"),
        ("kind incdent", "Did you mean 'incident'?"),
        ("tag a,b", "a tag is one word"),
        ("escalate network", "The reason is missing"),
    ],
)
def test_what_is_no_act_is_refused_with_the_way_to_say_it(act: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        operations_of(act, AT)
    assert said in str(refused.value)


def test_every_act_is_documented() -> None:
    from pathlib import Path

    text = (Path(__file__).parents[2] / "docs" / "macros.md").read_text(encoding="utf-8")
    assert not [word for word in ACTS if f"`{word}" not in text]
    assert not [name for name in wording.VARIABLES if f"{{{name}}}" not in text]


def test_a_tickets_values_never_become_acts_but_the_agents_answers_do() -> None:
    macro = Macro("m", "", ("resolve {subject}", "tag {subject}", "wait {ask.days} supplier"), asks=(("days", "?"),))  # fmt: skip
    values = {"subject": "duplicate, of (that)"}
    with pytest.raises(Invalid):  # no tag: the ticket is refused, nothing else happens
        macros.operations(macro, AT, values, {"ask.days": "2d"})
    made = macros.operations(macro._replace(acts=macro.acts[::2]), AT, values, {"ask.days": "2d"})
    assert made == (
        ops.Resolve("solved", "duplicate, of (that)"),
        ops.Wait("waiting-supplier", AT.now + 172_800, ""),
    )


def test_a_macro_survives_its_file() -> None:
    op = ops.SaveMacro("m", 'Hello "{requester}",\n\\o/\n', ("tag vpn", "note x"), (("site", "Which?"),), True)  # fmt: skip
    assert macro_file.from_toml("m", macro_file.to_toml(op)) == op
    plain = ops.SaveMacro("m", "Hello,\n\nbye\n", note=True, shared=False)
    assert macro_file.from_toml("m", macro_file.to_toml(plain)) == plain


def test_operations_are_said_in_the_words_of_acts() -> None:
    said = [in_words(op) for act in ("priority 2", "tag vpn", "wait customer x", "take") for op in operations_of(act, AT)]  # fmt: skip
    assert said == ["priority 2", "tag vpn", "wait customer x", "take"]


TICKET = Ticket(
    id=TicketId(7), ref="SD-7", version=1, last_event=1, kind="incident", subject='A "b" = [c]\\',  # type: ignore[arg-type]
    state="open", category="open", state_until=None, wait_reason="", impact=2, urgency=2, priority=3,
    priority_overridden=False, path="Network / VPN", queue="network", tier=2, site="", owner="ana",
    assignee="", requester=Person(PersonId(1), "Mikko", "m@x.example", "", "", False), service="",
    channel="mail", created_at=0, updated_at=0, first_answered_at=None, resolved_at=None, closed_at=None,
    reopen_count=0, resolution_code="", restricted=False, parent=None, external_source="", external_id="",
    tags=("vpn",), fields={"site": "Turku"},
)  # fmt: skip


def test_a_ticket_as_text_changes_nothing_until_it_is_changed() -> None:
    text = ticket_form.form_of(TICKET)
    assert ticket_form.changes_in(text, TICKET) == ()
    assert ticket_form.changes_in("", TICKET) == ()
    changed = (
        text.replace('priority = "auto"', "priority = 1")
        .replace('tags = ["vpn"]', 'tags = ["printer"]')
        .replace('site = "Turku"', 'site = "Oulu"\nroom = "3F"')
        .replace('assignee = ""', 'assignee = "ben"')
    )
    made = ticket_form.changes_in(changed, TICKET)
    assert made == (
        ops.Assign("ben"), ops.SetPriority(1), ops.AddTags(("printer",)), ops.RemoveTags(("vpn",)),
        ops.SetField("site", "Oulu"), ops.SetField("room", "3F"),
    )  # fmt: skip
    assert ("tags", "vpn", "printer") in list(ticket_form.differences(changed, TICKET))


@each(
    ("line", "said"),
    [
        ("priority = 9", "Line 2: '9' is no number of 1, 2, 3, 4."),
        ("prioritty = 1", "Line 2: there is no field 'prioritty'. Did you mean 'priority'?"),
        ("subject = Printer", "line 2"),
        ('kind = "incdent"', "Line 2: 'incdent' is not known. Did you mean 'incident'?"),
        ('subject = ""', "Line 2: Subject: there is no text."),
        ("queue = 3", "Line 2: 'queue' is a text: it stands in quotes."),
        ('tags = "vpn"', "Line 2: Tags are a list of texts"),
        ('[fields]\n"a b" = "x"', "Line 3: Field 'a b'"),
    ],
)
def test_a_text_that_can_not_be_names_its_line(line: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        ticket_form.changes_in(f"# SD-7\n{line}\n", TICKET)
    assert said in str(refused.value)
