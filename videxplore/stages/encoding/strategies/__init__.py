"""Encoders made of encoders: other poolings, several at once, regions of the picture, change over time."""
