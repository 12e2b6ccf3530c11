"""What `relay verify` asks of a genuine receipt: its run, its age, and whether it was overtaken."""

import json
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests.cli.releasing import CASE, KEYS, env_of_run, write_event
from tests.cli.running import RELAY, run
from tests.support.entra_tokens import NOW


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return env_of_run(tmp_path)


@pytest.mark.parametrize("attempt", ["2", "3", "17"])
def test_a_run_that_was_started_again_does_not_pass(env: dict[str, str], attempt: str) -> None:
    result = run("verify", env=env | {"GITHUB_RUN_ATTEMPT": attempt})
    assert (3, "") == (result.exit_code, result.stdout)
    assert "Release nothing. This run was started again" in result.stderr


@pytest.mark.parametrize(
    ("attempt", "options"), [("1", ()), ("", ()), ("2", ("--allow-rerun",)), ("9", ("--allow-rerun",))]
)
def test_a_first_run_passes_and_another_where_it_is_allowed(
    httpx_mock: HTTPXMock, env: dict[str, str], attempt: str, options: tuple[str, ...]
) -> None:
    httpx_mock.add_response(json=KEYS)
    assert 0 == run("verify", *options, env=env | {"GITHUB_RUN_ATTEMPT": attempt}).exit_code


@pytest.mark.parametrize(
    ("age", "greatest", "expected"),
    [(600, "10m", 0), (601, "10m", 3), (86_399, "24h", 0), (5, "4s", 3), (86_401, "24h", 3)],
)
def test_a_receipt_older_than_max_age_does_not_pass(
    httpx_mock: HTTPXMock, env: dict[str, str], tmp_path: Path, age: int, greatest: str, expected: int
) -> None:
    httpx_mock.add_response(json=KEYS)
    write_event(tmp_path, now=NOW - age)
    result = run("verify", "--max-age", greatest, env=env)
    assert expected == result.exit_code
    assert (expected == 3) == (f"its receipt is {age} seconds old" in result.stderr)


@pytest.mark.parametrize("age", ["0s", "0", "25h", "2d", "86401s", "-1s", "soon"])
def test_a_max_age_of_nothing_or_more_than_a_day_is_a_mistake(env: dict[str, str], age: str) -> None:
    result = run("verify", f"--max-age={age}", env=env)
    assert 2 == result.exit_code
    assert "takes a duration from 1s to 24h" in result.stderr


NEWER = "n" * 32


CHECK = f"{RELAY}/api/receipts/check"


@pytest.mark.parametrize(("supersede", "options"), [(True, ()), (False, ("--latest",)), (True, ("--latest",))])
def test_an_overtaken_release_does_not_pass(
    httpx_mock: HTTPXMock, env: dict[str, str], tmp_path: Path, supersede: bool, options: tuple[str, ...]
) -> None:
    write_event(tmp_path, supersede=supersede)
    httpx_mock.add_response(method="GET", json=KEYS)
    httpx_mock.add_response(method="POST", url=CHECK, json={"id": CASE.request.id, "overtaken_by": NEWER})
    result = run("verify", *options, env=env)
    assert (3, "") == (result.exit_code, result.stdout)
    assert f"released since: {NEWER}" in result.stderr
    assert not (tmp_path / "output").exists()


def test_the_newest_release_passes(httpx_mock: HTTPXMock, env: dict[str, str], tmp_path: Path) -> None:
    write_event(tmp_path, supersede=True)
    httpx_mock.add_response(method="GET", json=KEYS)
    httpx_mock.add_response(method="POST", url=CHECK, json={"id": CASE.request.id, "overtaken_by": None})
    assert 0 == run("verify", env=env).exit_code
    (asked,) = httpx_mock.get_requests(method="POST")
    sent = json.loads((tmp_path / "event.json").read_text("utf-8"))["client_payload"]["approval"]["receipt"]
    assert {"receipt": sent} == json.loads(asked.content)


@pytest.mark.parametrize("supersede", [True, False])
def test_offline_leaves_the_question_out_and_says_so(
    httpx_mock: HTTPXMock, env: dict[str, str], tmp_path: Path, supersede: bool
) -> None:
    write_event(tmp_path, supersede=supersede)
    httpx_mock.add_response(method="GET", json=KEYS)
    result = run("verify", "--offline", env=env)
    assert 0 == result.exit_code
    assert "overtaken not checked: --offline" in result.stderr


@pytest.mark.parametrize("option", ["--latest", "--once"])
def test_offline_contradicts_what_asks_the_relay_and_nothing_is_called(env: dict[str, str], option: str) -> None:
    key = {"RELAY_API_KEY": "0123456789abcdef0123456789abcdef", "GITHUB_RUN_ID": "7"}
    result = run("verify", "--offline", option, env=env | key)
    assert 2 == result.exit_code
    assert f"{option}: asks the relay; leave it or --offline out" in result.stderr


@pytest.mark.httpx_mock(can_send_already_matched_responses=True)
@pytest.mark.parametrize("status", [503, 500, 429])
def test_a_relay_that_does_not_answer_the_question_lets_nothing_pass(
    httpx_mock: HTTPXMock, env: dict[str, str], tmp_path: Path, status: int
) -> None:
    write_event(tmp_path, supersede=True)
    httpx_mock.add_response(method="GET", json=KEYS)
    httpx_mock.add_response(method="POST", url=CHECK, status_code=status)
    result = run("verify", env=env)
    assert (1, "") == (result.exit_code, result.stdout)
    assert 7 == len(httpx_mock.get_requests(method="POST"))
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (404, "", "it is of an older version"),
        (200, '{"id": "x"}', "does not answer as a relay does"),
        (200, '{"overtaken_by": ""}', "does not answer as a relay does"),
        (410, '{"error": "expired", "message": "The receipt has expired."}', "410 expired"),
    ],
)
def test_an_answer_that_says_nothing_lets_nothing_pass(
    httpx_mock: HTTPXMock, env: dict[str, str], tmp_path: Path, status: int, body: str, told: str
) -> None:
    write_event(tmp_path, supersede=True)
    httpx_mock.add_response(method="GET", json=KEYS)
    httpx_mock.add_response(method="POST", url=CHECK, status_code=status, content=body.encode())
    result = run("verify", env=env)
    assert 1 == result.exit_code
    assert told in result.stderr
