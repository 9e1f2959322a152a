"""Letters on PostgreSQL: written, leased, put off, failed, sent again, taken back."""

from __future__ import annotations

import pytest

from sdesk import ops
from sdesk.desk import Desk
from sdesk.sending import Sending
from sdesk.store import letters
from tests.conftest import Clock, setup_operations


@pytest.mark.postgres
def test_letters_live_on_postgresql_as_well(postgres: str, clock: Clock) -> None:
    with Desk.create(postgres, setup=setup_operations(), actor="ana", clock=clock) as desk:
        desk.apply(
            None, ops.SaveSetting("mail_address", "desk@acme.example"),
            ops.SaveSetting("undo_seconds", "0"),
        )  # fmt: skip
        desk.apply(None, ops.Open("VPN drops", requester=1))
        desk.apply(1, ops.Reply("one"))
        sending = Sending(postgres, clock=clock)
        first = sending.lease()
        assert first is not None
        assert sending.lease() is None
        sending.put_off(first, "451 later", rest="acme.example")
        clock.forward(60)
        again = sending.lease()
        assert again is not None
        assert again.tries == 2
        sending.fail(again, "550 no such user")
        assert desk.read.letter_counts() == {"failed": 1}
        assert desk.read.notices()[0].kind == "mail"
        desk.apply(1, ops.Resend())
        desk.undo()
        desk.apply(1, ops.Resend())
        taken = sending.lease()
        assert taken is not None
        sending.sent(taken, "250 kept")
        with desk.door().transaction() as work:
            assert letters.of_ticket(work.tx, [taken.message_id]) == [(1, 1)]
            assert letters.bounced(work.tx, 1, "gone")
        assert desk.read.outbox("bounced")[0].answer == "gone"
        assert desk.read.letters(1)[0].state == "bounced"
        desk.apply(1, ops.Reply("two"))
        desk.undo()
        assert len(desk.read.letters(1)) == 1
        sending.close()
