"""`sla policies` and `sla load`: what is promised, as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sdesk.cli import session
from sdesk.cli.options import Format, Store
from sdesk.cli.output import put
from sdesk.errors import Usage

if TYPE_CHECKING:
    from collections.abc import Collection

    from sdesk.desk import Desk
    from sdesk.model import Event
    from sdesk.rules.policy import Policy


def policies(
    form: Annotated[Format, typer.Option("--format", help="table: the file that load takes; or json.")] = Format.TABLE,
    store: Store = None,
) -> None:  # fmt: skip
    """Print the policies in their order, as the file that load takes."""
    from sdesk.rules.policy_file import to_toml

    with session.open_desk(store) as desk:
        known = desk.levels().policies.values()
        if form in (Format.JSON, Format.JSONL):
            print(json.dumps([policy.to_json() for policy in known], indent=2))
        else:
            print(to_toml(known), end="")


def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)], store: Store = None
) -> None:
    """Make or change policies by a TOML file, and recompute what runs."""
    from sdesk.cli.sla_many import recount
    from sdesk.present import event_sentence
    from sdesk.rules.policy_file import from_toml

    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Usage(f"{file} can't be read: {getattr(error, 'strerror', None) or error}.") from None
    with session.open_desk(store) as desk:
        change = _save(desk, from_toml(text))
        for event in change:
            session.say(f"{event_sentence(event, zone=desk.settings.zone)}.")
        if change:
            recount(desk)
        else:
            session.say("That was so already.")


def drop(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)], store: Store = None
) -> None:
    """Promise no more by a policy, and recompute what runs."""
    from sdesk.cli.sla_many import recount
    from sdesk.ops import DropPolicy

    with session.open_desk(store) as desk:
        desk.apply(None, DropPolicy(name))
        put(name)
        session.say(f"{name} is gone; open tickets go to the next policy that matches.")
        recount(desk)


def _save(desk: Desk, made: list[Policy]) -> tuple[Event, ...]:
    """Those of the file first, in its order; others of the desk after them, in theirs."""
    from sdesk.ops import SavePolicy

    known = desk.levels().policies
    for policy in made:
        typable(policy.name, known)
    rest = [policy for name, policy in known.items() if name not in {p.name for p in made}]
    operations = [
        SavePolicy(policy.name, policy.to_json(), position)
        for position, policy in enumerate([*made, *rest], 1)
    ]
    return desk.apply(None, *operations).events


def typable(name: str, known: Collection[str]) -> None:
    """A new name has to be one that people can type: to use what bears it, and to drop it."""
    from sdesk.text import clean_line

    if name not in known and clean_line(name) != name:
        raise Usage(f"The name '{clean_line(name)}' has signs that can't be seen or typed.")
