"""`doctor`: what is wrong with host, terminal, settings, file, clock and store, each with its mend.

A check is a function that yields findings. None of them changes anything.
"""

from __future__ import annotations

from typing import Annotated

import typer

from sdesk.cli import session
from sdesk.cli.doctor.finding import Finding, Verdict
from sdesk.cli.options import RowFormat, Store
from sdesk.errors import SdeskError

app = typer.Typer()


@app.command("doctor", epilog="Example: sdesk doctor --format json")
def doctor(
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out what reads the whole store.")
    ] = False,
    accept_copy: Annotated[
        bool,
        typer.Option("--accept-copy", help="Take a store that was copied by hand as it is."),
    ] = False,
    form: RowFormat = None,
    store: Store = None,
) -> None:
    """Find what is wrong with host, terminal, file and clock."""
    if accept_copy:
        return _accept_copy(store)
    from sdesk.cli.options import Format
    from sdesk.cli.output import Column, emit

    found = examine(_place(store), quick=quick)
    columns: list[Column[Finding]] = [
        Column("check", lambda f: f.check),
        Column("verdict", lambda f: str(f.verdict), style=lambda f: f.style),
        Column("said", lambda f: f.said, most=200),
        Column("mend", lambda f: f.mend, most=200),
    ]
    if form is None or form is Format.TABLE:
        _print(found)
    else:
        emit(found, columns, form)
    wrong = sum(finding.verdict is Verdict.WRONG for finding in found)
    session.say(f"{wrong} wrong." if wrong else "Nothing is wrong.")
    raise typer.Exit(1 if wrong else 0)


def _accept_copy(store: str | None) -> None:
    """An admin's word that nothing is missing; it is kept in the history."""
    from sdesk.desk import Desk
    from sdesk.errors import Refused
    from sdesk.upkeep.backing import accept_copy

    with Desk.open(session.place(store)) as desk:
        agent = desk.read.agent(desk.actor)
        if agent is None or agent.role != "admin":
            raise Refused("Accepting a copy needs the role admin.")
        done = accept_copy(desk)
    session.say("From now on this is the store." if done else "It is no copy made by hand.")


def _place(store: str | None) -> str | Finding:
    """The store, or what keeps the settings from naming one."""
    try:
        return session.place(store)
    except SdeskError as error:
        return Finding("store", Verdict.WRONG, error.message, error.hint)


def _print(found: list[Finding]) -> None:
    """A line a finding, and its mend below it: sentences don't fit a table."""
    from sdesk.cli.output import styled
    from sdesk.text import clean_line

    for finding in found:
        verdict = styled(f"{clean_line(finding.verdict):<5}", finding.style)
        print(f"{verdict} {clean_line(finding.check):<12} {clean_line(finding.said)}")
        if finding.mend:
            print(f"{'':<18} → {clean_line(finding.mend)}")


def examine(place: str | Finding, *, quick: bool) -> list[Finding]:
    """Every finding, in the order in which a person would mend them."""
    from sdesk.cli.doctor import contents, files, host, settings, terminal

    found = [*host.findings(), *terminal.findings(), *settings.findings()]
    if isinstance(place, Finding):
        return [*found, place]
    found += files.findings(place)
    if not any(f.verdict is Verdict.WRONG and f.blocks for f in found):
        found += contents.findings(place, quick=quick)
    return found
