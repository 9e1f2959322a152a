"""Alerts from monitors: payloads read, an HTTP listener, what is set of them."""
