import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import httpx
import jwt
import pytest
from pytest_httpx import HTTPXMock

from relay.github.api import NoToken
from relay.github.app import GitHubApp
from relay.github.dispatch import Dispatches
from relay.github.permissions import ACTIONS, CONTENTS, DEPLOYMENTS, Permission
from relay.model.debts import Delivered, Refused
from relay.net.client import Client
from tests.github.granting import BASE, GRANT, HOUR, LOOKUP, NOW, api, failure, gives, grant
from tests.support import entra_tokens
from tests.support.clock import Clock


@pytest.mark.parametrize("permission", [CONTENTS, ACTIONS, DEPLOYMENTS])
def test_a_token_is_for_one_repository_and_one_permission_alone(
    permission: Permission, app: GitHubApp, httpx_mock: HTTPXMock
) -> None:
    gives(httpx_mock, "ghs_7_a.b-c")
    assert "ghs_7_a.b-c" == app.token("octo/api", permission, NOW + 4)
    lookup, post = httpx_mock.get_requests()
    assert {"repositories": ["api"], "permissions": {permission.name: "write"}} == json.loads(post.content)
    for request in (lookup, post):
        scheme, signed = request.headers["authorization"].split()
        claims = jwt.decode(signed, entra_tokens.PUBLIC, ["RS256"], options={"verify_exp": False, "verify_iat": False})
        assert "Bearer" == scheme
        assert {"iss": "Iv23liExample", "iat": NOW - 60, "exp": NOW + 540} == claims


def test_the_long_tokens_of_2026_are_taken_as_they_are(app: GitHubApp, httpx_mock: HTTPXMock) -> None:
    long = "ghs_1234567_" + "eyJhbGciOiJFUzI1NiJ9." + "a" * 400 + "." + "b_-" * 28
    gives(httpx_mock, long)
    assert long == app.token("octo/api", CONTENTS, NOW + 4)


def test_a_token_is_kept_until_five_minutes_before_its_end(app: GitHubApp, clock: Clock, httpx_mock: HTTPXMock) -> None:
    gives(httpx_mock, "first")
    assert "first" == app.token("octo/api", CONTENTS, NOW + 4)
    clock.now = NOW + HOUR - 301
    assert "first" == app.token("octo/api", CONTENTS, clock.now + 4)
    clock.now = NOW + HOUR - 300
    gives(httpx_mock, "second", clock.now)
    assert "second" == app.token("octo/api", CONTENTS, clock.now + 4)


def test_each_repository_has_its_own_token(app: GitHubApp, httpx_mock: HTTPXMock) -> None:
    gives(httpx_mock, "api")
    httpx_mock.add_response(url=f"{BASE}/repos/octo/web/installation", json={"id": 43})
    url = f"{BASE}/app/installations/43/access_tokens"
    httpx_mock.add_response(url=url, status_code=201, json=grant("web"))
    assert ["api", "web"] == [app.token(repository, CONTENTS, NOW + 4) for repository in ("octo/api", "octo/web")]


def test_many_at_once_ask_for_one_token(app: GitHubApp, httpx_mock: HTTPXMock) -> None:
    gives(httpx_mock, "shared")
    with ThreadPoolExecutor(16) as pool:
        tokens = list(pool.map(lambda _: app.token("octo/api", CONTENTS, NOW + 4), range(64)))
    assert ["shared"] * 64 == tokens
    assert 2 == len(httpx_mock.get_requests())


def test_who_comes_while_a_token_is_being_made_gets_that_one(client: Client, httpx_mock: HTTPXMock) -> None:
    asked, may_go = Event(), Event()

    def slow(_request: httpx.Request) -> httpx.Response:
        asked.set()
        may_go.wait(60)
        return httpx.Response(200, json={"id": 42})

    def clock() -> float:
        if asked.is_set():  # the second one has found no token and is about to wait
            may_go.set()
        return NOW

    httpx_mock.add_callback(slow, url=LOOKUP)
    httpx_mock.add_response(url=GRANT, status_code=201, json=grant("shared"))
    app = GitHubApp(api(client, clock), "Iv23liExample", entra_tokens.PEM)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(app.token, "octo/api", CONTENTS, NOW + 4)
        assert asked.wait(60)
        assert "shared" == app.token("octo/api", CONTENTS, NOW + 4)
        assert "shared" == first.result(5)


def test_who_waits_for_another_one_s_token_waits_until_the_deadline_only(app: GitHubApp, httpx_mock: HTTPXMock) -> None:
    asked, may_go = Event(), Event()

    def slow(_request: httpx.Request) -> httpx.Response:
        asked.set()
        may_go.wait(60)
        return httpx.Response(500)

    httpx_mock.add_callback(slow, url=LOOKUP)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(failure, app)
        try:
            assert asked.wait(60)
            with pytest.raises(NoToken, match="in time") as late:
                app.token("octo/api", CONTENTS, NOW)
        finally:
            may_go.set()
        assert "it answers with error 500" == first.result(5).what
    assert not late.value.permanent


def test_a_token_is_forgotten_without_waiting_for_another_one(
    app: GitHubApp, clock: Clock, httpx_mock: HTTPXMock
) -> None:
    gives(httpx_mock, "old")
    app.token("octo/api", CONTENTS, NOW + 4)
    clock.now += 3_600
    asked, may_go = Event(), Event()

    def slow(_request: httpx.Request) -> httpx.Response:
        asked.set()
        may_go.wait(60)
        return httpx.Response(500)

    httpx_mock.add_callback(slow, url=LOOKUP)
    with ThreadPoolExecutor(2) as pool:
        pool.submit(app.token, "octo/api", CONTENTS, clock.now + 10)
        try:
            assert asked.wait(60)
            assert pool.submit(app.outdated, "octo/api", CONTENTS, "old").result(5)
        finally:
            may_go.set()


def test_a_revoked_token_is_replaced_once_in_the_same_try_and_a_fresh_one_is_refused(
    app: GitHubApp, client: Client, clock: Clock, httpx_mock: HTTPXMock
) -> None:
    dispatches = Dispatches(api(client, clock), app)
    url = f"{BASE}/repos/octo/api/dispatches"
    gives(httpx_mock, "first")
    for status in (204, 401, 204, 401, 401):
        httpx_mock.add_response(url=url, status_code=status)
    assert Delivered() == dispatches.send("octo/api", "deploy", {}, deadline=clock.now + 4)
    gives(httpx_mock, "second")
    assert Delivered() == dispatches.send("octo/api", "deploy", {}, deadline=clock.now + 4)
    gives(httpx_mock, "third")
    assert isinstance(dispatches.send("octo/api", "deploy", {}, deadline=clock.now + 4), Refused)
    sent = [each.headers["authorization"] for each in httpx_mock.get_requests(url=url)]
    assert ["Bearer first", "Bearer first", "Bearer second", "Bearer second", "Bearer third"] == sent


def test_after_a_repository_was_not_found_a_replay_takes_a_new_token(
    app: GitHubApp, client: Client, clock: Clock, httpx_mock: HTTPXMock
) -> None:
    dispatches = Dispatches(api(client, clock), app)
    url = f"{BASE}/repos/octo/api/dispatches"
    gives(httpx_mock, "first")
    for status in (404, 204):
        httpx_mock.add_response(url=url, status_code=status, json={"message": "Not Found"})
    assert isinstance(dispatches.send("octo/api", "deploy", {}, deadline=clock.now + 4), Refused)
    gives(httpx_mock, "second")
    assert Delivered() == dispatches.send("octo/api", "deploy", {}, deadline=clock.now + 4)


def test_a_token_that_another_attempt_replaced_already_stays(app: GitHubApp, httpx_mock: HTTPXMock) -> None:
    gives(httpx_mock, "new")
    assert app.outdated("octo/api", CONTENTS, "old")
    assert "new" == app.token("octo/api", CONTENTS, NOW + 4)
    assert app.outdated("octo/api", CONTENTS, "old")
    assert "new" == app.token("octo/api", CONTENTS, NOW + 4)


def test_a_repository_in_other_capitals_has_the_same_token(app: GitHubApp, httpx_mock: HTTPXMock) -> None:
    gives(httpx_mock, "one")
    assert ["one", "one"] == [app.token(name, CONTENTS, NOW + 4) for name in ("octo/api", "Octo/API")]
