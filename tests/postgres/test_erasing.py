"""What a server hides from a role can't be erased by it."""

from __future__ import annotations

import pytest

from sdesk import ops, privacy
from sdesk.errors import Refused
from tests.postgres.conftest import Home


def test_at_a_server_only_the_owner_erases(home: Home) -> None:
    with home.desk() as owner:
        owner.apply(None, ops.Open("mine", requester=1, text="xylocanary"))
        owner.apply(None, ops.SaveAgent("mia", "Mia", "admin"))
    with (
        home.desk("mia") as mia,
        pytest.raises(Refused, match="only the owner of the tables erases"),
    ):
        privacy.erase_person(mia, 1)
    with home.desk() as owner:
        privacy.erase_person(owner, 1)
        assert owner.read.count("is:erased") == 1
