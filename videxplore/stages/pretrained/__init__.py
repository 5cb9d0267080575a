"""Pretrained models of any kind: where their weights lie, how they are read, on what they run."""
