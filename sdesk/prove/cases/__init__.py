"""sdesk's own corpus of hostile mails, import files and strings, and what must become of each."""
