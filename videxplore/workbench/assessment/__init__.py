"""From a sample to a decision: a library is inspected, measured against what is owned, and judged."""
