"""Commands that people type in a chat: who may say which, the request that one makes, and the answers in words."""
