"""Requests from programs: registered, shown, cancelled; and events of plain cards."""
