"""Mail: what comes in is read here, and what goes out is written here. An extra: `sdesk[mail]`."""
