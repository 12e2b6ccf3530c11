"""Webhooks: a channel that is notified of events, and shows no cards."""
