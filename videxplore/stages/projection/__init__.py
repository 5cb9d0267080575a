"""Embeddings to maps: points in the plane, and how far to trust where they stand."""
