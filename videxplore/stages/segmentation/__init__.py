"""Measurements to segment trees: shots, exact kernel partition, nested hierarchy."""
