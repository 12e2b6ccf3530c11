"""The relay's own log: one JSON object for each event of a closed list, written by one function."""
