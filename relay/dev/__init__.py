"""`relay dev`: the functions with a simulator of the chats, Entra and GitHub on loopback. Never deployed."""
