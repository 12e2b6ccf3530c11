"""`relay serve` as an operator starts it: a process, its answers, its log and its end."""

import json
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from threading import Thread

import httpx
import pytest

from relay.model.case import Case
from relay.store import codec
from tests.cli.serving import Serving, ended, environ, serving
from tests.support import clicks, road
from tests.support.chaos.github import GitHub
from tests.support.chaos.neighbours import Neighbours
from tests.support.example_policy import POLICY
from tests.support.own_process import start
from tests.support.road import API_KEY

FORM = {"repository": "octo/api", "event_type": "deploy-api", "environment": "production", "title": "T"}
KEY = "a-function-key-0123"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("serve"), RELAY_FUNCTION_KEYS=f"another-key-0123456,{KEY}") as started:
        yield started


def test_the_packages_own_functions_are_served_and_no_simulator(served: Serving) -> None:
    assert not (served.folder / "function_app.py").exists()
    with served.client() as client:
        assert 200 == client.get("/api/health").status_code
        made = client.post("/api/requests", json=FORM, headers={"x-relay-key": API_KEY})
        assert (201, True) == (made.status_code, made.json()["review_url"].startswith(road.ORIGIN))
        for path in ("/", "/simulator/events", "/.auth/login/aad"):
            assert 404 == client.get(path).status_code


def test_the_plain_form_asks_for_one_of_the_function_keys(served: Serving) -> None:
    with served.client() as client:
        assert 401 == client.post("/api/actions/run").status_code
        assert 400 == client.post("/api/actions/run", headers={"x-functions-key": KEY}).status_code


def test_without_function_keys_there_is_no_plain_form(tmp_path: Path) -> None:
    with serving(tmp_path, "--no-timer") as started, started.client() as client:
        assert 404 == client.post("/api/actions/run", headers={"x-functions-key": ""}).status_code


def test_each_call_is_a_json_line_with_a_date_and_neither_query_nor_address(served: Serving) -> None:
    with served.client() as client:
        client.get("/api/review/x", params={"ticket": "secret"})
    line = json.loads(next(each for each in reversed(served.lines()) if "/api/review/x" in each))
    assert {"time", "level", "event", "method", "path", "status", "ms"} == set(line)
    assert ("INFO", "http", "GET", "/api/review/x") == tuple(
        line[name] for name in ("level", "event", "method", "path")
    )
    assert line["time"].endswith("Z")
    assert not any("secret" in each or "127.0.0.1" in each for each in served.lines())
    assert all(json.loads(each) for each in served.lines())


def test_no_other_site_is_let_in_by_cors(served: Serving) -> None:
    with served.client() as client:
        reply = client.get("/api/health", headers={"Origin": "https://evil.example"})
        assert [] == [name for name in reply.headers if name.startswith("access-control")]
        assert 404 == client.options("/api/requests").status_code


def test_a_body_that_no_route_takes_is_refused_unread(served: Serving) -> None:
    with served.client() as client:
        taken = client.post("/api/webhooks/github", content=bytes(25 * 1024 * 1024 + 1))
        assert (413, "too-large") == (taken.status_code, taken.json()["error"])
    address = client.base_url.host, client.base_url.port or 80
    with socket.create_connection(address, timeout=10) as made:
        made.sendall(b"POST /api/webhooks/github HTTP/1.1\r\nHost: r\r\nContent-Length: 30000000\r\n\r\n")
        assert b" 413 " in made.recv(100)


def test_what_a_caller_says_of_a_proxy_is_not_believed(served: Serving) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Forwarded": "host=evil.example"}
    with served.client() as client:
        made = client.post("/api/requests", json=FORM, headers={"x-relay-key": API_KEY, **forged})
        assert made.json()["review_url"].startswith(road.ORIGIN)


def test_settings_of_the_environment_hold_and_those_of_the_file_come_next(tmp_path: Path) -> None:
    values = {
        "RELAY_API_KEYS": "file:key-of-the-file-with-32-characters:*",
        "RELAY_PUBLIC_URL": "https://of.the.file",
    }
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": values}))
    with serving(tmp_path, RELAY_API_KEYS="") as started, started.client() as client:
        made = client.post("/api/requests", json=FORM, headers={"x-relay-key": "key-of-the-file-with-32-characters"})
        assert (201, True) == (made.status_code, made.json()["review_url"].startswith(road.ORIGIN))


def test_wrong_settings_are_named_all_at_once(tmp_path: Path) -> None:
    wrong = environ(tmp_path, RELAY_PUBLIC_URL="http://relay.example", RELAY_STORE="x", RELAY_SIGN_IN="app-service")
    code, words = ended(tmp_path, environ=wrong)
    assert (2, False) == (code, "Traceback" in words)
    for told in ("RELAY_PUBLIC_URL must begin with https://", "RELAY_STORE must be", "RELAY_SIGN_IN has app-service"):
        assert told in words


def test_a_secret_of_slack_left_empty_and_a_misspelt_name_are_told_at_the_start(tmp_path: Path) -> None:
    values = {"RELAY_SLACK_TEAMS": "T111", "RELAY_SLACK_SIGNING_SECRET": "", "RELAY_SLACK_BOT_TOKEN": ""}
    policy = POLICY + '\n[channels.qa]\nkind = "slack"\nplace = "C0123456789"\n'
    misspelt = {"RELAY_SLACK_TEAM": "T111"}
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": misspelt}))
    with serving(tmp_path, "--no-timer", RELAY_POLICY=policy, **values) as started:
        told = [json.loads(each) for each in started.lines()]
    assert [
        "RELAY_SLACK_TEAM is no setting: did you mean RELAY_SLACK_TEAMS?",
        "RELAY_SLACK_SIGNING_SECRET is empty or not set, so no press and no command in Slack counts",
        "RELAY_SLACK_BOT_TOKEN is empty or not set, so nothing is posted to qa in Slack",
    ] == [each["reason"] for each in told if (each["event"], each["level"]) == ("settings", "WARNING")]


def test_a_misspelt_variable_is_told_by_a_line_of_the_log_alone(tmp_path: Path) -> None:
    with serving(tmp_path, "--no-timer", RELAY_SIGNIN="github") as started:
        told = [json.loads(each) for each in started.lines()]
    assert ["RELAY_SIGNIN is no setting: did you mean RELAY_SIGN_IN?"] == [
        each["reason"] for each in told if (each["event"], each["level"]) == ("settings", "WARNING")
    ]


def test_settings_that_are_missing_since_they_are_misspelt_are_told_with_the_nearest(tmp_path: Path) -> None:
    given = environ(tmp_path)
    given["RELAY_RECEIPTKEYS"] = given.pop("RELAY_RECEIPT_KEYS")
    code, words = ended(tmp_path, environ=given)
    assert 2 == code
    assert "RELAY_RECEIPTKEYS is no setting: did you mean RELAY_RECEIPT_KEYS?" in words
    assert "RELAY_RECEIPT_KEYS is missing" in words


def test_a_store_that_another_process_holds_is_told_within_seconds(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "relay.db", isolation_level=None)) as file:
        file.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        code, words = ended(tmp_path, environ=environ(tmp_path))
    assert (1, True) == (code, "The store cannot be written: another process holds its lock" in words)
    assert time.monotonic() - began < 20


def test_a_store_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, words = ended(tmp_path, environ=environ(tmp_path, RELAY_STORE=f"sqlite:///{tmp_path}/file/relay.db"))
    assert (1, True, False) == (code, "The store cannot be written" in words, "Traceback" in words)


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start(tmp_path, "serve", "--port", str(taken.getsockname()[1]), environ=environ(tmp_path))
        process.communicate(timeout=60)
    assert (1, True) == (process.returncode, "cannot be used" in (tmp_path / "stderr").read_text())


def test_an_idle_relay_ends_at_once_and_well(tmp_path: Path) -> None:
    with serving(tmp_path) as started, started.client() as client:
        client.get("/api/health")  # its connection stays open
        code, took = started.end()
    assert (0, True) == (code, took < 4)


def test_a_press_under_way_is_answered_and_paid_before_the_end(tmp_path: Path) -> None:
    github = GitHub(lambda _sender: 0.0)
    github.plan = lambda: "takes late"  # after five seconds
    with Neighbours(github) as neighbours, serving(tmp_path, **neighbours.settings()) as started:
        answers = list[httpx.Response]()
        press = Thread(target=lambda: answers.append(pressed(started, neighbours.issuer)))
        press.start()
        assert github.arrived.wait(60)
        code, took = started.end()
        press.join(60)
        assert (0, True) == (code, took < 9.5)
        assert [200] == [answer.status_code for answer in answers]
    (case,) = cases(tmp_path)
    assert 1 == len(github.arrivals)
    assert ("approved", answers[0].headers["Relay-Outcome"]) == (case.status, outcome(case))


def test_a_call_that_github_never_answers_keeps_no_process_and_is_paid_by_the_next(tmp_path: Path) -> None:
    github = GitHub(lambda _sender: 0.0)
    github.plan = lambda: "takes and stalls"
    with Neighbours(github) as neighbours:
        with serving(tmp_path, **neighbours.settings()) as started:
            press = Thread(target=lambda: suppressed(lambda: pressed(started, neighbours.issuer)))
            press.start()
            assert github.arrived.wait(60)
            code, took = started.end()
            press.join(60)
        assert (0, True) == (code, took < 9.5)
        (case,) = cases(tmp_path)
        assert ("approved", "owed") == (case.status, case.debts[-1].status)
        github.plan = lambda: "takes"
        with serving(tmp_path, **neighbours.settings()):
            deadline = time.monotonic() + 45
            while time.monotonic() < deadline and cases(tmp_path)[0].debts[-1].status == "owed":
                time.sleep(0.5)
    assert "delivered" == cases(tmp_path)[0].debts[-1].status


def test_without_a_timer_a_call_of_health_pays_what_a_press_left(tmp_path: Path) -> None:
    github = GitHub(lambda _sender: 0.0)
    github.plan = lambda: "fails"
    with Neighbours(github) as neighbours, serving(tmp_path, "--no-timer", **neighbours.settings()) as started:
        assert "approved-retrying" == pressed(started, neighbours.issuer).headers["Relay-Outcome"]
        github.plan = lambda: "takes"
        deadline = time.monotonic() + 45
        with started.client() as client:
            while cases(tmp_path)[0].debts[-1].status == "owed" and time.monotonic() < deadline:
                no_round_for(tmp_path, 200)
                assert client.get("/api/health", params={"round": "1"}).status_code == 200
                time.sleep(0.5)
    assert "delivered" == cases(tmp_path)[0].debts[-1].status


def no_round_for(folder: Path, seconds: float) -> None:
    """Let the last round be so long ago."""
    with closing(sqlite3.connect(folder / "relay.db")) as file, file:
        file.execute("INSERT OR REPLACE INTO marks VALUES ('round', ?)", (time.time() - seconds,))


def pressed(started: Serving, issuer: str) -> httpx.Response:
    """Approve an offline request as Outlook does."""
    click = road.click()
    click.headers["authorization"] = clicks.bearer("ada", iss=issuer)
    with started.client() as client:
        return client.post("/api/interactions/messagecard", headers=click.headers, content=click.body)


def suppressed(work: Callable[[], object]) -> None:
    with suppress(httpx.HTTPError):
        work()


def cases(folder: Path) -> list[Case]:
    with closing(sqlite3.connect(folder / "relay.db")) as file:
        return [codec.decode(body) for (body,) in file.execute("SELECT body FROM cases")]


def outcome(case: Case) -> str:
    return {"delivered": "released", "owed": "approved-retrying"}[case.debts[-1].status]
