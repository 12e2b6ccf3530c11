"""Formats of commands: their grammar, the words of a text, and the match of the two."""
