"""`suggest`: what solved tickets say of a new one, with how sure, why, duplicates and similar tickets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdesk.cli import session
from sdesk.cli.options import Format, Store
from sdesk.cli.output import put
from sdesk.errors import Usage

if TYPE_CHECKING:
    from sdesk.desk import Desk
    from sdesk.model import TicketId
    from sdesk.suggesting import Advice, Duplicate

app = typer.Typer()


@app.command("suggest", epilog="Example: sdesk suggest SD-1042")
def suggest(
    ref: Annotated[
        str | None, typer.Argument(metavar="REF", help="SD-1042, or 1042.", show_default=False)
    ] = None,
    learn: Annotated[
        bool, typer.Option("--learn", help="Only bring what is learned up to date, where that is due.")
    ] = False,
    form: Annotated[Format, typer.Option("--format", help="table, or json.")] = Format.TABLE,
    store: Store = None,
) -> None:  # fmt: skip
    """Suggest category, queue and priority, as solved tickets have it."""
    if (ref is None) is not learn:
        raise Usage("Name one ticket, or --learn alone.", "See: sdesk suggest --help")
    with session.open_desk(store) as desk:
        if ref is None:
            _learn(desk)
            return
        number = desk.read.resolve(ref)
        advice = desk.suggest(number)
        if form in (Format.JSON, Format.JSONL):
            print(json.dumps(_record(desk, number, advice), indent=2))
        else:
            put("\n".join(_lines(desk, number, advice)))


def _learn(desk: Desk) -> None:
    import os

    from sdesk.suggesting import Learned, learn_once

    # Whoever sits at a desk goes first.
    os.nice(10)
    learn_once(Learned(desk.place, desk.read), desk.place)


def _record(desk: Desk, number: TicketId, advice: Advice) -> dict[str, Any]:
    from dataclasses import asdict

    from sdesk.cli.output import cleaned

    made = {}
    for question, one in advice.suggestions:
        made[question] = asdict(one) | {"why": advice.why(question)}
    duplicates = [{"number": d.ticket.ref, "subject": d.ticket.subject, **asdict(d.likeness)} for d in advice.duplicates]  # fmt: skip
    similar = [
        {
            "number": s.ticket.ref, "subject": s.ticket.subject, "queue": s.ticket.queue,
            "category": s.category, "resolution_code": s.code, "resolution": s.text, "near": s.near,
        }
        for s in advice.similar
    ]  # fmt: skip
    said = {
        "number": desk.ref(number), "learned": advice.suggestions.learned, "suggestions": made,
        "duplicates": duplicates, "similar": similar,
    }  # fmt: skip
    record: dict[str, Any] = cleaned(said)
    return record


def _lines(desk: Desk, number: TicketId, advice: Advice) -> list[str]:
    from sdesk.cli.output import styled
    from sdesk.present import counted
    from sdesk.text import clean_line, cut

    known = session.names(desk)
    lines = [styled(f"{desk.ref(number)}  {clean_line(desk.read.ticket(number).subject)}", "title")]
    for question, one in advice.suggestions:
        value = f"P{one.value}" if question == "priority" else known.get(one.value, one.value)
        said = f"{question:<10} {cut(clean_line(value), 34):<34} {one.probability:>4.0%}"
        lines.append(f"{said}  {clean_line(advice.why(question))}")
    if not list(advice.suggestions):
        learned = counted(advice.suggestions.learned, "solved ticket")
        lines.append(f"No suggestion: {learned} learned from, and nothing sure enough.")
    if advice.duplicates:
        lines += ["", styled("Perhaps the same", "title")]
        lines += [_duplicate(one) for one in advice.duplicates]
    if advice.similar:
        lines += ["", styled("Solved before", "title")]
        for like in advice.similar:
            queue = known.get(like.ticket.queue, like.ticket.queue)
            parts = [queue, like.category, like.code]
            lines.append(f"{like.ticket.ref:<10} {cut(clean_line(like.ticket.subject), 60)}")
            lines.append(f"{'':<10} {clean_line(' · '.join(filter(None, parts)))}")
            if like.text:
                lines.append(f"{'':<10} {cut(clean_line(like.text), 100)}")
    return lines


def _duplicate(one: Duplicate) -> str:
    from sdesk.present import duration
    from sdesk.text import clean_line, cut

    like = one.likeness
    parts = ["same requester"] if like.same_requester else []
    if like.same_organization and not like.same_requester:
        parts.append("same organization")
    parts.append(f"{duration(like.seconds_apart)} apart")
    said = f"{one.ticket.ref:<10} {like.near:>4.0%}  {cut(clean_line(one.ticket.subject), 60)}"
    return f"{said}  ({', '.join(parts)})"
