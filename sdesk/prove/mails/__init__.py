"""A small world of mail: a desk that has an address, people who write to it, servers that break."""
