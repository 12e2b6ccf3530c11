"""Checks from outside: the relay as anybody on the network meets it."""
