"""Figures of the program beside what is physically possible, measured in the same run."""
