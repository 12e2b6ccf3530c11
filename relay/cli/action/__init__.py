"""The steps of the Action."""
