"""The debts of the outbox over HTTP: refused by GitHub, listed, and moved with a key or from the page."""

import json
import re
from typing import Any, Final
from urllib.parse import urlencode

from pytest_httpx import HTTPXMock

from relay.model.delivery import Reply
from tests.pages.browsing import FORM, shown
from tests.pages.operator.asking import KEY, ask, browser, press
from tests.support.functions import Answer, call
from tests.support.road import DISPATCHES, ORIGIN

SENT: Final = {"origin": ORIGIN, "sec-fetch-site": "same-origin", "content-type": FORM}
DENIED: Final = "it-does-not-accept-the-relay-s-credential"


def refuse(httpx_mock: HTTPXMock, status: int = 401, **fields: Any) -> str:
    """Ask, approve, and let GitHub answer the dispatch with this status. Return the id of the request."""
    httpx_mock.add_response(url=DISPATCHES, method="POST", status_code=status)
    made = ask(**fields)
    press("ada", "approve", made["ticket"])
    return str(made["id"])


def owed() -> list[dict[str, Any]]:
    """Return the listed debts."""
    answer = call("GET", "/api/outbox", KEY)
    assert 200 == answer.status
    found: list[dict[str, Any]] = answer.json["debts"]
    return found


def post(path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
    """Move debts with the operator's key, or other headers."""
    sent = b"" if body is None else json.dumps(body).encode()
    return call("POST", f"/api/outbox/{path}", KEY if headers is None else headers, sent)


def page(person: str = "grace", path: str = "/api/outbox") -> Answer:
    """Return a page as a person's browser gets it."""
    return call("GET", path, browser(person))


def token(drawn: Answer) -> str:
    """Return the token of the forms on a page."""
    return str(re.findall(r'name="token" value="([^"]+)"', drawn.text)[0])


def send(path: str, fields: dict[str, str], headers: dict[str, str] | None = None, person: str = "grace") -> Answer:
    """Send a form of a page."""
    said = SENT if headers is None else headers
    return call("POST", f"/api/outbox/{path}", browser(person) | said, urlencode(fields).encode())


def shown_text(drawn: Answer) -> str:
    """Return the text that a page shows."""
    return shown(Reply(drawn.status, {}, drawn.body))
