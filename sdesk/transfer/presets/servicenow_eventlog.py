"""ServiceNow's audit log of incidents: one row an update, every column as it stood after it.

`resolved_at`, `closed_at`, `closed_code` and `resolved_by` are no history: they hold the final values
on every row, so they say nothing until the row that resolves or closes.
"""

from __future__ import annotations

from sdesk.transfer.presets import Preset

PRESET = Preset(
    name="servicenow-eventlog",
    about="ServiceNow's incident event log: a row an update, with the whole history of each ticket",
    source="servicenow",
    history=True,
    nulls=frozenset({"", "?"}),
    required=(("external_id",), ("state",), ("row_at",)),
    states={
        "-100": "open",
        "awaiting problem": "waiting-supplier",
        "awaiting evidence": "waiting-customer",
    },
    otherwise={"channel": "import"},
    columns={
        "external_id": "number",
        "subject": "short_description|short description",
        "state": "incident_state|state",
        "impact": "impact",
        "urgency": "urgency",
        "priority": "priority",
        "category": "category",
        "subcategory": "subcategory",
        "queue": "assignment_group|assignment group",
        "assignee": "assigned_to|assigned to",
        "requester": "caller_id|caller",
        "channel": "contact_type|contact type",
        "created_at": "opened_at|opened",
        "opened_by": "opened_by",
        "row_at": "sys_updated_at|sys_updated_on|updated",
        "row_by": "sys_updated_by",
        "resolved_by": "resolved_by",
        "resolution_code": "closed_code|close_code",
        "field.location": "location",
        "field.symptom": "u_symptom|symptom",
        "field.cmdb_ci": "cmdb_ci|configuration item",
        "field.made_sla": "made_sla",
        "field.problem_id": "problem_id",
        "field.rfc": "rfc",
        "field.vendor": "vendor",
        "field.caused_by": "caused_by",
        "-": "resolved_at|closed_at",
    },
)
