"""A believable small company with its tickets, made by chance that repeats."""
