"""`relay dev` as people start it: a process, its words and its exit code."""

import json
import re
import socket
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.dev.simulator.running import Running, dev, running


def ended(folder: Path, *arguments: str, environ: dict[str, str] | None = None) -> tuple[int, str]:
    """Return exit code and words of a run that should not get to serve."""
    process = dev(folder, *arguments, environ=environ)
    process.communicate(timeout=60)
    return process.returncode, " ".join((folder / "stderr").read_text().split())


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("alone")
    (folder / "local.settings.json").write_text(
        json.dumps(
            {"Values": {"RELAY_PUBLIC_URL": "https://of.the.file", "RELAY_GITHUB_TOKEN": "of-the-file", "X": ""}}
        )
    )
    environ = {"RELAY_PUBLIC_URL": "https://of.the.environment", "RELAY_GITHUB_API_URL": "https://api.github.com"}
    with running(folder, "--no-simulator", "--enable-auth", "--routes", environ=environ) as started:
        yield started


def test_with_routes_it_prints_every_route_and_where_it_serves_before_it_serves(alone: Running) -> None:
    for route in ("POST {}/api/interactions/{{channel}}", "GET,HEAD {}/api/health", "POST {}/api/actions/run"):
        assert route.format(alone.origin) in alone.printed


def test_a_start_prints_the_page_and_how_to_see_more(tmp_path: Path) -> None:
    with running(tmp_path) as started:
        page = f"Open {started.origin}/#{started.token}"
        end = "End with Ctrl+C. To see every route, start it with --routes."
        assert [page, end] == started.printed.splitlines()


def test_without_the_simulator_there_is_no_page_and_no_fake_key(alone: Running) -> None:
    with alone.client() as client:
        for path in ("/", "/simulator/events", "/simulator/entra/x/discovery/v2.0/keys"):
            assert 404 == client.get(path).status_code


def test_the_function_key_is_kept_for_the_owner_alone_and_asked_for_only_with_enable_auth(alone: Running) -> None:
    path = alone.folder / ".relay" / "function-key"
    key = path.read_text().strip()
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert key in alone.printed
    with alone.client() as client:
        assert 401 == client.post("/api/actions/run").status_code
        assert 401 != client.post("/api/actions/run", headers={"x-functions-key": key}).status_code


def test_without_enable_auth_no_function_key_is_asked_for_and_the_start_says_so_where_it_matters(
    tmp_path: Path,
) -> None:
    policy = '[[rule]]\nrepository = "octo/*"\nevent_types = ["x"]\nplain = true\n'
    for name, text, says in (("plain", policy, True), ("empty", "operators = []\n", False)):
        folder = tmp_path / name
        folder.mkdir()
        environ = {"RELAY_POLICY": text, "RELAY_GITHUB_TOKEN": "token"}
        with running(folder, "--no-simulator", environ=environ) as started, started.client() as client:
            assert 400 == client.post("/api/actions/run").status_code
            assert says == ("asks for no function key" in started.printed)
        assert not (folder / ".relay" / "function-key").exists()


def test_the_lines_of_the_log_are_for_people_and_have_a_date(tmp_path: Path) -> None:
    with running(tmp_path, "--no-simulator", environ={"RELAY_POLICY": "x = 1"}) as started, started.client() as client:
        assert 503 == client.get("/api/health").status_code
    assert re.search(
        r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ERROR settings outcome=wrong", (tmp_path / "stderr").read_text(), re.MULTILINE
    )


def test_keys_are_made_once_and_kept_for_the_owner_alone(tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        with running(tmp_path) as started, started.client() as client:
            found.append(client.get("/api/keys").json())
    assert found[0] == found[1]
    for name in ("ticket-key", "receipt-key"):
        assert 0o600 == stat.S_IMODE((tmp_path / ".relay" / "simulator" / name).stat().st_mode)


def test_settings_of_the_environment_hold_and_those_of_the_file_come_next(tmp_path: Path) -> None:
    (tmp_path / "local.settings.json").write_text(
        json.dumps(
            {
                "Values": {
                    "RELAY_API_KEYS": "file:of-the-file-of-the-file-of-the-file:*",
                    "RELAY_PUBLIC_URL": "https://of.the.file",
                }
            }
        )
    )
    with (
        running(tmp_path, environ={"RELAY_PUBLIC_URL": "http://localhost:4711"}) as started,
        started.client() as client,
    ):
        form = {"repository": "octo/shop", "environment": "production", "event_type": "deploy-production", "title": "T"}
        made = client.post("/api/requests", json=form, headers={"x-relay-key": "of-the-file-of-the-file-of-the-file"})
        assert 201 == made.status_code
        assert made.json()["review_url"].startswith("http://localhost:4711/")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RELAY_PUBLIC_URL", "https://relay.example"),
        ("RELAY_GITHUB_API_URL", "https://api.github.com"),
        ("RELAY_ENTRA_AUTHORITY", "https://login.microsoftonline.com"),
        ("RELAY_ENTRA_V1_ISSUER", "https://sts.windows.net/"),
        ("RELAY_TEAMS_OPENID_URL", "https://login.botframework.com/v1/.well-known/openidconfiguration"),
        ("RELAY_GITHUB_API_URL", "http://[half"),
        ("RELAY_GITHUB_APP_CLIENT_ID", "Iv1.0123456789abcdef"),
        ("RELAY_HOOKS", f"events:whsec_{'A' * 32}:https://hooks.example/x"),
    ],
)
def test_the_simulator_never_runs_beside_a_real_service(tmp_path: Path, name: str, value: str) -> None:
    with running(tmp_path, environ={name: value}) as started, started.client() as client:
        assert f"and {name} names one" in started.printed
        assert value not in started.printed
        assert (404, 404) == (client.get("/").status_code, client.get("/simulator/events").status_code)


def test_a_store_serves_the_simulator_or_the_real_github_and_never_both(tmp_path: Path) -> None:
    real = {"RELAY_STORE": "sqlite:///real.db"}
    with running(tmp_path, "--no-simulator", environ=real):
        pass
    code, words = ended(tmp_path, "--port", "0", environ=real)
    assert (1, True) == (code, "holds requests for the real GitHub" in words)
    tried = {"RELAY_STORE": "sqlite:///tried.db"}
    with running(tmp_path, environ=tried):
        pass
    code, words = ended(tmp_path, "--port", "0", "--no-simulator", environ=tried)
    assert (1, True) == (code, "holds the simulator's requests" in words)
    with running(tmp_path, "--no-simulator", environ=tried | {"RELAY_GITHUB_API_URL": "http://127.0.0.1:9"}):
        pass


def test_a_taken_port_is_said_with_the_cure(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, words = ended(tmp_path, "--port", str(port))
    assert 1 == code
    assert f"Port {port} cannot be used" in words
    assert "--port" in words.partition("used")[2]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("function_app.py", "app = None\n", "function_app.py has no app"),
        ("host.json", "[]", "host.json cannot be read"),
        ("local.settings.json", "{", "local.settings.json cannot be read (Expecting property name"),
        ("local.settings.json", "[]", "local.settings.json cannot be read: it must be a JSON object"),
        ("policy.toml", "[[rule]]\nrepositori = 1\n", "RELAY_POLICY"),
    ],
)
def test_a_file_that_is_wrong_is_named(tmp_path: Path, file: str, text: str, said: str) -> None:
    (tmp_path / file).write_text(text)
    code, words = ended(tmp_path, "--port", "0")
    assert (1, True, False) == (code, said in words, "Traceback" in words)


def test_a_folder_without_functions_is_told_plainly(tmp_path: Path) -> None:
    process = dev(tmp_path, "--port", "0")
    (tmp_path / "function_app.py").unlink()
    process.communicate(timeout=60)
    assert 1 == process.returncode
    assert "There is no function_app.py in this folder" in (tmp_path / "stderr").read_text()


def test_settings_that_are_missing_are_named_and_the_functions_served_all_the_same(tmp_path: Path) -> None:
    with running(tmp_path, "--no-simulator") as started, started.client() as client:
        assert "RELAY_GITHUB_TOKEN is missing" in started.errors()
        assert 503 == client.get("/api/health").status_code


def test_a_secret_of_slack_that_was_left_empty_is_told_at_the_start(tmp_path: Path) -> None:
    environ = {"RELAY_SLACK_TEAMS": "T111", "RELAY_SLACK_SIGNING_SECRET": "", "RELAY_GITHUB_TOKEN": "made-up"}
    environ |= {"RELAY_POLICY": "operators = []"}
    with running(tmp_path, "--no-simulator", environ=environ) as started:
        told = "RELAY_SLACK_SIGNING_SECRET is empty or not set, so no press and no command in Slack counts"
        assert told in started.errors()


def test_a_wrong_setting_leaves_the_simulator_without_an_outbox_and_is_told(tmp_path: Path) -> None:
    with running(tmp_path, environ={"RELAY_RECEIPT_KEYS": "no key"}) as started, started.client() as client:
        assert "RELAY_RECEIPT_KEYS" in started.errors()
        with client.stream("GET", "/simulator/events") as answer:
            data = next(line for line in answer.iter_lines() if line.startswith("data: "))
        assert [] == json.loads(data.removeprefix("data: "))["outbox"]
        assert 503 == client.post("/simulator/replay", json={"id": "x"}).status_code


def test_it_ends_cleanly_when_asked(tmp_path: Path) -> None:
    with running(tmp_path) as started, httpx.Client(trust_env=False) as client:
        assert 200 == client.get(started.origin).status_code
    assert 0 == started.process.returncode
    assert "Traceback" not in started.errors()


def test_pages_that_look_on_are_told_the_end_and_do_not_hold_it_up(tmp_path: Path) -> None:
    with ExitStack() as stack:
        with running(tmp_path) as started:
            client = stack.enter_context(started.client())
            answers = [stack.enter_context(client.stream("GET", "/simulator/events")) for _ in range(3)]
            lines = [answer.iter_lines() for answer in answers]
            assert ["event: state"] * 3 == [next(each) for each in lines]
        assert 0 == started.process.returncode
        for each in lines:  # who is cut off gets an error here
            assert "" == list(each)[-1]


def test_the_prefix_of_host_json_holds(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text('{"extensions": {"http": {"routePrefix": "v1"}}}')
    with running(tmp_path, "--no-simulator") as started, started.client() as client:
        assert (503, 404) == tuple(client.get(path).status_code for path in ("/v1/health", "/api/health"))
