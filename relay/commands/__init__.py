"""Commands typed in a chat: the choice of the command, its request, and the answer in words."""
