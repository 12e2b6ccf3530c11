"""Paths that must never come into the repository, as git itself reads .gitignore."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def is_ignored(path: str) -> bool:
    command = ["git", "check-ignore", "--quiet", "--no-index", path]
    ran = subprocess.run(command, cwd=ROOT, check=False, timeout=30)
    assert ran.returncode in {0, 1}
    return not ran.returncode


@pytest.mark.parametrize(
    "path",
    [
        *(".azure/production/.env", ".azure/config.json", ".env", ".env.local", "infra/.env", "local.settings.json"),
        *(".relay/relay.db", ".relay/keys", "relay.db", "relay.db-wal", "relay.db-shm", "state/relay.db"),
        *("key.pem", "infra/app.private-key.pem", ".venv/bin/python", ".venv-3.11/bin/python", "venv/bin/python"),
        *("env/bin/python", "infra/hooks_env/bin/python", "node_modules/azurite/package.json"),
        *("dist/function-app.zip", "dist/function-app.cdx.json", "build/wheels/idna.whl", "relay/__pycache__/a.pyc"),
    ],
)
def test_what_is_of_one_machine_or_secret_stays_out(path: str) -> None:
    assert is_ignored(path)


@pytest.mark.parametrize(
    "path",
    [
        "policy.toml",
        "local.settings.example.json",
        "infra/main.bicep",
        "azure.yaml",
        "relay/settings/store.py",
        "Dockerfile",
    ],
)
def test_what_belongs_to_the_project_is_kept(path: str) -> None:
    assert not is_ignored(path)


def test_nothing_that_is_kept_would_be_ignored() -> None:
    command = ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    assert "" == ran.stdout
