"""A new notice calls whoever looks elsewhere, as often as a line comes in the desk and no more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sdesk import ops
from sdesk.config import Config
from sdesk.desk import Desk
from sdesk.model import TicketId
from tests.tui.desk_pilot import at_desk, settle

Make = Callable[..., TicketId]
Open = Callable[[str], Desk]


@pytest.mark.parametrize(
    ("config", "environ", "sent"),
    [
        (Config(desk_bell="osc9"), {}, ["\x1b]9;sdesk: SD-1: assigned to you by ana\a"]),
        (Config(desk_bell="osc9"), {"TMUX": "/tmp/tmux"}, ["\a"]),
    ],
    ids=["osc9", "tmux"],
)
async def test_the_terminal_is_called_once_for_what_comes_together(
    config: Config, environ: dict[str, str], sent: list[str], desk: Desk, open_desk: Open,
    make_ticket: Make, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for name in ("TMUX", "SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    # However slow this machine is: the second one comes while the first stands.
    monkeypatch.setattr("sdesk.screens.noticing.SHOWN", 600.0)
    calls: list[str] = []
    ticket = make_ticket()
    async with at_desk(open_desk("ben"), config=config) as (app, pilot):
        await settle(app, pilot, lambda: app._told_of is not None)
        monkeypatch.setattr(app, "_send", calls.append)
        desk.apply(ticket, ops.Assign("ben"))
        app.notices_may_have_changed()
        await settle(app, pilot, lambda: len(app._notifications) == 1)
        desk.apply(ticket, ops.AddNote("@ben and once more"))
        app.notices_may_have_changed()
        await settle(app, pilot, lambda: app.letters == 2)
        assert calls == sent
