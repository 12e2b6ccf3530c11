"""Outlook: actionable messages in e-mails. Their presses come in by the channel `messagecard`."""
