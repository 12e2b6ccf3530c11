"""Approval relay: a click on a chat card becomes a GitHub repository_dispatch."""

__version__ = "0.1.0"
