"""The hooks of azd around a provisioning, with a stand-in for azd and for the vault."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.hooks.keys import FORGOTTEN, KEPT, MADE
from relay import settings
from relay.signed import receipt_keys, tickets
from tests.infra.bicep.syntax import BicepFile, properties, text

ROOT = Path(__file__).parents[2]
# Keeps values in values.json, and its arguments in arguments.txt.
AZD = f"""#!{sys.executable}
import json, pathlib, re, sys
here = pathlib.Path(__file__).parent
with (here / "arguments.txt").open("a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
assert sys.argv[1:4] == ["env", "set", "--file"], sys.argv
kept = json.loads((here / "values.json").read_text())
kept |= re.findall(r'^(\\w+)="(.*)"$', pathlib.Path(sys.argv[4]).read_text(), re.MULTILINE)
(here / "values.json").write_text(json.dumps(kept))
"""


class Azd:
    """An environment of azd on one machine, and the vault that its provisionings fill."""

    def __init__(self, folder: Path, vault: dict[str, str], **values: str) -> None:
        folder.mkdir()
        self._folder, self.vault = folder, vault
        (folder / "azd").write_text(AZD)
        (folder / "azd").chmod(0o700)
        self.keep({"AZURE_ENV_NAME": "test"} | values)

    @property
    def values(self) -> dict[str, str]:
        return dict(json.loads((self._folder / "values.json").read_text()))

    def keep(self, values: dict[str, str]) -> None:
        (self._folder / "values.json").write_text(json.dumps(values))

    def arguments(self) -> str:
        return (self._folder / "arguments.txt").read_text()

    def hook(self, name: str) -> None:
        run = yaml.safe_load((ROOT / "azure.yaml").read_text("utf-8"))["hooks"][name]["posix"]["run"]
        environment = self.values | {"PATH": f"{self._folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"}
        subprocess.run(["sh", "-c", run], cwd=ROOT, env=environment, check=True, timeout=60)

    def provision(self) -> None:
        """Do what azd and the templates do: hook, parameters, entries of the vault, outputs, hook."""
        self.hook("preprovision")
        for name, value in self._entries().items():
            if name in MADE:  # written only if not there
                self.vault.setdefault(name, value)
            else:
                self.vault[name] = value
        self.keep(self.values | {KEPT: "in the vault"})  # an output of main.bicep
        self.hook("postprovision")

    def _entries(self) -> dict[str, str]:
        """Return the entries that the template would write to the vault: all with a value."""
        parameters = json.loads((ROOT / "infra" / "main.parameters.json").read_text("utf-8"))["parameters"]
        found = {}
        for setting, parameter in entries().items():
            variable = re.sub(r"\$\{(\w+)=?\}", r"\1", parameters[parameter]["value"])
            found[setting] = self.values.get(variable, "")
        return {name: value for name, value in found.items() if value}


def entries() -> dict[str, str]:
    """Return the parameter that each entry of the vault is made from, by the setting that refers to it."""
    file = BicepFile("relay.bicep", (ROOT / "infra" / "relay.bicep").read_text("utf-8"))
    tables: list[dict[str, Any]] = []
    for name in ("madeKeys", "givenSecrets"):
        tables += [properties(each) for each in file.variables[name].named_children[-1].named_children]
    return {text(each["setting"]).strip("'"): text(each["value"]) for each in tables}


@pytest.fixture
def azd(tmp_path: Path) -> Azd:
    return Azd(tmp_path / "azd", {}, RELAY_GITHUB_TOKEN="github_pat_made_up")


def test_the_first_provisioning_brings_keys_that_the_relay_takes(azd: Azd) -> None:
    azd.provision()
    assert {*MADE, "RELAY_GITHUB_TOKEN"} == set(azd.vault)
    assert "" == tickets.parse_key(azd.vault["RELAY_TICKET_KEYS"]).repository
    assert receipt_keys.parse_key(azd.vault["RELAY_RECEIPT_KEYS"])
    assert ("operator", "operator") == (
        settings.read_api_key(azd.vault["RELAY_API_KEYS"]).name,
        settings.read_api_key(azd.vault["RELAY_API_KEYS"]).scope,
    )


def test_azd_keeps_no_secret_after_it(azd: Azd) -> None:
    azd.provision()
    kept = {name: value for name, value in azd.values.items() if value}
    assert {"AZURE_ENV_NAME": "test", KEPT: "in the vault"} == kept


def test_provisioning_again_changes_no_key(azd: Azd) -> None:
    azd.provision()
    before = dict(azd.vault)
    azd.provision()
    azd.provision()
    assert before == azd.vault


def test_another_machine_changes_no_key(azd: Azd, tmp_path: Path) -> None:
    azd.provision()
    before = dict(azd.vault)
    Azd(tmp_path / "other", azd.vault).provision()
    assert before == azd.vault


def test_a_provisioning_that_failed_is_repeated_with_the_same_keys(azd: Azd) -> None:
    azd.hook("preprovision")
    made = {name: azd.values[name] for name in MADE}
    azd.provision()
    assert made == {name: azd.vault[name] for name in MADE}


def test_a_key_that_was_given_is_taken(tmp_path: Path) -> None:
    azd = Azd(tmp_path / "azd", {}, RELAY_API_KEYS="ci:abc:octo/*")
    azd.provision()
    assert "ci:abc:octo/*" == azd.vault["RELAY_API_KEYS"]


def test_a_new_token_replaces_the_old_one_and_is_forgotten(azd: Azd) -> None:
    azd.provision()
    azd.keep(azd.values | {"RELAY_GITHUB_TOKEN": "github_pat_another"})
    azd.provision()
    assert "github_pat_another" == azd.vault["RELAY_GITHUB_TOKEN"]
    assert "" == azd.values["RELAY_GITHUB_TOKEN"]


def test_the_name_of_an_optional_secret_stays_where_its_value_is_forgotten(azd: Azd) -> None:
    azd.provision()
    assert "RELAY_SECRETS_GIVEN" not in azd.values
    azd.keep(azd.values | {"RELAY_TEAMS_WEBHOOK_KEYS": "a-token-of-an-outgoing-webhook"})
    for _ in range(2):
        azd.provision()
        assert ("RELAY_TEAMS_WEBHOOK_KEYS", "") == (
            azd.values["RELAY_SECRETS_GIVEN"],
            azd.values["RELAY_TEAMS_WEBHOOK_KEYS"],
        )
    assert "a-token-of-an-outgoing-webhook" == azd.vault["RELAY_TEAMS_WEBHOOK_KEYS"]


def test_two_environments_have_different_keys(tmp_path: Path) -> None:
    first, second = (Azd(tmp_path / name, {}) for name in ("first", "second"))
    first.provision()
    second.provision()
    assert first.vault
    assert {} == {name: value for name, value in first.vault.items() if value == second.vault[name]}


def test_no_secret_is_an_argument(azd: Azd) -> None:
    azd.provision()
    assert azd.vault
    assert "env set --file" in azd.arguments()
    assert not [value for value in azd.vault.values() if value in azd.arguments()]
    assert not any(Path(line.split()[-1]).exists() for line in azd.arguments().splitlines())


def test_every_entry_of_the_vault_is_forgotten() -> None:
    assert set(FORGOTTEN) == set(entries())
