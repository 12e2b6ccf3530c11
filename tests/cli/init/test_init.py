"""`relay init`: its files, and the files that were there before."""

import json
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from relay.cli.init.ways import HOSTS, NAMES
from relay.settings import Settings
from tests.cli.init.choosing import COMMIT, FILES, chosen
from tests.cli.running import run
from tests.support.outside import TENANT, fill_in

pytestmark = pytest.mark.usefixtures("folder")
ROOT = Path(__file__).parents[3]
HERE = "http://127.0.0.1:8080"
BOTH = [(chat, host) for chat in NAMES for host in HOSTS]
in_each_way = pytest.mark.parametrize(("chat", "host"), BOTH)


def workflow(name: str) -> dict[str, Any]:
    text = Path(".github/workflows", name).read_text("utf-8")
    return dict(yaml.load(text, Loader=yaml.BaseLoader))  # noqa: S506 - it makes texts only


@in_each_way
def test_policy_and_settings_are_taken_by_their_readers_once_they_are_filled_in(chat: str, host: str) -> None:
    made = run(*chosen(chat, host), "--yes")
    assert 0 == made.exit_code, made.output
    assert [f"{name}: written" for name in FILES] == [line.partition(",")[0] for line in made.output.splitlines()[:4]]
    checked = run("policy", "check")
    assert 0 == checked.exit_code, checked.output
    empty = fill_in(Path())
    assert "RELAY_GITHUB_TOKEN" in empty
    if host == "machine":
        assert all(name in made.output for name in empty)
    settings = Settings.read(json.loads(Path("local.settings.json").read_text("utf-8"))["Values"])
    assert (HERE, TENANT) == (settings.public_url, *settings.entra_tenants)


@in_each_way
def test_the_workflows_pass_the_checker_of_workflows(chat: str, host: str) -> None:
    run(*chosen(chat, host), "--yes")
    ran = subprocess.run(
        [str(Path(sys.executable).with_name("zizmor")), "--offline", "--quiet", ".github"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == ran.returncode, ran.stdout + ran.stderr


def test_the_workflows_name_one_event_the_repository_and_a_commit_of_the_action() -> None:
    run(*chosen(action=f"octo/approval-relay@{COMMIT}"), "--yes")
    (step,) = workflow("ask.yml")["jobs"]["ask"]["steps"]
    release = workflow("release.yml")
    assert f"octo/approval-relay@{COMMIT}" == step["uses"]
    assert f"octo/approval-relay/verify@{COMMIT}" == release["jobs"]["verify"]["steps"][0]["uses"]
    rule = tomllib.loads(Path("policy.toml").read_text("utf-8"))["rule"][0]
    assert [step["with"]["event-type"]] == release["on"]["repository_dispatch"]["types"] == rule["event_types"]
    assert "workflow_dispatch" in workflow("ask.yml")["on"]


def test_the_templates_are_the_examples_of_the_documentation() -> None:
    for name in ("ask.yml", "release.yml"):
        assert (ROOT / "docs/examples" / name).read_text("utf-8") == (ROOT / "relay/cli/init" / name).read_text("utf-8")


def test_no_job_that_asks_holds_a_key_and_no_name_is_too_long_for_github() -> None:
    run(*chosen(repository=f"octo/{'x' * 100}"), "--yes")
    (job,) = workflow("ask.yml")["jobs"].values()
    assert {"id-token": "write"} == job["permissions"]
    assert "API_KEY" not in str(job)
    assert "deploy-production" == job["steps"][0]["with"]["event-type"]


def test_the_settings_are_readable_by_their_owner_alone_and_their_keys_are_new(folder: Path) -> None:
    run(*chosen(), "--yes")
    assert 0o600 == stat.S_IMODE((folder / "local.settings.json").stat().st_mode)
    values = json.loads((folder / "local.settings.json").read_text("utf-8"))["Values"]
    keys = [values[name] for name in ("RELAY_TICKET_KEYS", "RELAY_RECEIPT_KEYS", "RELAY_API_KEYS")]
    assert all(len(key) > 40 for key in keys)
    assert ("T111", TENANT) == (values["RELAY_SLACK_TEAMS"], values["RELAY_ENTRA_TENANTS"])


@pytest.mark.parametrize("there", FILES)
def test_a_file_that_is_there_stays_as_it_is_and_is_named(there: str, folder: Path) -> None:
    (folder / there).parent.mkdir(parents=True, exist_ok=True)
    (folder / there).write_text("mine")
    made = run(*chosen(), "--yes")
    assert (0, "mine") == (made.exit_code, (folder / there).read_text())
    assert f"{there}: is there already, and stays as it is" in made.output
    assert "Files that stay may have been written for others." in made.output
    assert all((folder / name).exists() for name in FILES)


def test_a_link_to_nowhere_is_not_followed(folder: Path) -> None:
    (folder / "policy.toml").symlink_to(folder / "elsewhere")
    assert "policy.toml: is there already" in run(*chosen(), "--yes").output
    assert not (folder / "elsewhere").exists()


def test_a_second_run_changes_nothing() -> None:
    run(*chosen(), "--yes")
    before = {name: Path(name).read_bytes() for name in FILES}
    assert 0 == run(*chosen("teams-bot"), "--yes").exit_code
    assert before == {name: Path(name).read_bytes() for name in FILES}


def test_a_folder_that_cannot_be_made_is_told(folder: Path) -> None:
    (folder / ".github").write_text("a file")
    made = run(*chosen(), "--yes")
    assert 1 == made.exit_code
    assert ".github/workflows/ask.yml cannot be written" in made.stderr
