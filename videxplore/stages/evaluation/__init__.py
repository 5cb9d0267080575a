"""Judgements in, figures out: credit, metrics, agreement of rankings, significance."""
