import ssl

import httpx
import pytest
from pytest_httpx import HTTPXMock

from relay.github.api import GitHubApi, NoToken, repository_path
from relay.model.debts import RetryAfter
from relay.net.call import HttpResponse
from relay.net.client import USER_AGENT, Client, make_client

NOW = 1_780_000_000.0
BASE = "https://ghe.example.org:8443/api/v3"


def api(client: Client | None = None, base: str = BASE, version: str = "2022-11-28") -> GitHubApi:
    return GitHubApi(lambda: client or make_client(), base, version, lambda: NOW)


def test_a_call_has_the_headers_that_github_asks_for(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=200, text="ok", headers={"X-GitHub-Media-Type": "github.v3"})
    answer = api(client, version="2026-03-10").ask("GET", "/rate_limit", credential="t0ken", deadline=NOW + 4)
    assert isinstance(answer, HttpResponse)
    assert (200, b"ok", "github.v3") == (answer.status, answer.body, answer.headers["x-github-media-type"])
    request = httpx_mock.get_requests()[0]
    assert f"{BASE}/rate_limit" == str(request.url)
    assert "application/vnd.github+json" == request.headers["accept"]
    assert "Bearer t0ken" == request.headers["authorization"]
    assert USER_AGENT == request.headers["user-agent"]
    assert "2026-03-10" == request.headers["x-github-api-version"]
    assert "content-type" not in request.headers


def test_a_body_is_announced_as_json(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=201, match_content=b"{}")
    api(client).ask("POST", f"{BASE}/x", content=b"{}", credential="t", deadline=NOW + 4)
    assert "application/json; charset=utf-8" == httpx_mock.get_requests()[0].headers["content-type"]


@pytest.mark.parametrize(
    ("credential", "expected"),
    [("github_pat_11AAAAAAA0", b'{"message": "Bearer ..."}'), ("Bearer", b'{"message": "Bearer Bearer"}')],
)
def test_an_answer_that_repeats_the_credential_is_read_without_it(
    credential: str, expected: bytes, client: Client, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(status_code=422, text=f'{{"message": "Bearer {credential}"}}')
    answer = api(client).ask("GET", "/x", credential=credential, deadline=NOW + 4)
    assert isinstance(answer, HttpResponse)
    assert expected == answer.body


@pytest.mark.parametrize("left", [0.19, 0, -10])
def test_nothing_is_sent_when_the_time_is_up(left: float, client: Client, httpx_mock: HTTPXMock) -> None:
    expected = RetryAfter("no time was left to ask it")
    assert expected == api(client).ask("GET", "/x", credential="t", deadline=NOW + left)
    assert [] == httpx_mock.get_requests()


@pytest.mark.parametrize("credential", ["", "two words", "line\n", "tëst", "\ud800", "\x00"])
def test_a_credential_that_fits_into_no_header_is_told_and_not_quoted(
    credential: str, client: Client, httpx_mock: HTTPXMock
) -> None:
    with pytest.raises(NoToken, match="RELAY_GITHUB_TOKEN") as refused:
        api(client).ask("GET", "/x", credential=credential, deadline=NOW + 4)
    assert refused.value.permanent
    assert not credential or credential not in refused.value.what
    assert [] == httpx_mock.get_requests()


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError])
def test_what_was_surely_not_sent_is_not_ambiguous(
    error: type[httpx.TransportError], client: Client, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_exception(error("no"))
    expected = RetryAfter("it cannot be reached")
    assert expected == api(client).ask("POST", "/x", credential="t", deadline=NOW + 4)


def test_a_certificate_that_is_not_trusted_is_told_as_one(client: Client, httpx_mock: HTTPXMock) -> None:
    error = httpx.ConnectError("no")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed certificate")
    httpx_mock.add_exception(error)
    expected = RetryAfter("it shows a certificate that is not trusted here")
    assert expected == api(client).ask("POST", "/x", credential="t", deadline=NOW + 4)


@pytest.mark.parametrize(
    ("phrase", "error"),
    [
        ("it did not answer in time", httpx.ReadTimeout),
        ("it did not answer in time", httpx.WriteTimeout),
        ("the connection broke before its answer was complete", httpx.ReadError),
        ("the connection broke before its answer was complete", httpx.WriteError),
        ("the connection broke before its answer was complete", httpx.CloseError),
        ("the connection broke before its answer was complete", httpx.RemoteProtocolError),
        ("the connection broke before its answer was complete", httpx.LocalProtocolError),
    ],
)
def test_what_may_have_been_read_is_ambiguous(
    phrase: str, error: type[httpx.TransportError], client: Client, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_exception(error("no"))
    expected = RetryAfter(phrase, ambiguous=True)
    assert expected == api(client).ask("POST", "/x", credential="t", deadline=NOW + 4)


def test_the_base_address_is_checked() -> None:
    with pytest.raises(ValueError, match="begin with https"):
        api(base="http://api.github.com")
    with pytest.raises(ValueError, match="without a slash"):
        api(base="https://api.github.com/")


@pytest.mark.parametrize(
    ("expected", "repository"),
    [
        ("/repos/octo/api", "octo/api"),
        ("/repos/Octo-Org/.github", "Octo-Org/.github"),
        ("/repos/octo/a%20b%3Fc%23d%25%EA%B0%80", "octo/a b?c#d%가"),
    ],
)
def test_a_repository_stands_percent_encoded_in_the_path(expected: str, repository: str) -> None:
    assert expected == repository_path(repository)


@pytest.mark.parametrize("repository", ["", "octo", "octo/", "/api", "octo/..", "./api", "octo/api/x", "octo/api/"])
def test_what_is_no_repository_has_no_path(repository: str) -> None:
    with pytest.raises(NoToken, match="OWNER/NAME") as refused:
        repository_path(repository)
    assert refused.value.permanent
