"""ServiceNow's incident table over REST: numeric states and scales, references as sys ids, UTC times."""

from __future__ import annotations

from sdesk.transfer.presets import Preset

PRESET = Preset(
    name="servicenow",
    about="ServiceNow's incident table as CSV or JSON lines (REST): a row a ticket",
    source="servicenow",
    zone="UTC",
    required=(("external_id",), ("subject", "text")),
    states={
        "1": "new", "2": "open", "3": "waiting-customer", "4": "waiting-customer", "5": "waiting-supplier",
        "6": "resolved", "7": "closed", "8": "cancelled", "-5": "waiting-customer", "-100": "open",
    },
    otherwise={"channel": "import", "kind": "incident"},
    columns={
        "external_id": "number",
        "subject": "short_description",
        "text": "description",
        "state": "incident_state|state",
        "impact": "impact",
        "urgency": "urgency",
        "priority": "priority",
        "category": "category",
        "subcategory": "subcategory|u_subcategory",
        "queue": "assignment_group|assignment_group.name|assignment_group.display_value",
        "assignee": "assigned_to|assigned_to.name|assigned_to.display_value",
        "requester": "caller_id|caller_id.name|caller_id.display_value|requested_for",
        "requester_email": "caller_id.email",
        "organization": "company|company.name",
        "service": "business_service|business_service.name",
        "channel": "contact_type",
        "created_at": "opened_at",
        "updated_at": "sys_updated_on",
        "resolved_at": "resolved_at",
        "closed_at": "closed_at",
        "opened_by": "opened_by",
        "resolved_by": "resolved_by",
        "resolution_code": "close_code|closed_code",
        "field.sys_id": "sys_id",
        "field.cmdb_ci": "cmdb_ci|cmdb_ci.name",
        "field.location": "location|location.name",
        "field.made_sla": "made_sla",
        "field.parent_incident": "parent_incident",
        "field.hold_reason": "hold_reason",
    },
)  # fmt: skip
