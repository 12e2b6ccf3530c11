import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import httpx
import jwt
import pytest
from pytest_httpx import HTTPXMock

from relay.github.answers import NOT_GITHUB, RENAMED
from relay.github.api import GitHubApi, NoToken
from relay.github.app import BAD_SIGNATURE, GitHubApp
from relay.github.dispatch import Dispatches
from relay.model import Delivered, Refused, RetryAfter, iso
from relay.net.call import HttpResponse
from relay.net.client import Client
from tests.support import entra_tokens
from tests.support.clock import Clock

BASE = "https://api.github.com"
LOOKUP = f"{BASE}/repos/octo/api/installation"
GRANT = f"{BASE}/app/installations/42/access_tokens"
NOW = 1_780_000_000.0
HOUR = 3600


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def app(client: Client, clock: Clock) -> GitHubApp:
    return GitHubApp(api(client, clock), "Iv23liExample", entra_tokens.PEM)


def api(client: Client, clock: Callable[[], float]) -> GitHubApi:
    return GitHubApi(lambda: client, BASE, "2022-11-28", clock)


def grant(token: str, at: float = NOW) -> dict[str, object]:
    return {"token": token, "expires_at": iso(at + HOUR), "permissions": {"contents": "write", "metadata": "read"}}


def gives(httpx_mock: HTTPXMock, token: str, at: float = NOW) -> None:
    httpx_mock.add_response(method="GET", url=LOOKUP, json={"id": 42, "app_id": 7, "suspended_at": None})
    httpx_mock.add_response(method="POST", url=GRANT, status_code=201, json=grant(token, at))


def add(httpx_mock: HTTPXMock, url: str, answer: HttpResponse) -> None:
    httpx_mock.add_response(url=url, status_code=answer.status, headers=dict(answer.headers), content=answer.body)


def failure(app: GitHubApp, repository: str = "octo/api") -> NoToken:
    with pytest.raises(NoToken) as failed:
        app.token(repository, NOW + 4)
    return failed.value


def test_a_token_is_for_one_repository_and_its_contents_alone(app: GitHubApp, httpx_mock: HTTPXMock) -> None:
    gives(httpx_mock, "ghs_7_a.b-c")
    assert "ghs_7_a.b-c" == app.token("octo/api", NOW + 4)
    lookup, post = httpx_mock.get_requests()
    assert {"repositories": ["api"], "permissions": {"contents": "write"}} == json.loads(post.content)
    for request in (lookup, post):
        scheme, signed = request.headers["authorization"].split()
        claims = jwt.decode(signed, entra_tokens.PUBLIC, ["RS256"], options={"verify_exp": False, "verify_iat": False})
        assert "Bearer" == scheme
        assert {"iss": "Iv23liExample", "iat": NOW - 60, "exp": NOW + 540} == claims


def test_a_token_is_kept_until_five_minutes_before_its_end(app: GitHubApp, clock: Clock, httpx_mock: HTTPXMock) -> None:
    gives(httpx_mock, "first")
    assert "first" == app.token("octo/api", NOW + 4)
    clock.now = NOW + HOUR - 301
    assert "first" == app.token("octo/api", clock.now + 4)
    clock.now = NOW + HOUR - 300
    gives(httpx_mock, "second", clock.now)
    assert "second" == app.token("octo/api", clock.now + 4)


def test_each_repository_has_its_own_token(app: GitHubApp, httpx_mock: HTTPXMock) -> None:
    gives(httpx_mock, "api")
    httpx_mock.add_response(url=f"{BASE}/repos/octo/web/installation", json={"id": 43})
    url = f"{BASE}/app/installations/43/access_tokens"
    httpx_mock.add_response(url=url, status_code=201, json=grant("web"))
    assert ["api", "web"] == [app.token(repository, NOW + 4) for repository in ("octo/api", "octo/web")]


def test_many_at_once_ask_for_one_token(app: GitHubApp, httpx_mock: HTTPXMock) -> None:
    gives(httpx_mock, "shared")
    with ThreadPoolExecutor(16) as pool:
        tokens = list(pool.map(lambda _: app.token("octo/api", NOW + 4), range(64)))
    assert ["shared"] * 64 == tokens
    assert 2 == len(httpx_mock.get_requests())


def test_who_comes_while_a_token_is_being_made_gets_that_one(client: Client, httpx_mock: HTTPXMock) -> None:
    asked, may_go = Event(), Event()

    def slow(_request: httpx.Request) -> httpx.Response:
        asked.set()
        may_go.wait(5)
        return httpx.Response(200, json={"id": 42})

    def clock() -> float:
        if asked.is_set():  # the second one has found no token and is about to wait
            may_go.set()
        return NOW

    httpx_mock.add_callback(slow, url=LOOKUP)
    httpx_mock.add_response(url=GRANT, status_code=201, json=grant("shared"))
    app = GitHubApp(api(client, clock), "Iv23liExample", entra_tokens.PEM)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(app.token, "octo/api", NOW + 4)
        assert asked.wait(5)
        assert "shared" == app.token("octo/api", NOW + 4)
        assert "shared" == first.result(5)


def test_who_waits_for_another_one_s_token_waits_until_the_deadline_only(app: GitHubApp, httpx_mock: HTTPXMock) -> None:
    asked, may_go = Event(), Event()

    def slow(_request: httpx.Request) -> httpx.Response:
        asked.set()
        may_go.wait(5)
        return httpx.Response(500)

    httpx_mock.add_callback(slow, url=LOOKUP)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(failure, app)
        try:
            assert asked.wait(5)
            with pytest.raises(NoToken, match="in time") as late:
                app.token("octo/api", NOW)
        finally:
            may_go.set()
        assert "it answers with error 500" == first.result(5).what
    assert not late.value.permanent


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
    (permanent("says: It is suspended. Check"), HttpResponse(403, {}, b'{"message": "It is suspended"}')),
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
    assert "now" == app.token("octo/api", NOW + 4)


def test_what_is_no_repository_is_not_asked_for(app: GitHubApp, httpx_mock: HTTPXMock) -> None:
    assert failure(app, "octo").permanent
    assert [] == httpx_mock.get_requests()


def test_a_revoked_token_is_replaced_at_the_next_attempt_and_only_a_fresh_one_is_refused(
    app: GitHubApp, client: Client, clock: Clock, httpx_mock: HTTPXMock
) -> None:
    dispatches = Dispatches(api(client, clock), app.token, app.outdated)
    url = f"{BASE}/repos/octo/api/dispatches"
    gives(httpx_mock, "first")
    for status in (204, 401, 401):
        httpx_mock.add_response(url=url, status_code=status)
    assert Delivered() == dispatches.send("octo/api", "deploy", {}, deadline=clock.now + 4)
    clock.now += 60
    outcome = dispatches.send("octo/api", "deploy", {}, deadline=clock.now + 4)
    assert RetryAfter("it does not accept the relay's credential") == outcome
    gives(httpx_mock, "second", clock.now)
    assert isinstance(dispatches.send("octo/api", "deploy", {}, deadline=clock.now + 4), Refused)


def test_a_token_that_another_attempt_replaced_already_stays(app: GitHubApp, httpx_mock: HTTPXMock) -> None:
    gives(httpx_mock, "new")
    assert app.outdated("octo/api", "old", NOW)
    assert "new" == app.token("octo/api", NOW + 4)
    assert app.outdated("octo/api", "old", NOW)
    assert "new" == app.token("octo/api", NOW + 4)
