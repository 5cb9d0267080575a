"""Questions with checkable answers, one module per lesson, each with its ``QUESTIONS``."""
