"""Outlook's actionable messages: presses on MessageCards, and on Adaptive Cards with `Action.Http`."""
