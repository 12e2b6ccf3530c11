"""The contract of a chat: its abilities, the presses and commands that it receives, and the messages that it posts."""
