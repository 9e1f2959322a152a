"""Mail for restricted tickets: put into their file, or held by who can't open it; sent from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sdesk import ops, restricted
from sdesk.desk import Desk
from sdesk.intake import Intake
from sdesk.joined.desk import JoinedDesk
from sdesk.mail.reading import read
from sdesk.mail.taking import deciding, open_desk
from sdesk.model import TicketId
from sdesk.numbering import is_restricted
from sdesk.prove.mails.desks import mail
from sdesk.sending import Sending
from tests.conftest import Clock
from tests.restricted.conftest import opened

MIKKO = "Mikko Korhonen <mikko@acme.example>"
WORD = "zebrafish"


@pytest.fixture
def secret(joined: JoinedDesk) -> TicketId:
    joined.apply(
        None,
        ops.SaveSetting("mail_address", "desk@desk.example"),
        ops.SaveSetting("mail_require_auth", "off"),
    )
    ticket = opened(joined, "fraud", requester=1, restricted=True)
    joined.apply(ticket, ops.Reply("please tell us more"))
    return ticket


def intake_at(place: Path, clock: Clock, *, member: bool) -> Intake:
    desk = open_desk(place, clock) if member else Desk.open(place, actor="sdesk", clock=clock)
    return Intake(desk, read)


@pytest.fixture
def taking(pair: Path, clock: Clock) -> Iterator[Callable[..., Intake]]:
    made: list[Intake] = []

    def open_one(*, member: bool) -> Intake:
        made.append(intake_at(pair, clock, member=member))
        return made[-1]

    yield open_one
    for intake in made:
        intake.desk.close()


def bytes_of(place: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(place.parent.iterdir()))


def test_a_reply_goes_into_the_file_of_its_ticket(
    joined: JoinedDesk, secret: TicketId, taking: Callable[..., Intake], pair: Path
) -> None:
    intake = taking(member=True)
    numbers = intake.keep_all(
        "in", [("1", mail("Re: [SD-R1] fraud", f"{WORD} by number", author=MIKKO), 100)]
    )
    ours = joined.read.letters(secret)[0].message_id
    raw = mail("Re: fraud", f"{WORD} by letter", author=MIKKO, In_Reply_To=ours)
    numbers += intake.keep_all(
        "in",
        [("2", raw, 100), ("3", mail("Printer", "jams", author=MIKKO), 100)],
        progress={"last_uid": 3},
    )
    taken = {intake.settle(number).ticket for number in numbers}
    assert [is_restricted(number) for number in numbers] == [True, True, False]
    assert taken == {secret, 1}
    said = [entry.text for entry in joined.read.conversation(secret)]
    assert f"{WORD} by number" in said
    assert f"{WORD} by letter" in said
    assert WORD.encode() not in bytes_of(pair)
    assert joined.first.read.mailbox("in").last_uid == 3
    assert len(joined.read.mails(limit=10)) == 3
    assert intake.desk.read.mail_at("in", "1") == numbers[0]


def test_who_is_no_member_holds_it_and_a_member_puts_it_where_it_belongs(
    joined: JoinedDesk, secret: TicketId, taking: Callable[..., Intake], pair: Path
) -> None:
    intake = taking(member=False)
    number = intake.keep("in", "1", mail("Re: [SD-R1] fraud", WORD, author=MIKKO))
    assert intake.settle(number).outcome == "hold"
    assert joined.read.count_held() == 1
    assert "restricted" in joined.read.held_mail(5)[0].reason
    assert deciding(joined).release(number, secret) == secret
    assert WORD in [entry.text for entry in joined.read.conversation(secret)]
    assert joined.read.count_held() == 0
    assert joined.first.read.mail(number).subject == ""


def test_a_restricted_queue_s_address_is_for_its_members(
    joined: JoinedDesk, secret: TicketId, taking: Callable[..., Intake]
) -> None:
    joined.apply(
        None, ops.SaveQueue("security", "Security", address="sec@desk.example"),
        ops.SaveSetting("restricted_queues", "security"),
    )  # fmt: skip
    joined.mirror()
    member, other = taking(member=True), taking(member=False)
    raw = mail("Odd login", WORD, author=MIKKO, To="sec@desk.example")
    taken = member.settle(member.keep("in", "1", raw))
    assert taken.ticket is not None
    assert is_restricted(taken.ticket)
    raw = mail("Odd login again", WORD, author=MIKKO, To="sec@desk.example")
    assert other.settle(other.keep("in", "2", raw)).outcome == "hold"


def test_a_mailbox_of_the_second_file_opens_restricted_tickets(
    joined: JoinedDesk, secret: TicketId, pair: Path, clock: Clock
) -> None:
    second = restricted.default_place(pair)
    intake = intake_at(second, clock, member=True)
    taken = intake.settle(
        intake.keep("sec", "1", mail("A tip", WORD, author="Tip <tip@new.example>"))
    )
    intake.desk.close()
    assert taken.ticket is not None
    ticket = joined.read.ticket(taken.ticket)
    assert (ticket.restricted, ticket.ref) == (True, "SD-R2")
    assert ticket.requester is not None
    assert ticket.requester.name in [person.name for person in joined.read.people("tip")]
    assert joined.first.read.people("tip") == ()


def test_replies_leave_from_the_second_file(
    joined: JoinedDesk, secret: TicketId, pair: Path, clock: Clock
) -> None:
    clock.forward(3_600)
    plain, restricted_one = (
        Sending(pair, clock=clock),
        Sending(restricted.default_place(pair), clock=clock),
    )
    assert plain.lease() is None
    kinds = []
    while (letter := restricted_one.lease()) is not None:
        kinds.append((letter.kind, letter.ticket))
        assert "[SD-R1]" in letter.subject
        restricted_one.sent(letter, "250 ok")
    assert ("reply", secret) in kinds
    assert joined.read.letter_counts() == {}
    for one in (plain, restricted_one):
        one.desk.close()


def test_a_worker_that_is_a_member_has_the_channels_of_both(
    joined: JoinedDesk, secret: TicketId, pair: Path, tmp_path: Path
) -> None:
    from sdesk.channels import channels
    from sdesk.config import load

    file = tmp_path / "config.toml"
    file.write_text(
        f'[[mail.mailbox]]\nkind = "maildir"\nname = "all"\npath = "{tmp_path}/all"\n'
        f'[[mail.mailbox]]\nkind = "maildir"\nname = "sec"\npath = "{tmp_path}/sec"\nrestricted = true\n'
        '[mail.smtp]\nhost = "127.0.0.1"\ntls = "none-on-localhost"\n'
    )
    found = channels(load(file=file, environ={}), pair)
    placed = {(one.name, str(getattr(one, "place", ""))) for one in found}
    second = str(restricted.default_place(pair))
    assert {("mail in all", str(pair)), ("mail in sec", second)} < placed
    assert {("mail out", str(pair)), ("mail out", second)} < placed
    assert ("mail in sec", str(pair)) not in placed
