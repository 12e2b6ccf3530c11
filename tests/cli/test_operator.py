"""`relay messages` and `relay outbox` over HTTP, under an operator's key."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from pytest_httpx import HTTPXMock

from tests.cli.running import API_KEY, RELAY, make_edges, run

OPERATOR = {"RELAY_URL": RELAY, "RELAY_API_KEY": API_KEY}
ID = "a" * 32
MESSAGE: dict[str, Any] = {
    "at": "2026-01-31T12:00:00.500Z",
    "direction": "out",
    "channel": "github",
    "what": "dispatch",
    "outcome": "refused",
    "check": "it-is-away",
    "status": 401,
    "ms": 12,
    "attempt": 2,
    "request": ID,
    "repository": "octo/api",
    "person": None,
    "trace": None,
}
DEBT: dict[str, Any] = {
    "id": ID,
    "kind": "dispatch",
    "request": ID,
    "repository": "octo/api",
    "status": "refused",
    "age": 7_300,
    "attempts": 1,
    "last_error": "it is away",
    "cause": "it-is-away",
    "cure": "wait",
    "approved_by": ["entra:t/o"],
}
STORY: dict[str, Any] = {
    "request": {"id": ID, "status": "approved", "repository": "octo/api", "environment": "production"},
    "stages": [
        {
            "name": "qa",
            "counted": 1,
            "required": 1,
            "reviews": [
                {"verdict": "approve", "person": "entra:t/o", "counts": True, "because": None},
                {"verdict": "reject", "person": "entra:t/p", "counts": False, "because": "rejects"},
            ],
        }
    ],
    "story": [MESSAGE],
    "debts": [DEBT],
}


def relay(*arguments: str, env: dict[str, str] | None = None, **more: Any) -> Result:
    return run(*arguments, env=OPERATOR if env is None else env, context=make_edges(), **more)


def answers(httpx_mock: HTTPXMock, path: str, body: object, method: str = "GET", status: int = 200) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/{path}", method=method, json=body, status_code=status)


def test_messages_are_listed_newest_first_with_the_way_to_more(httpx_mock: HTTPXMock) -> None:
    bare = dict.fromkeys(MESSAGE) | {"at": "2026-01-31T11:00:00.000Z", "direction": "in", "what": "request"}
    answers(httpx_mock, "messages", {"messages": [MESSAGE, bare], "next": "1-2.3"})
    result = relay("messages")
    assert [
        f"2026-01-31T12:00:00.500Z out github dispatch refused (it-is-away) HTTP 401 try 2 octo/api {ID} 12 ms",
        "2026-01-31T11:00:00.000Z in request",
    ] == result.stdout.splitlines()
    assert "There are more: --cursor 1-2.3\n" == result.stderr
    (request,) = httpx_mock.get_requests()
    assert (API_KEY, "application/json") == (request.headers["x-relay-key"], request.headers["accept"])


def test_filters_become_the_query(httpx_mock: HTTPXMock) -> None:
    query = "repository=octo%2Fapi&person=ada&since=2026-01-31&cursor=x"
    answers(httpx_mock, f"messages?{query}", {"messages": [], "next": None})
    named = ("--repository", "octo/api", "--person", "ada", "--since", "2026-01-31", "--cursor", "x")
    assert "No message matches.\n" == relay("messages", *named).stdout


def test_the_story_of_a_request_is_told_with_its_stages_and_debts(httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, f"messages/{ID}", STORY)
    assert [
        f"{ID}: approved, octo/api production",
        "  stage qa: 1 of 1 approved",
        "    approve by entra:t/o, counts",
        "    reject by entra:t/p, does not count: rejects",
        "  2026-01-31T12:00:00.500Z out github dispatch refused (it-is-away) HTTP 401 try 2 12 ms",
        f"{ID}: refused, octo/api dispatch",
        "  tried once, owed for 2 h, approved by entra:t/o",
        "  last error of GitHub: it is away",
        "  cure: wait",
        "  cause: it-is-away",
    ] == relay("messages", ID).stdout.splitlines()


def test_reviews_of_a_stage_that_the_policy_has_no_longer_stand_under_no_name(httpx_mock: HTTPXMock) -> None:
    review = {"verdict": "approve", "person": "entra:t/o", "counts": False, "because": "stage-gone"}
    gone = {"name": None, "counted": 0, "required": 0, "reviews": [review]}
    answers(httpx_mock, f"messages/{ID}", STORY | {"stages": [gone], "story": [], "debts": []})
    assert [
        f"{ID}: approved, octo/api production",
        "  stages that the policy has no longer:",
        "    approve by entra:t/o, does not count: stage-gone",
    ] == relay("messages", ID).stdout.splitlines()


def test_no_more_approvals_are_told_than_the_present_policy_needs(httpx_mock: HTTPXMock) -> None:
    stage = {"name": "release", "counted": 2, "required": 1, "reviews": []}
    answers(httpx_mock, f"messages/{ID}", STORY | {"stages": [stage], "story": [], "debts": []})
    assert "  stage release: 1 of 1 approved" == relay("messages", ID).stdout.splitlines()[1]


def test_a_story_without_its_request_is_told_all_the_same(httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, f"messages/{ID}", {"request": {"id": ID, "status": None}, "stages": 1, "story": [MESSAGE]})
    assert relay("messages", ID).stdout.startswith(f"{ID}: no longer kept\n")
    answers(httpx_mock, f"messages/{ID}", {})
    assert "None: no longer kept\n" == relay("messages", ID).stdout


@pytest.mark.parametrize(("arguments", "path"), [((), "messages"), ((ID,), f"messages/{ID}"), (("list",), "outbox")])
def test_as_json_it_is_the_answer_of_the_relay(httpx_mock: HTTPXMock, arguments: tuple[str, ...], path: str) -> None:
    body: dict[str, Any] = {"debts": [DEBT]} if path == "outbox" else {"messages": [], "next": None}
    answers(httpx_mock, path, body)
    said = json.loads(relay("outbox" if path == "outbox" else "messages", *arguments, "--json").stdout)
    assert said == (body["debts"] if path == "outbox" else body)


@pytest.mark.parametrize(
    ("arguments", "env", "told"),
    [
        (("messages",), {"RELAY_API_KEY": API_KEY}, "--relay: is required"),
        (("messages",), {"RELAY_URL": RELAY}, "--api-key: is required"),
        (("messages", ID, "--person", "ada"), OPERATOR, "--person: is for the list"),
        (("messages", "../x"), OPERATOR, "is not the id of a request"),
        (("outbox", "list"), {"RELAY_API_KEY": API_KEY}, "--relay: is needed besides the key"),
        (("outbox", "list", "--relay", RELAY), {}, "--api-key: is needed besides --relay"),
        (("outbox", "replay"), OPERATOR, "ID: name a request, or replay every failed debt by --all"),
        (("outbox", "replay", ID, "--all"), OPERATOR, "ID: name a request, or replay every failed debt by --all"),
        (("outbox", "replay", "--all", "--card", "ops"), OPERATOR, "--all: takes neither --anyway nor --card"),
        (("outbox", "replay", ID, "--cause", "x"), OPERATOR, "--cause: is for --all"),
        (("outbox", "replay", ID, "--anyway"), OPERATOR, "--anyway: works on the store itself alone"),
        (("outbox", "drop", ID), OPERATOR, "--yes: is needed where nobody can be asked"),
    ],
)
def test_wrong_usage_is_told_by_its_option(arguments: tuple[str, ...], env: dict[str, str], told: str) -> None:
    result = relay(*arguments, env=env)
    assert (2, True) == (result.exit_code, told in result.stderr), result.stderr


def test_messages_without_address_and_key_are_of_the_relay_whose_settings_are_here(
    httpx_mock: HTTPXMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "or run it in the folder of the relay's local.settings.json" in relay("messages", env={}).stderr
    key = "k" * 32
    values = {"RELAY_PUBLIC_URL": f" {RELAY}/", "RELAY_API_KEYS": f"broken, ci:{'c' * 32}:octo/*, ops:{key}:operator"}
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": values}))
    answers(httpx_mock, "messages", {"messages": [MESSAGE], "next": None})
    assert ID in relay("messages", env={}).stdout
    assert key == httpx_mock.get_requests()[0].headers["x-relay-key"]
    # A key of this relay is for no other.
    assert "--api-key: is required" in relay("messages", env={"RELAY_URL": "https://other.example"}).stderr
    values |= {"RELAY_API_KEYS": ""}
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": values}))
    assert "--api-key: is required" in relay("messages", env={}).stderr
    result = relay("messages", env={"RELAY_PUBLIC_URL": "http://relay.example"})
    assert (1, True) == (result.exit_code, result.stderr.startswith("Error: RELAY_PUBLIC_URL ")), result.stderr


def test_debts_over_http_have_their_age_and_who_approved(httpx_mock: HTTPXMock) -> None:
    card = DEBT | {"kind": "card", "channel": "ops", "age": 30, "attempts": 0, "approved_by": [], "cure": None}
    answers(httpx_mock, "outbox", {"debts": [DEBT, card]})
    assert [
        f"{ID}: refused, octo/api dispatch",
        "  tried once, owed for 2 h, approved by entra:t/o",
        "  last error of GitHub: it is away",
        "  cure: wait",
        "  cause: it-is-away",
        f"{ID}: refused, octo/api card in ops",
        "  not tried yet, owed for 30 s",
        "  last error: it is away",
        "  cause: it-is-away",
    ] == relay("outbox", "list").stdout.splitlines()


def test_a_debt_of_a_story_that_was_paid_is_owed_no_more(httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, f"messages/{ID}", STORY | {"debts": [DEBT | {"status": "delivered"}]})
    assert "  tried once, made 2 h ago, approved by entra:t/o" in relay("messages", ID).stdout.splitlines()


def test_one_debt_is_shown_and_an_empty_outbox_says_so(httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, "outbox", {"debts": [DEBT, DEBT | {"id": "b" * 32}]})
    assert 1 == relay("outbox", "show", ID).stdout.count("refused, octo/api")
    answers(httpx_mock, "outbox", {"debts": []})
    assert "Nothing is owed.\n" == relay("outbox", "list").stdout
    answers(httpx_mock, "outbox", {})
    assert "The outbox has nothing of this id." in relay("outbox", "show", ID).stderr


def test_replay_and_drop_are_posted(httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, f"outbox/{ID}/replay", {"replayed": 1}, "POST")
    assert "One debt replayed\n" == relay("outbox", "replay", ID).stdout
    answers(httpx_mock, f"outbox/{ID}/drop?card=ops", {"dropped": 2}, "POST")
    assert "2 debts dropped\n" == relay("outbox", "drop", ID, "--yes", "--card", "ops").stdout
    answers(httpx_mock, "outbox/replay", {"replayed": 40}, "POST")
    assert {"replayed": 40} == json.loads(relay("outbox", "replay", "--all", "--json").stdout)
    answers(httpx_mock, "outbox/replay", {"replayed": 3}, "POST")
    assert "3 debts replayed\n" == relay("outbox", "replay", "--all", "--cause", "it-is-away").stdout
    assert [{}, {}, {}, {"cause": "it-is-away"}] == [json.loads(each.content) for each in httpx_mock.get_requests()]


def test_a_refusal_of_the_relay_is_told(httpx_mock: HTTPXMock) -> None:
    refused = {"error": "dropped", "message": "An operator dropped it for good."}
    answers(httpx_mock, f"outbox/{ID}/replay", refused, "POST", 409)
    result = relay("outbox", "replay", ID)
    assert (1, True) == (result.exit_code, "409 dropped: An operator dropped it for good." in result.stderr)
