"""Both engines, side by side."""
