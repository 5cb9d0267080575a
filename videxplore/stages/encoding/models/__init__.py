"""Pretrained models as encoders, through transformers; one adapter per kind of model."""
