"""The calls of a request's life, and the operator's questions about it."""

import json
from typing import Any, Final

from tests.pages.browsing import principal
from tests.support import clicks, example_policy, road
from tests.support.entra_tokens import TENANT
from tests.support.functions import Answer, call

KEY: Final = {"x-relay-key": road.OPERATOR_KEY}
ASKER: Final = {"x-relay-key": road.API_KEY, "content-type": "application/json"}
HTML: Final = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FORM: Final = {"repository": "octo/api", "event_type": "deploy-api", "title": "Deploy", "environment": "production"}
TRACE: Final = "0af7651916cd43dd8448eb211c80319c"
TRACED: Final = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
ADA, GRACE, LIN = (f"entra:{TENANT}/{example_policy.PEOPLE[name]}" for name in ("ada", "grace", "lin"))


def ask(**fields: Any) -> dict[str, Any]:
    """Register a request, and return the answer."""
    answer = call("POST", "/api/requests", ASKER, json.dumps(FORM | fields).encode())
    assert 201 == answer.status
    found: dict[str, Any] = answer.json
    return found


def press(person: str, verdict: str, ticket: str, **headers: str) -> Answer:
    """Press a button of an Outlook card."""
    return call("POST", "/api/interactions/messagecard", clicks.headers(person, verdict, ticket) | headers)


def messages(query: str = "") -> list[dict[str, Any]]:
    """Return a page of messages, as the operator's key sees it."""
    answer = call("GET", f"/api/messages{query}", KEY)
    assert 200 == answer.status, answer.text
    found: list[dict[str, Any]] = answer.json["messages"]
    return found


def browser(person: str = "grace") -> dict[str, str]:
    """Return the headers of a person's browser."""
    return principal(person) | HTML
