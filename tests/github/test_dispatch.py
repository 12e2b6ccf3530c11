import json
import time

import pytest
from pytest_httpx import HTTPXMock

from relay.errors import Outage
from relay.github.answers import RENAMED
from relay.github.api import GitHubApi, NoToken
from relay.github.caller import OneToken
from relay.github.dispatch import Dispatches
from relay.github.permissions import Permission
from relay.model.debts import Delivered, Outcome, Refused, RetryAfter
from relay.net.call import HttpResponse
from relay.net.client import Client
from tests.support.loopback_server import Loopback, says, stalls

NOW = 1_780_000_000.0
BASE = "https://ghe.example.org/api/v3"
URL = f"{BASE}/repos/octo/api/dispatches"
BY_ID = f"{BASE}/repositories/1300192/dispatches"
TOKEN = "github_pat_11ABC"
PAYLOAD = {"version": "1.2.3", "title": "한국어 배포", "approval": {"id": "abc", "reviews": [{"by": "김 철수"}]}}
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
BROKEN = RetryAfter("the connection broke before its answer was complete", ambiguous=True)
SILENT = RetryAfter("it did not answer in time", ambiguous=True)


@pytest.fixture
def dispatches(client: Client) -> Dispatches:
    return Dispatches(GitHubApi(lambda: client, BASE, "2022-11-28", lambda: NOW), OneToken(TOKEN))


def send(dispatches: Dispatches, repository: str = "octo/api") -> Outcome:
    return dispatches.send(repository, "deploy-api", PAYLOAD, deadline=NOW + 4)


def test_a_dispatch_is_one_post_as_the_contract_has_it(dispatches: Dispatches, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=URL, status_code=204)
    assert Delivered() == send(dispatches)
    request = httpx_mock.get_requests()[0]
    assert {"event_type": "deploy-api", "client_payload": PAYLOAD} == json.loads(request.content)
    assert "한국어 배포".encode() in request.content
    assert "application/json; charset=utf-8" == request.headers["content-type"]
    assert "application/vnd.github+json" == request.headers["accept"]
    assert "2022-11-28" == request.headers["x-github-api-version"]
    assert f"Bearer {TOKEN}" == request.headers["authorization"]
    assert "approval-relay/" in request.headers["user-agent"]


def test_owner_and_name_are_percent_encoded(dispatches: Dispatches, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=204)
    assert Delivered() == send(dispatches, "octo/a b?c")
    assert b"/api/v3/repos/octo/a%20b%3Fc/dispatches" == httpx_mock.get_requests()[0].url.raw_path


def test_a_lone_surrogate_goes_as_the_escape_it_came_as(dispatches: Dispatches, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=204)
    assert Delivered() == dispatches.send("octo/api", "deploy", {"half": "\ud83d"}, deadline=NOW + 4)
    assert b'{"half":"\\ud83d"}' in httpx_mock.get_requests()[0].content


LIMITED = "it limits how often the relay may call"
ANSWERS: list[tuple[type[Refused] | RetryAfter, HttpResponse]] = [
    (Refused, HttpResponse(200, {}, b"<html>Welcome</html>")),
    (Refused, HttpResponse(301, {"Location": BY_ID})),
    (Refused, HttpResponse(302, {"Location": BY_ID})),
    (Refused, HttpResponse(303, {"Location": BY_ID})),
    (Refused, HttpResponse(400, {}, b'{"message": "Problems parsing JSON"}')),
    (Refused, HttpResponse(401, {}, b'{"message": "Bad credentials"}')),
    (Refused, HttpResponse(403, {}, b'{"message": "Resource not accessible by integration"}')),
    (Refused, HttpResponse(403, {"X-GitHub-SSO": "required; url=https://github.com/orgs/octo/sso"})),
    (RetryAfter(LIMITED, 30, limited=True), HttpResponse(403, {"Retry-After": "30"})),
    (
        RetryAfter(LIMITED, 900, limited=True),
        HttpResponse(403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1780000900"}),
    ),
    (
        RetryAfter(LIMITED, 60, limited=True),
        HttpResponse(403, {}, b'{"message": "You have exceeded a secondary rate limit."}'),
    ),
    (Refused, HttpResponse(404, {}, b'{"message": "Not Found"}')),
    (RetryAfter("it answers with error 408", ambiguous=True), HttpResponse(408, {})),
    (Refused, HttpResponse(410, {})),
    (
        Refused,
        HttpResponse(422, {}, b'{"message": "Invalid request.", "errors": "No more than 10 properties are allowed"}'),
    ),
    (RetryAfter(LIMITED, 60, limited=True), HttpResponse(429, {})),
    (RetryAfter("it answers with error 500", ambiguous=True), HttpResponse(500, {}, b"<html>Unicorn!</html>")),
    (RetryAfter("it answers with error 503", 120, ambiguous=True), HttpResponse(503, {"Retry-After": "120"})),
]


@pytest.mark.parametrize(("expected", "answer"), ANSWERS)
def test_every_documented_answer_has_its_outcome_after_one_post(
    expected: type[Refused] | RetryAfter, answer: HttpResponse, dispatches: Dispatches, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=URL, status_code=answer.status, headers=dict(answer.headers), content=answer.body)
    outcome = send(dispatches)
    assert expected == (outcome if isinstance(expected, RetryAfter) else type(outcome))
    assert 1 == len(httpx_mock.get_requests())
    assert TOKEN not in str(outcome)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("location", [BY_ID, "/api/v3/repositories/1300192/dispatches", "https://example.org/x", ""])
def test_what_was_judged_under_an_old_name_is_not_sent_to_the_repository_of_the_new_one(
    location: str, status: int, dispatches: Dispatches, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=URL, status_code=status, headers={"Location": location})
    outcome = send(dispatches)
    assert isinstance(outcome, Refused)
    assert RENAMED in outcome.cure
    assert 1 == len(httpx_mock.get_requests())


def test_a_redirect_without_location_is_refused(dispatches: Dispatches, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, status_code=307)
    assert isinstance(send(dispatches), Refused)


def test_what_is_no_repository_is_refused_before_anything_is_sent(
    dispatches: Dispatches, httpx_mock: HTTPXMock
) -> None:
    outcome = send(dispatches, "octo/..")
    assert isinstance(outcome, Refused)
    assert "OWNER/NAME" in outcome.cure
    assert [] == httpx_mock.get_requests()


@pytest.mark.parametrize(
    ("expected", "failure"),
    [
        (RetryAfter("it answers with error 500", 7), NoToken("it answers with error 500", seconds=7)),
        (Refused("the relay has no credential for this repository", "do it"), NoToken("do it", permanent=True)),
    ],
)
def test_without_a_credential_nothing_is_sent(
    expected: Outcome, failure: NoToken, client: Client, httpx_mock: HTTPXMock
) -> None:
    class Failing(OneToken):
        def token(self, _repository: str, _permission: Permission, _deadline: float) -> str:
            raise failure

    api = GitHubApi(lambda: client, BASE, "2022-11-28", lambda: NOW)
    assert expected == send(Dispatches(api, Failing("")))
    assert [] == httpx_mock.get_requests()


def test_what_is_wrong_with_the_relays_own_connections_is_kept_for_the_operator_and_the_debt_is_owed_on(
    httpx_mock: HTTPXMock,
) -> None:
    def unusable() -> Client:
        raise Outage("SSL_CERT_FILE or SSL_CERT_DIR cannot be read: correct or unset it", permanent=True)

    dispatches = Dispatches(GitHubApi(unusable, BASE, "2022-11-28", lambda: NOW), OneToken(TOKEN))
    expected = RetryAfter("SSL_CERT_FILE or SSL_CERT_DIR cannot be read: correct or unset it", tried=False)
    assert expected == send(dispatches)
    assert [] == httpx_mock.get_requests()


def over(client: Client, server: Loopback, *, seconds: float = 5) -> Outcome:
    api = GitHubApi(lambda: client, server.url, "2022-11-28", time.time)
    dispatches = Dispatches(api, OneToken(TOKEN))
    return dispatches.send("octo/api", "deploy-api", PAYLOAD, deadline=time.time() + seconds)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 20",
        b"HTTP/1.1 204 No Content\r\nDate: Fri",
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 50\r\n\r\n{",
        b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
)
def test_a_connection_cut_in_the_middle_of_the_answer_is_ambiguous_and_one_post(answer: bytes, client: Client) -> None:
    with Loopback(says(answer, stays=False), says(NO_CONTENT)) as server:
        assert BROKEN == over(client, server)
    assert 1 == server.posts()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 403 Forbidden\r\nContent-Length: 50\r\n\r\n{"])
def test_a_server_that_stalls_is_ambiguous_and_one_post(answer: bytes, client: Client) -> None:
    with Loopback(stalls(answer), says(NO_CONTENT)) as server:
        assert SILENT == over(client, server, seconds=0.5)
    assert 1 == server.posts()


def test_a_connection_is_kept_for_the_next_dispatch(client: Client) -> None:
    with Loopback(says(NO_CONTENT), says(NO_CONTENT)) as server:
        assert [Delivered(), Delivered()] == [over(client, server), over(client, server)]
    assert (1, 2) == (server.connections, server.posts())


def test_a_kept_connection_that_was_closed_meanwhile_is_replaced_unseen(client: Client) -> None:
    with Loopback(says(NO_CONTENT, stays=False), says(NO_CONTENT)) as server:
        assert Delivered() == over(client, server)
        assert server.closed.wait(60)
        assert Delivered() == over(client, server)
    assert (2, 2) == (server.connections, server.posts())


def test_a_kept_connection_that_is_cut_as_the_next_dispatch_arrives_is_ambiguous_and_not_sent_again(
    client: Client,
) -> None:
    with Loopback(says(NO_CONTENT), says(b"", stays=False), says(NO_CONTENT)) as server:
        assert [Delivered(), BROKEN] == [over(client, server), over(client, server)]
    assert (1, 2) == (server.connections, server.posts())


def test_a_server_that_is_not_there_was_sent_nothing(client: Client) -> None:
    with Loopback() as server:
        pass
    assert RetryAfter("it cannot be reached") == over(client, server)
    assert 0 == server.posts()


def test_an_error_page_without_end_is_read_only_in_part(client: Client) -> None:
    page = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000
    with Loopback(says(page, stays=False)) as server:
        assert RetryAfter("it answers with error 502", ambiguous=True) == over(client, server)
