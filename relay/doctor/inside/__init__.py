"""Checks with the settings: the relay looks at all that it depends on."""
