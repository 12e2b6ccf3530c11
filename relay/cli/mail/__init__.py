"""Cards sent as mail over SMTP by the command."""
