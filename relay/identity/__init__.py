"""Proofs of identity: platform tokens, their claims and keys, and App Service's headers."""
