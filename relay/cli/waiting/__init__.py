"""Waiting for the decision of a request: a line at each change, an honest end, and an interrupt that cancels it."""
