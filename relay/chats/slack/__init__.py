"""Slack: an app that posts messages with buttons, signed presses of them, and incoming webhooks."""
