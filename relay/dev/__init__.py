"""`relay dev`: the functions beside a simulator of the chats, Entra and GitHub on loopback. Never deployed."""
