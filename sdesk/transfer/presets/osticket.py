"""osTicket's ticket export: a byte-order mark always, the delimiter by locale, custom fields at the end."""

from __future__ import annotations

from sdesk.transfer.presets import Preset

PRESET = Preset(
    name="osticket",
    about="osTicket's CSV export of a ticket queue",
    source="osticket",
    required=(("external_id",), ("subject",)),
    otherwise={"channel": "import"},
    columns={
        "external_id": "Ticket Number|Number",
        "subject": "Subject",
        "text": "Issue Details|Description",
        "created_at": "Date Created|Create Date",
        "requester": "From|User|Name",
        "requester_email": "From Email|Email Address|Email",
        "requester_phone": "Phone Number",
        "organization": "Organization",
        "priority": "Priority",
        "queue": "Department",
        "category": "Help Topic",
        "channel": "Source",
        "state": "Current Status|Status",
        "updated_at": "Last Updated|Last Update",
        "closed_at": "Closed Date|Close Date",
        "assignee": "Agent Assigned|Assigned Agent",
        "field.team": "Team Assigned|Assigned Team",
        "field.sla_plan": "SLA Plan",
        "-": "SLA Due Date|Due Date|Overdue|Merged|Linked|Answered|Thread Count|Reopen Count|Attachment Count|Task Count"
        "|Ticket ID",
    },
    # Everything after the known columns is a custom field of that help desk.
    custom=r"(.+)",
    skips_unknown=True,
)  # fmt: skip
