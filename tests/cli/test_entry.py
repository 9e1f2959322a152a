"""The program's entry: when the desk opens without the command line's machinery."""

from __future__ import annotations

from sdesk.__main__ import desk_options
from tests.each import each


@each(
    ("words", "options"),
    [
        ([], {}),
        (["--store", "/srv/desk.db"], {"--store": "/srv/desk.db"}),
        (["--store=/srv/a=b.db", "--theme", "dark"], {"--store": "/srv/a=b.db", "--theme": "dark"}),
        (["ls"], None),
        (["--store"], None),
        (["--store", "--theme"], None),
        (["--store", "/srv/desk.db", "ls"], None),
        (["--help"], None),
        (["--store", "a.db", "--store", "b.db"], None),
    ],
)
def test_only_the_desks_own_options_open_it_at_once(
    words: list[str], options: dict[str, str] | None
) -> None:
    assert desk_options(words) == options
