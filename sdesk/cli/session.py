"""What every command needs: the chosen store, an open desk, and the references it was given."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from sdesk.errors import SdeskError, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sdesk.desk import Desk
    from sdesk.model import TicketId
    from sdesk.ops import Op

_chosen: str | None = None


def choose(store: str | None) -> None:
    """Remember the `--store` that stood before the command."""
    global _chosen
    _chosen = store


def place(store: str | None = None) -> str:
    """Which store is meant: the command's `--store`, the one before it, environment, settings."""
    from sdesk.config import store_place

    if given := store or _chosen:
        _refuse_password(given)
        return store_place(given)
    chosen = store_place()
    if "://" in chosen and not os.environ.get("SDESK_STORE"):
        _refuse_open_file(chosen)
    return chosen


def _refuse_open_file(address: str) -> None:
    """A password in settings that others can read is known to them by now."""
    from sdesk.locations import config_file
    from sdesk.store.place import has_password

    file = config_file()
    if has_password(address) and file.exists() and file.stat().st_mode & 0o077:
        raise Usage(
            f"The address in {file} holds the password, and others can get at that file.",
            f"Change the password; then put it into ~/.pgpass (chmod 600), or at least: chmod 600 {file}",
        )


def _refuse_password(address: str) -> None:
    """Everybody on the host can read the words of a command."""
    if "://" not in address:
        return
    from sdesk.store.place import has_password, shown

    if has_password(address):
        raise Usage(
            f"{shown(address)} was given with a password, which everybody on this host can read there.",
            "Change it; then put it into ~/.pgpass (chmod 600) or a service file, or let the server know you by peer.",
        )


@contextmanager
def open_desk(store: str | None = None) -> Iterator[Desk]:
    """The desk of this run, closed afterwards."""
    # Here, not above: --help needs no store.
    from sdesk.desk import Desk

    desk = Desk.open(place(store), joined=True, told=say)
    try:
        warn_of_copy(desk)
        warn_of_parted(desk)
        yield desk
    finally:
        desk.close()


def warn_of_parted(desk: Desk) -> None:
    """Say so where a member's desk goes without its restricted tickets."""
    if desk.restricted_store and len(desk.places()) == 1 and "://" not in str(desk.place):
        from pathlib import Path

        from sdesk.restricted import trouble

        if said := trouble(Path(desk.place), desk.restricted_store):
            say(said)
            say("An administrator: sdesk doctor; see docs/restricted.md.")


def warn_of_copy(desk: Desk) -> None:
    """Say so where the store is a copy made by hand: it may lack what its desk had committed."""
    if (found := desk.copied) is not None:
        from sdesk.audit import copied_by_hand

        say(copied_by_hand(desk, found))


def me(store: str = "") -> tuple[str, str]:
    """Login and name of the operating system's user, by the process's id and nothing else; for a store
    at a server, of the role that one logs in as there."""
    import pwd

    if "://" in store:
        from sdesk.desk import login_at

        login = login_at(store)
        try:
            return login, pwd.getpwnam(login).pw_gecos.split(",")[0] or login
        except KeyError:
            return login, login

    try:
        entry = pwd.getpwuid(os.getuid())
    except KeyError:
        raise Usage(f"The user with the number {os.getuid()} has no name on this host.") from None
    return entry.pw_name, entry.pw_gecos.split(",")[0] or entry.pw_name


# References


def references(given: Sequence[str]) -> list[str]:
    """The references as typed; "-" stands for the first column of standard input's lines."""
    found: list[str] = []
    for word in given:
        if word == "-":
            found += filter(None, map(first_column, sys.stdin))
        else:
            found.append(word)
    return list(dict.fromkeys(found))


def first_column(line: str) -> str:
    """The reference in a line of `ls`, in any of its formats; "" for a heading or an empty line."""
    line = line.strip().lstrip("[").rstrip(",]").strip()
    if line.startswith("{"):
        import json

        try:
            return str(json.loads(line).get("number", ""))
        except json.JSONDecodeError:
            raise Usage(f"Standard input: '{line[:40]}' is not a line of JSON.") from None
    words = line.replace("\t", " ").replace(",", " ").replace(";", " ").split()
    word = words[0].strip("\"'") if words else ""
    return "" if word.casefold() in ("number", "ref", "id") else word


# Writing


def work(desk: Desk, given: Sequence[str], *ops: Op) -> int:
    """Apply operations to every ticket named; prints what changed, and returns the exit status.

    The references of changed tickets go to standard output, one a line, for the next command.
    """
    return work_each(desk, given, lambda _: ops)


def carry_out(store: str | None, given: Sequence[str], *ops: Op) -> NoReturn:
    """Open the desk, do `work`, and end with its status."""
    with open_desk(store) as desk:
        import typer  # here: the desk itself opens without Typer

        raise typer.Exit(work(desk, given, *ops))


def work_each(desk: Desk, given: Sequence[str], of: Callable[[TicketId], Sequence[Op]]) -> int:
    """`work` with operations of its own for each ticket; one batch."""
    tickets, status = _resolve(desk, given)
    if not tickets:
        return status
    if len(tickets) == 1:
        _work_on_one(desk, tickets[0], of(tickets[0]))
        return status
    outcome = desk.apply_each(tickets, of)
    for ticket in outcome.changed:
        print(desk.ref(ticket))
    for ticket, error in outcome.refused:
        say(f"{desk.ref(ticket)}: {error}")
        status = status or error.exit_code
    _tally(len(outcome.changed), len(outcome.unchanged), len(outcome.refused))
    return status


def _resolve(desk: Desk, given: Sequence[str]) -> tuple[list[TicketId], int]:
    """The tickets that exist, and the exit status for those that don't."""
    tickets: list[TicketId] = []
    status = 0
    for word in references(given):
        try:
            tickets.append(desk.read.resolve(word))
        except SdeskError as error:
            is_text = any(map(str.isspace, word))  # as if of `reply`: nothing is done without it
            if is_text or (len(given) == 1 and given[0] != "-"):
                raise
            say(str(error))
            status = status or error.exit_code
    return tickets, status


def _work_on_one(desk: Desk, ticket: TicketId, ops: Sequence[Op]) -> None:
    from sdesk.present import event_sentence

    change = desk.apply(ticket, *ops)
    known = names(desk)
    if not change:
        say(f"{desk.ref(ticket)} was so already.")
        return
    print(desk.ref(change.ticket or ticket))
    for event in change.events:
        where = desk.ref(event.ticket or ticket)
        say(f"{where}: {event_sentence(event, zone=desk.settings.zone, names=known)}.")


def names(desk: Desk) -> dict[str, str]:
    """What people call the desk's agents, queues and states, by login and key."""
    words = desk.read.vocabulary()
    return {**words.agents, **words.queues, **words.states}


def _tally(changed: int, unchanged: int, refused: int) -> None:
    from sdesk.present import counted

    parts = [f"{counted(changed, 'ticket')} changed"]
    if unchanged:
        parts.append(f"{unchanged:,} so already")
    if refused:
        parts.append(f"{refused:,} refused")
    say(", ".join(parts) + ".")


def say(text: str) -> None:
    """Narration, on standard error."""
    from sdesk.text import clean_line

    print(clean_line(text), file=sys.stderr)
