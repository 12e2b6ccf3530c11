"""Tokens that GitHub does not give: each failure is told with its cure, and none is kept."""

import httpx
import pytest
from pytest_httpx import HTTPXMock

from relay.github.answers import NOT_GITHUB, RENAMED
from relay.github.api import NoToken
from relay.github.app import BAD_SIGNATURE, SUSPENDED, GitHubApp
from relay.github.permissions import ACTIONS, CONTENTS, DEPLOYMENTS, Permission
from relay.net.call import HttpResponse
from tests.github.granting import BASE, GRANT, LOOKUP, NOW, add, failure, gives


def permanent(sentence: str) -> tuple[str, bool, float]:
    return sentence, True, 0


def passing(sentence: str, seconds: float = 0) -> tuple[str, bool, float]:
    return sentence, False, seconds


LIMITED = "it limits how often the relay may call"
LOOKUP_FAILURES = [
    (permanent(BAD_SIGNATURE), HttpResponse(401, {}, b'{"message": "(exp) is too far in the future"}')),
    (permanent("install the GitHub App"), HttpResponse(404, {}, b'{"message": "Not Found"}')),
    (permanent(RENAMED), HttpResponse(301, {"Location": f"{BASE}/repositories/1/installation"})),
    (permanent("says: No way. Check"), HttpResponse(403, {}, b'{"message": "No way."}')),
    (passing(LIMITED, 30), HttpResponse(403, {"Retry-After": "30"})),
    (passing(LIMITED, 60), HttpResponse(429, {})),
    (passing("it answers with error 502"), HttpResponse(502, {})),
    (permanent(NOT_GITHUB.cure), HttpResponse(204, {})),
    (permanent(NOT_GITHUB.cure), HttpResponse(200, {}, b'{"app_id": 7}')),
]


@pytest.mark.parametrize(("expected", "answer"), LOOKUP_FAILURES)
def test_an_installation_that_is_not_found_has_its_cure(
    expected: tuple[str, bool, float], answer: HttpResponse, app: GitHubApp, httpx_mock: HTTPXMock
) -> None:
    add(httpx_mock, LOOKUP, answer)
    failed = failure(app)
    sentence, *rest = expected
    assert sentence in failed.what
    assert rest == [failed.permanent, failed.seconds]


GRANT_FAILURES = [
    (permanent(BAD_SIGNATURE), HttpResponse(401, {}, b"{}")),
    (permanent(SUSPENDED), HttpResponse(403, {}, b'{"message": "This installation has been suspended"}')),
    (permanent("install it again"), HttpResponse(404, {}, b"{}")),
    (permanent("permission Contents: write"), HttpResponse(422, {}, b'{"message": "The permissions are not granted"}')),
    (permanent(NOT_GITHUB.cure), HttpResponse(200, {}, b'{"token": "t", "expires_at": "2026-01-01T00:00:00Z"}')),
    (permanent(NOT_GITHUB.cure), HttpResponse(201, {}, b'{"token": "t", "expires_at": "2026-01-01T00:00:00"}')),
    (permanent(NOT_GITHUB.cure), HttpResponse(201, {}, b"<html>")),
    (passing("it answers with error 500", 9), HttpResponse(500, {"Retry-After": "9"}, b"<html>")),
]


@pytest.mark.parametrize(("expected", "answer"), GRANT_FAILURES)
def test_a_token_that_is_not_given_has_its_cure(
    expected: tuple[str, bool, float], answer: HttpResponse, app: GitHubApp, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=LOOKUP, json={"id": 42})
    add(httpx_mock, GRANT, answer)
    failed = failure(app)
    sentence, *rest = expected
    assert sentence in failed.what
    assert rest == [failed.permanent, failed.seconds]


def test_an_unreachable_github_is_an_outage_that_may_pass(app: GitHubApp, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(httpx.ReadTimeout("no"))
    failed = failure(app)
    assert ("it did not answer in time", False) == (failed.what, failed.permanent)


def test_a_failure_is_not_kept(app: GitHubApp, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=LOOKUP, status_code=404)
    failure(app)
    gives(httpx_mock, "now")
    assert "now" == app.token("octo/api", CONTENTS, NOW + 4)


def test_what_is_no_repository_is_not_asked_for(app: GitHubApp, httpx_mock: HTTPXMock) -> None:
    assert failure(app, "octo").permanent
    assert [] == httpx_mock.get_requests()


def test_a_suspended_installation_is_told_with_its_cure(app: GitHubApp, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=LOOKUP, json={"id": 42, "suspended_at": "2026-01-01T00:00:00Z"})
    assert SUSPENDED == failure(app).what


@pytest.mark.parametrize(("permission", "label"), [(ACTIONS, "Actions: write"), (DEPLOYMENTS, "Deployments: write")])
def test_a_permission_that_nobody_accepted_is_named(
    permission: Permission, label: str, app: GitHubApp, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=LOOKUP, json={"id": 42})
    message = "The permissions requested are not granted to this installation."
    httpx_mock.add_response(url=GRANT, status_code=422, json={"message": message})
    with pytest.raises(NoToken, match=label):
        app.token("octo/api", permission, NOW + 4)
