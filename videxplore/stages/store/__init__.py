"""Vectors to LanceDB tables and back; queries to rankings. No encoder in here."""
