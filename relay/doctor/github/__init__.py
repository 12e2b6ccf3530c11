"""Checks of GitHub: credential, permissions, and the workflows that listen."""
