"""What stands between Textual and the terminal: input that survives, output that is safe, the clipboard."""
