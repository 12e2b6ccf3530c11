"""Adaptive Cards, for Teams and Outlook: elements of version 1.0, and the limits of each host."""
