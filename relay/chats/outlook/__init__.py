"""Outlook: actionable messages in e-mails, whose presses come in by the channel `messagecard`."""
