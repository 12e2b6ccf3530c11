"""The simulator can mint identities: who may not use it, and what it never tells."""

import json
import re
from pathlib import Path

import httpx
import pytest

from tests.dev.simulator.here import Here, ask, ask_in, github, press, states
from tests.dev.simulator.running import running

WAYS = [
    ("GET", "/simulator/events"),
    ("GET", "/simulator/policy"),
    *(
        ("POST", f"/simulator/{name}")
        for name in ("requests", "command", "presses", "refreshes", "switch", "replay", "policy")
    ),
]
DISPATCHES = "/simulator/github/repos/o/r/dispatches"
DOORS = (
    DISPATCHES,
    "/simulator/webhook/x",
    "/simulator/workflows/x",
    "/simulator/teams/v3/conversations/x/activities",
    "/simulator/entra/x/oauth2/v2.0/token",
    "/simulator/bot-framework/v1/.well-known/keys",
    "/simulator/mail/x",
)


@pytest.mark.parametrize("path", ["/", "/simulator/page/page.js", "/simulator/events", *DOORS])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:7071", "127.0.0.1", "127.0.0.1.evil.example", ""])
def test_a_foreign_host_gets_nothing(page: httpx.Client, path: str, host: str) -> None:
    assert 421 == page.get(path, headers={"Host": host}).status_code


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_every_name_of_loopback_is_served(simulator: Here, page: httpx.Client, name: str) -> None:
    port = simulator.origin.rpartition(":")[2]
    assert 200 == page.get("/", headers={"Host": f"{name}:{port}"}).status_code


@pytest.mark.parametrize(("method", "path"), WAYS)
@pytest.mark.parametrize("token", [None, "", "wrong", "tök".encode().decode("latin-1")])
def test_without_the_runs_token_nothing_is_read_or_done(
    simulator: Here, method: str, path: str, token: str | None
) -> None:
    headers: dict[bytes, bytes] = {} if token is None else {b"X-Simulator-Token": token.encode("latin-1")}
    answer = httpx.request(method, simulator.origin + path, headers=headers, json={}, trust_env=False)
    assert 401 == answer.status_code
    assert simulator.token not in answer.text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
@pytest.mark.parametrize(("method", "path"), [*WAYS, *(("POST", door) for door in DOORS), ("GET", "/")])
def test_another_sites_page_can_do_and_read_nothing_even_with_the_token(
    page: httpx.Client, method: str, path: str, origin: str
) -> None:
    answer = page.request(method, path, headers={"Origin": origin}, json={})
    assert 403 == answer.status_code
    assert "access-control-allow-origin" not in answer.headers


def test_no_other_site_is_allowed_what_a_browser_asks_for_first(page: httpx.Client) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Headers": "x-simulator-token"}
    assert 403 == page.request("OPTIONS", "/simulator/events", headers=asked).status_code
    assert 404 == page.request("OPTIONS", "/simulator/events").status_code


def test_the_pages_own_origin_may(simulator: Here, page: httpx.Client) -> None:
    asked = {"mode": "healthy"}
    assert 200 == page.post("/simulator/switch", headers={"Origin": simulator.origin}, json=asked).status_code


@pytest.mark.parametrize("path", ["/", "/simulator/page/page.css", "/simulator/policy", "/simulator/nothing"])
def test_every_answer_carries_the_headers_that_shut_it_in(page: httpx.Client, path: str) -> None:
    headers = page.get(path).headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'none'"):
        assert part in policy
    assert ("no-store", "nosniff", "no-referrer") == tuple(
        headers[name] for name in ("cache-control", "x-content-type-options", "referrer-policy")
    )


def test_the_page_asks_no_other_host_and_holds_no_token(simulator: Here, page: httpx.Client) -> None:
    text = page.get("/").text
    assert simulator.token not in text
    assert "//" not in text.replace("<!doctype html>", "")


@pytest.mark.parametrize(
    "path",
    ["/simulator/page/../app.py", "/simulator/page/%2e%2e/app.py", "/simulator/page/", "/policy.toml", "/.relay/x"],
)
def test_no_other_file_is_served(page: httpx.Client, path: str) -> None:
    assert 404 == page.get(path).status_code


@pytest.mark.parametrize("authorization", ["", "Bearer wrong", "Basic abc", "Bearer"])
def test_the_fake_github_takes_the_runs_bearer_alone(page: httpx.Client, authorization: str) -> None:
    headers = {"Authorization": authorization}
    answer = page.post("/simulator/github/repos/octo/shop/dispatches", headers=headers, json={"event_type": "x"})
    assert (401, "Bad credentials") == (answer.status_code, answer.json()["message"])


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("requests", {}),
        ("requests", {"form": []}),
        ("command", {"form": "x"}),
        ("switch", {"mode": "off"}),
        ("switch", {"mode": {}}),
        ("presses", {}),
        ("presses", {"person": "ada", "card": "none", "path": []}),
        ("presses", {"person": "ada", "inputs": []}),
        ("presses", {"person": ["ada"]}),
        ("presses", []),
    ],
)
def test_what_the_page_never_asks_is_a_400(page: httpx.Client, path: str, asked: object) -> None:
    assert 400 == page.post(f"/simulator/{path}", json=asked).status_code


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 60_000, b'{"a":"' + b"x" * 70_000 + b'"}'])
def test_a_body_that_is_no_json_object_is_a_400(page: httpx.Client, body: bytes) -> None:
    assert 400 == page.post("/simulator/requests", content=body).status_code


def test_the_stream_comes_with_the_same_headers(page: httpx.Client) -> None:
    with page.stream("GET", "/simulator/events") as answer:
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "same-origin" == answer.headers["cross-origin-resource-policy"]


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE"])
def test_there_are_no_other_ways(page: httpx.Client, method: str) -> None:
    for _, path in WAYS:
        assert 404 == page.request(method, path).status_code
    assert (200 if method == "HEAD" else 404) == page.request(method, "/").status_code


def test_neither_the_state_nor_the_log_tells_a_secret(tmp_path: Path) -> None:
    with running(tmp_path) as started, started.client() as page:
        ask_in(page, "production", "workflows", "mail", "channel:releases")
        card = ask(page, "production")
        press(page, card["id"], "ada")
        with github(page, "down"):
            press(page, ask(page, "production")["id"], "ada")
        with page.stream("GET", "/simulator/events") as answer:
            text = json.dumps(next(each for each in states(answer) if each["dispatches"][-1]["verify"]))
        said = page.post("/simulator/command", json={"form": {"title": "T"}}).json()["environment"]
    secrets = [started.token, *re.findall(r"(?:KEY=|webhook/|sig=|PASSWORD=)([^\s']+)", said)]
    assert 5 == len(secrets)
    log = started.errors()
    assert "outcome=released" in log
    for word in ("Bearer e", "simulated-", *secrets):
        assert word not in text
        assert word not in log
