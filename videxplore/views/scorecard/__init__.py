"""The scorecard: what a sample was found to be, as one page to take to a meeting, and as tables."""
