"""A ticket that there isn't yet, described in a few words."""

from __future__ import annotations

import pytest

from sdesk.errors import Invalid
from sdesk.rules.query import Facts
from sdesk.rules.query.terms import Vocabulary
from sdesk.rules.supposing import suppose
from tests.each import each

KNOWN = ("Norrfjord Oy", "Norrfjord Pumps Oy", "Norrfjord Oy Ab", "Hartmann & Söhne")


@each(
    ("typed", "meant"),
    [
        ("org:hartmann", "Hartmann & Söhne"),
        ("org:pumps", "Norrfjord Pumps Oy"),
        ('org:"norrfjord oy"', "Norrfjord Oy"),
        ("org:unheard", "unheard"),
    ],
)
def test_words_of_its_name_mean_an_organization(typed: str, meant: str) -> None:
    assert suppose(f"P1 {typed}", Facts(), Vocabulary(), KNOWN).organization == meant


def test_words_that_several_organizations_have_are_refused_with_their_names() -> None:
    with pytest.raises(Invalid, match="any of 3 organizations: 'Norrfjord Oy', 'Norrfjord Pumps"):
        suppose("P1 org:norrfjord", Facts(), Vocabulary(), KNOWN)
