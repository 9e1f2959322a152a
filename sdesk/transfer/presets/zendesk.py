"""Zendesk's exports: the CSV of a view and the JSON lines of the ticket export."""

from __future__ import annotations

from sdesk.transfer.presets import Preset

PRESET = Preset(
    name="zendesk",
    about="Zendesk's CSV export of a view, or its ticket export as JSON lines",
    source="zendesk",
    zone="UTC",
    required=(("external_id",), ("subject", "text")),
    states={"hold": "waiting-supplier", "on hold": "waiting-supplier", "pending": "waiting-customer", "deleted": "cancelled"},
    otherwise={"channel": "import", "kind": "request"},
    columns={
        "external_id": "Id|Ticket ID|Ticket #|nr",
        "subject": "Subject|Title|raw_subject",
        "text": "Description|First comment",
        "kind": "Ticket type|Type",
        "state": "Status|Ticket status",
        "priority": "Priority",
        "queue": "Group|Ticket group",
        "assignee": "Assignee|Assignee name",
        "requester": "Requester|Requester name",
        "requester_email": "Requester email|Requester e-mail",
        "organization": "Organization|Requester organization|Ticket organization name|Organization name",
        "channel": "Via|Channel|Ticket channel|Submitter channel",
        "tags": "Tags|Ticket tags",
        "created_at": "Created at|Requested|Created|Ticket created",
        "updated_at": "Updated at|Updated|Latest update|Ticket updated",
        "resolved_at": "Solved at|Solved|Ticket solved",
        "opened_by": "Submitter|Submitter name",
        "field.brand": "Brand|Brand name|Ticket brand",
    },
    custom=r"(.+) \[(?:txt|list|int|flag|date|dec)\]",
)  # fmt: skip
