"""Small questions at the bottom of the screen: each returns a value or an operation, or None."""
