"""Real client libraries, unmodified, against our servers."""
