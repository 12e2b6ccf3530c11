"""GitHub: dispatches, the meaning of its answers, credentials and rate limits."""
