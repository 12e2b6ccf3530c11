"""Where `relay send` sends to in tests, and what the relay says to it."""

from tests.cli.running import API_KEY, RELAY, TICKET_KEY

WEBHOOK = "https://hooks.example/secret-path?sig=secret"
ENV = {"RELAY_URL": RELAY, "RELAY_API_KEY": API_KEY, "RELAY_WEBHOOK_URL": WEBHOOK, "RELAY_TICKET_KEY": TICKET_KEY}
NOTIFY = ("send", "--repository", "octo/api", "--title", "배포")
CREATED = {
    "id": "a" * 32,
    "status": "pending",
    "expires_at": "2026-09-22T14:13:20Z",
    "review_url": f"{RELAY}/api/review/{'a' * 32}",
    "ticket": "t.t.t",
}
