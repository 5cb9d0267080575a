"""The judged queries, one module per film that answers them best; every module has a tuple ``ASKS``."""
