"""The operator's pages and routes: messages, stories of requests, and the outbox. As HTML for people, else as JSON."""
