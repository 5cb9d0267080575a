"""Segments and words to vectors."""
