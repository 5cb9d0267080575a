"""Lessons in a notebook: sliders with a picture and the clips that it concerns, and marks of answers."""
