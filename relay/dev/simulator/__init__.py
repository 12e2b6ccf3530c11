"""A chat, an Entra tenant and a GitHub on loopback, for `relay dev` alone. Never deployed: it can mint identities."""
