"""The closed set of operations: everything an agent, a mail, an import or a rule can do to the desk.

An operation is frozen, imperative, and holds only what the user chose: no time and no actor. It is
validated when it is built, as far as that needs no store. Keys name agents by login, queues and
states by key. `to_json`/`from_json` carry one through a macro, a rule or an undo.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import asdict, fields
from typing import Any

from sdesk.errors import Invalid, did_you_mean
from sdesk.ops.checks import MAX_SUBJECT, MAX_TEXT, check_key, check_tag
from sdesk.ops.post import DropMail, Resend
from sdesk.ops.service import (
    Announce,
    EndAnnouncement,
    Inform,
    RecordSurvey,
    ReviseAnnouncement,
)
from sdesk.ops.setup import (
    DropCalendar,
    DropMacro,
    DropPolicy,
    DropRetention,
    DropTemplate,
    DropView,
    SaveAgent,
    SaveCalendar,
    SaveCategory,
    SaveMacro,
    SaveOrganization,
    SavePerson,
    SavePolicy,
    SaveQueue,
    SaveRetention,
    SaveSetting,
    SaveState,
    SaveTemplate,
    SaveView,
)
from sdesk.ops.threads import Discard, Merge, Restore, Split, Unmerge
from sdesk.ops.ticket import (
    EDITABLE,
    AddLink,
    AddNote,
    AddTags,
    Assign,
    Cancel,
    Chat,
    Close,
    Edit,
    EndWait,
    Escalate,
    LogCall,
    Move,
    Open,
    Receive,
    RemoveLink,
    RemoveTags,
    Reopen,
    Reply,
    Resolve,
    Revert,
    SetDue,
    SetField,
    SetPriority,
    SetState,
    Take,
    Wait,
)
from sdesk.ops.work import (
    AddCheck,
    Attach,
    Check,
    Detach,
    DropCheck,
    LogTime,
    Uncheck,
    Unwatch,
    Watch,
)

TICKET_OPS = (
    Open, Assign, Take, Move, SetState, SetPriority, SetDue, Edit, SetField, AddTags, RemoveTags, AddLink,
    RemoveLink, Reply, AddNote, LogCall, Chat, Receive, Wait, EndWait, Escalate, Resolve, Close, Reopen,
    Cancel, Revert, Attach, Detach, LogTime, AddCheck, Check, Uncheck, DropCheck, Watch, Unwatch,
    Merge, Unmerge, Split, Discard, Restore, Inform, RecordSurvey,
    Resend, DropMail,
)  # fmt: skip
SETUP_OPS = (
    SaveOrganization, SavePerson, SaveAgent, SaveQueue, SaveState, SaveCalendar, SavePolicy, SaveView,
    DropView, SaveTemplate, SaveMacro, SaveCategory, SaveSetting, DropCalendar, DropPolicy, DropTemplate,
    DropMacro, Announce, ReviseAnnouncement, EndAnnouncement, SaveRetention, DropRetention,
)  # fmt: skip
ALL_OPS = TICKET_OPS + SETUP_OPS

Op = (
    Open | Assign | Take | Move | SetState | SetPriority | SetDue | Edit | SetField | AddTags | RemoveTags
    | AddLink | RemoveLink | Reply | AddNote | LogCall | Chat | Receive | Wait | EndWait | Escalate
    | Resolve | Close | Merge | Unmerge | Split | Discard | Restore
    | Reopen | Cancel | Revert | SaveOrganization | SavePerson | SaveAgent | SaveQueue | SaveState
    | SaveCalendar | SavePolicy | SaveView | DropView | SaveTemplate | SaveMacro | SaveCategory
    | Attach | Detach | LogTime | AddCheck | Check | Uncheck | DropCheck | Watch | Unwatch
    | SaveSetting | DropCalendar | DropPolicy | DropTemplate | DropMacro | Inform | RecordSurvey
    | Announce | ReviseAnnouncement | EndAnnouncement | Resend | DropMail | SaveRetention | DropRetention
)  # fmt: skip

_BY_NAME = {op.__name__: op for op in ALL_OPS}


def to_json(op: Op) -> dict[str, Any]:
    """The operation as a dictionary of plain values, its class under "op"."""
    values = asdict(op)
    for name, value in values.items():
        if isinstance(value, bytes):
            values[name] = b64encode(value).decode("ascii")
    return {"op": type(op).__name__, **values}


def from_json(record: dict[str, Any]) -> Op:
    """The operation again. Raises `Invalid` for an unknown class or field."""
    values = dict(record)
    name = str(values.pop("op", ""))
    if (made := _BY_NAME.get(name)) is None:
        raise Invalid(f"Operation '{name}' is not known.", did_you_mean(name, _BY_NAME))
    known = {f.name: f for f in fields(made)}
    for key, value in values.items():
        if key not in known:
            raise Invalid(f"{name} has no '{key}'.", did_you_mean(key, known))
        if isinstance(value, list):
            values[key] = tuple(value)
    if made is Attach:
        values["body"] = b64decode(values.get("body", ""))
    return made(**values)


__all__ = [
    "ALL_OPS",
    "EDITABLE",
    "MAX_SUBJECT",
    "MAX_TEXT",
    "SETUP_OPS",
    "TICKET_OPS",
    "AddCheck",
    "AddLink",
    "AddNote",
    "AddTags",
    "Announce",
    "Assign",
    "Attach",
    "Cancel",
    "Chat",
    "Check",
    "Close",
    "Detach",
    "Discard",
    "DropCalendar",
    "DropCheck",
    "DropMacro",
    "DropMail",
    "DropPolicy",
    "DropRetention",
    "DropTemplate",
    "DropView",
    "Edit",
    "EndAnnouncement",
    "EndWait",
    "Escalate",
    "Inform",
    "LogCall",
    "LogTime",
    "Merge",
    "Move",
    "Op",
    "Open",
    "Receive",
    "RecordSurvey",
    "RemoveLink",
    "RemoveTags",
    "Reopen",
    "Reply",
    "Resend",
    "Resolve",
    "Restore",
    "Revert",
    "ReviseAnnouncement",
    "SaveAgent",
    "SaveCalendar",
    "SaveCategory",
    "SaveMacro",
    "SaveOrganization",
    "SavePerson",
    "SavePolicy",
    "SaveQueue",
    "SaveRetention",
    "SaveSetting",
    "SaveState",
    "SaveTemplate",
    "SaveView",
    "SetDue",
    "SetField",
    "SetPriority",
    "SetState",
    "Split",
    "Take",
    "Uncheck",
    "Unmerge",
    "Unwatch",
    "Wait",
    "Watch",
    "check_key",
    "check_tag",
    "from_json",
    "to_json",
]
