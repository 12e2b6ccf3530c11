"""What the review page is asked with: a request, the browser of who opened it, and who has spoken so far."""

from typing import Any

from tests.pages.browsing import Browser
from tests.support.road import Road, offline, said, ticket

KOREAN = "ko-KR,ko;q=0.9,en;q=0.8"
FORM = {
    "repository": "octo/api",
    "event_type": "deploy-api",
    "environment": "production",
    "title": "Deploy api",
    "text": "Secret plan",
}
LOGIN = "/.auth/login/aad?post_login_redirect_uri=/api/review/"


def asked(road: Road, **fields_: Any) -> str:
    """Register a request and return its id."""
    reply = road.ask(FORM | fields_)
    assert 201 == reply.status, reply.body
    return str(said(reply)["id"])


def opened(road: Road, person: str = "ada", **fields_: Any) -> tuple[Browser, str]:
    """Return the browser of somebody who opened the link of an offline request and signed in, and its id."""
    request = offline(**fields_)
    browser = Browser(road, person)
    browser.get(request.id, ticket=ticket(request))
    return browser, request.id


def spoken(road: Road, case_id: str) -> list[tuple[str, str]]:
    return [(review.by.name, review.stage) for review in road.case(case_id).reviews]
