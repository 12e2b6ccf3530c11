"""Card parts that several chats use."""
