"""Appliers of people, organizations and agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlmodel import col

from sdesk import ops
from sdesk.errors import NotFound, Refused
from sdesk.model import Role
from sdesk.store.apply import apply
from sdesk.store.tables import (
    AgentTable,
    MemberTable,
    OrganizationTable,
    PersonTable,
    QueueTable,
    TicketTable,
)
from sdesk.text import clean_line, fold

if TYPE_CHECKING:
    from sdesk.store.transaction import Tx


def organization_id(tx: Tx, name: str) -> int | None:
    """The number of the organization with that name, made when it is unknown; None for no name."""
    if not (name := clean_line(name)):
        return None
    found = tx.session.execute(
        select(col(OrganizationTable.id)).where(col(OrganizationTable.name_fold) == fold(name))
    ).scalar()
    if found is not None:
        return int(found)
    row = OrganizationTable(name=name, name_fold=fold(name))
    tx.session.add(row)
    tx.session.flush()
    tx.record("organization_saved", details={"id": row.id, "name": name})
    return row.id


@apply.register(ops.SaveOrganization)
def _organization(op: ops.SaveOrganization, tx: Tx, _: TicketTable | None) -> None:
    number = organization_id(tx, op.name)
    row = tx.session.get(OrganizationTable, number)
    if row is not None and row.calendar != op.calendar:
        before, row.calendar = row.calendar, op.calendar
        tx.record(
            "organization_saved",
            changes={"calendar": (before, op.calendar)},
            details={"id": row.id, "name": row.name},
        )


@apply.register(ops.SavePerson)
def _person(op: ops.SavePerson, tx: Tx, _: TicketTable | None) -> None:
    values: dict[str, object] = {
        "name": clean_line(op.name) or "(no name)", "email": clean_line(op.email), "phone": clean_line(op.phone),
        "organization_id": organization_id(tx, op.organization), "vip": int(op.vip),
        "external_id": clean_line(op.external_id),
    }  # fmt: skip
    if op.language is not None:
        values["language"] = clean_line(op.language)
    if op.verified_at is not None:
        values["verified_at"] = op.verified_at
    row = PersonTable() if op.id is None else tx.session.get(PersonTable, op.id)
    if row is None:
        raise NotFound(f"There is no person with the number {op.id}.")
    changes = {k: (getattr(row, k), v) for k, v in values.items() if getattr(row, k) != v}
    if op.id is not None and {"name", "email", "organization_id"} & set(changes):
        tx.people.add(op.id)
    for name, value in values.items():
        setattr(row, name, value)
    row.name_fold, row.email_fold = fold(row.name), row.email.casefold()
    tx.session.add(row)
    tx.session.flush()
    if changes:
        tx.record("person_saved", changes=changes, details={"id": row.id, "name": row.name})


@apply.register(ops.SaveAgent)
def _agent(op: ops.SaveAgent, tx: Tx, _: TicketTable | None) -> None:
    row = tx.session.get(AgentTable, op.login)
    is_new = row is None
    row = row or AgentTable(login=op.login, role="")
    values = {
        "name": clean_line(op.name), "role": str(op.role), "email": clean_line(op.email),
        "active": int(op.active),
    }  # fmt: skip
    _keep_an_admin(tx, row, values)
    changes = {k: (getattr(row, k), v) for k, v in values.items() if getattr(row, k) != v}
    for name, value in values.items():
        setattr(row, name, value)
    tx.session.add(row)
    tx.session.flush()
    if op.queues is not None:
        changes |= _join(tx, op.login, op.queues)
    if changes or is_new:
        tx.record("agent_saved", changes=changes, details={"login": op.login})


def _keep_an_admin(tx: Tx, row: AgentTable, values: dict[str, object]) -> None:
    if row.role != Role.ADMIN or (values["role"] == Role.ADMIN and values["active"]):
        return
    others = tx.session.execute(
        select(func.count())
        .select_from(AgentTable)
        .where(
            col(AgentTable.role) == Role.ADMIN,
            col(AgentTable.active) == 1,
            col(AgentTable.login) != row.login,
        )
    ).scalar_one()
    if not others:
        raise Refused(f"{row.login} is the only admin.", "Make another agent an admin first.")


def _join(tx: Tx, login: str, queues: tuple[str, ...]) -> dict[str, tuple[object, object]]:
    for key in queues:
        if tx.session.get(QueueTable, key) is None:
            known = tx.session.execute(select(col(QueueTable.key))).scalars().all()
            raise NotFound.named("queue", key, known)
    query = select(col(MemberTable.queue)).where(col(MemberTable.agent) == login)
    before = sorted(tx.session.execute(query).scalars())
    after = sorted(set(queues))
    if before == after:
        return {}
    tx.session.execute(delete(MemberTable).where(col(MemberTable.agent) == login))
    for key in after:
        tx.session.merge(MemberTable(queue=key, agent=login))
    tx.session.flush()
    return {"queues": (before, after)}
