"""From a sample to a decision: what a sample of an archive says about the archive, and what it cannot say."""
