"""Frames and sound to named measurements per point in time."""
