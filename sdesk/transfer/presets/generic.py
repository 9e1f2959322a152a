"""Any table whose headers are named after our fields, in the words that people use for them."""

from __future__ import annotations

from sdesk.transfer.presets import Preset

PRESET = Preset(
    name="generic",
    about="any table or JSON lines; headers named after our fields, also our own exports",
    source="file",
    skips_unknown=False,
    columns={
        "external_id": "external_id|external id|ticket number|ticket id|case number|key|nummer",
        "external_source": "external_source",
        "ref": "ref",
        "subject": "subject|title|summary|short description|short_description|betreff|titel|asunto|titulo|otsikko|aihe",
        "text": "text|body|description|message|content|details|beschreibung|descripcion|kuvaus",
        "kind": "kind|type|ticket kind|issue type|record type",
        "state": "state|status|zustand|estado|tila",
        "impact": "impact",
        "urgency": "urgency",
        "priority": "priority|prio|prioritat|prioridad|prioriteetti",
        "category": "category|category path|kategorie|categoria|path",
        "subcategory": "subcategory|sub category|sub_category1|sub_category2|sub_category3",
        "queue": "queue|group|assignment group|assigned group|team|department|warteschlange|grupo|jono",
        "assignee": "assignee|assigned to|assigned_to|agent",
        "owner": "owner|ticket owner",
        "requester": "requester|requester_name|reporter|caller|customer|contact|from",
        "requester_email": "requester_email|requester email|email|e-mail|from email|contact email",
        "requester_phone": "requester_phone|requester phone|phone|telephone",
        "organization": "organization|organisation|company|account",
        "service": "service|business service|business_service",
        "channel": "channel|contact type|source channel",
        "tags": "tags|labels",
        "resolution_code": "resolution_code|resolution code|resolution|close code|closure code",
        "restricted": "restricted",
        "created_at": "created_at|created|created at|created on|opened|opened at|opened_at|open time|date created",
        "updated_at": "updated_at|updated|updated at|last updated|modified",
        "first_answered_at": "first_answered_at|first answered",
        "resolved_at": "resolved_at|resolved|resolved at|resolved time|solved at",
        "closed_at": "closed_at|closed|closed at|close time|date closed",
        "opened_by": "opened_by|opened by",
        "comment": "comment|comments",
        "note": "note|notes|work notes",
        "conversation": "conversation",
        "fields": "fields",
        "field.ticket_type": "ticket_type",
        # What our own exports carry besides, and what our rejects file adds.
        "-": "tier|site|vip|reopen_count|due_at|due_target|breached|remaining|state_category|age|unread|until|target|due"
        "|sdesk_line|sdesk_reason",
    },
    custom=r"field\.([\w-]+)",
)  # fmt: skip
