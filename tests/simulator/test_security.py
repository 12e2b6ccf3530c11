"""The simulator can mint identities: who may not use it, and what it never tells."""

import json

import httpx
import pytest

from tests.simulator.running import Running

WAYS = [
    ("GET", "/simulator/state"),
    ("POST", "/simulator/requests"),
    ("POST", "/simulator/presses"),
    ("POST", "/simulator/switch"),
]


@pytest.mark.parametrize(
    "path", ["/", "/simulator/page/page.js", "/simulator/state", "/simulator/github/repos/o/r/dispatches"]
)
@pytest.mark.parametrize("host", ["evil.example", "evil.example:7071", "127.0.0.1", "127.0.0.1.evil.example", ""])
def test_a_foreign_host_gets_nothing(page: httpx.Client, path: str, host: str) -> None:
    assert 421 == page.get(path, headers={"Host": host}).status_code


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_every_name_of_loopback_is_served(simulator: Running, page: httpx.Client, name: str) -> None:
    port = simulator.origin.rpartition(":")[2]
    assert 200 == page.get("/", headers={"Host": f"{name}:{port}"}).status_code


@pytest.mark.parametrize(("method", "path"), WAYS)
@pytest.mark.parametrize("token", [None, "", "wrong", "tök".encode().decode("latin-1")])
def test_without_the_runs_token_nothing_is_read_or_done(
    simulator: Running, method: str, path: str, token: str | None
) -> None:
    headers: dict[bytes, bytes] = {} if token is None else {b"X-Simulator-Token": token.encode("latin-1")}
    answer = httpx.request(method, simulator.origin + path, headers=headers, json={}, trust_env=False)
    assert 401 == answer.status_code
    assert simulator.token not in answer.text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
@pytest.mark.parametrize(
    "path", [path for method, path in WAYS if method == "POST"] + ["/simulator/github/repos/o/r/dispatches"]
)
def test_another_sites_page_can_do_nothing_even_with_the_token(page: httpx.Client, path: str, origin: str) -> None:
    assert 403 == page.post(path, headers={"Origin": origin}, json={}).status_code


def test_the_pages_own_origin_may(simulator: Running, page: httpx.Client) -> None:
    asked = {"mode": "healthy"}
    assert 200 == page.post("/simulator/switch", headers={"Origin": simulator.origin}, json=asked).status_code


@pytest.mark.parametrize("path", ["/", "/simulator/page/page.css", "/simulator/state", "/simulator/nothing"])
def test_every_answer_carries_the_headers_that_shut_it_in(page: httpx.Client, path: str) -> None:
    headers = page.get(path).headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'none'"):
        assert part in policy
    assert ("no-store", "nosniff", "no-referrer") == tuple(
        headers[name] for name in ("cache-control", "x-content-type-options", "referrer-policy")
    )


def test_the_page_asks_no_other_host_and_holds_no_token(simulator: Running, page: httpx.Client) -> None:
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
        ("requests", {"sample": "none"}),
        ("requests", {"sample": ["production"]}),
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


@pytest.mark.parametrize(
    "path",
    [
        None,
        "potentialAction",
        [],
        ["title"],
        ["potentialAction", 9],
        ["potentialAction", -1],
        ["potentialAction", True],
        [{}],
    ],
)
def test_only_an_http_post_action_of_the_card_can_be_pressed(page: httpx.Client, path: object) -> None:
    page.post("/simulator/requests", json={"sample": "production"})
    card = page.get("/simulator/state").json()["cards"][0]
    answer = page.post("/simulator/presses", json={"person": "ada", "card": card["id"], "path": path, "inputs": {}})
    assert 400 == answer.status_code
    assert 0 == page.get("/simulator/state").json()["cards"][0]["revision"]


def test_neither_the_state_nor_the_log_tells_a_secret(simulator: Running, page: httpx.Client) -> None:
    text = json.dumps(page.get("/simulator/state").json()) + simulator.errors()
    for word in ("Bearer e", "simulated-", simulator.token):
        assert word not in text
