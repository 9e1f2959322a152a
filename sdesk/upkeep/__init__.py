"""What `sdesk worker` does for the store's safety: backups, rehearsals, checks of its pages, anchors, retention."""
