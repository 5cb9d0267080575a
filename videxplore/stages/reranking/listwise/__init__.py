"""Rerankers that ask a model: one that reads the candidates together, or one after another."""
