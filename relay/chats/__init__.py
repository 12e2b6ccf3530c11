"""The chats: one folder and one line in table.py each."""
