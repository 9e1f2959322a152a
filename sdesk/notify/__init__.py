"""Out to people and programs: pagers, phones and chats of agents, and webhooks.

`settings` reads what is configured, `channel` runs inside `sdesk worker`; what was to be sent and what
came of it is kept by `sdesk.telling`. Nothing here is loaded by the desk or by a command that reads.
"""
